package xpay_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// page is the address of XPay's error reference, to which every DocURL points.
const page = "https://docs.xpay.app/integrate/errors/"

// unlisted are the codes that only XPay's OpenAPI document lists. The reference has
// no entry for them, although its rule gives them an address.
var unlisted = []string{
	"resource_already_exists", "resource_in_use", "merchant_conversion_owners_not_allowed", "two_factor_required", "amount_reconfirmation_required",
	"payment_still_confirming", "payment_already_completed", "product_archived", "line_item_quantity_not_adjustable",
	"line_item_quantity_out_of_bounds", "line_item_quantity_not_supported_for_custom", "checkout_empty_cart", "request_timeout",
}

// documented is one line of the list.
type documented struct {
	code, typ string
	status    int // 0 = not documented
}

// TestDocumentedCodes checks each code of XPay's error page, from a list that was
// made from that page and not from the spec.
func TestDocumentedCodes(t *testing.T) {
	constants := constants(t)
	srv := xpaytest.NewServer(t)
	c := connect(t, srv, pay.WithMaxAttempts(1))
	list := sourcePage(t)
	if len(list) != 66 {
		t.Fatalf("the list has %d codes, the page has 66", len(list))
	}
	for _, d := range list {
		code := xpay.ErrorCode(d.code)
		info, known := code.Info()
		if !known || constants["ErrorCode "+info.Name] != d.code || !strings.HasPrefix(info.Name, "Err") {
			t.Errorf("%s: known %v, the constant %s is %q", d.code, known, info.Name, constants["ErrorCode "+info.Name])
		}
		if info.Type != d.typ || d.status != 0 && !slices.Contains(info.Statuses, d.status) {
			t.Errorf("%s: %s %v, the page says %s %d", d.code, info.Type, info.Statuses, d.typ, d.status)
		}
		if d.status != 0 && info.Statuses[0] != d.status {
			t.Errorf("%s: the documented status %d is not the first of %v", d.code, d.status, info.Statuses)
		}
		checkComplete(t, d.code, info)
		if info.DocURL != page+"api-error-codes#"+d.code {
			t.Errorf("%s: %s is not what the page's rule gives", d.code, info.DocURL)
		}
		_, err := c.CreateCheckoutSession(t.Context(), order(), pay.WithHeader("Sandbox-Scenario", d.code))
		var e *apierr.Error
		if !errors.Is(err, code) {
			t.Errorf("%s: got error %v, want one that is %v", d.code, err, code)
		}
		if got := xpay.CodeOf(err); got != code {
			t.Errorf("%s: CodeOf: got %v, want %v", d.code, got, code)
		}
		if got := xpay.TypeOf(err); got != xpay.ErrorType(d.typ) {
			t.Errorf("%s: TypeOf: got %q, want %q", d.code, got, d.typ)
		}
		if !errors.As(err, &e) {
			t.Errorf("%s: got error %v, want an *apierr.Error", d.code, err)
			continue
		}
		if d.status != 0 && e.StatusCode != d.status {
			t.Errorf("%s: StatusCode: got %d, want %d", d.code, e.StatusCode, d.status)
		}
		if e.RawCode != d.code {
			t.Errorf("%s: RawCode: got %q, want %q", d.code, e.RawCode, d.code)
		}
		if len(e.RawBody) == 0 {
			t.Errorf("%s: RawBody is empty", d.code)
		}
		if e.RequestID == "" {
			t.Errorf("%s: RequestID is empty", d.code)
		}
		if e.IdempotencyKey == "" {
			t.Errorf("%s: IdempotencyKey is empty", d.code)
		}
		if e.DocURL() != info.DocURL {
			t.Errorf("%s: DocURL: got %s, want %s", d.code, e.DocURL(), info.DocURL)
		}
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

// sourcePage reads the list.
func sourcePage(t *testing.T) []documented {
	t.Helper()
	data, err := os.ReadFile("testdata/codes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []documented
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] != "#" {
			status, _ := strconv.Atoi(f[2])
			list = append(list, documented{f[0], f[1], status})
		}
	}
	return list
}

// constants returns the values of the generated constants by type and name.
func constants(t *testing.T) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "errors.gen.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			typ, named := spec.Type.(*ast.Ident)
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && named {
				out[typ.Name+" "+spec.Names[0].Name], _ = strconv.Unquote(lit.Value)
			}
		}
		return true
	})
	return out
}

func TestDocURLs(t *testing.T) {
	var extra []string
	listed := sourcePage(t)
	for _, code := range xpay.ErrorCodes() {
		info, _ := code.Info()
		if info.DocURL != page+"api-error-codes#"+string(code) {
			t.Errorf("%s: %s", code, info.DocURL)
		}
		if !slices.ContainsFunc(listed, func(d documented) bool { return d.code == string(code) }) {
			extra = append(extra, string(code))
			if info.Unverified == "" {
				t.Errorf("%s is on no page and is not marked as unverified", code)
			}
		}
	}
	if !slices.Equal(extra, unlisted) {
		t.Errorf("codes that are not on the page: %v", extra)
	}
}

// TestCatalogsAreSeparate: catalogs share values, but their codes do not match each
// other.
func TestCatalogsAreSeparate(t *testing.T) {
	var all []apierr.Code
	for _, c := range xpay.ErrorCodes() {
		all = append(all, c)
	}
	for _, c := range xpay.PaymentErrorCodes() {
		all = append(all, c)
		checkCustomerCode(t, c, "PaymentErr", page+"payment-error-codes#"+string(c))
	}
	for _, c := range xpay.DeclineCodes() {
		all = append(all, c)
		checkCustomerCode(t, c, "Decline", page+"decline-codes#"+string(c))
	}
	if len(xpay.ErrorCodes()) != 79 || len(xpay.PaymentErrorCodes()) != 12 || len(xpay.DeclineCodes()) != 5 {
		t.Errorf("%d, %d and %d codes", len(xpay.ErrorCodes()), len(xpay.PaymentErrorCodes()), len(xpay.DeclineCodes()))
	}
	shared := 0
	for _, one := range all {
		for _, other := range all {
			err := apierr.New(apierr.Error{Provider: "xpay", Code: one}, apierr.Details{})
			if errors.Is(err, other) != (one == other) {
				t.Errorf("%T %v matches %T %v", one, one, other, other)
			}
			a, _ := one.Info()
			b, _ := other.Info()
			if one != other && a.Value == b.Value {
				shared++
			}
		}
	}
	if shared != 6 { // authentication_required, expired_card and insufficient_funds, in both directions
		t.Errorf("%d pairs share a value", shared)
	}
}

// checkCustomerCode checks the catalog entry of a code that has texts for a payer.
func checkCustomerCode(t *testing.T, code apierr.Code, prefix, docURL string) {
	t.Helper()
	info, known := code.Info()
	if !known {
		t.Errorf("%v is not in the catalog", code)
	}
	if !strings.HasPrefix(info.Name, prefix) {
		t.Errorf("%v: Name: got %s, want one that begins with %s", code, info.Name, prefix)
	}
	if info.DocURL != docURL {
		t.Errorf("%v: DocURL: got %s, want %s", code, info.DocURL, docURL)
	}
	if len(info.Customer) == 0 {
		t.Errorf("%v: Customer is empty, want a text for the payer", code)
	}
}

func TestErrorTypes(t *testing.T) {
	if xpay.TypeOf(nil) != "" || xpay.TypeOf(errors.New("x")) != "" || xpay.TypeOf(apierr.New(apierr.Error{Provider: "another", Type: "api_error"}, apierr.Details{})) != "" {
		t.Error("TypeOf returns a type for another error")
	}
	for _, typ := range []xpay.ErrorType{
		xpay.ErrorTypeInvalidRequest, xpay.ErrorTypeAuthentication, xpay.ErrorTypeRateLimit, xpay.ErrorTypeAPI, xpay.ErrorTypeCard, xpay.ErrorTypeIdempotency,
	} {
		if got := xpay.TypeOf(apierr.New(apierr.Error{Provider: "xpay", Type: string(typ)}, apierr.Details{})); got != typ {
			t.Errorf("%s: %s", typ, got)
		}
	}
}
