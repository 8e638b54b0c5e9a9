// Package sqlstore keeps the record of handled notifications, pending calls and access
// tokens in the database of the application, PostgreSQL or SQLite, through database/sql. The record
// of an event and what the handler writes through Tx are one transaction, so that
// every event takes effect exactly once.
//
// A Store is a pay.EventStore with the transactions of pay.EventTransactor, a
// pay.PendingStore, and a pay.TokenStore:
//
//	store, err := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithTokenKey(key))
//	err = store.Migrate(ctx)
//	shop, err := qpay.New(creds, pay.WithEventStore(store), pay.WithTokenStore(store))
//	http.Handle("/paid", shop.Webhook(func(ctx context.Context, ev qpay.Event) error {
//		tx, ok := sqlstore.Tx(ctx) // a *sql.Tx; what it writes is committed with the event
//		…
//	}))
//
// It is tested with PostgreSQL 15 through github.com/jackc/pgx/v5/stdlib and with
// SQLite 3 through modernc.org/sqlite, and imports neither. docs/stores.md describes
// what is guaranteed and what is not.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/specpay/specpay/internal/tokencipher"
	"github.com/specpay/specpay/pay"
)

var (
	_ pay.EventStore      = (*Store)(nil)
	_ pay.EventTransactor = (*Store)(nil)
	_ pay.TokenStore      = (*Store)(nil)
	_ pay.TokenLocker     = (*Store)(nil)
	_ pay.PendingStore    = (*Store)(nil)
)

// Store keeps events, pending calls and tokens in the tables of one prefix. It is safe for
// concurrent use and has no state of its own: the steps of a claim may go through
// different stores of different processes. Package fmt prints its prefix only.
//
// Every method but Migrate, Migrations and CheckSchema returns an error that wraps
// ErrSchema until the tables are those of this version.
type Store struct {
	db         *sql.DB
	dialect    Dialect
	prefix     string
	timeout    time.Duration
	isolation  sql.IsolationLevel
	cipher     tokencipher.Cipher
	migrations []Migration

	checked atomic.Bool   // the schema is not older than this version
	claims  atomic.Uint64 // since New; see sweep
}

// New returns a store that uses a database; the caller closes the database. New does
// no I/O: a database that cannot be reached is reported by the first use.
func New(db *sql.DB, d Dialect, opts ...Option) (*Store, error) {
	if db == nil {
		return nil, errors.New("sqlstore: the database is nil; want the result of sql.Open")
	}
	if !d.valid() {
		return nil, fmt.Errorf("sqlstore: Dialect(%d) does not exist; want PostgreSQL or SQLite", d)
	}
	s := &Store{db: db, dialect: d, prefix: "specpay_", timeout: 5 * time.Second}
	if d == PostgreSQL {
		s.isolation = sql.LevelReadCommitted
	}
	for _, o := range opts {
		if o == nil {
			return nil, errors.New("sqlstore: an option is nil; want an option of this package")
		}
		if err := o(s); err != nil {
			return nil, fmt.Errorf("sqlstore: %w", err)
		}
	}
	var err error
	s.migrations, err = readMigrations(s)
	return s, err
}

// Format keeps encryption keys out of the output of package fmt.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sqlstore.Store("+s.prefix+")") }

// exec runs one statement in a transaction of its own, within the store's timeout, and
// returns how many rows it changed. The names and placeholders of the statement are
// those of sql.
func (s *Store) exec(ctx context.Context, what, statement string, args ...any) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	n := int64(0)
	err := s.retry(ctx, func() (err error) {
		n, err = s.change(ctx, s.db, statement, args...)
		return err
	})
	return n, explain(what, err)
}

// querier is a *sql.DB, *sql.Conn or *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// change runs a statement and returns how many rows it changed.
func (s *Store) change(ctx context.Context, q querier, statement string, args ...any) (int64, error) {
	r, err := q.ExecContext(ctx, s.sql(statement), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// explain adds what failed to an error.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlstore: %s: %w", what, err)
}

// milliseconds returns a duration in the unit of the statements.
func milliseconds(d time.Duration) (int64, error) {
	if ms := d.Milliseconds(); ms > 0 {
		return ms, nil
	}
	return 0, fmt.Errorf("sqlstore: the duration %v is too short; want a millisecond or more", d)
}
