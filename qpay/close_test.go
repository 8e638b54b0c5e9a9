package qpay_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/pay"
)

// tokenCalls is an observer that sends the results of renewals.
type tokenCalls chan pay.CallResult

func (tokenCalls) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (o tokenCalls) EndCall(_ context.Context, c pay.Call, r pay.CallResult) {
	if c.Operation == "refreshToken" {
		o <- r
	}
}

func (tokenCalls) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (tokenCalls) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) {}

// TestCloseEndsRenewal closes a client while it renews its token in the background.
// The renewal ends at once, there is no other one, and later calls log in.
func TestCloseEndsRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tokenServer{lifetime: 24 * time.Hour}
		renewals := make(tokenCalls, 10)
		c := tokenClient(t, s, pay.WithObserver(renewals))
		read := func() {
			t.Helper()
			if _, err := c.GetInvoice(t.Context(), "i"); err != nil {
				t.Error(err)
			}
		}
		read()
		time.Sleep(22 * time.Hour)
		s.delay = 20 * time.Second
		read() // starts the renewal
		synctest.Wait()
		start := time.Now()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if r := <-renewals; !errors.Is(r.Err, context.Canceled) || time.Since(start) > 0 {
			t.Errorf("the renewal ended %v after Close with error %v, want at once and canceled", time.Since(start), r.Err)
		}
		read()
		time.Sleep(time.Hour)
		read()
		if len(renewals) > 0 {
			t.Error("there was a renewal after Close")
		}
		time.Sleep(2 * time.Hour)
		read()
		if s.logins+s.renewals < 2 {
			t.Error("no new token after the end of the old one")
		}
	})
}

// TestCloseDuringLogin closes a client while a call waits for a token.
func TestCloseDuringLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := tokenClient(t, &tokenServer{lifetime: 24 * time.Hour, delay: 5 * time.Second})
		time.AfterFunc(time.Second, func() { _ = c.Close() })
		if _, err := c.GetInvoice(t.Context(), "i"); err != nil {
			t.Error(err)
		}
	})
}
