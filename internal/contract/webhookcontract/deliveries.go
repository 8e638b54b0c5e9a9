package webhookcontract

import (
	"context"
	"errors"
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
			return errors.New("answered " + body)
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if status, body := harness.Deliver(h, request()); status != 200 || body != e.Sandbox.Accepted {
		t.Errorf("later again: %d %q", status, body)
	}
	if len(runs) != 1 {
		t.Errorf("user code ran %d times for one event", len(runs))
	}
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
		if status < 400 || body == e.Sandbox.Accepted || runs != 0 {
			t.Errorf("%s: answered %d %q, user code ran %d times", name, status, body, runs)
		}
	}
	large := httptest.NewRequest(http.MethodPost, request().URL.String(), strings.NewReader(strings.Repeat(" ", 2<<20)))
	if status, _ := harness.Deliver(h, large); status != http.StatusRequestEntityTooLarge || runs != 0 {
		t.Errorf("2 MiB: answered %d", status)
	}
}

func failedNotificationIsRedelivered(t *testing.T, e *harness.Session) {
	runs := 0
	h := e.Webhook(func(context.Context) error {
		switch runs++; runs {
		case 1:
			return errors.New("the shop's database is away")
		case 2:
			panic("a bug in the shop")
		}
		return nil
	})
	request := e.Sandbox.Notification(t)
	for i := range 2 {
		if status, body := harness.Deliver(h, request()); status < 500 || body == e.Sandbox.Accepted {
			t.Errorf("delivery %d, whose user code fails: answered %d %q", i+1, status, body)
		}
	}
	for range 2 {
		if status, body := harness.Deliver(h, request()); status != 200 || body != e.Sandbox.Accepted {
			t.Errorf("redelivery: answered %d %q", status, body)
		}
	}
	if runs != 3 {
		t.Errorf("user code ran %d times, want 3: twice in vain, once for good", runs)
	}
}
