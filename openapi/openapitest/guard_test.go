package openapitest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// Every code of the spec by name, through both doors, signed, and nothing
// executed.
func TestEveryCodeByName(t *testing.T) {
	s := open(t)
	codes := s.srv.Codes()
	if len(codes) != 72 {
		t.Fatalf("%d codes, want 47 and 25", len(codes))
	}
	for _, code := range codes {
		r := s.request("payments/createQrOrder", qr("q"))
		r.Header.Set("Sandbox-Scenario", code.Value)
		byHeader := s.send(r)
		if err := s.srv.FailNext(code.Value); err != nil {
			t.Error(err)
		}
		byCall := s.call("payments/createQrOrder", qr("q"))
		if byHeader.result("resultCode") != code.Value || byCall.raw != byHeader.raw || byCall.http != code.Statuses[0] || byHeader.result("resultStatus") == "S" {
			t.Errorf("%s: %d %s, %s", code.Value, byCall.http, byCall.raw, byHeader.raw)
		}
	}
	if s.ledger() != "" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

// One request with everything wrong is mended step by step: each step shows the
// next check, in the order that the sandbox promises.
func TestOrderOfChecks(t *testing.T) {
	s := open(t)
	s.want(s.call("payments/createQrOrder", qr("taken")), ok)
	now := s.srv.Now()
	old := now.Add(-6 * time.Minute)
	for _, step := range []struct {
		want, body string
		at         time.Time
		spoil      func(*http.Request)
	}{
		{"F INVALID_CLIENT", `{`, old, func(r *http.Request) { r.Header.Set("Client-Id", "x"); r.Header.Set("Signature", "x") }},
		{"F REQUEST_TIME_INVALID", `{`, old, func(r *http.Request) { r.Header.Set("Signature", "x") }},
		{"F INVALID_SIGNATURE", `{`, now, func(r *http.Request) { r.Header.Set("Signature", "x") }},
		{"F PARAM_ILLEGAL", `{`, now, nil},
		{"F PARAM_ILLEGAL", `{"paymentRequestId":7}`, now, nil},
		{"F MISSING_REQUIRED_PARAM", strings.NewReplacer(`"ORDER_CODE"`, `""`, "2500", "25.00", "taken", strings.Repeat("x", 65)).Replace(qr("taken")), now, nil},
		{"F PARAM_ILLEGAL", strings.NewReplacer("2500", "25.00", "taken", strings.Repeat("x", 65)).Replace(qr("taken")), now, nil},
		{"F INVALID_AMOUNT", strings.NewReplacer("2500", "25.00", "EUR", "XXX").Replace(qr("taken")), now, nil},
		{"F INVALID_CURRENCY", strings.NewReplacer("EUR", "XXX").Replace(qr("taken")), now, nil},
		{"F REPEAT_REQ_INCONSISTENT", strings.Replace(qr("taken"), "2500", "2501", 1), now, nil},
		{ok, qr("taken"), now, nil},
	} {
		r := s.signedAt(step.at, "payments/createQrOrder", step.body)
		if step.spoil != nil {
			step.spoil(r)
		}
		s.want(s.send(r), step.want)
	}
	if s.ledger() != "order.created EUR 2500" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

func TestBadHeaders(t *testing.T) {
	s := open(t)
	good := s.request("payments/inquiryPayment", `{"paymentId":"1"}`)
	for name, tt := range map[string]struct {
		want  string
		spoil func(*http.Request)
	}{
		"no client":             {"F INVALID_CLIENT", func(r *http.Request) { r.Header.Del("Client-Id") }},
		"no time":               {"F REQUEST_TIME_INVALID", func(r *http.Request) { r.Header.Del("Request-Time") }},
		"a time without a zone": {"F REQUEST_TIME_INVALID", func(r *http.Request) { r.Header.Set("Request-Time", "2024-01-10T12:22:30") }},
		"the same time again": {"F INVALID_SIGNATURE", func(r *http.Request) {
			r.Header.Set("Request-Time", strings.Replace(r.Header.Get("Request-Time"), "Z", "+00:00", 1))
		}},
		"no signature":   {"F INVALID_SIGNATURE", func(r *http.Request) { r.Header.Del("Signature") }},
		"two signatures": {"F INVALID_SIGNATURE", func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }},
		"another key": {"F INVALID_SIGNATURE", func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "keyVersion=1", "keyVersion=2", 1))
		}},
	} {
		r := good.Clone(t.Context())
		r.Body, _ = good.GetBody()
		tt.spoil(r)
		a := s.send(r)
		if s.want(a, tt.want); a.http != http.StatusUnauthorized {
			t.Errorf("%s: HTTP %d", name, a.http)
		}
	}
	// The path is part of what is signed.
	r := s.request("payments/inquiryRefund", `{"refundId":"1"}`)
	r.URL.Path = "/api/open/v2/payments/inquiryPayment"
	s.want(s.send(r), "F INVALID_SIGNATURE")
}

func TestRoutes(t *testing.T) {
	s := open(t)
	a := s.call("payments/nothing", "{}")
	if s.want(a, "F NO_INTERFACE_DEF"); a.http != http.StatusNotFound {
		t.Errorf("HTTP %d", a.http)
	}
	r := s.request("payments/pay", "")
	r.Method, r.Body = http.MethodGet, http.NoBody
	got := s.send(r)
	if s.want(got, "F NO_INTERFACE_DEF"); got.http != http.StatusMethodNotAllowed || got.header.Get("Allow") != "POST" {
		t.Errorf("HTTP %d, Allow %q", got.http, got.header.Get("Allow"))
	}
}

func TestStatusSwitch(t *testing.T) {
	s := open(t, openapitest.WithConfig(func(c *openapitest.Config) { c.Statuses = "200" }))
	if a := s.want(s.call("payments/pay", "{}"), "F MISSING_REQUIRED_PARAM"); a.http != http.StatusOK {
		t.Errorf("HTTP %d", a.http)
	}
}

func TestBadSwitches(t *testing.T) {
	for _, edit := range []func(*openapitest.Config){
		func(c *openapitest.Config) { c.Algorithm = "none" }, func(c *openapitest.Config) { c.PlatformKey = "3" },
		func(c *openapitest.Config) { c.Currency = "euro" }, func(c *openapitest.Config) { c.OrderLife = "soon" }, func(c *openapitest.Config) { c.Processing = "-1s" },
	} {
		if srv, err := openapitest.Start("127.0.0.1:0", openapitest.WithConfig(edit)); err == nil {
			srv.Close()
			t.Error("a wrong switch is taken")
		}
	}
}
