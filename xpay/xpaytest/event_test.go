package xpaytest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/xpay/xpaytest"
)

// receiver is a shop's webhook endpoint.
type receiver struct {
	*httptest.Server
	status     int
	bodies     []string
	signatures []string
	onCall     func()
}

func receive(t *testing.T) *receiver {
	rec := &receiver{status: 200}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rec.bodies, rec.signatures = append(rec.bodies, string(body)), append(rec.signatures, r.Header.Get("XPay-Signature"))
		if rec.onCall != nil {
			rec.onCall()
		}
		w.WriteHeader(rec.status)
	}))
	t.Cleanup(rec.Close)
	return rec
}

// sign returns the documented signature header of a body.
func sign(secret, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "." + body))
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// endpoint creates a webhook endpoint.
func (s *shop) endpoint(url, events string) (id, secret string) {
	s.t.Helper()
	a := s.call("POST", "/webhook-endpoints", `{"url":"`+url+`","enabledEvents":`+events+`}`)
	return s.text(a, "id"), s.text(a, "secret")
}

func TestEventIsSigned(t *testing.T) {
	s, rec := open(t, xpaytest.WithTime(start())), receive(t)
	_, secret := s.endpoint(rec.URL, `["checkout.session.completed"]`)
	id, status := s.text(s.session(""), "id"), any("")
	rec.onCall = func() { status = s.call("GET", "/checkout/sessions/"+id, "").at("paymentStatus") } // the handler may call back
	s.pay(id, xpaytest.PayDeclined("lost_card"))
	s.pay(id)
	if len(rec.bodies) != 1 || status != "paid" {
		t.Fatalf("%d deliveries, %v", len(rec.bodies), s.srv.Deliveries())
	}
	if want := sign(secret, strconv.FormatInt(start().Unix(), 10), rec.bodies[0]); rec.signatures[0] != want {
		t.Errorf("signed %s, want %s", rec.signatures[0], want)
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(rec.bodies[0]), &event); err != nil {
		t.Fatal(err)
	}
	checkEvent(t, "WebhookEvent", event)
	if e := s.srv.Events(); !strings.HasPrefix(e[2].ID, "evt_test_") || event["id"] != e[2].ID || event["livemode"] != false {
		t.Errorf("%v, %+v", event["id"], e)
	}
}

// TestEventsMatchSpec validates every event that is sent against the spec.
func TestEventsMatchSpec(t *testing.T) {
	s, rec := open(t, xpaytest.WithTime(start())), receive(t)
	s.endpoint(rec.URL, `[]`)
	id := s.text(s.session(`,"metadata":{"order":"1"}`), "id")
	s.pay(id, xpaytest.PayFails("expired_card"))
	s.call("POST", "/refunds", `{"chargeId":"`+s.pay(id).ChargeID+`"}`)
	s.call("POST", "/checkout/sessions/"+s.text(s.session(""), "id")+"/expire", "")
	fawry := s.text(s.session(""), "id")
	s.pay(fawry, xpaytest.PayBy("fawry"))
	s.pay(fawry)
	kinds := map[string]string{"checkout.session": "CheckoutSession", "payment_intent": "PaymentIntent", "charge": "Charge", "refund": "Refund"}
	seen := map[string]bool{}
	for _, body := range rec.bodies {
		var event map[string]any
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			t.Fatal(err)
		}
		checkEvent(t, "WebhookEvent", event)
		object, _ := event["data"].(map[string]any)["object"].(map[string]any)
		kind, _ := object["object"].(string)
		checkEvent(t, kinds[kind], object)
		seen[kind] = true
	}
	if len(seen) != 4 || len(rec.bodies) != 8 {
		t.Errorf("%d events of %v", len(rec.bodies), seen)
	}
}

func TestEventRetries(t *testing.T) {
	s, rec, other := open(t, xpaytest.WithTime(start())), receive(t), receive(t)
	broken, _ := s.endpoint(rec.URL, `["checkout.session.completed"]`)
	_, secret := s.endpoint(other.URL, `["webhook_endpoint.delivery_failed"]`)
	rec.status = 500
	s.pay(s.text(s.session(""), "id"))
	for _, step := range []struct {
		wait     time.Duration
		attempts int
	}{{59 * time.Second, 1}, {time.Second, 2}, {299 * time.Second, 2}, {time.Second, 3}, {30 * time.Minute, 4}, {119 * time.Minute, 4}} {
		if err := s.srv.Advance(step.wait); err != nil {
			t.Fatal(err)
		}
		if len(rec.bodies) != step.attempts {
			t.Fatalf("after %v more: %d attempts, want %d", step.wait, len(rec.bodies), step.attempts)
		}
	}
	if len(other.bodies) != 0 {
		t.Error("delivery_failed was sent too early")
	}
	if err := s.srv.Advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if len(rec.bodies) != 5 || len(other.bodies) != 1 {
		t.Fatalf("%d attempts, %d delivery_failed events", len(rec.bodies), len(other.bodies))
	}
	if rec.bodies[0] != rec.bodies[4] || rec.signatures[0] == rec.signatures[1] {
		t.Error("want the same body and a fresh signature for each attempt")
	}
	stamp, _, _ := strings.Cut(strings.TrimPrefix(other.signatures[0], "t="), ",")
	if other.signatures[0] != sign(secret, stamp, other.bodies[0]) || !strings.Contains(other.bodies[0], `"attempts":5`) || !strings.Contains(other.bodies[0], "checkout.session.completed") {
		t.Errorf("%s", other.bodies[0])
	}
	s.values(s.call("GET", "/webhook-endpoints/"+broken, ""), map[string]any{"status": "enabled"})
	if webhooks := s.srv.Webhooks(); webhooks[0].State != "failed" || webhooks[0].Attempts != 5 || webhooks[1].State != "delivered" {
		t.Errorf("%+v", webhooks)
	}
}

func TestEndpointChanges(t *testing.T) {
	s, rec := open(t, xpaytest.WithTime(start())), receive(t)
	id, secret := s.endpoint(rec.URL, `["*"]`)
	if strings.Contains(s.call("GET", "/webhook-endpoints", "").raw, secret) || strings.Contains(s.call("GET", "/webhook-endpoints/"+id, "").raw, secret) {
		t.Error("the secret is shown again")
	}
	rec.status = 503
	s.pay(s.text(s.session(""), "id"))
	s.values(s.call("PATCH", "/webhook-endpoints/"+id, `{"status":"disabled","description":"d","enabledEvents":["charge.failed"]}`), map[string]any{"status": "disabled", "enabledEvents.0": "charge.failed"})
	if err := s.srv.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	s.pay(s.text(s.session(""), "id"), xpaytest.PayDeclined("generic_decline"))
	if len(rec.bodies) != 1 {
		t.Errorf("a disabled endpoint received %d events", len(rec.bodies))
	}
	for body, want := range map[string]string{
		`{"enabledEvents":[]}`:                                    "parameter_missing url",
		`{"url":"http://shop.example","enabledEvents":[]}`:        "parameter_invalid url",
		`{"url":"https://shop.example"}`:                          "parameter_missing enabledEvents",
		`{"url":"https://shop.example","enabledEvents":["a.b"]}`:  "parameter_invalid enabledEvents",
		`{"url":"https://shop.example","enabledEvents":[],"x":1}`: "parameter_unknown x",
	} {
		f := strings.Fields(want)
		s.want(s.call("POST", "/webhook-endpoints", body), 400, f[0], f[1])
	}
	s.want(s.call("PATCH", "/webhook-endpoints/"+id, `{"status":"gone"}`), 400, "parameter_invalid", "status")
	if a := s.call("DELETE", "/webhook-endpoints/"+id, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	s.want(s.call("GET", "/webhook-endpoints/"+id, ""), 404, "resource_missing", "id")
	for range 16 {
		s.endpoint("https://shop.example/xpay", "[]")
	}
	s.want(s.call("POST", "/webhook-endpoints", `{"url":"https://shop.example","enabledEvents":[]}`), 400, "invalid_request", "")
}

func TestWithWebhookURL(t *testing.T) {
	rec := receive(t)
	s := open(t, xpaytest.WithWebhookURL(rec.URL), xpaytest.WithTime(start()))
	s.pay(s.text(s.session(""), "id"))
	if want := sign(s.srv.Credentials().WebhookSecret, strconv.FormatInt(start().Unix(), 10), rec.bodies[0]); len(rec.signatures) != 1 || rec.signatures[0] != want {
		t.Errorf("%v", rec.signatures)
	}
	s.srv.Reset()
	if a := s.call("GET", "/webhook-endpoints", ""); !strings.Contains(a.raw, rec.URL) {
		t.Errorf("after a reset: %s", a.raw)
	}
}

// TestSandboxAgreesWithVectors compares the sandbox's signatures with OpenSSL's.
func TestSandboxAgreesWithVectors(t *testing.T) {
	data, err := os.ReadFile("../../specs/vectors/xpay.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Deliveries []struct{ Name, Secret, Timestamp, Body, Signature string }
	}
	if err := json.Unmarshal(data, &file, json.MatchCaseInsensitiveNames(true)); err != nil || len(file.Deliveries) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, v := range file.Deliveries {
		if got := xpaytest.Signature(v.Secret, v.Timestamp, []byte(v.Body)); got != "t="+v.Timestamp+",v1="+v.Signature {
			t.Errorf("%s: %s", v.Name, got)
		}
		for i := range len(v.Body) {
			changed := []byte(v.Body)
			changed[i] ^= 1
			if strings.HasSuffix(xpaytest.Signature(v.Secret, v.Timestamp, changed), v.Signature) {
				t.Fatalf("%s: changing byte %d does not change the signature", v.Name, i)
			}
		}
	}
}

func TestCallback(t *testing.T) {
	s := open(t)
	id := s.text(s.session(""), "id")
	s.pay(id)
	r, err := s.srv.Callback(id, "https://shop.example/xpay")
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != "POST" {
		t.Errorf("Method: got %s, want POST", r.Method)
	}
	if r.URL.Host != "shop.example" {
		t.Errorf("host: got %s, want shop.example", r.URL.Host)
	}
	if r.Header.Get("XPay-Signature") == "" {
		t.Error("the request has no XPay-Signature")
	}
	if n := len(s.srv.Deliveries()); n != 0 {
		t.Errorf("deliveries: got %d, want 0", n)
	}
}

func TestEventsAreBounded(t *testing.T) {
	s := open(t, xpaytest.WithHistory(10))
	for range 30 {
		s.pay(s.text(s.session(""), "id"))
	}
	if n := len(s.srv.Events()); n > 10 {
		t.Errorf("got %d events, want at most 10", n)
	}
	if n := s.srv.Dropped()["events"]; n < 20 {
		t.Errorf("Dropped: got %d events, want at least 20", n)
	}
}
