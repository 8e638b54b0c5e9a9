package redis_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
	"github.com/specpay/specpay/store/redis"
)

const (
	canaryAccess  = "canary-access-token"
	canaryRefresh = "canary-refresh-token"
)

// key returns an encryption key that depends on n.
func key(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func token() pay.Token {
	now := time.Now().Round(0)
	return pay.Token{
		Access: canaryAccess, Refresh: canaryRefresh,
		Issued: now, Expires: now.Add(time.Hour), RefreshExpires: now.Add(2 * time.Hour),
	}
}

// TestTokenStore uses a store for each process in turn.
func TestTokenStore(t *testing.T) {
	srv := serve(t)
	admin := srv.client(t)
	for name, opts := range map[string][]redis.Option{"unencrypted": nil, "encrypted": {redis.WithTokenKey(key(1))}} {
		t.Run(name, func(t *testing.T) {
			paytest.TokenStore(t, func(t *testing.T) (pay.TokenStore, func(time.Duration)) {
				fatal(t, admin.FlushAll(t.Context()).Err())
				return processes(srv.store(t, opts...), srv.store(t, opts...), srv.store(t, opts...)), func(d time.Duration) { pass(t, admin, d) }
			})
		})
	}
}

func TestPrefixesAreSeparate(t *testing.T) {
	srv := serve(t)
	fatal(t, srv.store(t, redis.WithPrefix("test:")).Save(t.Context(), "account", token()))
	if got, err := srv.store(t).Load(t.Context(), "account"); err != nil || got.Access != "" {
		t.Errorf("%v, %v", got, err)
	}
}

// TestTokenExpires: a token is kept until it can neither be used nor renewed.
func TestTokenExpires(t *testing.T) {
	srv := serve(t)
	admin := srv.client(t)
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	s := srv.store(t, redis.WithClock(func() time.Time { return now }))
	for _, tt := range []struct{ access, refresh, want time.Duration }{
		{time.Hour, 28 * time.Hour, 28 * time.Hour},
		{time.Hour, 0, time.Hour},
		{500 * time.Millisecond, 0, 500 * time.Millisecond},
		{0, -time.Hour, 0},
	} {
		fatal(t, s.Save(t.Context(), "account", pay.Token{Access: "a", Expires: now.Add(tt.access), RefreshExpires: now.Add(tt.refresh)}))
		left, err := admin.PTTL(t.Context(), "specpay:token:account").Result()
		fatal(t, err)
		if left > tt.want || tt.want > 0 && left < tt.want-10*time.Second {
			t.Errorf("access for %v, refresh for %v: kept for %v, want %v", tt.access, tt.refresh, left, tt.want)
		}
	}
	if got, err := s.Load(t.Context(), "account"); err != nil || got.Access != "" {
		t.Errorf("a token that was expired when it was saved: %v, %v", got, err)
	}
}

func TestEncryptionKeyRotation(t *testing.T) {
	srv := serve(t)
	old, both, next := srv.store(t, redis.WithTokenKey(key(1))), srv.store(t, redis.WithTokenKey(key(1), key(2))), srv.store(t, redis.WithTokenKey(key(2), key(1)))
	done := srv.store(t, redis.WithTokenKey(key(2)))
	for _, step := range []struct {
		name        string
		save        *redis.Store
		read, blind []*redis.Store
	}{
		{"old key", old, []*redis.Store{old, both, next}, []*redis.Store{done}},
		{"new key known", both, []*redis.Store{old, both, next}, []*redis.Store{done}},
		{"new key used", next, []*redis.Store{both, next, done}, []*redis.Store{old}},
	} {
		fatal(t, step.save.Save(t.Context(), "account", token()))
		for i, s := range step.read {
			if got, err := s.Load(t.Context(), "account"); err != nil || got.Access != canaryAccess {
				t.Errorf("%s: reader %d: %v, %v", step.name, i, got, err)
			}
		}
		for i, s := range step.blind {
			if got, err := s.Load(t.Context(), "account"); err == nil || got != (pay.Token{}) {
				t.Errorf("%s: blind reader %d: %v, %v", step.name, i, got, err)
			}
		}
	}
}

// TestTokenEncryption: a stored token is not readable, and a changed or moved value
// is refused.
func TestTokenEncryption(t *testing.T) {
	srv := serve(t)
	admin := srv.client(t)
	s := srv.store(t, redis.WithTokenKey(key(1)))
	fatal(t, s.Save(t.Context(), "account", token()))
	value, err := admin.Get(t.Context(), "specpay:token:account").Result()
	fatal(t, err)
	if strings.Contains(value, "canary") || strings.Contains(value, "access") {
		t.Errorf("Redis holds %q", value)
	}
	fatal(t, s.Save(t.Context(), "account", token()))
	if again, _ := admin.Get(t.Context(), "specpay:token:account").Result(); again == value {
		t.Error("the same token has the same value twice; want a new nonce")
	}
	for name, bad := range map[string]string{
		"a flipped bit":        value[:40] + string(value[40]^1) + value[41:],
		"a cut value":          value[:len(value)-1],
		"one byte":             "\x01",
		"an unencrypted token": `{"access":"planted","expires":"2099-01-01T00:00:00Z"}`,
	} {
		fatal(t, admin.Set(t.Context(), "specpay:token:account", bad, time.Hour).Err())
		if got, err := s.Load(t.Context(), "account"); err == nil || got != (pay.Token{}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	fatal(t, admin.Set(t.Context(), "specpay:token:another account", value, time.Hour).Err())
	if got, err := s.Load(t.Context(), "another account"); err == nil {
		t.Errorf("a token moved to another account: %v", got)
	}
	if got, err := srv.store(t).Load(t.Context(), "another account"); err == nil || got != (pay.Token{}) {
		t.Errorf("a store without a key: %v, %v", got, err)
	}
	fatal(t, admin.Set(t.Context(), "specpay:token:account", "canary: not a token", time.Hour).Err())
	if _, err := srv.store(t).Load(t.Context(), "account"); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("something else: %v", err)
	}
}

func TestNewInvalid(t *testing.T) {
	c := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", Password: "canary-password"})
	defer func() { _ = c.Close() }()
	for name, opt := range map[string]redis.Option{
		"nil option":    nil,
		"empty prefix":  redis.WithPrefix(""),
		"no timeout":    redis.WithTimeout(0),
		"short key":     redis.WithTokenKey([]byte("canary")),
		"long old key":  redis.WithTokenKey(key(1), make([]byte, 33)),
		"no key at all": redis.WithTokenKey(nil),
		"no clock":      redis.WithClock(nil),
	} {
		if s, err := redis.New(c, opt); err == nil || s != nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if _, err := redis.New(nil); err == nil {
		t.Error("a nil client was accepted")
	}
	s, err := redis.New(c, redis.WithTokenKey([]byte("canary-key-canary-key-canary-key")))
	fatal(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if text := fmt.Sprintf(verb, s); text != "redis.Store(specpay:)" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}
