package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/specpay/specpay/pay"
)

// A pending call is one row. Each step is one statement, so that of two processes that
// take a call, one gets it: PostgreSQL skips a row that another process is about to
// take, and SQLite has one writer at a time.
const (
	beginCall = `
INSERT INTO {prefix}pending (call_id, provider, account, operation, idempotency_key, request, began_ms, inquiries, due_at)
VALUES (?, ?, ?, ?, ?, ?, ?, 0, {later})`

	takeCall = `
UPDATE {prefix}pending SET inquiries = inquiries + 1, due_at = {later}
WHERE call_id = (SELECT call_id FROM {prefix}pending WHERE due_at <= {now} ORDER BY due_at LIMIT 1 {skip})
RETURNING call_id, provider, account, operation, idempotency_key, request, began_ms, inquiries`

	clearCall    = `DELETE FROM {prefix}pending WHERE call_id = ?`
	postponeCall = `UPDATE {prefix}pending SET due_at = {later} WHERE call_id = ? AND inquiries = ?`
	settleCall   = `DELETE FROM {prefix}pending WHERE call_id = ? AND inquiries = ?`
	isSettled    = `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {prefix}pending WHERE call_id = ?)`
)

// Begin implements pay.PendingStore. The record is committed when it returns nil. It
// survives a power failure if the database is set up for that: synchronous_commit on in
// PostgreSQL, synchronous FULL in SQLite, the defaults. If Begin returns an error, the
// record may exist, because the response of the database may have been lost.
func (s *Store) Begin(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	request, err := json.Marshal(call.Request)
	if err != nil {
		return explain("record a call", err)
	}
	_, err = s.exec(ctx, "record a call", beginCall, call.ID, call.Provider, call.Account, call.Operation, call.IdempotencyKey,
		string(request), call.Began.UnixMilli(), wait.Milliseconds())
	return err
}

// Clear implements pay.PendingStore.
func (s *Store) Clear(ctx context.Context, id string) error {
	_, err := s.exec(ctx, "clear a call", clearCall, id)
	return err
}

// Postpone implements pay.PendingStore.
func (s *Store) Postpone(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	_, err := s.exec(ctx, "postpone a call", postponeCall, wait.Milliseconds(), call.ID, call.Inquiries)
	return err
}

// Take implements pay.PendingStore. If it returns an error, a call may be leased,
// because the response of the database may have been lost.
func (s *Store) Take(ctx context.Context, lease time.Duration) (call pay.PendingCall, ok bool, err error) {
	ms, err := milliseconds(lease)
	if err != nil {
		return call, false, err
	}
	if err := s.ready(ctx); err != nil {
		return call, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var request string
	var began int64
	err = s.retry(ctx, func() error {
		return s.db.QueryRowContext(ctx, s.sql(takeCall), ms).Scan(&call.ID, &call.Provider, &call.Account, &call.Operation,
			&call.IdempotencyKey, &request, &began, &call.Inquiries)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return pay.PendingCall{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(request), &call.Request)
	}
	if err != nil {
		return pay.PendingCall{}, false, explain("take a call", err)
	}
	call.Began = time.UnixMilli(began)
	return call, true, nil
}

// Settle implements pay.PendingStore. Tx returns the transaction from the context of
// handle: what handle writes through it is committed together with the end of the
// record, or not at all. Isolation level and retries are those of HandleEvent. An
// SQLite database has one writer, so calls to providers wait while handle runs.
func (s *Store) Settle(ctx context.Context, call pay.PendingCall, handle func(context.Context) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.retry(ctx, func() error {
		return s.transaction(ctx, func(tx *sql.Tx) (bool, error) {
			n, err := s.change(ctx, tx, settleCall, call.ID, call.Inquiries)
			if err != nil || n == 0 {
				return false, explain("settle a call", err)
			}
			if err := handle(context.WithValue(ctx, txKey{}, tx)); err != nil {
				return false, err
			}
			return true, s.confirm(ctx, tx, isSettled, call.ID)
		})
	})
}
