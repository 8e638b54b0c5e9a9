package qpay_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

const (
	callbackKey = "canary-callback-key" // 19 bytes
	oldKey      = "canary-callback-old"
	olderKey    = "canary-callback-older"
	base        = "https://shop.example/paid"
)

// keyed connects with callback keys, the current one first. Without keys, callback
// URLs are not verified.
func keyed(t testing.TB, srv *qpaytest.Server, keys []string, opts ...pay.Option) *qpay.Client {
	t.Helper()
	creds := qpay.Credentials(srv.Credentials())
	if len(keys) > 0 {
		creds.CallbackKey, creds.OldCallbackKeys = keys[0], keys[1:]
	}
	c, err := qpay.New(creds, append([]pay.Option{pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// callbackURL returns the signed URL of an order.
func callbackURL(t testing.TB, base, orderID, key string) string {
	t.Helper()
	u, err := qpay.CallbackURL(base, orderID, key)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// deliver sends the callback that QPay sends to callbackURL.
func deliver(t testing.TB, h http.Handler, srv *qpaytest.Server, paymentID, callbackURL string) int {
	t.Helper()
	r, err := srv.Callback(paymentID, callbackURL)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// withParam returns a URL with one query parameter set to other values, or without it.
func withParam(t testing.TB, callbackURL, name string, values ...string) string {
	t.Helper()
	u, err := url.Parse(callbackURL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Del(name); len(values) > 0 {
		q[name] = values
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// countingStore counts the claims of an event store and keeps their keys.
type countingStore struct {
	keys    []string
	handled map[string]bool
}

func (s *countingStore) Claim(_ context.Context, key, _ string, _ time.Duration) (pay.Claim, error) {
	if s.keys = append(s.keys, key); s.handled[key] {
		return pay.ClaimDone, nil
	}
	return pay.ClaimGranted, nil
}

func (s *countingStore) Commit(_ context.Context, key, _ string, _ time.Duration) error {
	if s.handled == nil {
		s.handled = map[string]bool{}
	}
	s.handled[key] = true
	return nil
}

func (*countingStore) Release(context.Context, string, string) error { return nil }

// TestCallbackForAnotherOrder: a payer pays 100 MNT for a cheap order and sends the
// callback of an expensive one with that payment.
func TestCallbackForAnotherOrder(t *testing.T) {
	for name, keys := range map[string][]string{"with a callback key": {callbackKey}, "without a callback key": nil} {
		t.Run(name, func(t *testing.T) {
			srv, st := qpaytest.NewServer(t), new(countingStore)
			c := keyed(t, srv, keys, pay.WithEventStore(st))
			genuine, forged := base+"?order=CHEAP-1", base+"?order=EXPENSIVE-1"
			if keys != nil {
				genuine = callbackURL(t, base, "CHEAP-1", callbackKey)
				forged = withParam(t, genuine, qpay.CallbackOrderParam, "EXPENSIVE-1")
			}
			request := invoice(srv.InvoiceCode(), genuine)
			request.Amount = qpay.NewAmount(100)
			inv, err := c.CreateInvoice(t.Context(), request)
			fatal(t, err)
			id, err := srv.Pay(inv.InvoiceID)
			fatal(t, err)
			var events []qpay.Event
			h := c.Webhook(func(_ context.Context, ev qpay.Event) error { events = append(events, ev); return nil })

			before := len(srv.Requests())
			status := deliver(t, h, srv, id, forged)
			if keys != nil {
				if status != http.StatusBadRequest {
					t.Errorf("forged callback: got status %d, want 400", status)
				}
				if n := len(srv.Requests()) - before; n != 0 {
					t.Errorf("forged callback: got %d requests to the API, want 0", n)
				}
				if len(st.keys) != 0 || len(events) != 0 {
					t.Errorf("forged callback: got claims of %q and events %v, want none", st.keys, events)
				}
			}
			if status := deliver(t, h, srv, id, genuine); status != http.StatusOK {
				t.Errorf("genuine callback: got status %d, want 200", status)
			}
			if len(events) != 1 {
				t.Fatalf("events: got %d, want 1", len(events))
			}
			ev := events[0]
			if ev.InvoiceID != inv.InvoiceID {
				t.Errorf("InvoiceID: got %s, want that of the cheap order, %s", ev.InvoiceID, inv.InvoiceID)
			}
			if ev.Payment.PaymentAmount.Cmp(request.Amount) != 0 || ev.Payment.PaymentCurrency != qpay.CurrencyMNT {
				t.Errorf("payment: got %s %s, want 100 MNT", ev.Payment.PaymentAmount, ev.Payment.PaymentCurrency)
			}
			want := ""
			if keys != nil {
				want = "CHEAP-1"
			}
			if ev.OrderID != want {
				t.Errorf("OrderID: got %q, want %q", ev.OrderID, want)
			}
			for _, key := range st.keys {
				if want := "qpay:TEST_MERCHANT:default:payment/" + id; key != want {
					t.Errorf("key in the event store: got %q, want %q", key, want)
				}
			}
		})
	}
}

// TestSignedURLWithAnotherPayment: the signed URL of one order is called with the
// payment of another. A handler that compares the invoice refuses the event, and the
// genuine callback still runs it.
func TestSignedURLWithAnotherPayment(t *testing.T) {
	srv := qpaytest.NewServer(t)
	c := keyed(t, srv, []string{callbackKey})
	expensive, cheap := callbackURL(t, base, "EXPENSIVE-1", callbackKey), callbackURL(t, base, "CHEAP-1", callbackKey)
	inv, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), cheap))
	fatal(t, err)
	id, err := srv.Pay(inv.InvoiceID)
	fatal(t, err)
	var booked []string
	orders := map[string]string{inv.InvoiceID: "CHEAP-1"}
	h := c.Webhook(func(_ context.Context, ev qpay.Event) error {
		if orders[ev.InvoiceID] != ev.OrderID {
			return errors.New("the URL is for another order")
		}
		booked = append(booked, ev.OrderID)
		return nil
	})
	if status := deliver(t, h, srv, id, expensive); status != http.StatusServiceUnavailable {
		t.Errorf("URL of another order: got status %d, want 503", status)
	}
	if status := deliver(t, h, srv, id, cheap); status != http.StatusOK {
		t.Errorf("genuine callback: got status %d, want 200", status)
	}
	if len(booked) != 1 || booked[0] != "CHEAP-1" {
		t.Errorf("booked orders: got %q, want CHEAP-1", booked)
	}
}

// TestForgedCallbackURL: with a callback key, a URL that CallbackURL did not make is
// refused before the API is called.
func TestForgedCallbackURL(t *testing.T) {
	srv := qpaytest.NewServer(t)
	id := paid(t, srv)
	var log bytes.Buffer
	h := keyed(t, srv, []string{callbackKey, oldKey}, pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).Webhook(
		func(_ context.Context, ev qpay.Event) error {
			t.Errorf("user code ran for order %q", ev.OrderID)
			return nil
		})
	genuine := callbackURL(t, base, "1001", callbackKey)
	u, err := url.Parse(genuine)
	fatal(t, err)
	mac := u.Query().Get(qpay.CallbackMACParam)
	forged := map[string]string{
		"no query":               base,
		"no order ID":            withParam(t, genuine, qpay.CallbackOrderParam),
		"empty order ID":         withParam(t, genuine, qpay.CallbackOrderParam, ""),
		"other order ID":         withParam(t, genuine, qpay.CallbackOrderParam, "1002"),
		"order ID with a space":  withParam(t, genuine, qpay.CallbackOrderParam, "1001 "),
		"order ID twice":         withParam(t, genuine, qpay.CallbackOrderParam, "1001", "1002"),
		"other order ID first":   withParam(t, genuine, qpay.CallbackOrderParam, "1002", "1001"),
		"no MAC":                 withParam(t, genuine, qpay.CallbackMACParam),
		"empty MAC":              withParam(t, genuine, qpay.CallbackMACParam, ""),
		"MAC twice":              withParam(t, genuine, qpay.CallbackMACParam, mac, mac),
		"short MAC":              withParam(t, genuine, qpay.CallbackMACParam, mac[:62]),
		"MAC in upper case":      withParam(t, genuine, qpay.CallbackMACParam, strings.ToUpper(mac)),
		"MAC of another order":   withParam(t, callbackURL(t, base, "1002", callbackKey), qpay.CallbackOrderParam, "1001"),
		"another key":            callbackURL(t, base, "1001", callbackKey+"x"),
		"a key no longer in use": callbackURL(t, base, "1001", olderKey),
	}
	for i := range mac {
		other := []byte(mac)
		other[i] ^= 1
		forged[fmt.Sprintf("MAC with another digit %d", i)] = withParam(t, genuine, qpay.CallbackMACParam, string(other))
	}
	before := len(srv.Requests())
	for name, to := range forged {
		log.Reset()
		if status := deliver(t, h, srv, id, to); status != http.StatusBadRequest {
			t.Errorf("%s: got status %d, want 400", name, status)
		}
		if got := log.String(); !strings.Contains(got, "notification refused") || strings.Contains(got, "canary") || strings.Contains(got, mac) {
			t.Errorf("%s: the log does not say that the callback was refused, or contains a secret: %s", name, got)
		}
	}
	if n := len(srv.Requests()) - before; n != 0 {
		t.Errorf("forged callbacks: got %d requests to the API, want 0", n)
	}
}

// TestCallbackByPostIsVerified: the older callback, which names an invoice in its
// body, has its order ID and MAC in the URL as well.
func TestCallbackByPostIsVerified(t *testing.T) {
	srv := qpaytest.NewServer(t, qpaytest.WithConfig(func(c *qpaytest.Config) { c.Callback = "post" }))
	c := keyed(t, srv, []string{callbackKey})
	var orders []string
	shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev qpay.Event) error { orders = append(orders, ev.OrderID); return nil }))
	defer shop.Close()
	for _, to := range []string{shop.URL + "/paid?order=1002", callbackURL(t, shop.URL+"/paid", "1001", callbackKey)} {
		inv, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), to))
		fatal(t, err)
		_, err = srv.Pay(inv.InvoiceID)
		fatal(t, err)
	}
	d := srv.Deliveries()
	if len(d) != 2 || d[0].Status != http.StatusBadRequest || !d[1].Accepted {
		t.Errorf("deliveries: got %+v, want status 400 without a MAC, then one that is accepted", d)
	}
	if len(orders) != 1 || orders[0] != "1001" {
		t.Errorf("orders: got %q, want 1001", orders)
	}
}

func TestCallbackKeyRotation(t *testing.T) {
	srv := qpaytest.NewServer(t)
	for _, key := range []string{callbackKey, oldKey, olderKey} {
		got := ""
		h := keyed(t, srv, []string{callbackKey, oldKey, olderKey}).Webhook(func(_ context.Context, ev qpay.Event) error { got = ev.OrderID; return nil })
		if status := deliver(t, h, srv, paid(t, srv), callbackURL(t, base, "1001", key)); status != http.StatusOK || got != "1001" {
			t.Errorf("%s: got status %d and order %q, want 200 and 1001", key, status, got)
		}
	}
}

func TestCallbackOrderIDs(t *testing.T) {
	srv := qpaytest.NewServer(t)
	got := ""
	h := keyed(t, srv, []string{callbackKey}).Webhook(func(_ context.Context, ev qpay.Event) error { got = ev.OrderID; return nil })
	for _, id := range []string{
		"1001", "захиалга № 7 ✓", "two words", " ", "a+b", "a&b=c", "a&order=b&order_mac=c", "100%", "%20", "?#/;", "\"\\\x00\n", "\xff",
		strings.Repeat("x", 255), strings.Repeat("ө", 255),
	} {
		for _, base := range []string{base, base + "?", base + "?shop=1&x=%20y+z&x", "https://shop.example?payment_id=7"} {
			u := callbackURL(t, base, id, callbackKey)
			if rest := strings.TrimSuffix(base, "?"); !strings.HasPrefix(u, rest) || strings.Contains(u[len(rest):], "+") {
				t.Errorf("%q: got %s, want a URL that begins with %s, with %%20 for a space", id, u, rest)
			}
			got = ""
			if status := deliver(t, h, srv, paid(t, srv), u); status != http.StatusOK || got != id {
				t.Errorf("%q at %s: got status %d and order ID %q", id, base, status, got)
			}
		}
	}
}

// TestCallbackMAC computes the MAC as the documentation of CallbackMACParam says.
func TestCallbackMAC(t *testing.T) {
	h := hmac.New(sha256.New, []byte(callbackKey))
	h.Write([]byte("1001"))
	want := base + "?shop=1&order=1001&order_mac=" + hex.EncodeToString(h.Sum(nil))
	if got := callbackURL(t, base+"?shop=1", "1001", callbackKey); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCallbackURLErrors(t *testing.T) {
	for _, tt := range []struct{ base, order, key, want string }{
		{base, "1001", "", "the callback key has 0 bytes; want at least 16"},
		{base, "1001", "canary-15-bytes", "the callback key has 15 bytes; want at least 16"},
		{base, "", callbackKey, "the order ID is empty"},
		{"", "1001", callbackKey, "base is not an absolute URL"},
		{"/paid", "1001", callbackKey, "base is not an absolute URL"},
		{"https:///paid", "1001", callbackKey, "base is not an absolute URL"},
		{"ftp://shop.example/paid", "1001", callbackKey, "base is not an absolute URL"},
		{"https://shop.example/%zz", "1001", callbackKey, "base is not an absolute URL"},
		{callbackKey, "1001", base, "base is not an absolute URL"}, // swapped
		{base + "#top", "1001", callbackKey, "base has a fragment"},
		{"https://shop:secret@shop.example/paid", "1001", callbackKey, "base contains a user or password"},
		{base + "?a=1;b=2", "1001", callbackKey, "the query of base is malformed"},
		{base + "?a=%zz", "1001", callbackKey, "the query of base is malformed"},
		{base + "?qpay_payment_id=1", "1001", callbackKey, "base already has the query parameter qpay_payment_id"},
		{base + "?a=1&qpay%5Fpayment_id", "1001", callbackKey, "base already has the query parameter qpay_payment_id"},
		{base + "?order=7", "1001", callbackKey, "base already has the query parameter order;"},
		{base + "?order_mac=7", "1001", callbackKey, "base already has the query parameter order_mac;"},
	} {
		got, err := qpay.CallbackURL(tt.base, tt.order, tt.key)
		if err == nil || !strings.HasPrefix(err.Error(), "qpay: "+tt.want) || strings.Contains(err.Error(), "canary") || got != "" {
			t.Errorf("CallbackURL(%q, %q, %q): got %q and %v, want an error that begins with %q and has no key", tt.base, tt.order, tt.key, got, err, tt.want)
		}
	}
}

func TestCallbackKeyErrors(t *testing.T) {
	for want, creds := range map[string]qpay.Credentials{
		"CallbackKey has 15 bytes; want at least 16":        {CallbackKey: "canary-15-bytes"},
		"OldCallbackKeys[1] has 6 bytes; want at least 16":  {CallbackKey: callbackKey, OldCallbackKeys: []string{oldKey, "canary"}},
		"OldCallbackKeys[0] has 0 bytes; want at least 16":  {CallbackKey: callbackKey, OldCallbackKeys: []string{""}},
		"OldCallbackKeys are set, but CallbackKey is empty": {OldCallbackKeys: []string{oldKey}},
	} {
		creds.Username, creds.Password = "u", "p"
		if _, err := qpay.New(creds); err == nil || !strings.Contains(err.Error(), "qpay: Credentials."+want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v, want an error with %q and without the key", err, want)
		}
	}
	if _, err := qpay.New(qpay.Credentials{Username: "u", Password: "p", CallbackKey: strings.Repeat("k", 16)}); err != nil {
		t.Errorf("a key of 16 bytes: %v", err)
	}
}
