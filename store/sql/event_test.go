package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// many has a store for each process; each step goes through another one.
type many struct {
	stores []*sqlstore.Store
	next   chan int
}

func processes(stores ...*sqlstore.Store) *many {
	m := &many{stores: stores, next: make(chan int, 1)}
	m.next <- 0
	return m
}

func (m *many) store() *sqlstore.Store {
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

func TestEventStore(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		second, _ := d.store(t)
		third, _ := d.store(t)
		paytest.EventStore(t, func(t *testing.T) (pay.EventStore, func(time.Duration)) {
			_, err := db.ExecContext(t.Context(), "DELETE FROM specpay_events")
			fatal(t, err)
			return processes(s, second, third), func(by time.Duration) { d.pass(t, db, by) }
		})
	})
}
