package redis

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
)

// poll is the pause between two looks at a lock that somebody else has.
const poll = 50 * time.Millisecond

// sealed is the first byte of an encrypted token; a readable one starts with {.
const sealed = 1

// record is a token as it is stored; pay.Token itself does not write its texts.
type record struct {
	Access         string    `json:"access"`
	Refresh        string    `json:"refresh"`
	Issued         time.Time `json:"issued"`
	Expires        time.Time `json:"expires"`
	RefreshExpires time.Time `json:"refresh_expires"`
}

// Load implements pay.TokenStore.
func (s *Store) Load(ctx context.Context, key string) (pay.Token, error) {
	key = s.tokenKey(key)
	value, err := within(ctx, s, "load a token", func(ctx context.Context) ([]byte, error) {
		value, err := s.client.Get(ctx, key).Bytes()
		if errors.Is(err, goredis.Nil) {
			return nil, nil
		}
		return value, err
	})
	if err != nil || len(value) == 0 {
		return pay.Token{}, err
	}
	text, err := s.open(key, value)
	if err != nil {
		return pay.Token{}, fmt.Errorf("redis store: load a token: %w", err)
	}
	var r record
	if json.Unmarshal(text, &r) != nil { // its error could repeat a part of the text
		return pay.Token{}, errors.New("redis store: load a token: what is stored is not a token")
	}
	return pay.Token(r), nil
}

// Save implements pay.TokenStore. The token is kept until it can neither be used
// nor renewed; one that is over already is forgotten at once.
func (s *Store) Save(ctx context.Context, key string, t pay.Token) error {
	key = s.tokenKey(key)
	end := t.Expires
	if t.RefreshExpires.After(end) {
		end = t.RefreshExpires
	}
	life := end.Sub(s.now())
	if life < time.Millisecond {
		_, err := within(ctx, s, "forget a token", func(ctx context.Context) (int64, error) { return s.client.Del(ctx, key).Result() })
		return err
	}
	text, err := json.Marshal(record(t))
	if err != nil {
		return errors.New("redis store: save a token: one of its times has a year beyond 9999") // json's error could say more
	}
	value := s.seal(key, text)
	_, err = within(ctx, s, "save a token", func(ctx context.Context) (string, error) { return s.client.Set(ctx, key, value, life).Result() })
	return err
}

// LockToken implements pay.TokenLocker. It asks the server every 50 ms.
func (s *Store) LockToken(ctx context.Context, key string, ttl time.Duration) (release func(), err error) {
	ms, err := milliseconds(ttl)
	if err != nil {
		return nil, err
	}
	key, owner := s.prefix+"lock:"+key, rand.Text()
	free := func() {
		_, _ = s.run(context.WithoutCancel(ctx), "release a lock", releaseScript, key, owner) // else it ends by itself
	}
	for {
		answer, err := s.run(ctx, "lock a token", claimScript, key, owner, ms)
		if err != nil {
			return nil, err
		}
		if answer == "granted" {
			return free, nil
		}
		pause := time.NewTimer(poll)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, explain("lock a token", ctx.Err())
		}
	}
}

func (s *Store) tokenKey(key string) string { return s.prefix + "token:" + key }

// seal encrypts a text so that only this key of Redis can hold it.
func (s *Store) seal(key string, text []byte) []byte {
	if len(s.ciphers) == 0 {
		return text
	}
	return s.ciphers[0].Seal([]byte{sealed}, nil, text, []byte(key)) //nolint:gosec // no nonce on purpose: this cipher makes a fresh one itself
}

func (s *Store) open(key string, value []byte) ([]byte, error) {
	switch encrypted := value[0] == sealed; {
	case encrypted && len(s.ciphers) == 0:
		return nil, errors.New("it is encrypted, and this store has no key; see WithTokenKey")
	case !encrypted && len(s.ciphers) > 0:
		return nil, errors.New("it was stored without encryption, and this store has a key: not believed")
	case !encrypted:
		return value, nil
	}
	for _, c := range s.ciphers {
		if text, err := c.Open(nil, nil, value[1:], []byte(key)); err == nil {
			return text, nil
		}
	}
	return nil, errors.New("none of the keys opens it; it was encrypted with another one, or is damaged")
}
