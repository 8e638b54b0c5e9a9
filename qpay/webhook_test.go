package qpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// canned responds to every call with one body, after a login.
func canned(t *testing.T, body string) http.RoundTripper {
	return faulthttp.Pipe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(r.URL.Path, "/v2/auth/") {
			fmt.Fprintf(w, `{"access_token":"a","expires_in":%d}`, time.Now().Add(time.Hour).Unix())
			return
		}
		fmt.Fprint(w, body)
	}))
}

func TestCallback(t *testing.T) {
	for kind, edit := range map[string]func(*qpaytest.Config){
		"GET with qpay_payment_id": func(c *qpaytest.Config) { c.Callback = "get" },
		"POST with invoice_id":     func(c *qpaytest.Config) { c.Callback = "post" },
	} {
		t.Run(kind, func(t *testing.T) {
			srv := qpaytest.NewServer(t, qpaytest.WithConfig(edit))
			c := connect(t, srv)
			var events []qpay.Event
			shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev qpay.Event) error {
				events = append(events, ev)
				return nil
			}))
			defer shop.Close()
			inv, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), shop.URL+"/paid?order=1001"))
			if err != nil {
				t.Fatal(err)
			}
			id, err := srv.Pay(inv.InvoiceID)
			if err != nil {
				t.Fatal(err)
			}
			if len(events) != 1 {
				t.Fatalf("events: got %d, want 1", len(events))
			}
			ev := events[0]
			if ev.PaymentID != id {
				t.Errorf("PaymentID: got %s, want %s", ev.PaymentID, id)
			}
			if ev.InvoiceID != inv.InvoiceID {
				t.Errorf("InvoiceID: got %s, want %s", ev.InvoiceID, inv.InvoiceID)
			}
			if got := ev.UntrustedQuery.Get("order"); got != "1001" {
				t.Errorf("query parameter order: got %q, want %q", got, "1001")
			}
			if got, want := ev.Payment.PaymentAmount, qpay.NewAmount(15_000); got.Cmp(want) != 0 {
				t.Errorf("PaymentAmount: got %s, want %s", got, want)
			}
			d := srv.Deliveries()
			if len(d) != 1 {
				t.Fatalf("deliveries: got %d, want 1", len(d))
			}
			if !d[0].Accepted {
				t.Error("Accepted: got false, want true")
			}
			if d[0].Reply != "SUCCESS" {
				t.Errorf("Reply: got %q, want %q", d[0].Reply, "SUCCESS")
			}
		})
	}
}

func TestCallbackOfAnotherMerchant(t *testing.T) {
	ours, theirs := qpaytest.NewServer(t), qpaytest.NewServer(t, qpaytest.WithSeed(7))
	id := paid(t, theirs)
	h := connect(t, ours).Webhook(func(context.Context, qpay.Event) error {
		t.Error("the handler ran for another merchant's payment")
		return nil
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/paid?qpay_payment_id="+id, nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
}

func TestCallbackWhileQPayIsDown(t *testing.T) {
	srv := qpaytest.NewServer(t)
	id := paid(t, srv)
	c := connect(t, srv, pay.WithMaxAttempts(1))
	runs := 0
	h := c.Webhook(func(context.Context, qpay.Event) error { runs++; return nil })
	deliver := func() int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/paid?qpay_payment_id="+id, nil))
		return w.Code
	}
	if err := srv.FailNext("SYSTEM_BUSY", qpaytest.OnOperation("getPayment")); err != nil {
		t.Fatal(err)
	}
	if code := deliver(); code != http.StatusServiceUnavailable || runs != 0 {
		t.Errorf("QPay is busy: status %d, %d runs", code, runs)
	}
	if code := deliver(); code != http.StatusOK || runs != 1 {
		t.Errorf("later: status %d, %d runs", code, runs)
	}
}

func TestConfirmRefundedPayment(t *testing.T) {
	srv := qpaytest.NewServer(t)
	id := paid(t, srv, qpaytest.PayByCard())
	c := connect(t, srv)
	if err := c.RefundPayment(t.Context(), id, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Confirm(t.Context(), id); err == nil {
		t.Error("a refunded payment is confirmed as paid")
	}
}

func TestConfirmOtherPayment(t *testing.T) {
	c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"),
		pay.WithTransport(canned(t, `{"payment_id":"2","payment_status":"PAID","payment_amount":"1.00"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Confirm(t.Context(), "1"); err == nil {
		t.Error("a response about payment 2 confirms payment 1")
	}
}

// TestForgedCallbackFlood: a thousand forged callbacks at once for one ID cause one
// call of the API. For a thousand IDs, 64 are confirmed at a time, and the others
// get a 503. The handler never calls user code.
func TestForgedCallbackFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var now, most, all int
		api := faulthttp.Pipe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/v2/payment/") {
				mu.Lock()
				now, all = now+1, all+1
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second) // fake time
				mu.Lock()
				now--
				mu.Unlock()
				r.URL.Path = "/v2/payment/pay-forged"
			}
			confirming(w, r)
		}))
		c, err := qpay.New(qpay.Credentials{Username: "u", Password: "p"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(api))
		fatal(t, err)
		h := c.Webhook(func(context.Context, qpay.Event) error { t.Error("user code ran"); return nil })
		flood := func(id func(int) string) (statuses map[int]int) {
			most, all, statuses = 0, 0, map[int]int{}
			var wg sync.WaitGroup
			for i := range 1000 {
				wg.Go(func() {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/paid?qpay_payment_id="+id(i), nil))
					mu.Lock()
					statuses[w.Code]++
					mu.Unlock()
				})
			}
			wg.Wait()
			return statuses
		}
		one := flood(func(int) string { return "404" })
		if most != 1 {
			t.Errorf("one ID: calls at a time: got %d, want 1", most)
		}
		if all != 1 {
			t.Errorf("one ID: calls: got %d, want 1", all)
		}
		if n := one[http.StatusBadRequest]; n != 1000 {
			t.Errorf("one ID: responses with status 400: got %d, want 1000; all: %v", n, one)
		}
		many := flood(strconv.Itoa)
		if most != 64 {
			t.Errorf("many IDs: calls at a time: got %d, want 64", most)
		}
		if all != 64 {
			t.Errorf("many IDs: calls: got %d, want 64", all)
		}
		if n := many[http.StatusBadRequest]; n != 64 {
			t.Errorf("many IDs: responses with status 400: got %d, want 64", n)
		}
		if n := many[http.StatusServiceUnavailable]; n != 936 {
			t.Errorf("many IDs: responses with status 503: got %d, want 936", n)
		}
	})
}

// store is an event store that can fail.
type store struct {
	pay.EventStore
	err error
}

func (s *store) Claim(context.Context, string, string, time.Duration) (pay.Claim, error) {
	return pay.ClaimGranted, s.err
}
func (s *store) Commit(context.Context, string, string, time.Duration) error { return s.err }
func (s *store) Release(context.Context, string, string) error               { return s.err }

func TestCallersEventStore(t *testing.T) {
	srv := qpaytest.NewServer(t)
	id := paid(t, srv)
	st, runs := &store{err: errors.New("down")}, 0
	h := connect(t, srv, pay.WithEventStore(st)).Webhook(func(context.Context, qpay.Event) error { runs++; return nil })
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/paid?qpay_payment_id="+id, nil))
		if w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
		st.err = nil
	}
	if runs != 1 {
		t.Errorf("%d runs, want 1", runs)
	}
}
