// Package redis keeps webhook events and access tokens in a Redis server, so
// that many processes handle an event once and share one login. It uses Lua
// scripts and is tested with Redis 7.0.
//
// A Store is both a pay.EventStore and a pay.TokenStore:
//
//	store, err := redis.New(client, redis.WithTokenKey(key))
//	shop, err := qpay.New(creds, pay.WithEventStore(store), pay.WithTokenStore(store))
//
// docs/stores.md says what is guaranteed, and what is not.
package redis

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
)

var (
	_ pay.EventStore  = (*Store)(nil)
	_ pay.TokenStore  = (*Store)(nil)
	_ pay.TokenLocker = (*Store)(nil)
)

// Store keeps events and tokens under a prefix. Make it once and share it: it is
// safe for concurrent use and holds no state of its own, so that it makes no
// difference which Store of which process does the next step. It prints as its
// prefix.
type Store struct {
	client  goredis.UniversalClient
	prefix  string
	timeout time.Duration
	now     func() time.Time
	ciphers []cipher.AEAD // of tokens; the first seals, all open
}

// New returns a store on a client, which stays the caller's to close. It does no
// I/O: a server that cannot be reached shows at the first use.
func New(client goredis.UniversalClient, opts ...Option) (*Store, error) {
	if client == nil {
		return nil, errors.New("redis: the client is nil")
	}
	s := &Store{client: client, prefix: "specpay:", timeout: time.Second, now: time.Now}
	for _, o := range opts {
		if o == nil {
			return nil, errors.New("redis: an option is nil")
		}
		if err := o(s); err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
	}
	return s, nil
}

// Format keeps keys and the client's password out of every fmt verb.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "redis.Store("+s.prefix+")") }

// within waits for one exchange with the server, and no longer than the store's
// timeout: a client of go-redis heeds the deadline of a context only when its
// ContextTimeoutEnabled is set. An exchange that nobody waits for any more ends
// by the client's own timeouts.
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

// explain says what failed. Of the server's own words it leaves out the
// arguments that a server repeats when it does not know a command: a token
// could be among them.
func explain(what string, err error) error {
	var said goredis.Error
	if errors.As(err, &said) {
		text, _, _ := strings.Cut(said.Error(), ", with args")
		return fmt.Errorf("redis store: %s: the server answers %s", what, text)
	}
	return fmt.Errorf("redis store: %s: %w", what, err)
}

// milliseconds is a duration as Redis takes it.
func milliseconds(d time.Duration) (int64, error) {
	if ms := d.Milliseconds(); ms > 0 {
		return ms, nil
	}
	return 0, fmt.Errorf("redis store: %v is too short a time to keep something; want a millisecond or more", d)
}
