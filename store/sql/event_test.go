package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
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

func (m *many) HandleEvent(ctx context.Context, key string, ttl time.Duration, handle func(context.Context) error) (pay.Claim, error) {
	return m.store().HandleEvent(ctx, key, ttl, handle)
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

func TestEventTransactor(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		d = d.impatient()
		s, db := d.migrated(t)
		second, _ := d.store(t)
		third, _ := d.store(t)
		_, err := db.ExecContext(t.Context(), "CREATE TABLE effects (effect TEXT NOT NULL)")
		fatal(t, err)
		paytest.EventTransactor(t, func(t *testing.T) paytest.Database {
			for _, table := range []string{"specpay_events", "effects"} {
				_, err := db.ExecContext(t.Context(), "DELETE FROM "+table)
				fatal(t, err)
			}
			return paytest.Database{
				Store: processes(s, second, third), Pass: func(by time.Duration) { d.pass(t, db, by) },
				Write: write, Written: func(ctx context.Context) ([]string, error) { return written(ctx, db) },
			}
		})
	})
}

// write writes an effect in the transaction of a handler.
func write(ctx context.Context, effect string) error {
	tx, ok := sqlstore.Tx(ctx)
	if !ok {
		return errors.New("the context has no transaction")
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO effects (effect) VALUES ($1)", effect)
	return err
}

// written returns the effects that are committed.
func written(ctx context.Context, db *sql.DB) (all []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT effect FROM effects")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var effect string
		if err := rows.Scan(&effect); err != nil {
			return nil, err
		}
		all = append(all, effect)
	}
	return all, rows.Err()
}

// TestDocumentedCodeCompiles: the Go code of docs/stores.md is part of the example.
func TestDocumentedCodeCompiles(t *testing.T) {
	doc, err := os.ReadFile("../../docs/stores.md")
	fatal(t, err)
	example, err := os.ReadFile("example_test.go")
	fatal(t, err)
	_, section, _ := strings.Cut(string(doc), "\n## PostgreSQL and SQLite\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "```go\n")[1:]
	for _, code := range blocks {
		code, _, _ = strings.Cut(code, "```")
		if !bytes.Contains(example, []byte(code)) {
			t.Errorf("docs/stores.md has Go code that is not in the example:\n%s", code)
		}
	}
	if len(blocks) != 2 {
		t.Errorf("docs/stores.md has %d blocks of Go code, want 2", len(blocks))
	}
}
