package sqlstore_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// key returns an encryption key that depends on n.
func key(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func token() pay.Token {
	now := time.Now().Round(0)
	return pay.Token{
		Access: "canary-access-token", Refresh: "canary-refresh-token",
		Issued: now, Expires: now.Add(time.Hour), RefreshExpires: now.Add(2 * time.Hour),
	}
}

func TestTokenStore(t *testing.T) {
	for name, opts := range map[string][]sqlstore.Option{"unencrypted": nil, "encrypted": {sqlstore.WithTokenKey(key(1))}} {
		t.Run(name, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, d database) {
				s, db := d.migrated(t, opts...)
				second, _ := d.store(t, opts...)
				third, _ := d.store(t, opts...)
				paytest.TokenStore(t, func(t *testing.T) (pay.TokenStore, func(time.Duration)) {
					for _, table := range []string{"tokens", "locks"} {
						_, err := db.ExecContext(t.Context(), "DELETE FROM specpay_"+table)
						fatal(t, err)
					}
					return processes(s, second, third), func(by time.Duration) { d.pass(t, db, by) }
				})
			})
		})
	}
}

// TestTokenEncryption: a stored token is not readable, and a changed or moved value is
// refused without a part of it in the error.
func TestTokenEncryption(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t, sqlstore.WithTokenKey(key(1)))
		plain, _ := d.store(t)
		fatal(t, s.Save(t.Context(), "account", token()))
		var value []byte
		fatal(t, db.QueryRowContext(t.Context(), "SELECT value FROM specpay_tokens").Scan(&value))
		if bytes.Contains(value, []byte("canary")) || bytes.Contains(value, []byte("access")) {
			t.Errorf("the database holds %q", value)
		}
		flipped := bytes.Clone(value)
		flipped[40] ^= 1
		for name, bad := range map[string][]byte{
			"a flipped bit": flipped, "a cut value": value[:len(value)-1], "one byte": {1},
			"an unencrypted token": []byte(`{"access":"canary","expires":"2099-01-01T00:00:00Z"}`),
		} {
			_, err := db.ExecContext(t.Context(), "UPDATE specpay_tokens SET value = $1", bad)
			fatal(t, err)
			if got, err := s.Load(t.Context(), "account"); err == nil || got != (pay.Token{}) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		_, err := db.ExecContext(t.Context(), "UPDATE specpay_tokens SET value = $1, token_key = 'another account'", value)
		fatal(t, err)
		for i, s := range []*sqlstore.Store{s, plain} {
			if got, err := s.Load(t.Context(), "another account"); err == nil || got != (pay.Token{}) {
				t.Errorf("store %d: a token moved to another account: %v, %v", i, got, err)
			}
		}
	})
}

func TestEncryptionKeyRotation(t *testing.T) {
	d := sqlite(t)
	open := func(key []byte, older ...[]byte) *sqlstore.Store {
		s, _ := d.migrated(t, sqlstore.WithTokenKey(key, older...))
		return s
	}
	old, both, next, done := open(key(1)), open(key(1), key(2)), open(key(2), key(1)), open(key(2))
	for _, step := range []struct {
		save  *sqlstore.Store
		read  []*sqlstore.Store
		blind *sqlstore.Store
	}{
		{old, []*sqlstore.Store{old, both, next}, done},
		{both, []*sqlstore.Store{old, both, next}, done},
		{next, []*sqlstore.Store{both, next, done}, old},
	} {
		fatal(t, step.save.Save(t.Context(), "account", token()))
		for i, s := range step.read {
			if got, err := s.Load(t.Context(), "account"); err != nil || got.Access != token().Access {
				t.Errorf("reader %d: %v, %v", i, got, err)
			}
		}
		if got, err := step.blind.Load(t.Context(), "account"); err == nil || got != (pay.Token{}) {
			t.Errorf("a reader without the key: %v, %v", got, err)
		}
	}
}

// TestPrefixesAreSeparate: two prefixes in one database share nothing.
func TestPrefixesAreSeparate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		one, _ := d.migrated(t)
		two, _ := d.migrated(t, sqlstore.WithPrefix("test_"))
		fatal(t, one.Save(t.Context(), "account", token()))
		if got, err := two.Load(t.Context(), "account"); err != nil || got.Access != "" {
			t.Errorf("%v, %v", got, err)
		}
		for _, s := range []*sqlstore.Store{one, two} {
			if got, err := s.Claim(t.Context(), "e", "o", time.Minute); got != pay.ClaimGranted || err != nil {
				t.Errorf("claim: %v, %v", got, err)
			}
		}
	})
}

func TestTTLTooShort(t *testing.T) {
	s, _ := sqlite(t).migrated(t)
	for _, ttl := range []time.Duration{0, -time.Second, time.Microsecond} {
		if _, err := s.Claim(t.Context(), "e", "o", ttl); err == nil {
			t.Errorf("a claim for %v was accepted", ttl)
		}
		if err := s.Commit(t.Context(), "e", "o", ttl); err == nil {
			t.Errorf("a commit for %v was accepted", ttl)
		}
		if _, err := s.HandleEvent(t.Context(), "e", ttl, nil); err == nil {
			t.Errorf("an event for %v was accepted", ttl)
		}
		if _, err := s.LockToken(t.Context(), "t", ttl); err == nil {
			t.Errorf("a lock for %v was accepted", ttl)
		}
	}
}

func TestNewInvalid(t *testing.T) {
	db := sqlite(t).open(t)
	for name, opt := range map[string]sqlstore.Option{
		"nil option":            nil,
		"empty prefix":          sqlstore.WithPrefix(""),
		"prefix that is SQL":    sqlstore.WithPrefix("a; DROP TABLE orders; --"),
		"prefix with a capital": sqlstore.WithPrefix("Shop_"),
		"long prefix":           sqlstore.WithPrefix(strings.Repeat("a", 41)),
		"no timeout":            sqlstore.WithTimeout(0),
		"short key":             sqlstore.WithTokenKey([]byte("canary")),
		"no key at all":         sqlstore.WithTokenKey(nil),
		"dirty reads":           sqlstore.WithIsolation(1),
	} {
		if s, err := sqlstore.New(db, sqlstore.PostgreSQL, opt); err == nil || s != nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if _, err := sqlstore.New(db, sqlstore.SQLite, sqlstore.WithIsolation(6)); err == nil {
		t.Error("an isolation level of SQLite was accepted")
	}
	if _, err := sqlstore.New(nil, sqlstore.SQLite); err == nil {
		t.Error("a nil database was accepted")
	}
	for _, d := range []sqlstore.Dialect{0, 3, -1} {
		if _, err := sqlstore.New(db, d); err == nil {
			t.Errorf("Dialect(%d) was accepted", d)
		}
	}
	s, err := sqlstore.New(db, sqlstore.SQLite, sqlstore.WithTokenKey([]byte("canary-key-canary-key-canary-key")))
	fatal(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if text := fmt.Sprintf(verb, s); text != "sqlstore.Store(specpay_)" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}
