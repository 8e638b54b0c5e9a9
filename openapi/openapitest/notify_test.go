package openapitest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// TestNotifications checks that the signature covers path and query, and that each
// attempt has a fresh time and signature.
func TestNotifications(t *testing.T) {
	s := open(t, openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	var times, bodies []string
	replies := []string{`nothing`, `{"result":{"resultStatus":"F"}}`, `{"result":{"resultStatus":"S"}}`}
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		moment := r.Header.Get("Request-Time")
		times, bodies = append(times, moment), append(bodies, string(body))
		_, text, _ := strings.Cut(r.Header.Get("Signature"), "signature=")
		raw, err := base64.StdEncoding.DecodeString(text)
		sum := sha256.Sum256([]byte("POST " + r.RequestURI + "\n" + r.Header.Get("Client-Id") + "." + moment + "." + string(body)))
		if err != nil || rsa.VerifyPKCS1v15(s.platform["1"], crypto.SHA256, sum[:], raw) != nil {
			t.Errorf("invalid signature: %v", r.Header)
		}
		fmt.Fprint(w, replies[min(len(times), len(replies))-1])
	}))
	defer shop.Close()
	s.want(s.call("payments/createQrOrder", qrTo("q1", shop.URL+"/hooks/caf%C3%A9?order=1")), ok)
	if err := s.srv.Pay("q1"); err != nil {
		t.Fatal(err)
	}
	s.advance(29 * time.Second)
	if len(times) != 1 {
		t.Fatalf("%d attempts before the first delay has passed", len(times))
	}
	s.advance(time.Second)
	s.advance(time.Minute)
	s.advance(24 * time.Hour)
	if len(times) != 3 {
		t.Fatalf("attempts: got %d, want 3", len(times))
	}
	if times[0] == times[1] {
		t.Errorf("Request-Time: got %s in the first two attempts, want different times", times[0])
	}
	if bodies[0] != bodies[2] {
		t.Error("the bodies of the first and the third attempt differ, want the same body")
	}
	if !strings.Contains(bodies[0], `"paymentStatus":"SUCCESS"`) {
		t.Error("the notification does not contain the payment status SUCCESS")
	}
	webhooks := s.srv.Webhooks()
	if len(webhooks) != 1 {
		t.Fatalf("webhooks: got %d, want 1", len(webhooks))
	}
	if webhooks[0].State != "delivered" {
		t.Errorf("webhooks: State: got %s, want delivered", webhooks[0].State)
	}
	if webhooks[0].Kind != "payment" {
		t.Errorf("webhooks: Kind: got %s, want payment", webhooks[0].Kind)
	}
}

// TestNotificationAttemptsEnd checks that the platform stops after the last delay.
func TestNotificationAttemptsEnd(t *testing.T) {
	s := open(t)
	n := 0
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.WriteHeader(500)
		fmt.Fprint(w, `{"result":{"resultStatus":"S"}}`) // the status has to be 200 too
	}))
	defer shop.Close()
	s.want(s.call("payments/createQrOrder", qrTo("q1", shop.URL)), ok)
	if err := s.srv.Pay("q1"); err != nil {
		t.Fatal(err)
	}
	s.advance(48 * time.Hour)
	if webhooks := s.srv.Webhooks(); n != 7 || webhooks[0].State != "failed" {
		t.Errorf("%d attempts, %+v", n, webhooks)
	}
}

// TestNotifiedEvents checks that expired orders and refunds are notified too.
func TestNotifiedEvents(t *testing.T) {
	s := open(t)
	var bodies []string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		fmt.Fprint(w, `{"result":{"resultStatus":"S"}}`)
	}))
	defer shop.Close()
	s.want(s.call("payments/createQrOrder", qrTo("q1", shop.URL+"/a")), ok)
	s.advance(16 * time.Minute)
	id := s.paid("q2")
	s.config(func(c *openapitest.Config) { c.Processing, c.Amounts = "10s", "number" })
	s.want(s.call("payments/refundApply", `{"paymentId":"`+id+`","refundRequestId":"f1","refundAmount":{"currency":"EUR","value":"5"},"refundNotifyUrl":"`+shop.URL+`/b"}`), "U REFUND_IN_PROCESS")
	s.advance(10 * time.Second)
	if len(bodies) != 2 {
		t.Fatalf("notifications: got %d, want 2", len(bodies))
	}
	if !strings.Contains(bodies[0], "QR_EXPIRED") {
		t.Error("the notification of the order does not contain QR_EXPIRED")
	}
	for _, want := range []string{`"refundStatus":"SUCCESS"`, `"value":5`} {
		if !strings.Contains(bodies[1], want) {
			t.Errorf("the notification of the refund does not contain %s", want)
		}
	}
}

func TestNotificationByID(t *testing.T) {
	s := open(t)
	id := s.paid("q1")
	r, err := s.srv.Callback(id, "https://shop.example")
	if err != nil || r.URL.Path != "/" || r.Header.Get("Signature") == "" {
		t.Errorf("%v, %+v", err, r)
	}
	srv, err := openapitest.Start("127.0.0.1:0") // without a test, errors are only returned
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	if _, err := srv.Callback("404", "https://shop.example"); err == nil {
		t.Error("no error for an unknown ID")
	}
	for i, err := range []error{srv.Pay("404"), errorOf(srv.PaymentCode("SUCCESS")), errorOf(srv.Contract("VALID")), errorOf(srv.Contract("MAYBE"))} {
		if err == nil {
			t.Errorf("call %d: no error", i)
		}
	}
}

func errorOf(_ string, err error) error { return err }
