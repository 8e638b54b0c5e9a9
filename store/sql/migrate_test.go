package sqlstore_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// TestMigrateInManyProcesses runs the migrations of one database in eight processes at
// once, and then again.
func TestMigrateInManyProcesses(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		var wg sync.WaitGroup
		for range 8 {
			s, _ := d.store(t)
			wg.Go(func() {
				for range 2 {
					if err := s.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		s, db := d.migrated(t)
		var rows, last int
		fatal(t, db.QueryRowContext(t.Context(), "SELECT count(*), max(version) FROM specpay_migrations").Scan(&rows, &last))
		if n := len(s.Migrations()); rows != n || last != n {
			t.Errorf("%d migrations are recorded, the last is %d; want %d", rows, last, n)
		}
	})
}

// TestMigrationIsOneTransaction: a migration that fails leaves no tables behind, and
// its connection is not used again.
func TestMigrationIsOneTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.store(t)
		db.SetMaxOpenConns(1)
		_, err := db.ExecContext(t.Context(), "CREATE TABLE specpay_locks (taken TEXT)")
		fatal(t, err)
		if err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "0001_events_and_tokens") {
			t.Errorf("got %v, want an error that names the migration", err)
		}
		if err := s.CheckSchema(t.Context()); !errors.Is(err, sqlstore.ErrSchema) {
			t.Errorf("after a failed migration: %v", err)
		}
		_, err = db.ExecContext(t.Context(), "DROP TABLE specpay_locks")
		fatal(t, err)
		fatal(t, s.Migrate(t.Context()))
		fatal(t, s.CheckSchema(t.Context()))
	})
}

// TestSchemaIsChecked: a store without its tables, or with older ones, says so at each
// method. It works without a restart once the tables are there, also if they are newer.
func TestSchemaIsChecked(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.store(t)
		refuses(t, s)
		for _, m := range s.Migrations() { // like a tool that runs migrations
			_, err := db.ExecContext(t.Context(), m.SQL)
			fatal(t, err)
		}
		fatal(t, s.Migrate(t.Context()))
		fatal(t, s.CheckSchema(t.Context()))
		if got, err := s.Claim(t.Context(), "e", "o", time.Minute); err != nil || got != pay.ClaimGranted {
			t.Errorf("with the tables: %v, %v", got, err)
		}
		newer, _ := d.store(t)
		_, err := db.ExecContext(t.Context(), "INSERT INTO specpay_migrations (version, name) VALUES (99, 'of a later version')")
		fatal(t, err)
		fatal(t, newer.Migrate(t.Context()))
		fatal(t, newer.Release(t.Context(), "e", "o"))
		older, _ := d.store(t)
		_, err = db.ExecContext(t.Context(), "DELETE FROM specpay_migrations")
		fatal(t, err)
		refuses(t, older)
	})
}

// refuses checks that no method works.
func refuses(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	ctx := t.Context()
	_, claim := s.Claim(ctx, "e", "o", time.Minute)
	_, handle := s.HandleEvent(ctx, "e", time.Minute, nil)
	_, load := s.Load(ctx, "account")
	_, lock := s.LockToken(ctx, "account", time.Minute)
	_, expired := s.DeleteExpired(ctx)
	for name, err := range map[string]error{
		"claim": claim, "handle": handle, "load": load, "lock": lock, "delete": expired, "check": s.CheckSchema(ctx),
		"commit": s.Commit(ctx, "e", "o", time.Minute), "release": s.Release(ctx, "e", "o"), "save": s.Save(ctx, "account", token()),
	} {
		if !errors.Is(err, sqlstore.ErrSchema) || !strings.Contains(err.Error(), "Migrate") {
			t.Errorf("%s: %v; want an error that names Migrate", name, err)
		}
	}
}

// TestDeleteExpired deletes more rows than one statement does, and nothing that is
// still needed. It does not wait for an event that is being handled.
func TestDeleteExpired(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		fill(t, d, db, 2300)
		d.pass(t, db, time.Hour)
		for _, key := range []string{"kept", "also kept"} {
			fatal(t, s.Commit(t.Context(), key, "o", time.Hour))
		}
		fatal(t, s.Save(t.Context(), "account", token()))
		n, err := s.DeleteExpired(t.Context())
		if err != nil || n != 2300 {
			t.Errorf("deleted %d rows, %v; want 2300", n, err)
		}
		if n, err := s.DeleteExpired(t.Context()); err != nil || n != 0 {
			t.Errorf("deleted %d rows, %v; want none", n, err)
		}
		if got, err := s.Claim(t.Context(), "kept", "o", time.Minute); got != pay.ClaimDone || err != nil {
			t.Errorf("a handled event: %v, %v", got, err)
		}
		if got, err := s.Load(t.Context(), "account"); err != nil || got.Access == "" {
			t.Errorf("a token: %v, %v", got, err)
		}
	})
}

// TestExpiredEventsAreDeletedMeanwhile: a store deletes expired events on its own after
// some claims, so that the table does not grow without limit.
func TestExpiredEventsAreDeletedMeanwhile(t *testing.T) {
	s, db := sqlite(t).migrated(t)
	d := sqlite(t)
	fill(t, d, db, 400)
	d.pass(t, db, time.Hour)
	for range 256 {
		if _, err := s.Claim(t.Context(), "e", "o", time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	var rows int
	fatal(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM specpay_events").Scan(&rows))
	if rows != 1 {
		t.Errorf("%d events are left, want 1", rows)
	}
}

// fill records handled events that expire after a minute.
func fill(t *testing.T, d database, db *sql.DB, n int) {
	t.Helper()
	later := "1000 * CAST(strftime('%s', 'now') AS INTEGER) + 60000"
	series := "WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < $1) "
	if d.dialect == sqlstore.PostgreSQL {
		later = "now() + interval '1 minute'"
	}
	_, err := db.ExecContext(t.Context(), series+"INSERT INTO specpay_events (event_key, owner, done, expires_at) SELECT 'old ' || i, '', true, "+later+" FROM s", n)
	fatal(t, err)
}

// TestStricterDefaultIsolation: the server, or the DSN, makes every transaction stricter
// than the store needs. Processes that migrate or use a row at once do not fail.
func TestStricterDefaultIsolation(t *testing.T) {
	for _, level := range []string{"repeatable\\ read", "serializable"} {
		d := postgresql(t)
		d.dsn += " default_transaction_isolation=" + level
		var stores []*sqlstore.Store
		var migrating, working sync.WaitGroup
		for range 8 {
			s, _ := d.store(t)
			stores = append(stores, s)
			migrating.Go(func() {
				if err := s.Migrate(t.Context()); err != nil {
					t.Errorf("%s: %v", level, err)
				}
			})
		}
		migrating.Wait()
		for i, s := range stores {
			working.Go(func() {
				for range 5 {
					if err := useOnce(t.Context(), s, fmt.Sprint(i)); err != nil {
						t.Errorf("%s: %v", level, err)
					}
				}
			})
		}
		working.Wait()
	}
}

// useOnce uses the rows that other processes use too. owner is that of its claim.
func useOnce(ctx context.Context, s *sqlstore.Store, owner string) error {
	var failed [7]error
	_, failed[0] = s.HandleEvent(ctx, "event", time.Hour, func(context.Context) error { return nil })
	failed[1] = s.Save(ctx, "token", pay.Token{Access: "a", Expires: time.Now().Add(time.Hour)})
	_, failed[2] = s.Claim(ctx, "claim", owner, time.Minute)
	failed[3] = s.Release(ctx, "claim", owner)
	failed[4] = s.Begin(ctx, pay.PendingCall{ID: rand.Text(), Began: time.Now()}, 0)
	call, taken, err := s.Take(ctx, time.Minute)
	failed[5] = err
	if taken {
		failed[6] = s.Settle(ctx, call, func(context.Context) error { return nil })
	}
	return errors.Join(failed[:]...)
}
