package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	sqlstore "github.com/specpay/specpay/store/sql"
)

const ttl = time.Hour

// accounts makes a table with the balances of two accounts, and the table of effects.
func accounts(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, statement := range []string{
		"CREATE TABLE effects (effect TEXT NOT NULL)",
		"CREATE TABLE accounts (name TEXT PRIMARY KEY, balance INTEGER NOT NULL)",
		"INSERT INTO accounts VALUES ('a', 0), ('b', 0)",
	} {
		_, err := db.ExecContext(t.Context(), statement)
		fatal(t, err)
	}
}

func balance(t *testing.T, db *sql.DB, account string) (n int) {
	t.Helper()
	fatal(t, db.QueryRowContext(t.Context(), "SELECT balance FROM accounts WHERE name = $1", account).Scan(&n))
	return n
}

// add adds 1 to the balance of an account, in the transaction of a handler.
func add(ctx context.Context, account string) error {
	tx, _ := sqlstore.Tx(ctx)
	_, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = balance + 1 WHERE name = $1", account)
	return err
}

// recorded reports whether an event is recorded as handled.
func recorded(t *testing.T, db *sql.DB, key string) bool {
	t.Helper()
	var n int
	fatal(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM specpay_events WHERE event_key = $1 AND done", key).Scan(&n))
	return n == 1
}

// TestHandlerThatEndsItsTransaction: an event is never accepted without its record,
// whatever a handler does to the transaction.
func TestHandlerThatEndsItsTransaction(t *testing.T) {
	for name, tt := range map[string]struct {
		end      func(context.Context, *sql.Tx) error
		recorded bool // the handler itself committed effect and record
	}{
		"Rollback":     {func(_ context.Context, tx *sql.Tx) error { return tx.Rollback() }, false},
		"Commit":       {func(_ context.Context, tx *sql.Tx) error { return tx.Commit() }, true},
		"SQL ROLLBACK": {func(ctx context.Context, tx *sql.Tx) error { return ignore(tx.ExecContext(ctx, "ROLLBACK")) }, false},
		"failed statement that it ignores": {func(ctx context.Context, tx *sql.Tx) error {
			_, _ = tx.ExecContext(ctx, "SELECT * FROM missing")
			return nil
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, d database) {
				s, db := d.migrated(t)
				accounts(t, db)
				if d.dialect == sqlstore.SQLite && strings.HasPrefix(name, "failed") {
					return // SQLite goes on with a transaction after such an error
				}
				got, err := s.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) error {
					tx, _ := sqlstore.Tx(ctx)
					return errors.Join(write(ctx, "e"), tt.end(ctx, tx))
				})
				if err == nil || !strings.Contains(err.Error(), "want a handler that") {
					t.Errorf("got %v, %v; want an error that says what the handler has to do", got, err)
				}
				effects, err := written(t.Context(), db)
				if fatal(t, err); recorded(t, db, "e") != tt.recorded || (len(effects) == 1) != tt.recorded {
					t.Errorf("recorded %v with %d effects, want both or neither", recorded(t, db, "e"), len(effects))
				}
				want := pay.ClaimGranted
				if tt.recorded {
					want = pay.ClaimDone
				}
				if got, err := s.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) error { return write(ctx, "e") }); err != nil || got != want {
					t.Errorf("the next delivery: %v, %v; want %v", got, err, want)
				}
				if effects, err := written(t.Context(), db); err != nil || len(effects) != 1 {
					t.Errorf("%d effects, %v; want 1", len(effects), err)
				}
			})
		})
	}
}

func ignore(_ sql.Result, err error) error { return err }

// TestGoroutineThatOutlivesItsHandler: it cannot write after the commit.
func TestGoroutineThatOutlivesItsHandler(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		accounts(t, db)
		returned, late := make(chan struct{}), make(chan error, 1)
		got, err := s.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) error {
			go func() {
				<-returned
				late <- write(ctx, "late")
			}()
			return write(ctx, "e")
		})
		if err != nil || got != pay.ClaimGranted {
			t.Errorf("got %v, %v", got, err)
		}
		close(returned)
		if err := <-late; !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("a late write: %v, want ErrTxDone", err)
		}
		if effects, err := written(t.Context(), db); err != nil || len(effects) != 1 {
			t.Errorf("effects %q, %v; want that of the handler", effects, err)
		}
	})
}

// TestTx: there is no transaction outside of a handler.
func TestTx(t *testing.T) {
	if tx, ok := sqlstore.Tx(t.Context()); ok || tx != nil {
		t.Error("a context without a handler has a transaction")
	}
}

// TestDeadlock provokes a deadlock of two handlers that lock two rows in opposite
// order. PostgreSQL rolls one of them back, and it runs again.
func TestDeadlock(t *testing.T) {
	d := postgresql(t)
	s, db := d.migrated(t)
	accounts(t, db)
	var runs atomic.Int32
	locked := map[string]chan struct{}{"a": make(chan struct{}), "b": make(chan struct{})}
	var once [2]sync.Once
	var wg sync.WaitGroup
	for i, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			got, err := s.HandleEvent(t.Context(), order[0], ttl, func(ctx context.Context) error {
				runs.Add(1)
				if err := add(ctx, order[0]); err != nil {
					return err
				}
				once[i].Do(func() { close(locked[order[0]]) })
				<-locked[order[1]]
				return add(ctx, order[1])
			})
			if err != nil || got != pay.ClaimGranted {
				t.Errorf("event %s: %v, %v", order[0], got, err)
			}
		})
	}
	wg.Wait()
	if a, b := balance(t, db, "a"), balance(t, db, "b"); a != 2 || b != 2 {
		t.Errorf("balances %d and %d, want 2 and 2", a, b)
	}
	if n := runs.Load(); n < 3 {
		t.Errorf("the handlers ran %d times; want 3 or more, because of a deadlock", n)
	}
}

// TestSerializationFailure: at the level of serializable transactions, two handlers
// that read what the other writes conflict, and one of them runs again.
func TestSerializationFailure(t *testing.T) {
	for name, level := range map[string]sql.IsolationLevel{"read committed": 0, "repeatable read": sql.LevelRepeatableRead, "serializable": sql.LevelSerializable} {
		t.Run(name, func(t *testing.T) {
			d := postgresql(t)
			var opts []sqlstore.Option
			if level != 0 {
				opts = append(opts, sqlstore.WithIsolation(level))
			}
			s, db := d.migrated(t, opts...)
			accounts(t, db)
			var runs atomic.Int32
			read := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
			var once [2]sync.Once
			var wg sync.WaitGroup
			for i, accounts := range [][2]string{{"a", "b"}, {"b", "a"}} {
				wg.Go(func() { // write skew: balance of one becomes that of the other plus 1
					got, err := s.HandleEvent(t.Context(), accounts[0], ttl, func(ctx context.Context) error {
						runs.Add(1)
						tx, _ := sqlstore.Tx(ctx)
						var n int
						if err := tx.QueryRowContext(ctx, "SELECT balance FROM accounts WHERE name = $1", accounts[1]).Scan(&n); err != nil {
							return err
						}
						once[i].Do(func() { close(read[i]) })
						<-read[1-i]
						_, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = $1 WHERE name = $2", n+1, accounts[0])
						return err
					})
					if err != nil || got != pay.ClaimGranted {
						t.Errorf("%v, %v", got, err)
					}
				})
			}
			wg.Wait()
			sum, want := balance(t, db, "a")+balance(t, db, "b"), 2 // both read 0
			if level == sql.LevelSerializable {
				want = 3 // one read what the other wrote
			}
			if sum != want || (runs.Load() > 2) != (level == sql.LevelSerializable) {
				t.Errorf("the balances are %d together after %d runs; want %d", sum, runs.Load(), want)
			}
		})
	}
}

// TestEventOnceAtEachLevel delivers one event many times at once.
func TestEventOnceAtEachLevel(t *testing.T) {
	d := postgresql(t)
	_, db := d.migrated(t)
	accounts(t, db)
	for _, level := range []sql.IsolationLevel{sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable} {
		s, pool := d.store(t, sqlstore.WithIsolation(level))
		pool.SetMaxOpenConns(10)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				got, err := pay.ClaimBusy, error(nil)
				for err == nil && got == pay.ClaimBusy {
					got, err = s.HandleEvent(t.Context(), level.String(), ttl, func(ctx context.Context) error { return write(ctx, level.String()) })
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if effects, err := written(t.Context(), db); err != nil || len(effects) != 3 {
		t.Errorf("effects %q, %v; want one at each level", effects, err)
	}
}

// TestTransactionIsRetriedFiveTimes: a handler that the database always rolls back
// ends with the error of the database.
func TestTransactionIsRetriedFiveTimes(t *testing.T) {
	d := postgresql(t)
	s, db := d.migrated(t)
	accounts(t, db)
	for code, want := range map[string]int{"40001": 5, "40P01": 5, "23505": 1, "57014": 1} {
		runs := 0
		_, err := s.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) error {
			runs++
			tx, _ := sqlstore.Tx(ctx)
			return errors.Join(write(ctx, "e"), ignore(tx.ExecContext(ctx, "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '"+code+"'; END $$")))
		})
		if err == nil || !strings.Contains(err.Error(), code) || runs != want {
			t.Errorf("%s: %v after %d runs; want the error after %d", code, err, runs, want)
		}
	}
	if effects, err := written(t.Context(), db); err != nil || len(effects) != 0 {
		t.Errorf("effects %q, %v; want none", effects, err)
	}
}

// TestPostgresDoesNotWaitForAnotherEvent: handlers of different events run at the same
// time, and a duplicate is answered while its event is handled.
func TestPostgresDoesNotWaitForAnotherEvent(t *testing.T) {
	d := postgresql(t)
	s, db := d.migrated(t)
	accounts(t, db)
	got, err := s.HandleEvent(t.Context(), "one", ttl, func(ctx context.Context) error {
		got, err := s.HandleEvent(t.Context(), "two", ttl, func(ctx context.Context) error { return write(ctx, "two") })
		if err != nil || got != pay.ClaimGranted {
			t.Errorf("another event meanwhile: %v, %v", got, err)
		}
		return write(ctx, "one")
	})
	if err != nil || got != pay.ClaimGranted {
		t.Errorf("%v, %v", got, err)
	}
}

// TestSQLiteHasOneWriter: an event waits for the transaction of another event for as
// long as busy_timeout says, and is then busy. The first statement takes the write
// lock, so a handler that reads before it writes does not fail.
func TestSQLiteHasOneWriter(t *testing.T) {
	for name, option := range map[string]string{"deferred": "", "immediate": "&_txlock=immediate"} {
		t.Run(name, func(t *testing.T) {
			d := sqlite(t)
			d.dsn += option
			s, db := d.migrated(t)
			accounts(t, db)
			hasty, _ := d.impatient().store(t)
			var wg sync.WaitGroup
			got, err := s.HandleEvent(t.Context(), "one", ttl, func(ctx context.Context) error {
				if got, err := hasty.HandleEvent(t.Context(), "two", ttl, func(context.Context) error { return nil }); err != nil || got != pay.ClaimBusy {
					t.Errorf("after 50 ms: %v, %v; want busy", got, err)
				}
				for range 5 {
					wg.Go(func() {
						got, err := s.HandleEvent(t.Context(), "three", ttl, func(ctx context.Context) error { return readAndAdd(ctx) })
						if err != nil || got == pay.ClaimBusy {
							t.Errorf("an event that waits: %v, %v", got, err)
						}
					})
				}
				return readAndAdd(ctx)
			})
			if err != nil || got != pay.ClaimGranted {
				t.Errorf("%v, %v", got, err)
			}
			wg.Wait()
			if n := balance(t, db, "a"); n != 2 {
				t.Errorf("the balance is %d, want 2", n)
			}
		})
	}
}

func readAndAdd(ctx context.Context) error {
	tx, _ := sqlstore.Tx(ctx)
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT balance FROM accounts WHERE name = 'a'").Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE accounts SET balance = $1 WHERE name = 'a'", n+1)
	return err
}

// TestSQLiteCommitThatIsBusy: without WAL, a commit waits for readers. If that takes
// longer than busy_timeout, the transaction is made again.
func TestSQLiteCommitThatIsBusy(t *testing.T) {
	d := sqlite(t).impatient()
	d.dsn = strings.Replace(d.dsn, "journal_mode(wal)", "journal_mode(delete)", 1)
	s, db := d.migrated(t)
	accounts(t, db)
	other := d.open(t)
	runs := 0
	var rows *sql.Rows
	got, err := s.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) (err error) {
		switch runs++; runs {
		case 1: // a reader that stays
			rows, err = other.QueryContext(t.Context(), "SELECT * FROM accounts")
			if err != nil || !rows.Next() {
				return errors.Join(err, errors.New("no rows"))
			}
		case 2:
			fatal(t, rows.Close())
		}
		return add(ctx, "a")
	})
	if err != nil || got != pay.ClaimGranted || runs != 2 {
		t.Errorf("%v, %v after %d runs; want granted after 2", got, err, runs)
	}
	if n := balance(t, db, "a"); n != 1 || !recorded(t, db, "e") {
		t.Errorf("the balance is %d, recorded %v; want 1 and a record", n, recorded(t, db, "e"))
	}
}

// TestPoolWithoutConnections: if handlers hold all connections, a delivery fails after
// the store's timeout.
func TestPoolWithoutConnections(t *testing.T) {
	s, db := sqlite(t).migrated(t, sqlstore.WithTimeout(50*time.Millisecond))
	accounts(t, db)
	db.SetMaxOpenConns(1)
	fatal(t, s.Release(t.Context(), "e", "o")) // reads the version of the tables
	got, err := s.HandleEvent(t.Context(), "one", ttl, func(ctx context.Context) error {
		if _, err := s.HandleEvent(t.Context(), "two", ttl, nil); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "get a connection") {
			t.Errorf("without a connection: %v", err)
		}
		return write(ctx, "one")
	})
	if err != nil || got != pay.ClaimGranted {
		t.Errorf("%v, %v", got, err)
	}
}
