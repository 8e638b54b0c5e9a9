package webhookcontract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
)

func genuineNotificationRunsHandlerOnce(t *testing.T, e *harness.Session) {
	runs := make(chan struct{}, 1000)
	h := e.Webhook(func(context.Context) error { runs <- struct{}{}; return nil })
	request := e.Sandbox.Notification(t)
	errs := harness.Concurrently(100, func() error {
		if status, body := harness.Deliver(h, request()); status != 200 || body != e.Sandbox.Accepted {
			return fmt.Errorf("got status %d with body %s, want 200 with %s", status, harness.Short(body), harness.Short(e.Sandbox.Accepted))
		}
		return nil
	})
	harness.ExpectNoErrors(t, "concurrent deliveries of one event", errs)
	expectAccepted(t, e, "a later delivery", h, request())
	harness.Expect(t, "101 deliveries of one event", "runs of the handler", len(runs), 1)
}

// expectAccepted delivers a notification that must be accepted.
func expectAccepted(t *testing.T, e *harness.Session, subject string, h http.Handler, r *http.Request) {
	t.Helper()
	status, body := harness.Deliver(h, r)
	harness.Expect(t, subject, "status", status, http.StatusOK)
	harness.Expect(t, subject, "body", body, e.Sandbox.Accepted)
}

func forgedNotificationNeverRunsHandler(t *testing.T, e *harness.Session) {
	if len(e.Sandbox.Forgeries) == 0 {
		t.Fatal("the suite lists no forgeries")
	}
	runs := 0
	h := e.Webhook(func(context.Context) error { runs++; return nil })
	request := e.Sandbox.Notification(t)
	for name, forge := range e.Sandbox.Forgeries {
		r := request()
		forge(r)
		status, body := harness.Deliver(h, r)
		subject := "notification with " + name
		if status < 400 {
			t.Errorf("%s: got status %d, want that of an error", subject, status)
		}
		harness.Expect(t, subject, "accepted", body == e.Sandbox.Accepted, false)
		harness.Expect(t, subject, "runs of the handler", runs, 0)
	}
	large := httptest.NewRequest(http.MethodPost, request().URL.String(), strings.NewReader(strings.Repeat(" ", 2<<20)))
	status, _ := harness.Deliver(h, large)
	harness.Expect(t, "notification of 2 MiB", "status", status, http.StatusServiceUnavailable)
	harness.Expect(t, "notification of 2 MiB", "runs of the handler", runs, 0)
}

func failedNotificationIsRedelivered(t *testing.T, e *harness.Session) {
	runs := 0
	h := e.Webhook(func(context.Context) error {
		switch runs++; runs {
		case 1:
			return errors.New("the database is down")
		case 2:
			panic("a bug in the handler")
		}
		return nil
	})
	request := e.Sandbox.Notification(t)
	for i := range 2 {
		status, body := harness.Deliver(h, request())
		subject := fmt.Sprintf("delivery %d, whose handler fails", i+1)
		if status < 500 {
			t.Errorf("%s: got status %d, want a server error", subject, status)
		}
		harness.Expect(t, subject, "accepted", body == e.Sandbox.Accepted, false)
	}
	for i := range 2 {
		expectAccepted(t, e, fmt.Sprintf("delivery %d", i+3), h, request())
	}
	harness.Expect(t, "4 deliveries of one event", "runs of the handler", runs, 3)
}
