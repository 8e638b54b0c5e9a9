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

// archive keeps an event, whatever becomes of it, and then looks at its
// signature.
func (g *gateway) archive(r *http.Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	body := sandbox.Body(r)
	psp := strings.TrimPrefix(r.URL.Path, "/webhooks/")
	valid := validPSP(psp, r.Header, body)
	e := api.InboundEvent{Provider: psp, SignatureValid: valid, Body: string(body), ReceivedAt: rfc3339(g.now())}
	if p := g.referred(psp, body); p != nil {
		e.PaymentID = p.id
	}
	g.inbound = append(g.inbound, e)
	if !valid {
		return refusal{http.StatusUnauthorized, "bad signature"}
	}
	return nil
}

// referred finds the payment of an event that may be anything; nil when there
// is none.
func (g *gateway) referred(psp string, body []byte) *payment {
	if psp == pspNicepay {
		form, _ := url.ParseQuery(string(body)) // what cannot be read names no payment
		return g.byReference(form.Get("referenceNo"))
	}
	var event api.PSPEvent
	_ = json.Unmarshal(body, &event) // what cannot be read names no payment
	return g.byReference(event.Reference())
}

func (g *gateway) byReference(reference string) *payment {
	for _, p := range g.payments {
		if reference != "" && (p.id == reference || p.invoice == reference) {
			return p
		}
	}
	return nil
}

// ReceiveNicepayEvent takes a form.
func (g *gateway) ReceiveNicepayEvent(r *http.Request) (sandbox.Answer, error) {
	form, err := url.ParseQuery(string(sandbox.Body(r)))
	if err != nil {
		return sandbox.Answer{}, refusal{http.StatusBadRequest, "body read"}
	}
	ending := ""
	if form.Get("status") == "0" && form.Get("matchCl") == "1" {
		ending = paymentSucceeded
	}
	return g.receive(r, form.Get("referenceNo"), ending, api.Metadata{})
}

// ReceivePolarEvent takes a webhook of Polar.
func (g *gateway) ReceivePolarEvent(r *http.Request, body api.PSPEvent) (sandbox.Answer, error) {
	more := api.Metadata{"polar_event_type": quoted(body.Type)}
	if body.Data.SubscriptionID != "" {
		more["polar_subscription_id"] = quoted(body.Data.SubscriptionID)
	}
	if body.Data.CurrentPeriodEnd != "" {
		more["current_period_end"] = quoted(body.Data.CurrentPeriodEnd)
	}
	endings := map[string]string{"order.paid": paymentSucceeded, "order.refunded": "refunded", "subscription.canceled": "subscription.canceled", "subscription.revoked": "subscription.revoked"}
	return g.receive(r, body.Reference(), endings[body.Type], more)
}

// ReceivePayPalEvent takes a webhook of PayPal.
func (g *gateway) ReceivePayPalEvent(r *http.Request, body api.PSPEvent) (sandbox.Answer, error) {
	endings := map[string]string{"PAYMENT.CAPTURE.COMPLETED": paymentSucceeded, "PAYMENT.CAPTURE.DENIED": paymentFailed, "PAYMENT.CAPTURE.REFUNDED": "refunded"}
	return g.receive(r, body.Reference(), endings[body.EventType], api.Metadata{})
}

func quoted(text string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		return jsontext.Value(`""`) // broken UTF-8
	}
	return v
}

// receive carries out an event whose signature holds.
func (g *gateway) receive(r *http.Request, reference, ending string, more api.Metadata) (sandbox.Answer, error) {
	action, err := g.apply(reference, ending, more)
	if err != nil {
		return sandbox.Answer{}, err
	}
	g.deliver(r.Context())
	return sandbox.JSON(http.StatusOK, api.Acknowledgement{Acknowledged: true, Action: action}), nil
}

func (g *gateway) apply(reference, ending string, more api.Metadata) (action string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if matched, _ := regexp.MatchString(`^([0-9a-f]{32}|[A-Z][A-Z0-9-]{0,11}-\d{6,})$`, reference); !matched {
		return "", refusal{http.StatusBadRequest, "bad reference " + reference}
	}
	p := g.byReference(reference)
	switch {
	case p == nil:
		return "", refusal{http.StatusNotFound, "unknown payment"}
	case ending == "":
		return "none", nil
	case ending == paymentSucceeded || ending == paymentFailed:
		if p.status != paymentInitiated {
			return "already_finalized", nil
		}
		g.finalize(p, ending, more)
		return "", nil
	}
	if g.afterwards(p, ending) != nil {
		return "none", nil
	}
	return "", nil
}

// ListInboundEvents is the operator's archive of one payment.
func (g *gateway) ListInboundEvents(_ *http.Request, params api.ListInboundEventsParams) (sandbox.Answer, error) {
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
