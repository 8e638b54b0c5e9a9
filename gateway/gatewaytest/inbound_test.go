package gatewaytest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/gateway/gatewaytest"
)

// inbound sends the webhook of the payment's PSP. The reference "" is the payment's own.
func (a *app) inbound(id, reference string, edit func(*http.Request)) response {
	a.t.Helper()
	r, err := a.srv.InboundWebhook(id, reference)
	if err != nil {
		a.t.Fatal(err)
	}
	if edit != nil {
		edit(r)
	}
	return a.send(r)
}

func setBody(r *http.Request, text string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
}

func TestInbound(t *testing.T) {
	for name, request := range map[string]string{"nicepay": qris, "polar": plan, "paypal": service} {
		t.Run(name, func(t *testing.T) {
			l := newReceiver(t, 200)
			a := open(t, gatewaytest.WithWebhookURL(l.URL))
			id := a.payment(request)
			forge := func(r *http.Request) {
				r.Header.Set("PAYPAL-TRANSMISSION-SIG", "x")
				r.Header.Set("webhook-signature", "v1,x")
				if name == "nicepay" {
					setBody(r, "tXid=1&amt=2&merchantToken=x&referenceNo="+id)
				}
			}
			a.want(a.inbound(id, "", forge), 401, "bad signature")
			a.want(a.inbound(id, "none", nil), 400, "bad reference none")
			a.want(a.inbound(id, "ffffffffffffffffffffffffffffffff", nil), 404, "unknown payment")
			if a.status(id) != "initiated" || len(l.bodies) != 0 {
				t.Fatalf("rejected events had an effect: %s, %v", a.status(id), l.bodies)
			}
			if got := a.inbound(id, "", nil); got.raw != `{"acknowledged":true}` || a.status(id) != "succeeded" {
				t.Errorf("got %d %s, payment %s", got.status, got.raw, a.status(id))
			}
			if got := a.inbound(id, "", nil); got.raw != `{"acknowledged":true,"action":"already_finalized"}` {
				t.Errorf("again: %d %s", got.status, got.raw)
			}
			if len(l.bodies) != 1 {
				t.Errorf("%d notifications", len(l.bodies))
			}
			r := a.unsigned("GET", "/admin/inbound_events?payment_id="+id, "")
			r.Header.Set("Authorization", "Bearer sandbox-operator")
			if got := a.send(r); strings.Count(got.raw, `"signature_valid":true`) != 2 || !strings.Contains(got.raw, `"body"`) {
				t.Errorf("archive: %s", got.raw)
			}
		})
	}
}

func TestInboundWithoutEffect(t *testing.T) {
	a := open(t)
	id := a.payment(service)
	for _, event := range []string{"CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.REFUNDED"} {
		got := a.inbound(id, "", func(r *http.Request) { setBody(r, `{"event_type":"`+event+`","resource":{"invoice_id":"`+id+`"}}`) })
		if got.raw != `{"acknowledged":true,"action":"none"}` {
			t.Errorf("%s: %d %s", event, got.status, got.raw)
		}
	}
	a.want(a.inbound(id, "", func(r *http.Request) { setBody(r, `{`) }), 400, "body read")
	got := a.inbound(id, "", func(r *http.Request) {
		setBody(r, `{"event_type":"PAYMENT.CAPTURE.DENIED","resource":{"invoice_id":"`+id+`"}}`)
	})
	if got.status != 200 || a.status(id) != "failed" {
		t.Errorf("denied: %d %s, payment %s", got.status, got.raw, a.status(id))
	}
}

func TestInboundEventsAreBounded(t *testing.T) {
	a := open(t, gatewaytest.WithHistory(10))
	id := a.payment(qris)
	for range 30 {
		a.want(a.inbound(id, "none", nil), 400, "bad reference none")
	}
	if n := a.srv.Dropped()["inbound_events"]; n < 20 {
		t.Errorf("Dropped: got %d events, want at least 20 of 30", n)
	}
}
