package gatewaytest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest"
)

// receiver is an app's webhook handler that responds with a list of statuses.
type receiver struct {
	*httptest.Server
	statuses  []int
	bodies    []string
	headers   []http.Header
	onRequest func()
}

func newReceiver(t *testing.T, statuses ...int) *receiver {
	l := &receiver{statuses: statuses}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.bodies, l.headers = append(l.bodies, string(body)), append(l.headers, r.Header)
		if l.onRequest != nil {
			l.onRequest()
		}
		w.WriteHeader(l.statuses[min(len(l.bodies), len(l.statuses))-1])
	}))
	t.Cleanup(l.Close)
	return l
}

// checkSignature checks the signature of one delivery.
func (l *receiver) checkSignature(t *testing.T, i int, secret string) {
	t.Helper()
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(h, l.headers[i].Get("X-PAY-Timestamp")+"."+l.bodies[i])
	if l.headers[i].Get("X-PAY-Signature") != hex.EncodeToString(h.Sum(nil)) {
		t.Errorf("delivery %d: the signature is not that of its timestamp and body", i)
	}
	for name, want := range map[string]string{"X-PAY-Key": "", "Content-Type": "application/json"} {
		if got := l.headers[i].Get(name); got != want {
			t.Errorf("delivery %d: %s: got %q, want %q", i, name, got, want)
		}
	}
}

func (l *receiver) event(t *testing.T, i int) map[string]any {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal([]byte(l.bodies[i]), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func members(event map[string]any) string {
	names := make([]string, 0, len(event))
	for name := range event {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestNotifications(t *testing.T) {
	l := newReceiver(t, 200)
	a := open(t, gatewaytest.WithWebhookURL(l.URL+"/hook"), gatewaytest.WithTime(start()))
	id := a.paid(qris)
	a.call("POST", "/v1/refunds", `{"payment_id":"`+id+`","amount_minor":1500,"reason":"r"}`)
	if err := a.srv.Pay(a.payment(qris), gatewaytest.PayCanceled()); err != nil {
		t.Fatal(err)
	}
	if err := a.srv.Pay(a.payment(service), gatewaytest.PayFails()); err != nil {
		t.Fatal(err)
	}
	sub := a.paid(plan)
	for _, o := range []gatewaytest.PayOption{gatewaytest.SubscriptionCanceled(), gatewaytest.SubscriptionRevoked(), gatewaytest.RefundedAtPSP()} {
		if err := a.srv.Pay(sub, o); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for i := range l.bodies {
		l.checkSignature(t, i, a.srv.Credentials().WebhookSecret)
		got = append(got, l.event(t, i)["event"].(string))
	}
	want := []string{"payment.succeeded", "refund.succeeded", "payment.canceled", "payment.failed", "payment.succeeded", "subscription.canceled", "subscription.revoked", "refund.succeeded"}
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if m := members(l.event(t, 0)); m != "amount currency event metadata method payment_id provider provider_ref status timestamp" {
		t.Errorf("payment event has %s", m)
	}
	if m := members(l.event(t, 1)); m != "amount currency event metadata payment_id provider provider_ref reason refund_id timestamp" {
		t.Errorf("refund event has %s", m)
	}
	if e := l.event(t, 1); e["amount"] != 1500.0 || e["payment_id"] != id || e["metadata"].(map[string]any)["order"] != "1001" {
		t.Errorf("refund event %v", e)
	}
}

func TestDeliveryPolicy(t *testing.T) {
	for name, tt := range map[string]struct {
		statuses []int
		attempts int
		state    string
	}{
		"200":                {[]int{200}, 1, "delivered"},
		"204":                {[]int{204}, 1, "delivered"},
		"4xx":                {[]int{401}, 1, "failed"},
		"5xx, then 4xx":      {[]int{503, 404}, 2, "failed"},
		"5xx, then 200":      {[]int{500, 502, 200}, 3, "delivered"},
		"redirect, then 200": {[]int{302, 200}, 2, "delivered"},
		"always 5xx":         {[]int{500}, 6, "failed"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newReceiver(t, tt.statuses...)
			a := open(t, gatewaytest.WithWebhookURL(l.URL), gatewaytest.WithTime(start()))
			a.paid(qris)
			for range 20 {
				if err := a.srv.Advance(time.Minute); err != nil {
					t.Fatal(err)
				}
			}
			webhooks := a.srv.Webhooks()
			if len(webhooks) != 1 || webhooks[0].State != tt.state || len(l.bodies) != tt.attempts {
				t.Fatalf("%+v after %d deliveries", webhooks, len(l.bodies))
			}
			for i := range l.bodies {
				l.checkSignature(t, i, a.srv.Credentials().WebhookSecret)
				if l.bodies[i] != l.bodies[0] || i > 0 && l.headers[i].Get("X-PAY-Timestamp") == l.headers[i-1].Get("X-PAY-Timestamp") {
					t.Errorf("delivery %d: %v %s", i, l.headers[i], l.bodies[i])
				}
			}
		})
	}
}

func TestReceiverCallsAPI(t *testing.T) {
	l := newReceiver(t, 200)
	a := open(t, gatewaytest.WithWebhookURL(l.URL))
	a.key = "refund-1"
	id, status := a.payment(qris), ""
	l.onRequest = func() { status = a.status(id) }
	if err := a.srv.Pay(id); err != nil || status != "succeeded" {
		t.Errorf("%v, getPayment in the receiver returned status %q", err, status)
	}
	a.key = "refund-2"
	request, repeated := `{"payment_id":"`+id+`"}`, response{}
	l.onRequest = func() { repeated = a.call("POST", "/v1/refunds", request) } // with the same key, before the response to the first
	if first := a.call("POST", "/v1/refunds", request); first.raw != repeated.raw || first.status != 201 {
		t.Errorf("first %s, repeated %s", first.raw, repeated.raw)
	}
}

func TestCallbackRequest(t *testing.T) {
	a := open(t)
	id := a.paid(qris)
	r, err := a.srv.Callback(id, "https://app.example/hook")
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != "POST" {
		t.Errorf("Method: got %s, want POST", r.Method)
	}
	if r.URL.Host != "app.example" {
		t.Errorf("host: got %s, want app.example", r.URL.Host)
	}
	if r.Header.Get("X-PAY-Signature") == "" {
		t.Error("the request has no X-PAY-Signature")
	}
	if len(a.srv.Deliveries()) != 0 {
		t.Error("a notification was sent without a webhook URL")
	}
	srv, err := gatewaytest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	if _, err := srv.Callback("nothing", "https://app.example/hook"); err == nil {
		t.Error("Callback succeeded with an unknown ID")
	}
}
