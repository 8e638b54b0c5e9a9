package gatewaytest_test

import (
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest"
)

func TestPayment(t *testing.T) {
	a := open(t, gatewaytest.WithTime(start()))
	created := a.call("POST", "/v1/payments", qris)
	id := a.text(created, "payment_id")
	if created.status != 201 {
		t.Errorf("createPayment: status: got %d, want 201", created.status)
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
		t.Errorf("payment_id: got %q, want 32 hexadecimal digits", id)
	}
	for name, want := range map[string]any{
		"status": "initiated", "invoice_number": "POS-000001", "checkout_url": a.srv.URL + "/mock/checkout/" + id, "qr_string": nil,
	} {
		if got := created.body[name]; got != want {
			t.Errorf("createPayment: %s: got %v, want %v", name, got, want)
		}
	}
	got := a.call("GET", "/v1/payments/"+id, "")
	for name, want := range map[string]any{
		"payment_id": id, "status": "initiated", "amount_minor": 50000.0, "currency": "IDR", "method": "qris", "provider": "nicepay",
		"invoice_number": "POS-000001", "last_error": "", "created_at": "2026-05-09T12:34:56Z",
	} {
		if got.body[name] != want {
			t.Errorf("getPayment: %s: got %v, want %v", name, got.body[name], want)
		}
	}
	for _, name := range []string{"email", "checkout_url"} {
		if got.body[name] != nil {
			t.Errorf("getPayment: %s: got %v, want none", name, got.body[name])
		}
	}
	if err := a.srv.Pay(id); err != nil {
		t.Error(err)
	}
	if status := a.status(id); status != "succeeded" {
		t.Errorf("status after payment: got %s, want succeeded", status)
	}
	bare := a.payment(service)
	if got := a.call("GET", "/v1/payments/"+bare, ""); got.body["invoice_number"] != bare {
		t.Errorf("payment without a prefix: invoice_number: got %v, want %s", got.body["invoice_number"], bare)
	}
	if got := a.call("POST", "/v1/payments", qris); got.body["invoice_number"] != "POS-000002" {
		t.Errorf("second payment: invoice_number: got %v, want POS-000002", got.body["invoice_number"])
	}
}

func TestInvalidPayments(t *testing.T) {
	a := open(t)
	change := func(old, new string) response {
		t.Helper()
		if !strings.Contains(qris, old) {
			t.Fatalf("%q is not in the request", old)
		}
		return a.call("POST", "/v1/payments", strings.Replace(qris, old, new, 1))
	}
	a.want(a.call("POST", "/v1/payments", "{}"), 400, "missing required fields: external_user_id, amount_minor, currency, method, return_url")
	a.want(a.call("POST", "/v1/payments", ""), 400, "missing required fields: external_user_id, amount_minor, currency, method, return_url")
	a.want(change(`"IDR"`, `""`), 400, "missing required fields: currency")
	a.want(change(`50000`, `"50000"`), 400, "invalid request body: amount_minor")
	a.want(change(`50000`, `0.5`), 400, "invalid request body: amount_minor")
	a.want(change(`"POS"`, `"pos"`), 400, "invoice_prefix must match ^[A-Z][A-Z0-9-]{0,11}$")
	a.want(change(`"POS"`, `"ABCDEFGHIJKLM"`), 400, "invoice_prefix must match ^[A-Z][A-Z0-9-]{0,11}$")
	a.want(change(`"qris"`, `"cc"`), 422, "no provider supports method=cc for currency=IDR")
	a.want(change(`"IDR"`, `"USD"`), 422, "no provider supports method=qris for currency=USD")
	a.want(change(`"email":"buyer@example.com",`, ``), 502, "provider checkout failed: 9018 buyer email is missing")
	a.want(change(`50000`, `-1`), 502, "provider checkout failed: 9008 amount is not valid")
	a.want(a.call("POST", "/v1/payments", strings.Replace(plan, "6f1c2f34", "price", 1)), 502, "provider checkout failed: metadata.polar_product_id must be the id of a product")
	a.want(a.call("POST", "/v1/payments", strings.Replace(plan, "USD", "IDR", 1)), 502, "provider checkout failed: currency IDR is not supported")
	a.want(a.call("GET", "/v1/payments/0123456789abcdef0123456789abcdef", ""), 404, "payment not found")
	if n := len(a.srv.Ledger()); n != 0 {
		t.Errorf("the ledger has %d entries after failed requests, want 0", n)
	}
	for path, status := range map[string]int{"/v1/payments": 405, "/v1/nothing": 404} {
		if got := a.call("GET", path, ""); got.status != status {
			t.Errorf("GET %s: %d", path, got.status)
		}
	}
}

func TestRouting(t *testing.T) {
	for name, tt := range map[string]struct {
		edit func(*gatewaytest.Config)
		body string
		want string // a provider, or an error text
	}{
		"qris":                {func(*gatewaytest.Config) {}, qris, "nicepay"},
		"polar":               {func(*gatewaytest.Config) {}, plan, "polar"},
		"paypal":              {func(*gatewaytest.Config) {}, service, "paypal"},
		"test mode":           {func(c *gatewaytest.Config) { c.Mode = "test" }, qris, "mock"},
		"test mode, no route": {func(c *gatewaytest.Config) { c.Mode = "test" }, strings.Replace(qris, "qris", "cc", 1), "no provider supports method=cc for currency=IDR"},
		"PSP not allowed":     {func(c *gatewaytest.Config) { c.AllowedProviders = []string{"polar"} }, qris, "no provider supports method=qris for currency=IDR"},
		"override bypasses":   {func(c *gatewaytest.Config) { c.AllowedProviders = []string{"nicepay"} }, service, "paypal"},
		"override does not bypass": {func(c *gatewaytest.Config) {
			c.AllowedProviders, c.OverridesBypassAllowlist = []string{"nicepay"}, false
		}, service, "provider paypal not allowed for this app"},
		"method not enabled":     {func(c *gatewaytest.Config) { c.AllowedMethods = []string{"nicepay:va_bca"} }, qris, "method qris not enabled for provider nicepay on this app"},
		"method enabled":         {func(c *gatewaytest.Config) { c.AllowedMethods = []string{"nicepay:qris", "polar:x"} }, qris, "nicepay"},
		"global PSP":             {func(c *gatewaytest.Config) { c.GlobalProvider = "paddle" }, strings.Replace(service, "paypal", "card", 1), "paddle"},
		"global PSP not allowed": {func(c *gatewaytest.Config) { c.GlobalProvider, c.AllowedProviders = "paddle", []string{"polar"} }, strings.Replace(service, "paypal", "card", 1), "provider paddle not allowed for this app"},
		"mock as fallback":       {func(c *gatewaytest.Config) { c.MockNonIDRFallback = true }, strings.Replace(service, "paypal", "card", 1), "mock"},
		"no fallback for IDR":    {func(c *gatewaytest.Config) { c.MockNonIDRFallback = true }, strings.Replace(qris, "qris", "card", 1), "no provider supports method=card for currency=IDR"},
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t, with(tt.edit))
			got := a.call("POST", "/v1/payments", tt.body)
			if got.status == 201 {
				got = a.call("GET", "/v1/payments/"+a.text(got, "payment_id"), "")
			}
			if got.raw != tt.want+"\n" && got.body["provider"] != tt.want {
				t.Errorf("got %d %s, want %s", got.status, got.raw, tt.want)
			}
		})
	}
}

func TestIdempotency(t *testing.T) {
	a := open(t, gatewaytest.WithTime(start()))
	a.key = "order-1"
	first := a.call("POST", "/v1/payments", qris)
	if again := a.call("POST", "/v1/payments", qris); again.raw != first.raw || again.status != 201 {
		t.Errorf("repeated request: got %d %s, want %s", again.status, again.raw, first.raw)
	}
	conflict := "idempotency conflict \u2014 different body for same key"
	a.want(a.call("POST", "/v1/payments", qris+" "), 409, conflict)
	a.want(a.call("POST", "/v1/refunds", `{"payment_id":"x"}`), 409, conflict)
	if n := len(a.srv.Ledger()); n != 1 {
		t.Errorf("%d payments, want 1", n)
	}
	if err := a.srv.Advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if later := a.call("POST", "/v1/payments", qris); later.raw == first.raw || later.status != 201 {
		t.Errorf("same key after 24 hours: got %d %s", later.status, later.raw)
	}
	a.key = "order-2"
	a.want(a.call("POST", "/v1/payments", strings.Replace(qris, "qris", "cc", 1)), 422, "no provider supports method=cc for currency=IDR")
	if got := a.call("POST", "/v1/payments", qris); got.status != 201 {
		t.Errorf("same key after an error: got %d %s, want 201", got.status, got.raw)
	}
	if _, err := a.srv.Config(func(c *gatewaytest.Config) { c.ConflictText, c.LineEnd = "short", false }); err != nil {
		t.Fatal(err)
	}
	if got := a.call("POST", "/v1/payments", plan); got.raw != "idempotency conflict" {
		t.Errorf("short conflict text: got %q", got.raw)
	}
}

func TestConcurrentIdempotencyKey(t *testing.T) {
	a := open(t)
	a.key = "order-1"
	var group sync.WaitGroup
	for range 20 {
		r := a.request("POST", "/v1/payments", qris)
		group.Go(func() {
			if got, err := http.DefaultClient.Do(r); err != nil || got.StatusCode != 201 {
				t.Errorf("%v %v", got, err)
			} else {
				_ = got.Body.Close()
			}
		})
	}
	group.Wait()
	if n := len(a.srv.Ledger()); n != 1 {
		t.Errorf("%d payments, want 1", n)
	}
}

func TestCheckoutPage(t *testing.T) {
	a := open(t, with(func(c *gatewaytest.Config) { c.NicepayDirect = true }))
	created := a.call("POST", "/v1/payments", qris)
	id, text := a.text(created, "payment_id"), a.text(created, "qr_string")
	if !strings.HasPrefix(text, "000201") || !strings.Contains(text, "540550000") || !strings.HasPrefix(a.text(created, "qr_image_url"), a.srv.URL) {
		t.Errorf("QR %q", created.raw)
	}
	if got := a.send(a.unsigned("GET", "/mock/checkout/"+id, "")); got.status != 200 || !strings.Contains(got.raw, "/paid") {
		t.Errorf("page: %d %s", got.status, got.raw)
	}
	image := a.send(a.unsigned("GET", "/mock/checkout/"+id+"/qr.png", ""))
	if _, err := png.Decode(strings.NewReader(image.raw)); err != nil {
		t.Errorf("image: %d %v", image.status, err)
	}
	got := a.send(a.unsigned("POST", "/mock/checkout/"+id+"/canceled", ""))
	if got.status != 303 || got.header.Get("Location") != "https://shop.example.com/return" || a.status(id) != "canceled" {
		t.Errorf("cancel button: %d %v, %s", got.status, got.header, a.status(id))
	}
	if got := a.send(a.unsigned("POST", "/mock/checkout/"+id+"/paid", "")); got.status != 409 || a.status(id) != "canceled" {
		t.Errorf("pay button after cancel: %d, %s", got.status, a.status(id))
	}
	if got := a.send(a.unsigned("GET", "/mock/checkout/"+a.payment(service)+"/qr.png", "")); got.status != 404 {
		t.Errorf("QR code of a PayPal payment: got %d, want 404", got.status)
	}
}
