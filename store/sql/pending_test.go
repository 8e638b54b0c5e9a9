package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// dueEarlier lets time pass for pending calls.
func (d database) dueEarlier(t *testing.T, db *sql.DB, by time.Duration) {
	t.Helper()
	change := fmt.Sprintf("due_at - %d", by.Milliseconds())
	if d.dialect == sqlstore.PostgreSQL {
		change = fmt.Sprintf("due_at - interval '%d milliseconds'", by.Milliseconds())
	}
	_, err := db.ExecContext(t.Context(), "UPDATE specpay_pending SET due_at = "+change)
	fatal(t, err)
}

func TestPendingStore(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		other, _ := d.store(t)
		paytest.PendingStore(t, func(t *testing.T) (pay.PendingStore, pay.PendingStore, func(time.Duration)) {
			_, err := db.ExecContext(t.Context(), "DELETE FROM specpay_pending")
			fatal(t, err)
			return s, other, func(by time.Duration) { d.dueEarlier(t, db, by) }
		})
	})
}

// TestCallbackSharesTheTransaction: what a callback writes is committed together with
// the end of the record, or not at all.
func TestCallbackSharesTheTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		accounts(t, db)
		fatal(t, s.Begin(t.Context(), pay.PendingCall{ID: "1", Began: time.Now()}, 0))
		call, _, err := s.Take(t.Context(), time.Minute)
		fatal(t, err)
		wants := func(left int, effects ...string) {
			t.Helper()
			var n int
			fatal(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM specpay_pending").Scan(&n))
			got, err := written(t.Context(), db)
			if err != nil || n != left || fmt.Sprint(got) != fmt.Sprint(effects) {
				t.Errorf("%d records and the effects %v, %v; want %d and %v", n, got, err, left, effects)
			}
		}
		failed := errors.New("failed")
		for name, handle := range map[string]func(context.Context) error{
			"error": func(context.Context) error { return failed },
			"rollback": func(ctx context.Context) error {
				tx, _ := sqlstore.Tx(ctx)
				return tx.Rollback()
			},
			"rollback by a statement": func(ctx context.Context) error {
				tx, _ := sqlstore.Tx(ctx)
				_, err := tx.ExecContext(ctx, "ROLLBACK")
				return err
			},
		} {
			if err := s.Settle(t.Context(), call, func(ctx context.Context) error { return errors.Join(write(ctx, "lost"), handle(ctx)) }); err == nil {
				t.Errorf("%s: no error", name)
			}
			wants(1)
		}
		fatal(t, s.Settle(t.Context(), call, func(ctx context.Context) error { return write(ctx, "once") }))
		fatal(t, s.Settle(t.Context(), call, func(ctx context.Context) error { return write(ctx, "twice") }))
		wants(0, "once")
	})
}
