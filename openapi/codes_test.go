package openapi_test

import (
	"bufio"
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
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

const page = "https://specpay.github.io/specpay/errors/openapi.html#"

// TestDocumentedCodes checks each code of the provider's page of error codes, from a
// list that was made from that page and not from the spec, and each code that is
// documented elsewhere.
func TestDocumentedCodes(t *testing.T) {
	source, elsewhere := list(t, "testdata/codes.txt"), list(t, "testdata/codes_elsewhere.txt")
	if len(source) != 47 || len(elsewhere) != 25 {
		t.Fatalf("the lists have %d and %d codes, want 47 and 25", len(source), len(elsewhere))
	}
	if got := len(openapi.ErrorCodes()); got != len(source)+len(elsewhere) {
		t.Errorf("the catalog has %d codes, the lists have %d", got, len(source)+len(elsewhere))
	}
	html, err := os.ReadFile("../docs/errors/openapi.html")
	if err != nil {
		t.Fatal(err)
	}
	p := checker{constants: constants(t), page: string(html), srv: openapitest.NewServer(t)}
	p.client = connect(t, p.srv, pay.WithMaxAttempts(1))
	inferred := []string{"PROCESS_FAIL", "REFUND_AMOUNT_EXCEED"} // the page has the code, but not all that the catalog says of it
	for value, status := range source {
		p.check(t, value, status, slices.Contains(inferred, value))
	}
	for value, status := range elsewhere {
		p.check(t, value, status, value != "CANCEL_NOT_ALLOWED")
	}
}

type checker struct {
	constants map[string]string
	page      string
	srv       *openapitest.Server
	client    *openapi.Client
}

func (p *checker) check(t *testing.T, value, status string, unverified bool) {
	code := openapi.ErrorCode(value)
	info, known := code.Info()
	if !known {
		t.Errorf("%s is not in the catalog", value)
		return
	}
	if got := p.constants[info.Name]; got != value {
		t.Errorf("%s: constant %s: got %q, want %q", value, info.Name, got, value)
	}
	if got := info.Unverified != ""; got != unverified {
		t.Errorf("%s: marked as unverified: got %t, want %t", value, got, unverified)
	}
	if status != "?" && info.Type != status {
		t.Errorf("%s: result status %q, the source says %s", value, info.Type, status)
	}
	want := map[string]apierr.Outcome{"F": "", "U": apierr.OutcomeUnknown, "A": apierr.OutcomePending}[status]
	if value == "SENDING" {
		want = apierr.OutcomePending
	}
	if info.Outcome != want {
		t.Errorf("%s: outcome %q, want %q", value, info.Outcome, want)
	}
	checkComplete(t, value, info)
	anchor, ours := strings.CutPrefix(info.DocURL, page)
	if !ours || anchor != strings.ToLower(value) || strings.Count(p.page, `id="`+anchor+`"`) != 1 {
		t.Errorf("%s: %s is not the address of one entry", value, info.DocURL)
	}
	p.provoke(t, code, status)
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

// provoke makes a write for which the sandbox responds with the code.
func (p *checker) provoke(t *testing.T, code openapi.ErrorCode, status string) {
	info, _ := code.Info()
	res, err := p.client.CreateQROrder(t.Context(), qrOrder(p.srv.ProductCode()), pay.WithHeader("Sandbox-Scenario", info.Value))
	if info.Outcome == apierr.OutcomePending {
		if err != nil || res.Result.ResultCode != code || res.Result.Wait() == openapi.WaitingForNothing {
			t.Errorf("%s: got %v, %+v; want a result that waits", info.Value, err, res)
		}
		return
	}
	var e *apierr.Error
	if !errors.Is(err, code) {
		t.Errorf("%s: got error %v, want one that is %v", info.Value, err, code)
	}
	if got := openapi.CodeOf(err); got != code {
		t.Errorf("%s: CodeOf: got %v, want %v", info.Value, got, code)
	}
	if !errors.As(err, &e) {
		t.Errorf("%s: got error %v, want an *apierr.Error", info.Value, err)
		return
	}
	if e.RawCode != info.Value {
		t.Errorf("%s: RawCode: got %q, want %q", info.Value, e.RawCode, info.Value)
	}
	if len(e.RawBody) == 0 {
		t.Errorf("%s: RawBody is empty", info.Value)
	}
	if status != "?" && e.Type != status {
		t.Errorf("%s: the result status is %q", info.Value, e.Type)
	}
	if unknown := errors.Is(err, apierr.ErrOutcomeUnknown); unknown != (status == "U") || unknown && e.IdempotencyKey == "" {
		t.Errorf("%s (%s): unknown outcome is %v, key %q", info.Value, status, unknown, e.IdempotencyKey)
	}
}

// list reads codes and their result statuses.
func list(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	found := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if code, status, ok := strings.Cut(lines.Text(), " "); ok && code != "#" {
			found[code] = status
		}
	}
	return found
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

// TestCategories checks the categories that follow from the provider's own sample.
func TestCategories(t *testing.T) {
	for code, category := range map[openapi.ErrorCode]apierr.Category{
		openapi.ErrInvalidSignature: apierr.ErrAuth, openapi.ErrInvalidClient: apierr.ErrAuth, openapi.ErrUnauthorized: apierr.ErrAuth,
		openapi.ErrParamIllegal: apierr.ErrInvalidRequest, openapi.ErrMissingRequiredParam: apierr.ErrInvalidRequest,
		openapi.ErrInsufficientBalance: apierr.ErrDeclined, openapi.ErrRiskReject: apierr.ErrDeclined,
		openapi.ErrRequestTrafficExceedLimit: apierr.ErrRateLimited,
	} {
		if info, _ := code.Info(); info.Category != category {
			t.Errorf("%s is %v, want %v", info.Value, info.Category, category)
		}
	}
}

func TestUnknownOutcomeURLs(t *testing.T) {
	html, err := os.ReadFile("../docs/errors/openapi.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []string{"prepare", "applytoken", "pay", "retailpay", "createqrorder", "linkpaycreate", "cancel", "refundapply", "void", "capture", "sendpush", "sendinbox"} {
		if strings.Count(string(html), `id="unknown-outcome-`+op+`"`) != 1 {
			t.Errorf("the unknown outcome of %s has no entry", op)
		}
	}
}
