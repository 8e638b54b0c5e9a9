package gatewaytest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

func isInbound(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/webhooks/") }

// archive stores an event and then checks its signature.
func (g *gateway) archive(r *http.Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	body := sandbox.Body(r)
	psp := strings.TrimPrefix(r.URL.Path, "/webhooks/")
	valid := validPSPSignature(psp, r.Header, body)
	e := api.InboundEvent{Provider: psp, SignatureValid: valid, Body: string(body), ReceivedAt: rfc3339(g.now())}
	if p := g.paymentOf(psp, body); p != nil {
		e.PaymentID = p.id
	}
	g.inbound = append(sandbox.Keep(g.core, "inbound_events", g.inbound), e)
	if !valid {
		return textError{http.StatusUnauthorized, "bad signature"}
	}
	return nil
}

// paymentOf returns the payment of an event that was not validated, or nil.
func (g *gateway) paymentOf(psp string, body []byte) *payment {
	if psp == pspNicepay {
		form, _ := url.ParseQuery(string(body)) // an invalid body has no reference
		return g.paymentByReference(form.Get("referenceNo"))
	}
	var event api.PSPEvent
	_ = json.Unmarshal(body, &event) // an invalid body has no reference
	return g.paymentByReference(event.Reference())
}

func (g *gateway) paymentByReference(reference string) *payment {
	for _, p := range g.payments {
		if reference != "" && (p.id == reference || p.invoice == reference) {
			return p
		}
	}
	return nil
}

// ReceiveNicepayEvent handles a notification of NICEPAY, which is a form.
func (g *gateway) ReceiveNicepayEvent(r *http.Request) (sandbox.Response, error) {
	form, err := url.ParseQuery(string(sandbox.Body(r)))
	if err != nil {
		return sandbox.Response{}, textError{http.StatusBadRequest, "body read"}
	}
	outcome := ""
	if form.Get("status") == "0" && form.Get("matchCl") == "1" {
		outcome = paymentSucceeded
	}
	return g.receiveEvent(r, form.Get("referenceNo"), outcome, api.Metadata{})
}

// ReceivePolarEvent handles a webhook of Polar.
func (g *gateway) ReceivePolarEvent(r *http.Request, body api.PSPEvent) (sandbox.Response, error) {
	extra := api.Metadata{"polar_event_type": quoted(body.Type)}
	if body.Data.SubscriptionID != "" {
		extra["polar_subscription_id"] = quoted(body.Data.SubscriptionID)
	}
	if body.Data.CurrentPeriodEnd != "" {
		extra["current_period_end"] = quoted(body.Data.CurrentPeriodEnd)
	}
	statuses := map[string]string{"order.paid": paymentSucceeded, "order.refunded": "refunded", "subscription.canceled": "subscription.canceled", "subscription.revoked": "subscription.revoked"}
	return g.receiveEvent(r, body.Reference(), statuses[body.Type], extra)
}

// ReceivePayPalEvent handles a webhook of PayPal.
func (g *gateway) ReceivePayPalEvent(r *http.Request, body api.PSPEvent) (sandbox.Response, error) {
	statuses := map[string]string{"PAYMENT.CAPTURE.COMPLETED": paymentSucceeded, "PAYMENT.CAPTURE.DENIED": paymentFailed, "PAYMENT.CAPTURE.REFUNDED": "refunded"}
	return g.receiveEvent(r, body.Reference(), statuses[body.EventType], api.Metadata{})
}

func quoted(text string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return jsontext.Value(`""`) // invalid UTF-8
	}
	return v
}

// receiveEvent applies an event with a valid signature.
func (g *gateway) receiveEvent(r *http.Request, reference, outcome string, extra api.Metadata) (sandbox.Response, error) {
	action, err := g.applyEvent(reference, outcome, extra)
	if err != nil {
		return sandbox.Response{}, err
	}
	g.deliver(r.Context())
	return sandbox.JSON(http.StatusOK, api.Acknowledgement{Acknowledged: true, Action: action}), nil
}

func (g *gateway) applyEvent(reference, outcome string, extra api.Metadata) (action string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if matched, _ := regexp.MatchString(`^([0-9a-f]{32}|[A-Z][A-Z0-9-]{0,11}-\d{6,})$`, reference); !matched {
		return "", textError{http.StatusBadRequest, "bad reference " + reference}
	}
	p := g.paymentByReference(reference)
	switch {
	case p == nil:
		return "", textError{http.StatusNotFound, "unknown payment"}
	case outcome == "":
		return "none", nil
	case outcome == paymentSucceeded || outcome == paymentFailed:
		if p.status != paymentInitiated {
			return "already_finalized", nil
		}
		g.finalize(p, outcome, extra)
		return "", nil
	}
	if g.applyLaterOutcome(p, outcome) != nil {
		return "none", nil
	}
	return "", nil
}

// ListInboundEvents returns the archived events of a payment.
func (g *gateway) ListInboundEvents(_ *http.Request, params api.ListInboundEventsParams) (sandbox.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	found := []api.InboundEvent{}
	for _, e := range g.inbound {
		if e.PaymentID == params.PaymentID {
			found = append(found, e)
		}
	}
	return sandbox.JSON(http.StatusOK, found), nil
}
