package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/specpay/specpay/pay"
)

// attempts is how often a transaction is made that the database rolls back because of
// others.
const attempts = 5

type txKey struct{}

// Tx returns the transaction that a webhook handler or a callback of a pay.Reconciler
// runs in; false if ctx is not that of one, or it has another store. What the handler
// writes through it is committed together with the event or the end of the pending
// call, or not at all.
//
// The transaction is that of the store: the handler must not end it, keep it, or go on
// after one of its statements has failed, but return the error.
func Tx(ctx context.Context) (*sql.Tx, bool) {
	tx, ok := ctx.Value(txKey{}).(*sql.Tx)
	return tx, ok
}

// HandleEvent implements pay.EventTransactor. Tx returns the transaction from the
// context of handle, which is rolled back if that context ends.
//
// The isolation level of PostgreSQL is READ COMMITTED, or that of WithIsolation. A
// deadlock and a serialization failure roll the transaction back and make it again, up
// to 5 times in all, after pauses of a few milliseconds.
//
// SQLite has one writer at a time. The first statement is a write, so the transaction
// waits for the one before it, of any event, for as long as the connection's
// busy_timeout says. After that the event is busy.
func (s *Store) HandleEvent(ctx context.Context, key string, ttl time.Duration, handle func(context.Context) error) (pay.Claim, error) {
	ms, err := milliseconds(ttl)
	if err != nil {
		return pay.ClaimBusy, err
	}
	if err := s.ready(ctx); err != nil {
		return pay.ClaimBusy, err
	}
	claim := pay.ClaimBusy
	err = s.retry(ctx, func() (err error) {
		claim, err = s.handleOnce(ctx, key, ms, handle)
		return err
	})
	if err != nil {
		return pay.ClaimBusy, err
	}
	s.sweep(ctx)
	return claim, nil
}

// retry runs a transaction, or a statement that is one, again if the database rolls it
// back because of others.
func (s *Store) retry(ctx context.Context, run func() error) error {
	for attempt := 1; ; attempt++ {
		err := run()
		if err == nil || attempt == attempts || !s.dialect.rolledBack(err) || pause(ctx, attempt) != nil {
			return err
		}
	}
}

// pause waits for a random time before another attempt.
func pause(ctx context.Context, attempt int) error {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(10*attempt)))
	if err != nil {
		return err
	}
	t := time.NewTimer(time.Duration(1+n.Int64()) * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// handleOnce makes one transaction.
func (s *Store) handleOnce(ctx context.Context, key string, ms int64, handle func(context.Context) error) (claim pay.Claim, err error) {
	claim = pay.ClaimBusy
	err = s.transaction(ctx, func(tx *sql.Tx) (bool, error) {
		owner := rand.Text()
		if claim, err = s.claim(ctx, tx, key, owner, true, ms); err != nil || claim != pay.ClaimGranted {
			return false, explain("record an event", err)
		}
		if err := handle(context.WithValue(ctx, txKey{}, tx)); err != nil {
			return false, err
		}
		return true, s.confirm(ctx, tx, isRecorded, key, owner)
	})
	switch {
	case s.dialect == SQLite && busy(err) && claim != pay.ClaimGranted: // also if the driver begins with BEGIN IMMEDIATE
		return pay.ClaimBusy, nil
	case err != nil:
		return pay.ClaimBusy, err
	}
	return claim, nil
}

// transaction runs work in a transaction, which is committed if work returns true and
// no error.
func (s *Store) transaction(ctx context.Context, work func(*sql.Tx) (commit bool, err error)) error {
	conn, err := s.conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: s.isolation})
	if err != nil {
		return explain("begin a transaction", err)
	}
	defer func() { _ = tx.Rollback() }() // also if work panics; after a commit it does nothing
	commit, err := work(tx)
	if err != nil || !commit {
		return err
	}
	if err := tx.Commit(); err != nil {
		discard(conn)
		return explain("commit a transaction; if its result is unknown, the next attempt finds out", err)
	}
	return nil
}

// conn returns a connection of the pool.
func (s *Store) conn(ctx context.Context) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := s.db.Conn(ctx)
	return conn, explain("get a connection", err)
}

// confirm returns an error if what the store wrote is not in the transaction any more,
// because the handler ended it, or the database did after an error that the handler
// ignored. The query has a row if it is.
func (s *Store) confirm(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	var one int
	err := tx.QueryRowContext(ctx, s.sql(query), args...).Scan(&one)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	switch {
	case errors.Is(err, sql.ErrTxDone):
		return fmt.Errorf("sqlstore: the handler ended its transaction; want a handler that leaves that to the store: %w", err)
	case errors.Is(err, sql.ErrNoRows):
		return errors.New("sqlstore: the transaction was rolled back while the handler ran; want a handler that returns the errors of its statements, and leaves ROLLBACK to the store")
	}
	return explain("the transaction of the handler cannot be committed; want a handler that returns the errors of its statements", err)
}

// discard removes a connection from the pool, because of the transaction that it may
// still be in.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
