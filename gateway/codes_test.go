package gateway_test

import (
	"bufio"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/pay"
)

const pages = "https://specpay.github.io/specpay/errors/"

// listed is one response of the gateway's documentation.
type listed struct {
	kind, name string
	status     int
	text       string
}

// body returns the text with values for its placeholders. A 503 may have any body.
func (l listed) body() string {
	if l.text == "-" {
		return "<html>503 Service Unavailable</html>"
	}
	return strings.NewReplacer("…", "and: the rest of it", "(got X)", "(got initiated)", "=X", "=one", "=Y", "=two", " X ", " one ", " Y ", " two ").Replace(l.text)
}

// captures returns the values in the body.
func (l listed) captures() map[string]string {
	tail := map[string]string{
		"MISSING_REQUIRED_FIELDS": "fields", "INVALID_INVOICE_PREFIX": "pattern", "PROVIDER_CHECKOUT_FAILED": "provider_error",
		"REFUND_FAILED": "provider_error", "WEBHOOK_BAD_REFERENCE": "reference",
	}
	if name := tail[l.name]; name != "" {
		return map[string]string{name: "and: the rest of it"}
	}
	return map[string]map[string]string{
		"NO_PROVIDER_FOR_METHOD": {"method": "one", "currency": "two"}, "PROVIDER_NOT_ALLOWED": {"provider": "one"},
		"METHOD_NOT_ENABLED": {"method": "one", "provider": "two"}, "PAYMENT_NOT_REFUNDABLE": {"status": "initiated"},
	}[l.name]
}

// sourcePage reads the list, which was made from the documentation and not from the
// spec.
func sourcePage(t *testing.T) []listed {
	t.Helper()
	f, err := os.Open("testdata/codes.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []listed
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		part := strings.SplitN(lines.Text(), " ", 4)
		status, err := strconv.Atoi(part[2])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, listed{part[0], part[1], status, part[3]})
	}
	return list
}

// TestDocumentedCodes checks each text that a caller can receive: 19 of the error page
// and one of the refund page.
func TestDocumentedCodes(t *testing.T) {
	constants, page := constants(t), page(t)
	srv := gatewaytest.NewServer(t)
	c := connect(t, srv, pay.WithMaxAttempts(1))
	callers := 0
	for _, l := range sourcePage(t) {
		if l.kind == "inbound" {
			continue
		}
		callers++
		code := gateway.ErrorCode(l.name)
		info, known := code.Info()
		if !known {
			t.Errorf("%s is not in the catalog", l.name)
			continue
		}
		checkInfo(t, l, info, constants, page, "")
		_, err := c.CreatePayment(t.Context(), qris(), pay.WithHeader("Sandbox-Scenario", l.name))
		var e *apierr.Error
		for _, target := range []error{code, info.Category} {
			if !errors.Is(err, target) {
				t.Errorf("%s: got error %v, want one that is %v", l.name, err, target)
			}
		}
		if got := gateway.CodeOf(err); got != code {
			t.Errorf("%s: CodeOf: got %v, want %v", l.name, got, code)
		}
		if !errors.As(err, &e) {
			t.Errorf("%s: got error %v, want an *apierr.Error", l.name, err)
			continue
		}
		if e.StatusCode != l.status {
			t.Errorf("%s: StatusCode: got %d, want %d", l.name, e.StatusCode, l.status)
		}
		if len(e.RawBody) == 0 {
			t.Errorf("%s: RawBody is empty", l.name)
		}
		for _, end := range []string{"", "\n", "\r\n "} {
			e := errorOf(t, l.status, l.body()+end)
			if !errors.Is(e, code) || !maps.Equal(e.Captures, l.captures()) || e.Message != l.body() {
				t.Errorf("%s: %q is read as %v with %v", l.name, l.body()+end, e.Code, e.Captures)
			}
		}
		if l.status == 503 {
			continue // any body
		}
		if e := errorOf(t, 418, l.body()); !errors.Is(e, gateway.ErrUnknownError) {
			t.Errorf("%s: its text with another status is %v", l.name, e.Code)
		}
		if e := errorOf(t, l.status, "x"+l.body()); !errors.Is(e, gateway.ErrUnknownError) || e.Captures != nil {
			t.Errorf("%s: a text that only contains it is %v", l.name, e.Code)
		}
	}
	if callers != 20 || len(gateway.ErrorCodes()) != 21 {
		t.Errorf("%d texts and %d codes, want 20 and the fallback", callers, len(gateway.ErrorCodes()))
	}
}

// TestInboundCodes checks the four texts that only payment service providers receive.
func TestInboundCodes(t *testing.T) {
	constants, page := constants(t), page(t)
	srv, inbound := gatewaytest.NewServer(t), 0
	for _, l := range sourcePage(t) {
		if l.kind != "inbound" {
			continue
		}
		inbound++
		code := gateway.InboundCode(l.name)
		info, known := code.Info()
		if !known {
			t.Errorf("%s is not in the catalog", l.name)
			continue
		}
		checkInfo(t, l, info, constants, page, "inbound-")
		got, captures, known := gateway.ParseInbound(l.status, []byte(l.body()+"\n"))
		if got != code || !known || !maps.Equal(captures, l.captures()) {
			t.Errorf("%s: recognized as %v, %v with %v", l.name, got, known, captures)
		}
		status, body := inboundResponse(t, srv, l.name)
		if got, _, known := gateway.ParseInbound(status, body); got != code || !known || status != l.status {
			t.Errorf("%s: got %d %q", l.name, status, body)
		}
		e := errorOf(t, l.status, l.body())
		if e.Code == nil || strings.HasPrefix(e.RawCode, "WEBHOOK") || errors.Is(e, code) {
			t.Errorf("%s: the client received it", l.name)
		}
	}
	if inbound != 4 || len(gateway.InboundCodes()) != 4 {
		t.Errorf("%d texts and %d codes, want 4", inbound, len(gateway.InboundCodes()))
	}
	for _, other := range []struct {
		status int
		body   string
	}{{200, `{"acknowledged":true}`}, {403, "bad signature"}, {404, "payment not found"}, {502, "<html>"}, {400, ""}} {
		if code, captures, known := gateway.ParseInbound(other.status, []byte(other.body)); known || code != "" || captures != nil {
			t.Errorf("%d %q is read as %v", other.status, other.body, code)
		}
	}
}

func checkInfo(t *testing.T, l listed, info apierr.CodeInfo, constants map[string]string, page, catalog string) {
	t.Helper()
	if constants[info.Name] != l.name {
		t.Errorf("%s: the constant %s is %q", l.name, info.Name, constants[info.Name])
	}
	if len(info.Statuses) != 1 || info.Statuses[0] != l.status {
		t.Errorf("%s: statuses %v, the page says %d", l.name, info.Statuses, l.status)
	}
	checkComplete(t, l.name, info)
	anchor, ours := strings.CutPrefix(info.DocURL, pages+"gateway.html#")
	if !ours || anchor != catalog+strings.ToLower(l.name) || strings.Count(page, `id="`+anchor+`"`) != 1 {
		t.Errorf("%s: %s is not the address of one entry", l.name, info.DocURL)
	}
	if info.UpstreamURL != "https://docs.payment.uncle-z.com/reference/errors/" {
		t.Errorf("%s: upstream is %q", l.name, info.UpstreamURL)
	}
}

// checkComplete checks that a catalog entry has a category, an advice and texts.
func checkComplete(t *testing.T, value string, info apierr.CodeInfo) {
	t.Helper()
	if info.Category == "" || info.Category == apierr.ErrUnknown {
		t.Errorf("%s: Category: got %q, want a known category", value, string(info.Category))
	}
	if info.Advice == "" {
		t.Errorf("%s: Advice is empty", value)
	}
	if info.Title == "" {
		t.Errorf("%s: Title is empty", value)
	}
	if n := len(info.Description); n < 20 {
		t.Errorf("%s: Description: got %d bytes, want at least 20", value, n)
	}
	if n := len(info.Resolution); n < 10 {
		t.Errorf("%s: Resolution: got %d bytes, want at least 10", value, n)
	}
}

// errorOf returns the error of a call with this response.
func errorOf(t *testing.T, status int, body string) *apierr.Error {
	t.Helper()
	_, creds, _ := readVectors(t)
	c, err := gateway.New(creds, pay.WithMaxAttempts(1), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return w.Result(), nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreatePayment(t.Context(), qris())
	var e *apierr.Error
	if !errors.As(err, &e) || e.StatusCode != status {
		t.Fatalf("%d %q: %v", status, body, err)
	}
	return e
}

// inboundResponse returns the response that a payment service provider receives for
// a code.
func inboundResponse(t *testing.T, srv *gatewaytest.Server, code string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/webhooks/paypal", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sandbox-Scenario", code)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func page(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/errors/gateway.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// constants returns the values of the generated constants by name.
func constants(t *testing.T) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "errors.gen.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				out[spec.Names[0].Name], _ = strconv.Unquote(lit.Value)
			}
		}
		return true
	})
	return out
}

// TestUnknownTexts: an unknown text is ErrUnknownError and classified by its status.
func TestUnknownTexts(t *testing.T) {
	for status, category := range map[int]apierr.Category{
		400: apierr.ErrInvalidRequest, 401: apierr.ErrAuth, 403: apierr.ErrPermission, 404: apierr.ErrNotFound, 409: apierr.ErrConflict,
		429: apierr.ErrRateLimited, 500: apierr.ErrUnavailable, 502: apierr.ErrUnavailable, 504: apierr.ErrUnavailable,
	} {
		e := errorOf(t, status, "a new text")
		if !errors.Is(e, gateway.ErrUnknownError) {
			t.Errorf("%d: got error %v, want one that is %v", status, e, gateway.ErrUnknownError)
		}
		if !errors.Is(e, category) {
			t.Errorf("%d: Category: got %v, want %v", status, e.Category(), category)
		}
		if got, want := errors.Is(e, apierr.ErrOutcomeUnknown), status >= 500 || status == 409; got != want {
			t.Errorf("%d: outcome is unknown: got %t, want %t", status, got, want)
		}
		if e.Message != "a new text" {
			t.Errorf("%d: Message: got %q, want %q", status, e.Message, "a new text")
		}
	}
}

// TestOutcomeOfCodes checks which failures of a write have an unknown outcome.
func TestOutcomeOfCodes(t *testing.T) {
	for name, tt := range map[string]struct {
		status  int
		body    string
		outcome apierr.Outcome
		advice  apierr.Advice
	}{
		"no checkout": {502, "provider checkout failed: 9012", apierr.OutcomeUnknown, apierr.AdviceChange},
		"no refund":   {502, "refund failed: window expired", apierr.OutcomeUnknown, apierr.AdviceInquire},
		"not saved":   {500, "store provider_ref", apierr.OutcomeUnknown, apierr.AdviceNever},
		"not created": {500, "payment create failed", apierr.OutcomeUnknown, apierr.AdviceBackoff},
		"no customer": {500, "customer upsert failed", apierr.OutcomeUnknown, apierr.AdviceBackoff},
		"unavailable": {503, "", apierr.OutcomeUnknown, apierr.AdviceBackoff},
		"proxy":       {502, "<html>", apierr.OutcomeUnknown, apierr.AdviceBackoff},
	} {
		e := errorOf(t, tt.status, tt.body)
		if e.Outcome() != tt.outcome {
			t.Errorf("%s: Outcome: got %s, want %s", name, e.Outcome(), tt.outcome)
		}
		if e.Advice() != tt.advice {
			t.Errorf("%s: Advice: got %s, want %s", name, e.Advice(), tt.advice)
		}
		if e.CustomerMessage("en") == "" {
			t.Errorf("%s: CustomerMessage is empty", name)
		}
	}
}
