package xpay_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// header returns a signature header, made with code of the test.
func header(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

type vector struct {
	Name, Secret, Timestamp, Body, Signature string
	WithoutPrefix                            string `json:"without_prefix"`
	Readable                                 bool
}

func vectors(t *testing.T) []vector {
	t.Helper()
	data, err := os.ReadFile("../specs/vectors/xpay.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Deliveries []vector }
	if err := json.Unmarshal(data, &file); err != nil || len(file.Deliveries) == 0 {
		t.Fatal("no vectors", err)
	}
	return file.Deliveries
}

func client(t *testing.T, secret string, old ...string) *xpay.Client {
	t.Helper()
	c, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789", WebhookSecret: secret, OldWebhookSecrets: old})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNotificationVectors(t *testing.T) {
	for _, v := range vectors(t) {
		seconds, err := strconv.ParseInt(v.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		now, c := time.Unix(seconds, 0), client(t, v.Secret)
		verify := func(now time.Time, signature, body string) error {
			_, err := c.VerifyAt(now, http.Header{"Xpay-Signature": {"t=" + v.Timestamp + ",v1=" + signature}}, []byte(body))
			return err
		}
		verified := func(err error) bool { return !errors.Is(err, xpay.ErrForged) && !errors.Is(err, xpay.ErrStale) }
		if err := verify(now, v.Signature, v.Body); !verified(err) || (err == nil) != v.Readable {
			t.Errorf("%s: %v", v.Name, err)
		}
		if err := verify(now, v.WithoutPrefix, v.Body); !errors.Is(err, xpay.ErrForged) {
			t.Errorf("%s: a signing key without whsec_ was accepted: %v", v.Name, err)
		}
		for i := range len(v.Body) {
			changed := []byte(v.Body)
			changed[i] ^= 1
			if err := verify(now, v.Signature, string(changed)); !errors.Is(err, xpay.ErrForged) {
				t.Fatalf("%s: byte %d of the body was changed: %v", v.Name, i, err)
			}
		}
		for i := range len(v.Signature) {
			changed := []byte(v.Signature)
			changed[i] ^= 1
			if err := verify(now, string(changed), v.Body); !errors.Is(err, xpay.ErrForged) {
				t.Fatalf("%s: byte %d of the signature was changed: %v", v.Name, i, err)
			}
		}
		for d, fresh := range map[time.Duration]bool{
			300 * time.Second: true, -300 * time.Second: true, 300*time.Second + 999*time.Millisecond: true,
			301 * time.Second: false, -301 * time.Second: false, -300*time.Second - time.Millisecond: false,
		} {
			if err := verify(now.Add(d), v.Signature, v.Body); errors.Is(err, xpay.ErrStale) == fresh {
				t.Errorf("%s: %v off: %v", v.Name, d, err)
			}
		}
	}
}

// TestSandboxSignatures: the client accepts signatures of the sandbox. The tests of
// the sandbox and TestNotificationVectors compare both with OpenSSL.
func TestSandboxSignatures(t *testing.T) {
	all := vectors(t)
	for _, v := range all {
		seconds, err := strconv.ParseInt(v.Timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(seconds, 0)
		srv := xpaytest.NewServer(t, xpaytest.WithTime(now))
		r, err := srv.SignCallback("https://shop.example/xpay", []byte(v.Body))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client(t, srv.Credentials().WebhookSecret).VerifyAt(now, r.Header, []byte(v.Body))
		if errors.Is(err, xpay.ErrForged) || errors.Is(err, xpay.ErrStale) {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

func TestSecretRotation(t *testing.T) {
	now, body := time.Unix(1_778_330_096, 0), []byte(`{"id":"evt_test_1","type":"x.y","created":"2026-05-09T12:34:56Z","livemode":false,"data":{"object":{"object":"z"}}}`)
	first, second := header("whsec_first-secret", "1778330096", body), header("whsec_second-secret", "1778330096", body)
	both := first + "," + second[len("t=1778330096,"):]
	c := client(t, "whsec_second-secret", "whsec_first-secret")
	for name, h := range map[string]string{"the old secret": first, "the new one": second, "both": both, "with spaces": " " + both + " , v0=x, t=abc"} {
		ev, err := c.VerifyAt(now, http.Header{"Xpay-Signature": {h}}, body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if ev.ID != "evt_test_1" {
			t.Errorf("%s: ID: got %s, want evt_test_1", name, ev.ID)
		}
		if got, want := ev.Created, xpay.DateTime("2026-05-09T12:34:56Z"); got != want {
			t.Errorf("%s: Created: got %s, want %s", name, got, want)
		}
		if ev.Object != nil {
			t.Errorf("%s: Object: got %T, want nil", name, ev.Object)
		}
		if got, want := string(ev.Raw), `{"object":"z"}`; got != want {
			t.Errorf("%s: Raw: got %s, want %s", name, got, want)
		}
	}
	if _, err := client(t, "whsec_third-secret").VerifyAt(now, http.Header{"Xpay-Signature": {both}}, body); !errors.Is(err, xpay.ErrForged) {
		t.Errorf("a third secret: %v", err)
	}
	if _, err := client(t, "").VerifyAt(now, http.Header{"Xpay-Signature": {both}}, body); !errors.Is(err, xpay.ErrNoWebhookSecret) {
		t.Errorf("no secret: %v", err)
	}
}

func TestInvalidEvents(t *testing.T) {
	now, c := time.Unix(1_778_330_096, 0), client(t, "whsec_first-secret")
	for body, forged := range map[string]bool{
		`{"id":"e","type":"x.y","livemode":true,"data":{"object":{"object":"z"}}}`:                                     true,
		`{"id":"e","type":"x.y","livemode":false,"data":{}}`:                                                           false,
		`{"id":"","type":"x.y","livemode":false,"data":{"object":{}}}`:                                                 false,
		`{"id":"e","id":"f","type":"x.y","livemode":false,"data":{"object":{}}}`:                                       false,
		`{"id":"e","type":"x.y","livemode":false,"data":{"object":{"object":"charge","id":"c"}}}`:                      false,
		`{"id":"e","type":"x.y","livemode":false,"data":{"object":7}}`:                                                 false,
		`{"id":"e","type":"webhook_endpoint.delivery_failed","livemode":false,"data":{"object":{"attempts":"x"}}}`:     false,
		`{"id":"e","type":"refund.created","livemode":false,"data":{"object":{"object":"refund","amount":1.5}}} trail`: false,
	} {
		_, err := c.VerifyAt(now, http.Header{"Xpay-Signature": {header("whsec_first-secret", "1778330096", []byte(body))}}, []byte(body))
		if err == nil || errors.Is(err, xpay.ErrForged) != forged || errors.Is(err, xpay.ErrStale) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestWebhookStatus: the status is 503 if the cause may be on this side.
func TestWebhookStatus(t *testing.T) {
	body := []byte(`{"id":"evt_test_1","type":"x.y","livemode":false,"data":{"object":{}}}`)
	signed := func(secret string) string {
		return header(secret, strconv.FormatInt(time.Now().Unix(), 10), body)
	}
	for name, tt := range map[string]struct {
		secret, header string
		want           int
		log            string // names the cause
	}{
		"genuine":   {"whsec_first-secret", signed("whsec_first-secret"), http.StatusOK, ""},
		"forged":    {"whsec_first-secret", signed("whsec_other-secret"), http.StatusUnauthorized, xpay.ErrForged.Error()},
		"no secret": {"", signed("whsec_first-secret"), http.StatusServiceUnavailable, xpay.ErrNoWebhookSecret.Error()},
		"old":       {"whsec_first-secret", header("whsec_first-secret", "1730000000", body), http.StatusServiceUnavailable, xpay.ErrStale.Error()},
		"far ahead": {"whsec_first-secret", header("whsec_first-secret", "4000000000", body), http.StatusServiceUnavailable, xpay.ErrStale.Error()},
		"overflow":  {"whsec_first-secret", header("whsec_first-secret", "99999999999999999999", body), http.StatusServiceUnavailable, xpay.ErrStale.Error()},
	} {
		var log strings.Builder
		c, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789", WebhookSecret: tt.secret}, pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		h := c.Webhook(func(context.Context, xpay.Event) error { runs++; return nil })
		if got := deliver(h, tt.header, body); got != tt.want || (runs == 1) != (tt.want == http.StatusOK) {
			t.Errorf("%s: status %d, want %d; %d runs", name, got, tt.want, runs)
		}
		if !strings.Contains(log.String(), tt.log) {
			t.Errorf("%s: the log is %q, want it to contain %q", name, log.String(), tt.log)
		}
	}
}

func deliver(h http.Handler, signature string, body []byte) int {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/xpay", newReader(body))
	r.Header.Set("XPay-Signature", signature)
	h.ServeHTTP(w, r)
	return w.Code
}

// TestEventObjects decodes each kind of object.
func TestEventObjects(t *testing.T) {
	objects := map[string]any{
		`{"object":"checkout.session","id":"cs","status":"complete","paymentStatus":"paid","livemode":false}`: &xpay.CheckoutSession{},
		`{"object":"payment_intent","id":"pi","amount":"100","currency":"EGP","status":"SUCCEEDED"}`:          &xpay.PaymentIntent{},
		`{"object":"charge","id":"ch","amount":100.0,"currency":"EGP","status":"SUCCEEDED"}`:                  &xpay.Charge{},
		`{"object":"refund","id":"re","amount":100,"chargeId":"ch","status":"SUCCEEDED"}`:                     &xpay.Refund{},
		`{"object":"customer","id":"cus"}`:            &xpay.Customer{},
		`{"object":"product","id":"prod","name":""}`:  nil,
		`{"object":"product","id":"prod","name":"T"}`: &xpay.Product{},
		`{"object":"coupon","id":"co"}`:               &xpay.Coupon{},
		`{"object":"promotion_code","id":"promo"}`:    &xpay.PromotionCode{},
	}
	c, now := client(t, "whsec_first-secret"), time.Unix(1_778_330_096, 0)
	for object, want := range objects {
		body := []byte(`{"id":"evt_test_1","type":"some.thing","livemode":false,"data":{"object":` + object + `}}`)
		ev, err := c.VerifyAt(now, http.Header{"Xpay-Signature": {header("whsec_first-secret", "1778330096", body)}}, body)
		if want == nil {
			if err == nil {
				t.Errorf("%s was accepted", object)
			}
			continue
		}
		if err != nil || typeName(ev.Object) != typeName(want) {
			t.Errorf("%s: %T, %v", object, ev.Object, err)
		}
	}
	body := []byte(`{"id":"evt_test_1","type":"webhook_endpoint.delivery_failed","livemode":false,"data":{"object":{"url":"https://shop.example","attempts":5}}}`)
	ev, err := c.VerifyAt(now, http.Header{"Xpay-Signature": {header("whsec_first-secret", "1778330096", body)}}, body)
	if f, ok := ev.Object.(*xpay.DeliveryFailure); err != nil || !ok || f.Attempts != 5 {
		t.Errorf("%+v, %v", ev, err)
	}
}

// TestSandboxEvents receives the events of a payment and a refund from the sandbox.
func TestSandboxEvents(t *testing.T) {
	srv := xpaytest.NewServer(t)
	var got []xpay.Event
	var c *xpay.Client
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.Webhook(func(_ context.Context, ev xpay.Event) error { got = append(got, ev); return nil }).ServeHTTP(w, r)
	}))
	defer shop.Close()
	ep, err := connect(t, srv).CreateWebhookEndpoint(t.Context(), xpay.CreateWebhookEndpointRequest{URL: shop.URL, EnabledEvents: []xpay.EventType{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	creds := srv.Credentials()
	c, err = xpay.New(xpay.Credentials{APIKey: creds.APIKey, WebhookSecret: string(ep.Secret)}, pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t)), pay.WithClock(srv.Now))
	if err != nil {
		t.Fatal(err)
	}
	s := opened(t, c)
	if _, err := srv.Pay(s.ID, xpaytest.PayDeclined("insufficient_funds")); err != nil {
		t.Fatal(err)
	}
	paid, err := srv.Pay(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateRefund(t.Context(), xpay.CreateRefundRequest{ChargeID: paid.ChargeID}); err != nil {
		t.Fatal(err)
	}
	want := []xpay.EventType{
		xpay.EventTypeChargeFailed, xpay.EventTypePaymentIntentPaymentFailed, xpay.EventTypeCheckoutSessionCompleted,
		xpay.EventTypeRefundCreated, xpay.EventTypeChargeRefunded,
	}
	if len(got) != len(want) {
		t.Fatalf("events: got %d, want %d", len(got), len(want))
	}
	for i, ev := range got {
		if ev.Type != want[i] {
			t.Errorf("event %d: Type: got %s, want %s", i, ev.Type, want[i])
		}
		if ev.Object == nil {
			t.Errorf("event %d: Object is nil", i)
		}
		if ev.Livemode {
			t.Errorf("event %d: Livemode: got true, want false", i)
		}
		if ev.APIVersion == "" {
			t.Errorf("event %d: APIVersion is empty", i)
		}
	}
	intent, ok := got[1].Object.(*xpay.PaymentIntent)
	if !ok {
		t.Fatalf("declined: Object: got %T, want a *xpay.PaymentIntent", got[1].Object)
	}
	if err := intent.LastPaymentError.Err(); !errors.Is(err, xpay.DeclineInsufficientFunds) {
		t.Errorf("declined: got error %v, want one that is %v", err, xpay.DeclineInsufficientFunds)
	}
	if order := intent.Metadata.Get("order"); order != "1001" {
		t.Errorf("declined: metadata order: got %q, want %q", order, "1001")
	}
	if intent.CheckoutSession.ID != s.ID {
		t.Errorf("declined: session: got %s, want %s", intent.CheckoutSession.ID, s.ID)
	}
	session, ok := got[2].Object.(*xpay.CheckoutSession)
	if !ok {
		t.Fatalf("completed: Object: got %T, want a *xpay.CheckoutSession", got[2].Object)
	}
	if !session.Paid() {
		t.Error("completed: Paid: got false, want true")
	}
	if amount := session.PaymentIntent.AmountReceived; amount != 20_000 {
		t.Errorf("completed: AmountReceived: got %d, want 20000", amount)
	}
	if order := session.Metadata.Get("order"); order != "1001" {
		t.Errorf("completed: metadata order: got %q, want %q", order, "1001")
	}
	charge, ok := got[4].Object.(*xpay.Charge)
	if !ok {
		t.Fatalf("refunded: Object: got %T, want a *xpay.Charge", got[4].Object)
	}
	if charge.AmountRefunded != 20_000 {
		t.Errorf("refunded: AmountRefunded: got %d, want 20000", charge.AmountRefunded)
	}
	if n := len(charge.Refunds); n != 1 {
		t.Errorf("refunded: Refunds: got %d, want 1", n)
	}
	if charge.Status != xpay.ChargeStatusRefunded {
		t.Errorf("refunded: Status: got %s, want %s", charge.Status, xpay.ChargeStatusRefunded)
	}
}
