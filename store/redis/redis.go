// Package redis keeps access tokens and the record of handled notifications in a
// Redis server, so that several processes share one login and handle each event
// once. It uses Lua scripts and is tested with Redis 7.0.
//
// A Store is both a pay.EventStore and a pay.TokenStore:
//
//	store, err := redis.New(client, redis.WithTokenKey(key))
//	shop, err := qpay.New(creds, pay.WithEventStore(store), pay.WithTokenStore(store))
//
// docs/stores.md describes what is guaranteed and what is not.
package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/internal/tokencipher"
	"github.com/specpay/specpay/pay"
)

var (
	_ pay.EventStore  = (*Store)(nil)
	_ pay.TokenStore  = (*Store)(nil)
	_ pay.TokenLocker = (*Store)(nil)
)

// Store keeps events and tokens under a prefix. It is safe for concurrent use and
// has no state of its own: the steps of a claim may go through different stores of
// different processes. Package fmt prints its prefix only.
type Store struct {
	client  goredis.UniversalClient
	prefix  string
	timeout time.Duration
	now     func() time.Time
	cipher  tokencipher.Cipher
}

// New returns a store that uses a client of go-redis; the caller closes the client.
// It does no I/O: a server that cannot be reached is reported by the first use.
func New(client goredis.UniversalClient, opts ...Option) (*Store, error) {
	if client == nil {
		return nil, errors.New("redis: the client is nil; want a client of go-redis")
	}
	s := &Store{client: client, prefix: "specpay:", timeout: time.Second, now: time.Now}
	for _, o := range opts {
		if o == nil {
			return nil, errors.New("redis: an option is nil; want an option of this package")
		}
		if err := o(s); err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
	}
	return s, nil
}

// Format keeps encryption keys and the client's password out of the output of
// package fmt.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "redis.Store("+s.prefix+")") }

// within limits one exchange with the server to the store's timeout. A client of
// go-redis observes the deadline of a context only if ContextTimeoutEnabled is set;
// an exchange that was given up ends by the client's own timeouts.
func within[T any](ctx context.Context, s *Store, what string, exchange func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := exchange(ctx)
		done <- result{v, err}
	}()
	var none T
	select {
	case r := <-done:
		if r.err != nil {
			return none, explain(what, r.err)
		}
		return r.value, nil
	case <-ctx.Done():
		return none, explain(what, ctx.Err())
	}
}

// explain adds what failed to an error. It removes the arguments that a server
// repeats if it does not know a command, because a token may be among them.
func explain(what string, err error) error {
	var said goredis.Error
	if errors.As(err, &said) {
		text, _, _ := strings.Cut(said.Error(), ", with args")
		return fmt.Errorf("redis store: %s: the server responded with %s", what, text)
	}
	return fmt.Errorf("redis store: %s: %w", what, err)
}

// milliseconds returns a duration in the unit of Redis.
func milliseconds(d time.Duration) (int64, error) {
	if ms := d.Milliseconds(); ms > 0 {
		return ms, nil
	}
	return 0, fmt.Errorf("redis store: the duration %v is too short; want a millisecond or more", d)
}
