package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/specpay/specpay/pay"
)

// An event is one row, of a claim or of a handled event. Each step is one statement
// that changes the row if a condition holds. Its lock is that of HandleEvent, so that
// a step does not wait for the row of a transaction that is open.
const (
	recordEvent = `
INSERT INTO {prefix}events AS e (event_key, owner, done, expires_at)
SELECT ?, ?, CAST(? AS boolean), {later} WHERE {try}
ON CONFLICT (event_key) DO UPDATE SET owner = excluded.owner, done = excluded.done, expires_at = excluded.expires_at
WHERE e.expires_at <= {now} OR `

	claimEvent   = recordEvent + `NOT e.done AND e.owner = excluded.owner`
	commitEvent  = recordEvent + `e.done OR e.owner = excluded.owner`
	releaseEvent = `DELETE FROM {prefix}events WHERE event_key = ? AND owner = ? AND NOT done`
	isDone       = `SELECT done FROM {prefix}events WHERE event_key = ? AND expires_at > {now}`
	isRecorded   = `SELECT 1 FROM {prefix}events WHERE event_key = ? AND owner = ? AND done`
)

// Claim implements pay.EventStore. If it returns an error, the event may be claimed
// until ttl is over, because the response of the database may have been lost.
func (s *Store) Claim(ctx context.Context, key, owner string, ttl time.Duration) (pay.Claim, error) {
	ms, err := milliseconds(ttl)
	if err != nil {
		return pay.ClaimBusy, err
	}
	if err := s.ready(ctx); err != nil {
		return pay.ClaimBusy, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	claim := pay.ClaimBusy
	err = s.retry(ctx, func() (err error) {
		claim, err = s.claim(ctx, s.db, key, owner, false, ms)
		return err
	})
	s.sweep(ctx)
	return claim, explain("claim an event", err)
}

// claim records a claim or a handled event, if there is none.
func (s *Store) claim(ctx context.Context, q querier, key, owner string, done bool, ms int64) (pay.Claim, error) {
	n, err := s.change(ctx, q, claimEvent, key, owner, done, ms, s.lock("event:"+key))
	if err != nil {
		return pay.ClaimBusy, err
	}
	if n > 0 {
		return pay.ClaimGranted, nil
	}
	err = q.QueryRowContext(ctx, s.sql(isDone), key).Scan(&done)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // no row: the other transaction is open
		return pay.ClaimBusy, err
	}
	if err == nil && done {
		return pay.ClaimDone, nil
	}
	return pay.ClaimBusy, nil
}

// Commit implements pay.EventStore.
func (s *Store) Commit(ctx context.Context, key, owner string, ttl time.Duration) error {
	ms, err := milliseconds(ttl)
	if err != nil {
		return err
	}
	n, err := s.exec(ctx, "commit an event", commitEvent, key, owner, true, ms, s.lock("event:"+key))
	if err == nil && n == 0 {
		err = errors.New("sqlstore: commit an event: the claim has expired and another owner has a claim; the event is not recorded as handled")
	}
	return err
}

// Release implements pay.EventStore.
func (s *Store) Release(ctx context.Context, key, owner string) error {
	_, err := s.exec(ctx, "release an event", releaseEvent, key, owner)
	return err
}
