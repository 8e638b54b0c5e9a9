package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// transactor is a store with transactions. Its other methods panic, because the handler
// must not mix both ways.
type transactor struct {
	webhook.Memory
	transact func(context.Context, string, func(context.Context) error) (pay.Claim, error)
}

func (*transactor) Claim(context.Context, string, string, time.Duration) (pay.Claim, error) {
	panic("Claim of a store with transactions")
}

func (s *transactor) HandleEvent(ctx context.Context, key string, ttl time.Duration, handle func(context.Context) error) (pay.Claim, error) {
	if key != "p:account:default:event+1" || ttl != 72*time.Hour {
		return pay.ClaimBusy, errors.New("the event has another key or time to live")
	}
	return s.transact(ctx, key, handle)
}

type inTransaction struct{}

// TestStoreWithTransactions: user code runs in the transaction of the store, and the
// provider gets the response that belongs to the result of the commit.
func TestStoreWithTransactions(t *testing.T) {
	lost := errors.New("the connection was lost during the commit")
	for _, tt := range []struct {
		name     string
		transact func(context.Context, string, func(context.Context) error) (pay.Claim, error)
		result   error // of user code
		status   int
		runs     int
		log      string
	}{
		{"committed", inside(pay.ClaimGranted, nil), nil, 200, 1, ""},
		{"rolled back", inside(pay.ClaimGranted, nil), errors.New("out of stock"), 503, 1, "out of stock"},
		{"result of the commit unknown", inside(pay.ClaimBusy, lost), nil, 503, 1, "lost during the commit"},
		{"handled before", outside(pay.ClaimDone, nil), nil, 200, 0, ""},
		{"being handled", outside(pay.ClaimBusy, nil), nil, 503, 0, "another process is handling this event"},
		{"unknown result", outside(pay.Claim(9), nil), nil, 503, 0, "another process is handling this event"},
		{"store down", outside(pay.ClaimBusy, errors.New("no connection")), nil, 503, 0, "no connection"},
		{"store panics", func(context.Context, string, func(context.Context) error) (pay.Claim, error) { panic("secret") }, nil, 503, 0, "the event store panicked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			runs := 0
			h := handler(&transactor{webhook.Memory{Now: time.Now}, tt.transact}, func(ctx context.Context, _ string) error {
				if runs++; ctx.Value(inTransaction{}) == nil {
					t.Error("user code does not have the context of the transaction")
				}
				return tt.result
			})
			h.Logger = slog.New(slog.NewTextHandler(&log, nil))
			if status := deliver(h); status != tt.status || runs != tt.runs {
				t.Errorf("status %d after %d runs, want %d after %d", status, runs, tt.status, tt.runs)
			}
			if text := log.String(); !strings.Contains(text, tt.log) || tt.log == "" && text != "" || strings.Contains(text, "secret") {
				t.Errorf("the log is %q, want it to contain %q", text, tt.log)
			}
		})
	}
}

// TestPanicInTransaction: the store sees an error, so that it rolls back, and the server
// goes on.
func TestPanicInTransaction(t *testing.T) {
	rolledBack := false
	h := handler(&transactor{webhook.Memory{Now: time.Now}, func(ctx context.Context, key string, handle func(context.Context) error) (pay.Claim, error) {
		claim, err := inside(pay.ClaimGranted, nil)(ctx, key, handle)
		rolledBack = err != nil
		return claim, err
	}}, func(context.Context, string) error { panic("secret") })
	if status := deliver(h); status != http.StatusServiceUnavailable || !rolledBack {
		t.Errorf("status %d, rolled back %v; want 503 and a rollback", status, rolledBack)
	}
}

// inside calls user code in the transaction, and returns a result if it succeeds.
func inside(claim pay.Claim, err error) func(context.Context, string, func(context.Context) error) (pay.Claim, error) {
	return func(ctx context.Context, _ string, handle func(context.Context) error) (pay.Claim, error) {
		if failed := handle(context.WithValue(ctx, inTransaction{}, true)); failed != nil {
			return pay.ClaimBusy, failed
		}
		return claim, err
	}
}

// outside returns a result without calling user code.
func outside(claim pay.Claim, err error) func(context.Context, string, func(context.Context) error) (pay.Claim, error) {
	return func(context.Context, string, func(context.Context) error) (pay.Claim, error) { return claim, err }
}
