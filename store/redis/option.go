package redis

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/specpay/specpay/internal/tokencipher"
)

// Option configures a Store. New returns an error if an option is invalid or nil.
type Option func(*Store) error

// WithPrefix sets the prefix of the keys in Redis. The default is "specpay:". Stores
// with the same prefix on the same server share events and tokens, so use different
// prefixes for test and production. An empty prefix is an error.
func WithPrefix(prefix string) Option {
	return func(s *Store) error {
		if prefix == "" {
			return errors.New("WithPrefix: the prefix is empty; want a text such as shop:, or no option for the default")
		}
		s.prefix = prefix
		return nil
	}
}

// WithTimeout limits one exchange with the server, so that a server that does not
// respond does not delay payments. The default is 1 s. d must be positive.
func WithTimeout(d time.Duration) Option {
	return func(s *Store) error {
		if d <= 0 {
			return fmt.Errorf("WithTimeout: the duration is %v; want more than 0", d)
		}
		s.timeout = d
		return nil
	}
}

// WithTokenKey encrypts tokens with AES-256-GCM and binds each to the Redis key that
// it is stored under. An encryption key has 32 random bytes. key encrypts; key and
// older decrypt. To roll out a new key, pass it in older everywhere first, and as
// key in a second step. Without this option tokens are stored unencrypted, readable
// for everyone with access to the server.
//
// A store with an encryption key does not read unencrypted tokens.
func WithTokenKey(key []byte, older ...[]byte) Option {
	keys := make([][]byte, 0, 1+len(older))
	for _, k := range slices.Concat([][]byte{key}, older) {
		keys = append(keys, slices.Clone(k))
	}
	return func(s *Store) error {
		c, err := tokencipher.New(keys...)
		if err != nil {
			return fmt.Errorf("WithTokenKey: %w", err)
		}
		s.cipher = c
		return nil
	}
}

// WithClock replaces time.Now, which determines how long a token is kept. now must
// not be nil.
func WithClock(now func() time.Time) Option {
	return func(s *Store) error {
		if now == nil {
			return errors.New("WithClock: the function is nil; want a function such as time.Now")
		}
		s.now = now
		return nil
	}
}
