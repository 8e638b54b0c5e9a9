package gatewaytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// The secrets that the sandbox's PSPs share with the gateway.
const (
	nicepayMerchant = "SANDBOXMID"
	nicepayKey      = "sandbox-merchant-key"
	polarSecret     = "polar_whs_sandbox"
	paypalSignature = "sandbox" // the gateway verifies signatures with PayPal, which the sandbox cannot do
)

// validPSPSignature verifies the signature of an event by its PSP's scheme.
func validPSPSignature(psp string, header http.Header, body []byte) bool {
	switch psp {
	case pspNicepay:
		form, err := url.ParseQuery(string(body))
		return err == nil && form.Get("merchantToken") == nicepayToken(form.Get("tXid"), form.Get("amt"))
	case pspPolar:
		want := polarMAC(header.Get("webhook-id"), header.Get("webhook-timestamp"), body)
		for one := range strings.FieldsSeq(header.Get("webhook-signature")) {
			if hmac.Equal([]byte(one), []byte(want)) {
				return true
			}
		}
		return false
	}
	return hmac.Equal([]byte(header.Get("PAYPAL-TRANSMISSION-SIG")), []byte(paypalSignature))
}

func nicepayToken(transaction, amount string) string {
	return bodyHash([]byte(nicepayMerchant + transaction + amount + nicepayKey))
}

// polarMAC uses the secret as text, not decoded.
func polarMAC(id, timestamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(polarSecret))
	h.Write([]byte(id + "." + timestamp + "." + string(body)))
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// InboundWebhook returns the signed webhook that the PSP of a payment sends to the gateway
// after the buyer has paid, for testing an operator's tools. It is not sent. A reference
// other than "" replaces the gateway's reference. In test mode the PSP is the one that
// routing selected. A payment that is unknown or has no PSP is an error.
func (s *Server) InboundWebhook(paymentID, reference string) (*http.Request, error) {
	r, err := s.gateway.inboundRequest(s.URL, paymentID, reference)
	return r, s.handle.Report(err)
}

func (g *gateway) inboundRequest(base, paymentID, reference string) (*http.Request, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(paymentID)
	if p == nil || p.psp != pspNicepay && p.psp != pspPolar && p.psp != pspPayPal {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("no payment through a PSP has the ID %q", paymentID)}
	}
	invoice := p.invoice
	if invoice == "" {
		invoice = p.id
	}
	if reference != "" {
		invoice = reference
	}
	var body []byte
	switch p.psp {
	case pspNicepay:
		amount := strconv.FormatInt(p.request.AmountMinor, 10)
		body = []byte(url.Values{
			"tXid": {p.ref}, "referenceNo": {invoice}, "amt": {amount}, "merchantToken": {nicepayToken(p.ref, amount)},
			"payMethod": {"08"}, "currency": {p.request.Currency}, "matchCl": {"1"}, "status": {"0"},
		}.Encode())
	case pspPolar:
		id := p.id
		if reference != "" {
			id = reference
		}
		body = fmt.Appendf(nil, `{"type":"order.paid","data":{"metadata":{"gateway_payment_id":%q}}}`, id)
	default:
		body = fmt.Appendf(nil, `{"event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"invoice_id":%q}}`, invoice)
	}
	return g.pspRequest(base, p.psp, body)
}

func (g *gateway) pspRequest(base, psp string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+"/webhooks/"+psp, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	switch psp {
	case pspNicepay:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case pspPolar:
		timestamp := strconv.FormatInt(g.core.Clock().Now().Unix(), 10)
		r.Header.Set("webhook-id", "msg_1")
		r.Header.Set("webhook-timestamp", timestamp)
		r.Header.Set("webhook-signature", polarMAC("msg_1", timestamp, body))
	default:
		r.Header.Set("PAYPAL-TRANSMISSION-SIG", paypalSignature)
	}
	return r, nil
}
