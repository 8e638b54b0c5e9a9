package contract

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// deliver hands one notification to a handler.
func deliver(h http.Handler, r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func notification(t *testing.T, e *env) {
	runs := make(chan struct{}, 1000)
	h := e.Webhook(func(context.Context) error { runs <- struct{}{}; return nil })
	request := e.sandbox.Notification(t)
	errs := together(100, func() error {
		if status, body := deliver(h, request()); status != 200 || body != e.sandbox.Accepted {
			return errors.New("answered " + body)
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if status, body := deliver(h, request()); status != 200 || body != e.sandbox.Accepted {
		t.Errorf("later again: %d %q", status, body)
	}
	if len(runs) != 1 {
		t.Errorf("user code ran %d times for one event", len(runs))
	}
}

func forgedNotification(t *testing.T, e *env) {
	if len(e.sandbox.Forgeries) == 0 {
		t.Fatal("the suite lists no forgeries")
	}
	runs := 0
	h := e.Webhook(func(context.Context) error { runs++; return nil })
	request := e.sandbox.Notification(t)
	for name, forge := range e.sandbox.Forgeries {
		r := request()
		forge(r)
		status, body := deliver(h, r)
		if status < 400 || body == e.sandbox.Accepted || runs != 0 {
			t.Errorf("%s: answered %d %q, user code ran %d times", name, status, body, runs)
		}
	}
	large := httptest.NewRequest(http.MethodPost, request().URL.String(), strings.NewReader(strings.Repeat(" ", 2<<20)))
	if status, _ := deliver(h, large); status != http.StatusRequestEntityTooLarge || runs != 0 {
		t.Errorf("2 MiB: answered %d", status)
	}
}

func failedNotification(t *testing.T, e *env) {
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
	request := e.sandbox.Notification(t)
	for i := range 2 {
		if status, body := deliver(h, request()); status < 500 || body == e.sandbox.Accepted {
			t.Errorf("delivery %d, whose user code fails: answered %d %q", i+1, status, body)
		}
	}
	for range 2 {
		if status, body := deliver(h, request()); status != 200 || body != e.sandbox.Accepted {
			t.Errorf("redelivery: answered %d %q", status, body)
		}
	}
	if runs != 3 {
		t.Errorf("user code ran %d times, want 3: twice in vain, once for good", runs)
	}
}
