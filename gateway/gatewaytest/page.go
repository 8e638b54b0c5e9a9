package gatewaytest

import (
	"bytes"
	"html/template"
	"image/png"
	"net/http"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

// pages returns the operations of the checkout pages. They are internal, so that a code
// or fault for the app skips them.
func (g *gateway) pages() []sandbox.Operation {
	return []sandbox.Operation{
		{Name: "mockCheckout", Pattern: "GET /mock/checkout/{payment_id}", Internal: true, Raw: true, Handler: g.checkoutPage},
		{Name: "mockQR", Pattern: "GET /mock/checkout/{payment_id}/qr.png", Internal: true, Raw: true, Handler: g.qrImage},
		{Name: "mockDecide", Pattern: "POST /mock/checkout/{payment_id}/{outcome}", Internal: true, Raw: true, Handler: g.decide},
	}
}

const checkoutHTML = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Checkout</title></head>
<body><h1>Checkout</h1><p>{{.Currency}} {{.AmountMinor}} in the smallest unit, by {{.Method}}: {{.Status}}</p>
{{if eq .Status "initiated"}}{{range .Choices}}<form method="post" action="/mock/checkout/{{$.PaymentID}}/{{.}}"><button>{{.}}</button></form>
{{end}}{{end}}</body></html>
`

func (g *gateway) checkoutPage(r *http.Request) (sandbox.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(r.PathValue("payment_id"))
	if p == nil {
		return sandbox.Response{}, textError{http.StatusNotFound, "payment not found"}
	}
	page, err := template.New("").Parse(checkoutHTML)
	if err != nil {
		return sandbox.Response{}, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, struct {
		api.PaymentView
		Choices []string
	}{g.view(p), []string{"paid", "failed", "canceled"}})
	return sandbox.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: out.Bytes()}, err
}

// decide handles a button of the checkout page and redirects to return_url.
func (g *gateway) decide(r *http.Request) (sandbox.Response, error) {
	id := r.PathValue("payment_id")
	if _, err := g.pay(r.Context(), sandbox.Payment{ID: id, Outcome: r.PathValue("outcome")}); err != nil {
		return sandbox.Response{}, textError{http.StatusConflict, err.Error()}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(id)
	if p == nil {
		return sandbox.Response{}, textError{http.StatusNotFound, "payment not found"}
	}
	return sandbox.Response{Status: http.StatusSeeOther, Header: http.Header{"Location": {p.request.ReturnURL}}}, nil
}

func (g *gateway) qrImage(r *http.Request) (sandbox.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.payment(r.PathValue("payment_id"))
	if p == nil || p.request.Method != "qris" {
		return sandbox.Response{}, textError{http.StatusNotFound, "payment not found"}
	}
	code, err := qr.Encode(p.qris(), qr.M, qr.Auto)
	if err != nil {
		return sandbox.Response{}, err
	}
	if code, err = barcode.Scale(code, 240, 240); err != nil {
		return sandbox.Response{}, err
	}
	var out bytes.Buffer
	err = png.Encode(&out, code)
	return sandbox.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"image/png"}}, Body: out.Bytes()}, err
}
