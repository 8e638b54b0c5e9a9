package gatewaytest

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

// The states of a payment.
const (
	paymentInitiated = "initiated"
	paymentSucceeded = "succeeded"
	paymentFailed    = "failed"
	paymentCanceled  = "canceled"
)

// payment is a stored payment.
type payment struct {
	id, status, key    string
	request            api.CreatePaymentRequest
	psp                string // selected by routing; provider processes the payment
	provider, ref      string
	invoice, lastError string
	metadata           api.Metadata
	created, modified  time.Time
}

func (g *gateway) view(p *payment) api.PaymentView {
	v := api.PaymentView{
		PaymentID: p.id, Status: p.status, AmountMinor: p.request.AmountMinor, Currency: p.request.Currency, Method: p.request.Method,
		Provider: p.provider, ProviderRef: p.ref, Metadata: p.metadata, InvoiceNumber: p.invoice, LastError: p.lastError,
		CreatedAt: rfc3339(p.created), UpdatedAt: rfc3339(p.modified),
	}
	if p.invoice == "" && g.config.Get().BareInvoiceNumber == "id" {
		v.InvoiceNumber = p.id
	}
	return v
}

func (g *gateway) payment(id string) *payment {
	for _, p := range g.payments {
		if p.id == id {
			return p
		}
	}
	return nil
}

// CreatePayment creates a payment, once for its idempotency key.
func (g *gateway) CreatePayment(r *http.Request, body api.CreatePaymentRequest) (sandbox.Response, error) {
	return g.withIdempotencyKey(r, func() (sandbox.Response, error) { return g.create(r, body) })
}

func (g *gateway) create(r *http.Request, body api.CreatePaymentRequest) (sandbox.Response, error) {
	if err := checkPayment(body); err != nil {
		return sandbox.Response{}, err
	}
	c := g.config.Get()
	psp, err := c.route(body.Currency, body.Method)
	if err != nil {
		return sandbox.Response{}, err
	}
	p := &payment{
		id: g.newID(), status: paymentInitiated, key: r.Header.Get("Idempotency-Key"), request: body, psp: psp, provider: psp,
		metadata: maps.Clone(body.Metadata), created: g.now(), modified: g.now(),
	}
	if p.metadata == nil {
		p.metadata = api.Metadata{}
	}
	if c.Mode == modeTest {
		p.provider = pspMock
	}
	if reason := p.checkout(); reason != "" {
		return sandbox.Response{}, textError{http.StatusBadGateway, "provider checkout failed: " + reason}
	}
	p.ref = p.provider + "_chk_" + g.core.IDs().Token(16)
	if body.InvoicePrefix != "" {
		g.invoices++
		p.invoice = fmt.Sprintf("%s-%06d", body.InvoicePrefix, g.invoices)
	}
	g.payments = append(g.payments, p)
	g.core.Record("payment.created", p.id, p.key, strconv.FormatInt(body.AmountMinor, 10))
	return sandbox.JSON(http.StatusCreated, c.createdView(r, p)), nil
}

func (g *gateway) newID() string { return strings.ReplaceAll(g.core.IDs().UUID(), "-", "") }

func (c Config) createdView(r *http.Request, p *payment) api.PaymentCreated {
	checkout := "http://" + r.Host + "/mock/checkout/" + p.id
	v := api.PaymentCreated{PaymentID: p.id, Status: p.status, CheckoutURL: checkout, InvoiceNumber: p.invoice}
	if c.NicepayDirect && p.provider == pspNicepay && p.request.Method == "qris" {
		v.QRString, v.QRImageURL = p.qris(), checkout+"/qr.png"
	}
	return v
}

func checkPayment(q api.CreatePaymentRequest) error {
	var missing []string
	for _, f := range []struct {
		name  string
		empty bool
	}{
		{"external_user_id", q.ExternalUserID == ""}, {"amount_minor", q.AmountMinor == 0}, {"currency", q.Currency == ""},
		{"method", q.Method == ""}, {"return_url", q.ReturnURL == ""},
	} {
		if f.empty {
			missing = append(missing, f.name)
		}
	}
	if len(missing) > 0 {
		return textError{http.StatusBadRequest, "missing required fields: " + strings.Join(missing, ", ")}
	}
	const prefix = "^[A-Z][A-Z0-9-]{0,11}$"
	if matched, _ := regexp.MatchString(prefix, q.InvoicePrefix); !matched && q.InvoicePrefix != "" {
		return textError{http.StatusBadRequest, "invoice_prefix must match " + prefix}
	}
	return nil
}

// checkout returns the PSP's error for a new payment, or "" if there is none.
func (p *payment) checkout() string {
	q := p.request
	switch {
	case p.provider == pspMock:
		return ""
	case q.AmountMinor < 0 && p.provider == pspNicepay:
		return "9008 amount is not valid"
	case q.AmountMinor < 0:
		return "amount must be positive"
	case p.provider == pspNicepay && q.Email == "":
		return "9018 buyer email is missing"
	case p.provider != pspNicepay && q.Currency == "IDR":
		return "currency IDR is not supported"
	case p.provider == pspPolar && !isUUID(q.Metadata["polar_product_id"]):
		return "metadata.polar_product_id must be the id of a product"
	}
	return ""
}

func isUUID(v jsontext.Value) bool {
	matched, _ := regexp.MatchString(`^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$`, string(v))
	return matched
}

// GetPayment returns a payment.
func (g *gateway) GetPayment(_ *http.Request, paymentID string) (sandbox.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(paymentID)
	if p == nil {
		return sandbox.Response{}, textError{http.StatusNotFound, "payment not found"}
	}
	return sandbox.JSON(http.StatusOK, g.view(p)), nil
}
