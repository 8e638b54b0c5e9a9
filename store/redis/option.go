package redis

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Option changes a Store.
type Option func(*Store) error

// WithPrefix starts the keys in Redis with another text. Default "specpay:". Two
// stores with the same prefix on the same server share events and tokens; give
// test and production different ones.
func WithPrefix(prefix string) Option {
	return func(s *Store) error {
		if prefix == "" {
			return errors.New("WithPrefix: the prefix is empty; leave the option out for the default")
		}
		s.prefix = prefix
		return nil
	}
}

// WithTimeout limits the wait for one exchange with the server. Default 1 s: a
// Redis that hangs must not hold payments up.
func WithTimeout(d time.Duration) Option {
	return func(s *Store) error {
		if d <= 0 {
			return fmt.Errorf("WithTimeout: %v is not a positive duration", d)
		}
		s.timeout = d
		return nil
	}
}

// WithTokenKey encrypts tokens with AES-256-GCM, bound to the key they are
// stored under. Each key is 32 random bytes. The first encrypts; it and all
// older ones decrypt, so that a new key is rolled out in two steps: first as an
// older one everywhere, then as the first. Without this option tokens are stored
// readable for everybody who can read that Redis.
//
// A store with a key does not read tokens that were stored without encryption.
func WithTokenKey(key []byte, older ...[]byte) Option {
	keys := make([][]byte, 0, 1+len(older))
	for _, k := range slices.Concat([][]byte{key}, older) {
		keys = append(keys, slices.Clone(k))
	}
	return func(s *Store) error {
		s.ciphers = nil
		for i, k := range keys {
			if len(k) != 32 {
				return fmt.Errorf("WithTokenKey: key %d has %d bytes; want 32", i+1, len(k))
			}
			block, err := aes.NewCipher(k)
			if err != nil {
				return fmt.Errorf("WithTokenKey: key %d: %w", i+1, err)
			}
			c, err := cipher.NewGCMWithRandomNonce(block)
			if err != nil {
				return fmt.Errorf("WithTokenKey: key %d: %w", i+1, err)
			}
			s.ciphers = append(s.ciphers, c)
		}
		return nil
	}
}

// WithClock replaces time.Now, by which it is seen how long a token still lives.
func WithClock(now func() time.Time) Option {
	return func(s *Store) error {
		if now == nil {
			return errors.New("WithClock: the function is nil")
		}
		s.now = now
		return nil
	}
}
