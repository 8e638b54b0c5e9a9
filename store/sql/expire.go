package sqlstore

import "context"

const (
	sweepEvery = 256  // claims and transactions between two sweeps
	sweepRows  = 512  // events that one sweep deletes at most
	batchRows  = 1000 // rows that one statement of DeleteExpired deletes at most
)

const deleteEvents = `DELETE FROM {prefix}events WHERE event_key IN
(SELECT event_key FROM {prefix}events WHERE expires_at <= {now} ORDER BY expires_at LIMIT ? {skip})`

// DeleteExpired deletes what is not needed any more: handled events, claims, tokens
// and locks whose time is over. Each statement deletes 1000 events at most, in a
// transaction of its own, and does not wait for handlers. It returns how many rows it
// deleted, also with an error.
//
// A store deletes some expired events after every 256th one on its own, which keeps
// the table small as long as notifications arrive. Call DeleteExpired about once a day
// if some of its time is better spent at night.
func (s *Store) DeleteExpired(ctx context.Context) (deleted int64, err error) {
	for {
		n, err := s.exec(ctx, "delete expired events", deleteEvents, batchRows)
		deleted += n
		if err != nil {
			return deleted, err
		}
		if n < batchRows {
			break
		}
	}
	for _, table := range []string{"tokens", "locks"} {
		n, err := s.exec(ctx, "delete expired "+table, "DELETE FROM {prefix}"+table+" WHERE expires_at <= {now}")
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// sweep deletes some expired events after every 256th claim.
func (s *Store) sweep(ctx context.Context) {
	if s.claims.Add(1)%sweepEvery != 0 {
		return
	}
	_, _ = s.exec(ctx, "delete expired events", deleteEvents, sweepRows) // another sweep follows
}
