package qpay_test

import (
	"bufio"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

const pages = "https://specpay.github.io/specpay/errors/"

// TestDocumentedCodes checks each code of QPay's error page, from a list that was
// made from that page and not from the spec.
func TestDocumentedCodes(t *testing.T) {
	constants := constants(t)
	page, err := os.ReadFile("../docs/errors/qpay.html")
	if err != nil {
		t.Fatal(err)
	}
	srv := qpaytest.NewServer(t)
	c := connect(t, srv, pay.WithMaxAttempts(1))
	list := sourcePage(t)
	if len(list) != 52 {
		t.Fatalf("the list has %d codes, the page has 52", len(list))
	}
	for value, status := range list {
		code := qpay.ErrorCode(value)
		info, known := code.Info()
		if !known {
			t.Errorf("%s is not in the catalog", value)
			continue
		}
		if constants[info.Name] != value {
			t.Errorf("%s: the constant %s is %q", value, info.Name, constants[info.Name])
		}
		if len(info.Statuses) == 0 || info.Statuses[0] != status {
			t.Errorf("%s: statuses %v, the page says %d", value, info.Statuses, status)
		}
		checkComplete(t, value, info)
		anchor, ours := strings.CutPrefix(info.DocURL, pages+"qpay.html#")
		if !ours || anchor != strings.ToLower(value) || strings.Count(string(page), `id="`+anchor+`"`) != 1 {
			t.Errorf("%s: %s is not the address of one entry", value, info.DocURL)
		}
		if !strings.HasPrefix(info.UpstreamURL, "https://qpay-sdk.github.io/qpay-docs/error-codes#") {
			t.Errorf("%s: upstream is %q", value, info.UpstreamURL)
		}
		_, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), "https://shop.example/paid"), pay.WithHeader("Sandbox-Scenario", value))
		var e *apierr.Error
		if !errors.Is(err, code) {
			t.Errorf("%s: got error %v, want one that is %v", value, err, code)
		}
		if got := qpay.CodeOf(err); got != code {
			t.Errorf("%s: CodeOf: got %v, want %v", value, got, code)
		}
		if !errors.As(err, &e) {
			t.Errorf("%s: got error %v, want an *apierr.Error", value, err)
			continue
		}
		if e.StatusCode != status {
			t.Errorf("%s: StatusCode: got %d, want %d", value, e.StatusCode, status)
		}
		if e.RawCode != value {
			t.Errorf("%s: RawCode: got %q, want %q", value, e.RawCode, value)
		}
		if len(e.RawBody) == 0 {
			t.Errorf("%s: RawBody is empty", value)
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
func sourcePage(t *testing.T) map[string]int {
	t.Helper()
	f, err := os.Open("testdata/codes.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	list := map[string]int{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if code, status, ok := strings.Cut(lines.Text(), " "); ok && code != "#" {
			if list[code], err = strconv.Atoi(status); err != nil {
				t.Fatal(err)
			}
		}
	}
	return list
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

func TestCodeSpellings(t *testing.T) {
	for _, spelling := range []string{"NO_CREDENDIALS", "NO_CREDENTIALS"} {
		srv := qpaytest.NewServer(t, qpaytest.WithConfig(func(c *qpaytest.Config) { c.NoCredentials, c.RejectTokens = spelling, true }))
		_, err := connect(t, srv).GetInvoice(t.Context(), "i")
		var e *apierr.Error
		if !errors.Is(err, qpay.ErrNoCredentials) || !errors.As(err, &e) || e.RawCode != spelling {
			t.Errorf("%s: %v", spelling, err)
		}
	}
}

func TestDocURLs(t *testing.T) {
	page, err := os.ReadFile("../docs/errors/qpay.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range qpay.ErrorCodes() {
		info, _ := code.Info()
		anchor, ok := strings.CutPrefix(info.DocURL, pages+"qpay.html#")
		if !ok || strings.Count(string(page), `id="`+anchor+`"`) != 1 {
			t.Errorf("%s: %s", info.Value, info.DocURL)
		}
	}
}
