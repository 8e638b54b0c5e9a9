package openapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// TestNotificationVectors: the notification that OpenSSL signed is accepted, and no
// changed one.
func TestNotificationVectors(t *testing.T) {
	v := readVectors(t)
	for name, set := range map[string]keySet{"published": v.Published, "pair": v.Pair} {
		n, c := set.Cases[2], with(t, v, set.PublicKey, noNetwork())
		now := time.Date(2024, 1, 10, 12, 25, 0, 0, time.UTC)
		ev, err := c.VerifyAt(now, n.Path, header(n, "Request-Time"), []byte(n.Body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if ev.Payment == nil {
			t.Fatalf("%s: Payment is nil", name)
		}
		if ev.Payment.PaymentStatus != openapi.PaymentStatusSuccess {
			t.Errorf("%s: PaymentStatus: got %s, want %s", name, ev.Payment.PaymentStatus, openapi.PaymentStatusSuccess)
		}
		if got := ev.Payment.PaymentAmount.Value; got != 2500 {
			t.Errorf("%s: PaymentAmount: got %d, want 2500", name, got)
		}
		if string(ev.Body) != n.Body {
			t.Errorf("%s: Body is not the delivered body", name)
		}
		bare := header(n, "Request-Time")
		bare.Del("Client-Id")
		if _, err := c.VerifyAt(now, n.Path, bare, []byte(n.Body)); err != nil {
			t.Errorf("%s: without Client-Id: %v", name, err)
		}
		for _, off := range []time.Duration{-5*time.Minute - time.Second, 71*time.Hour + time.Second} {
			at := time.Date(2024, 1, 10, 12, 23, 0, 0, time.UTC).Add(off)
			if _, err := c.VerifyAt(at, n.Path, header(n, "Request-Time"), []byte(n.Body)); err == nil {
				t.Errorf("%s: accepted %v off", name, off)
			}
		}
		for i := range n.Body {
			changed := []byte(n.Body)
			changed[i] ^= 1
			if _, err := c.VerifyAt(now, n.Path, header(n, "Request-Time"), changed); err == nil {
				t.Errorf("%s: byte %d of the body can be changed", name, i)
			}
		}
		for i := range n.Path {
			changed := []byte(n.Path)
			changed[i] ^= 1
			if _, err := c.VerifyAt(now, string(changed), header(n, "Request-Time"), []byte(n.Body)); err == nil {
				t.Errorf("%s: byte %d of the path can be changed", name, i)
			}
		}
		for field, value := range map[string]string{"Request-Time": n.Time, "Signature": n.Signature, "Client-Id": n.ClientID} {
			for i := range value {
				changed := []byte(value)
				changed[i] ^= 1
				h := header(n, "Request-Time")
				h.Set(field, strings.Replace(h.Get(field), value, string(changed), 1))
				if _, err := c.VerifyAt(now, n.Path, h, []byte(n.Body)); err == nil {
					t.Errorf("%s: byte %d of %s can be changed", name, i, field)
				}
			}
		}
	}
}

func noNetwork() http.RoundTripper {
	return tripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("no network") })
}

// signed returns a signed notification with any body.
func signed(srv *openapitest.Server, target, body string) *http.Request {
	sent, err := srv.SignCallback(target, []byte(body))
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header = sent.Header
	return r
}

func serve(h http.Handler, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestNotifications(t *testing.T) {
	srv := openapitest.NewServer(t)
	var got []openapi.Event
	h := connect(t, srv).Webhook(func(_ context.Context, ev openapi.Event) error { got = append(got, ev); return nil })
	money := `{"currency":"EUR","value":2500}`
	for _, body := range []string{
		`{"eventType":"PAYMENT_RESULT","paymentId":"1","paymentRequestId":"2","paymentStatus":"FAIL","paymentAmount":` + money + `,"failureReason":null,"merchantData":{"externalStoreId":"S"}}`,
		`{"refundId":"3","refundRequestId":"4","paymentId":"1","refundStatus":"SUCCESS","refundAmount":` + money + `}`,
		`{"accessToken":"secret-token","contractStatus":"INVALID","modifyTime":"1704893445"}`,
		`{"paymentId":"1","cashierUrl":"https://wallet.example/cashier"}`,
		`{"somethingNew":true}`,
		`{"paymentId":"1","paymentRequestId":"2","paymentStatus":"SUCCESS","paymentAmount":` + money + `}`, // another status of the first payment
	} {
		for range 2 { // the second delivery is not handled
			if status, reply := serve(h, signed(srv, hookURL, body)); status != 200 || reply != accepted {
				t.Errorf("%s: %d %s", body, status, reply)
			}
		}
	}
	if len(got) != 6 {
		t.Fatalf("%d events, want 6", len(got))
	}
	if got[0].Payment == nil {
		t.Fatal("event 0: Payment is nil")
	}
	if got[1].Refund == nil {
		t.Error("event 1: Refund is nil")
	}
	if got[2].Contract == nil {
		t.Fatal("event 2: Contract is nil")
	}
	if got[3].Cashier == nil {
		t.Fatal("event 3: Cashier is nil")
	}
	if body, want := string(got[4].Body), `{"somethingNew":true}`; body != want {
		t.Errorf("event 4: Body: got %s, want %s", body, want)
	}
	if amount := got[0].Payment.PaymentAmount.Value; amount != 2500 {
		t.Errorf("event 0: PaymentAmount: got %d, want 2500", amount)
	}
	if got[3].Cashier.CashierURL == "" {
		t.Error("event 3: CashierURL is empty")
	}
	if at, err := got[2].Contract.ModifyTime.Time(); err != nil || at.Unix() != 1704893445 {
		t.Errorf("modifyTime: %v, %v", at, err)
	}
}

// TestUnreadableNotification: the provider must deliver it again, and user code does
// not receive it.
func TestUnreadableNotification(t *testing.T) {
	srv := openapitest.NewServer(t)
	h := connect(t, srv).Webhook(func(context.Context, openapi.Event) error { t.Error("user code ran"); return nil })
	for _, body := range []string{
		``, `[]`, `null`, `{"paymentStatus":"SUCCESS"}`, `{"paymentId":"1","paymentId":"2","paymentStatus":"SUCCESS"}`,
		`{"paymentId":"1","paymentRequestId":"2","paymentStatus":"SUCCESS","paymentAmount":{"currency":"EUR","value":"25.00"}}`,
	} {
		if status, reply := serve(h, signed(srv, hookURL, body)); status != 503 || !strings.Contains(reply, `"resultStatus":"U"`) {
			t.Errorf("%s: %d %s", body, status, reply)
		}
	}
}

func TestForgedNotificationReply(t *testing.T) {
	srv := openapitest.NewServer(t)
	h := connect(t, srv).Webhook(func(context.Context, openapi.Event) error { t.Error("user code ran"); return nil })
	r := httptest.NewRequest(http.MethodPost, hookURL, strings.NewReader("{}"))
	if status, reply := serve(h, r); status != 401 || !strings.Contains(reply, `"resultCode":"INVALID_SIGNATURE","resultStatus":"F"`) {
		t.Errorf("%d %s", status, reply)
	}
}

// TestNotificationPaths: a router may remove a prefix, and a query may be signed or
// not.
func TestNotificationPaths(t *testing.T) {
	srv := openapitest.NewServer(t)
	n := 0
	h := connect(t, srv).Webhook(func(context.Context, openapi.Event) error { n++; return nil })
	mux := http.NewServeMux()
	mux.Handle("/shop/", http.StripPrefix("/shop", h))
	body := func(i int) string {
		return fmt.Sprintf(`{"paymentId":"%d","paymentRequestId":"2","paymentStatus":"SUCCESS","paymentAmount":{"currency":"EUR","value":"1"}}`, i)
	}
	for i, target := range []string{"/shop/hooks/payment", "/shop/hooks/payment?order=1", "/shop/caf%C3%A9/x"} {
		if status, _ := serve(mux, signed(srv, target, body(i))); status != 200 {
			t.Errorf("%s: %d", target, status)
		}
	}
	unsignedQuery := signed(srv, "/shop/hooks/payment", body(9))
	unsignedQuery.URL.RawQuery, unsignedQuery.RequestURI = "order=1", "/shop/hooks/payment?order=1"
	if status, _ := serve(mux, unsignedQuery); status != 200 || n != 4 {
		t.Errorf("a query that is not signed: %d, %d events", status, n)
	}
}

// TestSandboxNotifications: the sandbox delivers to a handler that fails first.
func TestSandboxNotifications(t *testing.T) {
	srv := openapitest.NewServer(t)
	failing, n := true, 0
	c := connect(t, srv)
	shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev openapi.Event) error {
		n++
		if failing {
			return errors.New("the database is down")
		}
		if ev.Payment == nil || ev.Payment.PaymentRequestID != "order-1" {
			t.Errorf("event %+v", ev)
		}
		return nil
	}))
	defer shop.Close()
	body := qrOrder(srv.ProductCode())
	body.PaymentRequestID, body.PaymentNotifyURL = "order-1", shop.URL+"/hooks/payment?shop=1"
	order, err := c.CreateQROrder(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Pay(order.PaymentID); err != nil {
		t.Fatal(err)
	}
	if d := srv.Deliveries(); len(d) != 1 || d[0].Status != 503 || d[0].Accepted {
		t.Fatalf("deliveries: %+v", d)
	}
	failing = false
	if err := srv.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	if d := srv.Deliveries(); len(d) != 2 || !d[1].Accepted || n != 2 {
		t.Errorf("deliveries: %+v, %d runs", d, n)
	}
	if webhooks := srv.Webhooks(); len(webhooks) != 1 || webhooks[0].State != "delivered" || webhooks[0].Attempts != 2 {
		t.Errorf("webhooks: %+v", webhooks)
	}
}

// TestWebhookWithWrongClock: a handler with a clock that is an hour behind does not handle
// a genuine notification, but asks for another delivery.
func TestWebhookWithWrongClock(t *testing.T) {
	srv := openapitest.NewServer(t)
	h := connect(t, srv, pay.WithClock(func() time.Time { return time.Now().Add(-time.Hour) })).Webhook(func(context.Context, openapi.Event) error { t.Error("user code ran"); return nil })
	if status, _ := serve(h, signed(srv, hookURL, `{}`)); status != 503 {
		t.Errorf("status %d", status)
	}
}
