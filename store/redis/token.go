package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
)

// lockInterval is the pause between two attempts to get a lock.
const lockInterval = 50 * time.Millisecond

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
	if err != nil {
		return pay.Token{}, err
	}
	t, err := s.cipher.Decode(key, value)
	if err != nil {
		return pay.Token{}, fmt.Errorf("redis store: load a token: %w", err)
	}
	return t, nil
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
	value, err := s.cipher.Encode(key, t)
	if err != nil {
		return fmt.Errorf("redis store: save a token: %w", err)
	}
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
