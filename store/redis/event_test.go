package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
	"github.com/specpay/specpay/store/redis"
)

// many has a store for each process; each step goes through another one.
type many struct {
	stores []*redis.Store
	next   chan int
}

func processes(stores ...*redis.Store) *many {
	m := &many{stores: stores, next: make(chan int, 1)}
	m.next <- 0
	return m
}

func (m *many) store() *redis.Store {
	i := <-m.next
	m.next <- (i + 1) % len(m.stores)
	return m.stores[i]
}

func (m *many) Claim(ctx context.Context, key, owner string, ttl time.Duration) (pay.Claim, error) {
	return m.store().Claim(ctx, key, owner, ttl)
}

func (m *many) Commit(ctx context.Context, key, owner string, ttl time.Duration) error {
	return m.store().Commit(ctx, key, owner, ttl)
}

func (m *many) Release(ctx context.Context, key, owner string) error {
	return m.store().Release(ctx, key, owner)
}

func (m *many) Load(ctx context.Context, key string) (pay.Token, error) {
	return m.store().Load(ctx, key)
}

func (m *many) Save(ctx context.Context, key string, t pay.Token) error {
	return m.store().Save(ctx, key, t)
}

func (m *many) LockToken(ctx context.Context, key string, ttl time.Duration) (func(), error) {
	return m.store().LockToken(ctx, key, ttl)
}

func TestEventStore(t *testing.T) {
	srv := serve(t)
	admin := srv.client(t)
	paytest.EventStore(t, func(t *testing.T) (pay.EventStore, func(time.Duration)) {
		fatal(t, admin.FlushAll(t.Context()).Err())
		return processes(srv.store(t), srv.store(t), srv.store(t)), func(d time.Duration) { pass(t, admin, d) }
	})
}

// TestClaimExpires waits in real time; the other tests shorten the time to live.
func TestClaimExpires(t *testing.T) {
	s := serve(t).store(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got, err := s.Claim(ctx, "e", "lost", 50*time.Millisecond); got != pay.ClaimGranted || err != nil {
		t.Fatal(got, err)
	}
	for {
		got, err := s.Claim(ctx, "e", "next", time.Minute)
		fatal(t, err)
		if got == pay.ClaimGranted {
			return
		}
	}
}

func TestTTLTooShort(t *testing.T) {
	s := serve(t).store(t)
	for _, ttl := range []time.Duration{0, -time.Second, time.Microsecond} {
		if _, err := s.Claim(t.Context(), "e", "o", ttl); err == nil {
			t.Errorf("a claim for %v was accepted", ttl)
		}
		if err := s.Commit(t.Context(), "e", "o", ttl); err == nil {
			t.Errorf("a commit for %v was accepted", ttl)
		}
		if _, err := s.LockToken(t.Context(), "t", ttl); err == nil {
			t.Errorf("a lock for %v was accepted", ttl)
		}
	}
}
