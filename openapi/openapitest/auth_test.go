package openapitest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// TestOrderOfChecks corrects the errors of a request one after another. Each step
// reaches the next check, in the order that the guesses document.
func TestOrderOfChecks(t *testing.T) {
	s := open(t)
	s.want(s.call("payments/createQrOrder", qr("taken")), ok)
	now := s.srv.Now()
	old := now.Add(-6 * time.Minute)
	for _, step := range []struct {
		want, body string
		at         time.Time
		change     func(*http.Request)
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
		if step.change != nil {
			step.change(r)
		}
		s.want(s.send(r), step.want)
	}
	if s.ledger() != "order.created EUR 2500" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

func TestInvalidHeaders(t *testing.T) {
	s := open(t)
	good := s.request("payments/inquiryPayment", `{"paymentId":"1"}`)
	for name, tt := range map[string]struct {
		want   string
		change func(*http.Request)
	}{
		"no client":             {"F INVALID_CLIENT", func(r *http.Request) { r.Header.Del("Client-Id") }},
		"no time":               {"F REQUEST_TIME_INVALID", func(r *http.Request) { r.Header.Del("Request-Time") }},
		"a time without a zone": {"F REQUEST_TIME_INVALID", func(r *http.Request) { r.Header.Set("Request-Time", "2024-01-10T12:22:30") }},
		"the same time again": {"F INVALID_SIGNATURE", func(r *http.Request) {
			r.Header.Set("Request-Time", strings.Replace(r.Header.Get("Request-Time"), "Z", "+00:00", 1))
		}},
		"no signature":   {"F INVALID_SIGNATURE", func(r *http.Request) { r.Header.Del("Signature") }},
		"two signatures": {"F INVALID_SIGNATURE", func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }},
		"another key version": {"F INVALID_SIGNATURE", func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "keyVersion=1", "keyVersion=2", 1))
		}},
	} {
		r := good.Clone(t.Context())
		r.Body, _ = good.GetBody()
		tt.change(r)
		a := s.send(r)
		if s.want(a, tt.want); a.status != http.StatusUnauthorized {
			t.Errorf("%s: HTTP %d", name, a.status)
		}
	}
	// The signature covers the path.
	r := s.request("payments/inquiryRefund", `{"refundId":"1"}`)
	r.URL.Path = "/api/open/v2/payments/inquiryPayment"
	s.want(s.send(r), "F INVALID_SIGNATURE")
}

func TestUnknownRoutes(t *testing.T) {
	s := open(t)
	a := s.call("payments/nothing", "{}")
	if s.want(a, "F NO_INTERFACE_DEF"); a.status != http.StatusNotFound {
		t.Errorf("HTTP %d", a.status)
	}
	r := s.request("payments/pay", "")
	r.Method, r.Body = http.MethodGet, http.NoBody
	got := s.send(r)
	if s.want(got, "F NO_INTERFACE_DEF"); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "POST" {
		t.Errorf("HTTP %d, Allow %q", got.status, got.header.Get("Allow"))
	}
}

func TestStatusConfig(t *testing.T) {
	s := open(t, openapitest.WithConfig(func(c *openapitest.Config) { c.Statuses = "200" }))
	if a := s.want(s.call("payments/pay", "{}"), "F MISSING_REQUIRED_PARAM"); a.status != http.StatusOK {
		t.Errorf("HTTP %d", a.status)
	}
	if a := s.want(s.call("payments/nothing", "{}"), "F NO_INTERFACE_DEF"); a.status != http.StatusOK {
		t.Errorf("unknown path: got status %d, want 200", a.status)
	}
	r := s.request("payments/pay", "")
	r.Method, r.Body = http.MethodGet, http.NoBody
	if a := s.want(s.send(r), "F NO_INTERFACE_DEF"); a.status != http.StatusOK {
		t.Errorf("wrong method: got status %d, want 200", a.status)
	}
	for _, code := range []string{"SYSTEM_BUSY", "INVALID_SIGNATURE", "REQUEST_TRAFFIC_EXCEED_LIMIT"} {
		if err := s.srv.FailNext(code); err != nil {
			t.Fatal(err)
		}
		if a := s.call("payments/pay", "{}"); a.status != http.StatusOK || !strings.Contains(a.raw, code) {
			t.Errorf("%s by name: got %d %s, want 200", code, a.status, a.raw)
		}
	}
}

func TestInvalidConfig(t *testing.T) {
	for _, edit := range []func(*openapitest.Config){
		func(c *openapitest.Config) { c.Algorithm = "none" }, func(c *openapitest.Config) { c.TimeHeader = "Date" }, func(c *openapitest.Config) { c.PlatformKey = "3" },
		func(c *openapitest.Config) { c.Currency = "euro" }, func(c *openapitest.Config) { c.OrderLife = "soon" }, func(c *openapitest.Config) { c.Processing = "-1s" },
	} {
		if srv, err := openapitest.Start("127.0.0.1:0", openapitest.WithConfig(edit)); err == nil {
			srv.Close()
			t.Error("an invalid config was accepted")
		}
	}
}

// TestUnreadableTimesAreExplained: the refusal of a Request-Time says what is wrong.
func TestUnreadableTimesAreExplained(t *testing.T) {
	s := open(t, openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	for at, want := range map[string]string{
		"":                         "the header Request-Time is missing",
		"2024-01-10T12:00:00":      `Request-Time "2024-01-10T12:00:00" is not ISO 8601 with seconds and an offset or Z`,
		"2024-01-10T13:00:00+0100": "is not ISO 8601",
		"1704888000000":            "is not ISO 8601",
		"2024-01-10T12:06:00Z":     "Request-Time 2024-01-10T12:06:00Z and the clock, 2024-01-10T12:00:00Z, differ by more than 5m0s",
	} {
		r := s.request("payments/inquiryPayment", `{"paymentId":"1"}`)
		r.Header.Set("Request-Time", at)
		if got := s.want(s.send(r), "F REQUEST_TIME_INVALID"); !strings.Contains(got.raw, strings.ReplaceAll(want, `"`, `\"`)) {
			t.Errorf("%q: got %s, want a message with %q", at, got.raw, want)
		}
	}
}

// TestResponsesHaveTheCallersEncoding signs requests in all four encodings.
func TestResponsesHaveTheCallersEncoding(t *testing.T) {
	s := open(t)
	const padded, percent, safe, bare = "==", "%3D%3D", "==", ""
	for name, tt := range map[string]struct {
		edit        *strings.Replacer
		end         string
		has, hasNot string
	}{
		"standard Base64": {strings.NewReplacer(), padded, "+/", "-_%"},
		"percent-encoded": {strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D"), percent, "%", "+/-_"},
		"URL-safe":        {strings.NewReplacer("+", "-", "/", "_"), safe, "-_", "+/%"},
		"without padding": {strings.NewReplacer("+", "-", "/", "_", "=", ""), bare, "-_", "+/%="},
	} {
		r := s.request("payments/inquiryPayment", `{"paymentId":"1"}`)
		head, signature, _ := strings.Cut(r.Header.Get("Signature"), "signature=")
		r.Header.Set("Signature", head+"signature="+tt.edit.Replace(signature))
		_, got, _ := strings.Cut(s.want(s.send(r), "F ORDER_NOT_EXIST").header.Get("Signature"), "signature=")
		if !strings.HasSuffix(got, tt.end) || !strings.ContainsAny(got, tt.has) || strings.ContainsAny(got, tt.hasNot) {
			t.Errorf("%s: got the signature %s", name, got)
		}
	}
}
