package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/pay"
)

func TestNotifications(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	c := connect(t, srv)
	var events []gateway.Event
	app := httptest.NewServer(c.Webhook(func(_ context.Context, ev gateway.Event) error {
		events = append(events, ev)
		return nil
	}))
	defer app.Close()
	if _, err := srv.Config(func(c *gatewaytest.Config) { c.WebhookURL = app.URL }); err != nil {
		t.Fatal(err)
	}
	id := paid(t, srv, qris())
	part := int64(1500)
	refund, err := c.CreateRefund(t.Context(), gateway.CreateRefundRequest{PaymentID: id, AmountMinor: &part, Reason: "returned"})
	if err != nil {
		t.Fatal(err)
	}
	sub := paid(t, srv, plan())
	if err := srv.Pay(sub, gatewaytest.SubscriptionRevoked()); err != nil {
		t.Fatal(err)
	}
	if len(events) != 4 {
		t.Fatalf("events: got %d, want 4", len(events))
	}
	for i, want := range map[int]gateway.EventType{0: gateway.EventTypePaymentSucceeded, 1: gateway.EventTypeRefundSucceeded, 3: gateway.EventTypeSubscriptionRevoked} {
		if events[i].Type != want {
			t.Errorf("event %d: Type: got %s, want %s", i, events[i].Type, want)
		}
	}
	payment := events[0].Payment
	if payment == nil {
		t.Fatal("payment event: Payment is nil")
	}
	if events[0].Refund != nil {
		t.Error("payment event: Refund is set, want nil")
	}
	if payment.PaymentID != id {
		t.Errorf("payment event: PaymentID: got %s, want %s", payment.PaymentID, id)
	}
	if payment.Status != gateway.PaymentStatusSucceeded {
		t.Errorf("payment event: Status: got %s, want %s", payment.Status, gateway.PaymentStatusSucceeded)
	}
	if payment.Amount != 50_000 {
		t.Errorf("payment event: Amount: got %d, want 50000", payment.Amount)
	}
	if got := payment.Metadata.Get("order"); got != "1001" {
		t.Errorf("payment event: metadata order: got %q, want %q", got, "1001")
	}
	if age := time.Since(events[0].Sent).Abs(); age > time.Minute {
		t.Errorf("payment event: Sent is %v off the present, want at most 1m", age)
	}
	refunded := events[1].Refund
	if refunded == nil {
		t.Fatal("refund event: Refund is nil")
	}
	if events[1].Payment != nil {
		t.Error("refund event: Payment is set, want nil")
	}
	if refunded.RefundID != refund.RefundID {
		t.Errorf("refund event: RefundID: got %s, want %s", refunded.RefundID, refund.RefundID)
	}
	if refunded.Amount != part {
		t.Errorf("refund event: Amount: got %d, want %d", refunded.Amount, part)
	}
	if refunded.Reason != "returned" {
		t.Errorf("refund event: Reason: got %q, want %q", refunded.Reason, "returned")
	}
	if got := events[3].Subscription.PaymentID; got != sub {
		t.Errorf("subscription event: PaymentID: got %s, want %s", got, sub)
	}
	if events[3].Payment != nil {
		t.Error("subscription event: Payment is set, want nil")
	}
	for _, m := range srv.Webhooks() {
		if m.State != "delivered" || m.Attempts != 1 {
			t.Errorf("%+v", m)
		}
	}
}

// deliver delivers a signed body to a handler.
func deliver(t *testing.T, srv *gatewaytest.Server, h http.Handler, body string) (int, string) {
	t.Helper()
	r, err := srv.SignCallback(hookURL, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

const renewal = `{"event":"payment.succeeded","payment_id":"p","status":"succeeded","amount":2900,"currency":"USD","metadata":{"polar_event_type":"subscription.active","current_period_end":"%"}}`

func TestEventDeduplication(t *testing.T) {
	srv, runs := gatewaytest.NewServer(t), 0
	h := connect(t, srv).Webhook(func(context.Context, gateway.Event) error { runs++; return nil })
	for _, tt := range []struct {
		body string
		runs int
	}{
		{strings.Replace(renewal, "%", "2026-06-09T00:00:00Z", 1), 1},
		{strings.Replace(renewal, "%", "2026-06-09T00:00:00Z", 1), 1},
		{strings.Replace(renewal, "%", "2026-07-09T00:00:00Z", 1), 2}, // the next period
		{`{"event":"payment.canceled","payment_id":"p","status":"canceled","amount":2900,"currency":"USD"}`, 3},
		{`{"event":"payment.canceled","payment_id":"p","status":"canceled","amount":2900,"currency":"USD","timestamp":"2026-05-09T12:34:56Z"}`, 3},
		{`{"event":"refund.failed","refund_id":"r","payment_id":"p","amount":1,"currency":"USD"}`, 4},
		{`{"event":"refund.failed","refund_id":"r","payment_id":"p","amount":1,"currency":"USD","timestamp":"2026-05-09T12:34:56Z"}`, 4},
		{`{"event":"refund.failed","refund_id":"s","payment_id":"p","amount":1,"currency":"USD"}`, 5},
		{`{"event":"subscription.canceled"}`, 6},
		{`{"event":"something.new","x":1}`, 7},
		{`{"event":"something.new","x":1}`, 7},
		{`{"event":"something.new","x":2}`, 8},
	} {
		if status, body := deliver(t, srv, h, tt.body); status != http.StatusOK || body != "ok" || runs != tt.runs {
			t.Errorf("%s: status %d %q, %d runs, want %d", tt.body, status, body, runs, tt.runs)
		}
	}
}

// TestHugeNotificationIsDeliveredAgain sends a notification of more than 1 MiB, which is
// possible because it repeats the metadata of the payment. The gateway ends a delivery
// for good after a 4xx.
func TestHugeNotificationIsDeliveredAgain(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	c := connect(t, srv)
	hook := httptest.NewServer(c.Webhook(func(context.Context, gateway.Event) error {
		t.Error("user code ran")
		return nil
	}))
	defer hook.Close()
	if _, err := srv.Config(func(cfg *gatewaytest.Config) { cfg.WebhookURL = hook.URL }); err != nil {
		t.Fatal(err)
	}
	order := gateway.CreatePaymentRequest{ExternalUserID: "u", AmountMinor: 2900, Currency: gateway.CurrencyUSD, Method: gateway.MethodPayPal, ReturnURL: "https://s.example"}
	order.Metadata = gateway.Metadata{"m": strings.Repeat("m", 1<<20-200)}
	if err := srv.Pay(must(t)(c.CreatePayment(t.Context(), order)).PaymentID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := srv.Deliveries()
		if last := got[len(got)-1]; last.Status != http.StatusServiceUnavailable {
			t.Errorf("delivery %d: got status %d, want 503", len(got), last.Status)
		}
		if w := srv.Webhooks(); len(w) != 1 || w[0].State != "pending" {
			t.Fatalf("got webhooks %+v, want one that is pending", w)
		}
		if err := srv.Advance(30 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
}

func must(t *testing.T) func(*gateway.PaymentCreated, error) *gateway.PaymentCreated {
	t.Helper()
	return func(p *gateway.PaymentCreated, err error) *gateway.PaymentCreated {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// TestUnreadableNotification: after a 4xx the gateway would never deliver again.
func TestUnreadableNotification(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	h := connect(t, srv).Webhook(func(context.Context, gateway.Event) error {
		t.Error("user code ran")
		return nil
	})
	for _, body := range []string{
		"hello", "{}", "null", "[]", `{"event":7}`, `{"event":"something.new"`, `{"event":"something.new"} x`,
		`{"event":"payment.canceled"}`, `{"event":"payment.failed"}`, `{"event":"refund.failed"}`, `{"event":"subscription.canceled","payment_id":7}`, `{"event":"subscription.revoked","payment_id":7}`,
		`{"event":"payment.succeeded"}`, `{"event":"payment.succeeded","payment_id":"p","status":"succeeded","currency":"IDR"}`,
		`{"event":"payment.succeeded","payment_id":"p","status":"succeeded","amount":1.5,"currency":"IDR"}`,
		`{"event":"refund.succeeded","payment_id":"p","amount":1,"currency":"IDR"}`,
		`{"event":"payment.succeeded","payment_id":"p","payment_id":"q","status":"succeeded","amount":1,"currency":"IDR"}`,
		`{"event":"payment.succeeded","payment_id":"p","status":"succeeded","amount":1,"currency":"IDR"}{}`,
	} {
		if status, _ := deliver(t, srv, h, body); status != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d, want 503", body, status)
		}
	}
}

func TestWebhookStatus(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	id := paid(t, srv, qris())
	creds := srv.Credentials()
	handler := func(creds gateway.Credentials, opts ...pay.Option) http.Handler {
		c, err := gateway.New(creds, append([]pay.Option{pay.WithBaseURL(srv.URL)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		return c.Webhook(func(context.Context, gateway.Event) error { return nil })
	}
	clock := func(off time.Duration) pay.Option {
		return pay.WithClock(func() time.Time { return time.Now().Add(off) })
	}
	none, rotated, other := creds, creds, creds
	none.WebhookSecret = ""
	other.WebhookSecret = strings.Repeat("beef", 16)
	rotated.WebhookSecret, rotated.OldWebhookSecrets = strings.Repeat("beef", 16), []string{creds.WebhookSecret, strings.Repeat("feed", 16)}
	for name, tt := range map[string]struct {
		h    http.Handler
		want int
	}{
		"correct":             {handler(creds), 200},
		"no secret":           {handler(none), 503},
		"another secret":      {handler(other), 401},
		"the old secret":      {handler(rotated), 200},
		"clock behind":        {handler(creds, clock(-6*time.Minute)), 503},
		"clock ahead":         {handler(creds, clock(6*time.Minute)), 503},
		"clock almost ahead":  {handler(creds, clock(290*time.Second)), 200},
		"clock almost behind": {handler(creds, clock(-290*time.Second)), 200},
	} {
		w := httptest.NewRecorder()
		tt.h.ServeHTTP(w, callback(t, srv, id))
		if w.Code != tt.want {
			t.Errorf("%s: status %d %s, want %d", name, w.Code, w.Body, tt.want)
		}
	}
	var log bytes.Buffer
	h := handler(none, pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	h.ServeHTTP(httptest.NewRecorder(), callback(t, srv, id))
	if !strings.Contains(log.String(), "notification cannot be verified") || !strings.Contains(log.String(), "WebhookSecret is empty") {
		t.Errorf("no secret: got the log %q, want the reason", log.String())
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodDelete} {
		w := httptest.NewRecorder()
		handler(creds).ServeHTTP(w, httptest.NewRequest(method, "/hook", nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d", method, w.Code)
		}
	}
}

// TestCorrectedClockVerifiesNotifications: a call has corrected the local clock, which
// is set later.
func TestCorrectedClockVerifiesNotifications(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	id := paid(t, srv, qris())
	off := -time.Hour
	c := connect(t, srv, pay.WithClock(func() time.Time { return time.Now().Add(off) }))
	h := c.Webhook(func(context.Context, gateway.Event) error { return nil })
	for _, want := range []int{503, 200} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, callback(t, srv, id))
		if w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
		if _, err := c.GetPayment(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	off = 0
	w := httptest.NewRecorder()
	h.ServeHTTP(w, callback(t, srv, id))
	if w.Code != 200 {
		t.Errorf("after the clock was set: status %d, want 200", w.Code)
	}
}

// TestNotificationVectors accepts the delivery that OpenSSL signed, and no changed
// one.
func TestNotificationVectors(t *testing.T) {
	v, creds, at := readVectors(t)
	if got := mac(v.WebhookSecret, v.Timestamp+"."+v.Deliveries[0].Body); got != v.Deliveries[0].Signature {
		t.Errorf("the signature of the test is %s", got)
	}
	c, err := gateway.New(creds)
	if err != nil {
		t.Fatal(err)
	}
	one := v.Deliveries[0]
	header := func(stamp, signature string) http.Header {
		h := http.Header{}
		h.Set("X-PAY-Timestamp", stamp)
		h.Set("X-PAY-Signature", signature)
		return h
	}
	genuine := header(v.Timestamp, one.Signature)
	ev, err := c.VerifyAt(at, genuine, []byte(one.Body))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ev.Payment.PaymentID, "0123456789abcdef0123456789abcdef"; got != want {
		t.Errorf("PaymentID: got %s, want %s", got, want)
	}
	if ev.Payment.Provider != gateway.ProviderNicepay {
		t.Errorf("Provider: got %s, want %s", ev.Payment.Provider, gateway.ProviderNicepay)
	}
	if string(ev.Body) != one.Body {
		t.Error("Body is not the delivered body")
	}
	if !ev.Sent.Equal(at) {
		t.Errorf("Sent: got %v, want %v", ev.Sent, at)
	}
	for off, want := range map[time.Duration]error{
		300 * time.Second: nil, -300 * time.Second: nil, 300*time.Second + 999*time.Millisecond: nil, 301 * time.Second: gateway.ErrStale, -301 * time.Second: gateway.ErrStale,
	} {
		if _, err := c.VerifyAt(at.Add(off), genuine, []byte(one.Body)); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%v off: %v", off, err)
		}
	}
	forged := func(name string, h http.Header, body string) {
		t.Helper()
		if _, err := c.VerifyAt(at, h, []byte(body)); !errors.Is(err, gateway.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range len(one.Body) {
		forged("another body", genuine, one.Body[:i]+string(one.Body[i]^1)+one.Body[i+1:])
	}
	for i := range len(one.Signature) {
		forged("another signature", header(v.Timestamp, one.Signature[:i]+string(one.Signature[i]^1)+one.Signature[i+1:]), one.Body)
	}
	for i := range len(v.Timestamp) {
		forged("another timestamp", header(v.Timestamp[:i]+string(v.Timestamp[i]^1)+v.Timestamp[i+1:], one.Signature), one.Body)
	}
	for _, stamp := range []string{"", "+" + v.Timestamp, "0" + v.Timestamp, " " + v.Timestamp, v.Timestamp + ".0", "99999999999999999999"} {
		forged("timestamp "+stamp, header(stamp, mac(v.WebhookSecret, stamp+"."+one.Body)), one.Body)
	}
	forged("the secret of requests", header(v.Timestamp, one.WithRequestSecret), one.Body)
	forged("upper case", header(v.Timestamp, strings.ToUpper(one.Signature)), one.Body)
	forged("no body", header(v.Timestamp, mac(v.WebhookSecret, v.Timestamp+".")), "")
	forged("no headers", http.Header{}, one.Body)
	for _, name := range []string{"X-PAY-Timestamp", "X-PAY-Signature"} {
		twice, absent := genuine.Clone(), genuine.Clone()
		twice.Add(name, genuine.Get(name))
		absent.Del(name)
		forged("two headers "+name, twice, one.Body)
		forged("no "+name, absent, one.Body)
	}
	creds.WebhookSecret = ""
	if c, err = gateway.New(creds); err != nil {
		t.Fatal(err)
	}
	if _, err := c.VerifyAt(at, genuine, []byte(one.Body)); !errors.Is(err, gateway.ErrNoWebhookSecret) {
		t.Errorf("no secret: %v", err)
	}
}

// TestForgedNotificationsSkipStore: a forged notification does not reach the event
// store.
func TestForgedNotificationsSkipStore(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	h := connect(t, srv, pay.WithEventStore(untouched{t})).Webhook(func(context.Context, gateway.Event) error { return nil })
	for range 100 {
		r := httptest.NewRequest(http.MethodPost, hookURL, strings.NewReader(renewal))
		r.Header.Set("X-PAY-Timestamp", "1778330096")
		r.Header.Set("X-PAY-Signature", strings.Repeat("a", 64))
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
			t.Errorf("status %d", w.Code)
		}
	}
}

type untouched struct{ t *testing.T }

func (u untouched) Claim(context.Context, string, string, time.Duration) (pay.Claim, error) {
	u.t.Error("a forged notification reached the event store")
	return pay.ClaimBusy, nil
}
func (untouched) Commit(context.Context, string, string, time.Duration) error { return nil }
func (untouched) Release(context.Context, string, string) error               { return nil }
