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

// lockInterval is the pause between two attempts to get a lock.
const lockInterval = 50 * time.Millisecond

// encryptedMark is the first byte of an encrypted token; an unencrypted one begins
// with {.
const encryptedMark = 1

// record is a token as it is stored, because pay.Token is redacted in JSON.
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
	text, err := s.decrypt(key, value)
	if err != nil {
		return pay.Token{}, fmt.Errorf("redis store: load a token: %w", err)
	}
	var r record
	if json.Unmarshal(text, &r) != nil { // without the error, which may contain a part of the text
		return pay.Token{}, errors.New("redis store: load a token: the stored value is not a token")
	}
	return pay.Token(r), nil
}

// Save implements pay.TokenStore. The token is kept until it can neither be used nor
// renewed; an expired token deletes the stored one.
func (s *Store) Save(ctx context.Context, key string, t pay.Token) error {
	key = s.tokenKey(key)
	end := t.Expires
	if t.RefreshExpires.After(end) {
		end = t.RefreshExpires
	}
	lifetime := end.Sub(s.now())
	if lifetime < time.Millisecond {
		_, err := within(ctx, s, "delete a token", func(ctx context.Context) (int64, error) { return s.client.Del(ctx, key).Result() })
		return err
	}
	text, err := json.Marshal(record(t))
	if err != nil {
		return errors.New("redis store: save a token: one of its times is after the year 9999") // without the error, which may contain more
	}
	value := s.encrypt(key, text)
	_, err = within(ctx, s, "save a token", func(ctx context.Context) (string, error) { return s.client.Set(ctx, key, value, lifetime).Result() })
	return err
}

// LockToken implements pay.TokenLocker. It tries to get the lock every 50 ms.
func (s *Store) LockToken(ctx context.Context, key string, ttl time.Duration) (release func(), err error) {
	ms, err := milliseconds(ttl)
	if err != nil {
		return nil, err
	}
	key, owner := s.prefix+"lock:"+key, rand.Text()
	unlock := func() {
		_, _ = s.run(context.WithoutCancel(ctx), "release a lock", releaseScript, key, owner) // the lock ends after ttl otherwise
	}
	for {
		response, err := s.run(ctx, "lock a token", claimScript, key, owner, ms)
		if err != nil {
			return nil, err
		}
		if response == "granted" {
			return unlock, nil
		}
		pause := time.NewTimer(lockInterval)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, explain("lock a token", ctx.Err())
		}
	}
}

func (s *Store) tokenKey(key string) string { return s.prefix + "token:" + key }

// encrypt encrypts a text and binds it to a key of Redis.
func (s *Store) encrypt(key string, text []byte) []byte {
	if len(s.ciphers) == 0 {
		return text
	}
	return s.ciphers[0].Seal([]byte{encryptedMark}, nil, text, []byte(key)) //nolint:gosec // the cipher generates the nonce
}

// decrypt returns the text of a value, with any of the encryption keys.
func (s *Store) decrypt(key string, value []byte) ([]byte, error) {
	switch encrypted := value[0] == encryptedMark; {
	case encrypted && len(s.ciphers) == 0:
		return nil, errors.New("the token is encrypted and this store has no encryption key; want the option WithTokenKey")
	case !encrypted && len(s.ciphers) > 0:
		return nil, errors.New("the token is not encrypted and this store has an encryption key; want an encrypted token")
	case !encrypted:
		return value, nil
	}
	for _, c := range s.ciphers {
		if text, err := c.Open(nil, nil, value[1:], []byte(key)); err == nil {
			return text, nil
		}
	}
	return nil, errors.New("the token cannot be decrypted with any of the encryption keys: it is damaged or was encrypted with another one")
}
