package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"github.com/specpay/specpay/pay"
)

// lockInterval is the pause between two attempts to get a lock.
const lockInterval = 50 * time.Millisecond

const (
	selectStored = `SELECT value FROM {prefix}tokens WHERE token_key = ? AND expires_at > {now}`
	upsertStored = `
INSERT INTO {prefix}tokens (token_key, value, expires_at) VALUES (?, ?, {time})
ON CONFLICT (token_key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`
	takeLock = `
INSERT INTO {prefix}locks AS l (lock_key, owner, expires_at) VALUES (?, ?, {later})
ON CONFLICT (lock_key) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
WHERE l.expires_at <= {now} OR l.owner = excluded.owner`
	releaseLock = `DELETE FROM {prefix}locks WHERE lock_key = ? AND owner = ?`
)

// Load implements pay.TokenStore.
func (s *Store) Load(ctx context.Context, key string) (pay.Token, error) {
	if err := s.ready(ctx); err != nil {
		return pay.Token{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var value []byte
	err := s.db.QueryRowContext(ctx, s.sql(selectStored), key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return pay.Token{}, nil
	}
	if err != nil {
		return pay.Token{}, explain("load a token", err)
	}
	t, err := s.cipher.Decode(s.prefix+"token:"+key, value)
	return t, explain("load a token", err)
}

// Save implements pay.TokenStore. The token is kept until it can neither be used nor
// renewed, by the clock of the database.
func (s *Store) Save(ctx context.Context, key string, t pay.Token) error {
	end := t.Expires
	if t.RefreshExpires.After(end) {
		end = t.RefreshExpires
	}
	value, err := s.cipher.Encode(s.prefix+"token:"+key, t)
	if err != nil {
		return explain("save a token", err)
	}
	_, err = s.exec(ctx, "save a token", upsertStored, key, value, end.UnixMilli())
	return err
}

// LockToken implements pay.TokenLocker. It tries to get the lock every 50 ms and holds
// no connection meanwhile. The lock ends by the clock of the database.
func (s *Store) LockToken(ctx context.Context, key string, ttl time.Duration) (release func(), err error) {
	ms, err := milliseconds(ttl)
	if err != nil {
		return nil, err
	}
	owner := rand.Text()
	unlock := func() {
		_, _ = s.exec(context.WithoutCancel(ctx), "release a lock", releaseLock, key, owner) // the lock ends after ttl otherwise
	}
	for {
		n, err := s.exec(ctx, "lock a token", takeLock, key, owner, ms)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			return unlock, nil
		}
		t := time.NewTimer(lockInterval)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return nil, explain("lock a token", ctx.Err())
		}
	}
}
