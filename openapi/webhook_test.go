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

// TestW1_VectorsAreBelieved: the notification that OpenSSL signed is believed, and
// no other one.
func TestW1_VectorsAreBelieved(t *testing.T) {
	v := readVectors(t)
	t.Attr("figure", "2 notifications: one under a key whose private half is gone, one under the pair's; none is published by the provider")
	for name, set := range map[string]keySet{"published": v.Published, "pair": v.Pair} {
		news, c := set.Cases[2], with(t, v, set.PublicKey, nil2())
		now := time.Date(2024, 1, 10, 12, 25, 0, 0, time.UTC)
		ev, err := c.VerifyAt(now, news.Path, header(news, "Request-Time"), []byte(news.Body))
		if err != nil || ev.Payment == nil || ev.Payment.PaymentStatus != openapi.PaymentStatusSuccess || ev.Payment.PaymentAmount.Value != 2500 || string(ev.Body) != news.Body {
			t.Fatalf("%s: %+v, %v", name, ev, err)
		}
		bare := header(news, "Request-Time")
		bare.Del("Client-Id")
		if _, err := c.VerifyAt(now, news.Path, bare, []byte(news.Body)); err != nil {
			t.Errorf("%s: without Client-Id: %v", name, err)
		}
		for _, n := range []time.Duration{-5*time.Minute - time.Second, 5*time.Minute + time.Second} {
			at := time.Date(2024, 1, 10, 12, 23, 0, 0, time.UTC).Add(n)
			if _, err := c.VerifyAt(at, news.Path, header(news, "Request-Time"), []byte(news.Body)); err == nil {
				t.Errorf("%s: believed %v away", name, n)
			}
		}
		for i := range news.Body {
			changed := []byte(news.Body)
			changed[i] ^= 1
			if _, err := c.VerifyAt(now, news.Path, header(news, "Request-Time"), changed); err == nil {
				t.Errorf("%s: byte %d of the body can be changed", name, i)
			}
		}
		for i := range news.Path {
			changed := []byte(news.Path)
			changed[i] ^= 1
			if _, err := c.VerifyAt(now, string(changed), header(news, "Request-Time"), []byte(news.Body)); err == nil {
				t.Errorf("%s: byte %d of the path can be changed", name, i)
			}
		}
		for field, value := range map[string]string{"Request-Time": news.Time, "Signature": news.Signature, "Client-Id": news.ClientID} {
			for i := range value {
				changed := []byte(value)
				changed[i] ^= 1
				h := header(news, "Request-Time")
				h.Set(field, strings.Replace(h.Get(field), value, string(changed), 1))
				if _, err := c.VerifyAt(now, news.Path, h, []byte(news.Body)); err == nil {
					t.Errorf("%s: byte %d of %s can be changed", name, i, field)
				}
			}
		}
	}
}

func nil2() http.RoundTripper {
	return tripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("nobody is asked") })
}

// signed makes a notification of any content.
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

func TestEveryKindOfEvent(t *testing.T) {
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
		`{"paymentId":"1","paymentRequestId":"2","paymentStatus":"SUCCESS","paymentAmount":` + money + `}`, // another end of the first
	} {
		for range 2 { // a second delivery runs nothing
			if status, reply := serve(h, signed(srv, hookURL, body)); status != 200 || reply != accepted {
				t.Errorf("%s: %d %s", body, status, reply)
			}
		}
	}
	if len(got) != 6 {
		t.Fatalf("%d events, want 6", len(got))
	}
	if got[0].Payment == nil || got[1].Refund == nil || got[2].Contract == nil || got[3].Cashier == nil || string(got[4].Body) != `{"somethingNew":true}` {
		t.Errorf("kinds: %+v", got)
	}
	if got[0].Payment.PaymentAmount.Value != 2500 || got[3].Cashier.CashierURL == "" {
		t.Errorf("content: %+v, %+v", got[0].Payment, got[3].Cashier)
	}
	if at, err := got[2].Contract.ModifyTime.Time(); err != nil || at.Unix() != 1704893445 {
		t.Errorf("modifyTime: %v, %v", at, err)
	}
}

// TestGenuineButUnreadable: such a notification must come again, and must not
// reach user code.
func TestGenuineButUnreadable(t *testing.T) {
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

func TestForgedIsRefusedInTheProvidersForm(t *testing.T) {
	srv := openapitest.NewServer(t)
	h := connect(t, srv).Webhook(func(context.Context, openapi.Event) error { t.Error("user code ran"); return nil })
	r := httptest.NewRequest(http.MethodPost, hookURL, strings.NewReader("{}"))
	if status, reply := serve(h, r); status != 401 || !strings.Contains(reply, `"resultCode":"INVALID_SIGNATURE","resultStatus":"F"`) {
		t.Errorf("%d %s", status, reply)
	}
}

// TestPathsOfNotifications: a router that cuts a prefix off does no harm, and a
// query may be signed or not.
func TestPathsOfNotifications(t *testing.T) {
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

// TestSandboxDelivers lets the sandbox send: to a handler that fails first, and
// across two clients that share an event store.
func TestSandboxDelivers(t *testing.T) {
	srv := openapitest.NewServer(t)
	failing, n := true, 0
	c := connect(t, srv)
	shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev openapi.Event) error {
		n++
		if failing {
			return errors.New("the shop's database is away")
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

// TestStaleClock: a handler with a wrong clock refuses what is genuine.
func TestStaleClock(t *testing.T) {
	srv := openapitest.NewServer(t)
	h := connect(t, srv, pay.WithClock(func() time.Time { return time.Now().Add(time.Hour) })).Webhook(func(context.Context, openapi.Event) error { t.Error("user code ran"); return nil })
	if status, _ := serve(h, signed(srv, hookURL, `{}`)); status != 401 {
		t.Errorf("answered %d", status)
	}
}
