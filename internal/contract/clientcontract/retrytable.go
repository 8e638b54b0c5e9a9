package clientcontract

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// retriesMatchTheTable calls one operation of each retry class with every response of
// the table in docs/retries.md and compares attempts, outcome, category and advice.
func retriesMatchTheTable(t *testing.T, s harness.Suite) {
	page, operations := readRetryPage(t, s.Spec), specmodel.Operations(t, s.Spec)
	for _, class := range []string{"safe", "keyed", "keyless"} {
		shop := s.Shop(t)
		op, index := lastOf(t, operations, shop, class)
		if index < 0 {
			shop.Close()
			continue
		}
		t.Run(class, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Cleanup(shop.Close)
				m := &retryTable{page: page, shop: shop, op: op, index: index, bodies: bodies(shop)}
				m.tr = faulthttp.Pipe(t, http.HandlerFunc(m.serve))
				m.run(t)
			})
		})
	}
}

// lastOf returns the last operation of a retry class and its index in Shop.Calls; -1
// if there is none. The client never makes the last one by itself.
func lastOf(t *testing.T, operations map[string]specmodel.Operation, shop harness.Shop, class string) (op specmodel.Operation, index int) {
	index = -1
	for i, c := range shop.Calls(t) {
		if o := operations[c.Operation]; o.Class == class {
			op, index = o, i
		}
	}
	return op, index
}

// bodies returns the error bodies of the sandbox by code.
func bodies(shop harness.Shop) map[string]string {
	all := map[string]string{}
	for _, c := range shop.Codes() {
		all[c.Value] = c.Body
	}
	return all
}

// retryTable is the table of one operation. Its server responds to requests with
// rowHeader as the cell says, and to all others as the sandbox does.
type retryTable struct {
	page   *retryPage
	shop   harness.Shop
	op     specmodel.Operation
	index  int
	bodies map[string]string
	tr     http.RoundTripper
	cells  int

	response atomic.Pointer[http.Handler]
	requests atomic.Int32
}

const rowHeader = "X-Row"

func (m *retryTable) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(rowHeader) == "" {
		m.shop.Handler().ServeHTTP(w, r)
		return
	}
	m.requests.Add(1)
	(*m.response.Load()).ServeHTTP(w, r)
}

func (m *retryTable) run(t *testing.T) {
	for i, status := range m.page.statuses {
		if sample.Turn(i, 0, 2) {
			m.unsigned(t, status, "HTML page", faulthttp.Respond(status, "text/html", "<!doctype html><title>Bad Gateway</title>"))
		}
		if sample.Turn(i, 1, 2) {
			m.unsigned(t, status, "empty", faulthttp.Respond(status, "application/json", ""))
		}
		codes := m.page.at(status)
		for _, code := range codes {
			m.documented(t, status, code)
		}
		if len(codes) == 0 {
			m.undocumented(t, status)
		}
		m.cell(t, status, "truncated", m.genuine(status, m.refusalCode(t).Body[:2]), "", false) // too little for a code
	}
	for i, code := range m.page.withoutStatus() { // each gets one
		m.documented(t, m.page.statuses[i%len(m.page.statuses)], code)
	}
}

func (m *retryTable) documented(t *testing.T, status int, code string) {
	if m.bodies[code] == "" {
		t.Errorf("code %s: the sandbox has no error body", code)
		return
	}
	m.cell(t, status, code, m.genuine(status, m.bodies[code]), code, false)
}

// undocumented responds with a code that the catalog does not have.
func (m *retryTable) undocumented(t *testing.T, status int) {
	code := m.refusalCode(t)
	body := strings.ReplaceAll(code.Body, code.Value, newCode)
	if body == code.Body { // the text itself is the code
		body = newText
	}
	m.cell(t, status, "unknown code", m.genuine(status, body), "", true)
}

// refusalCode returns a code of a failure that the page lists. The choice does not
// depend on the order of the catalog.
func (m *retryTable) refusalCode(t *testing.T) sandbox.Code {
	t.Helper()
	var found sandbox.Code
	for _, c := range m.shop.Codes() {
		if c.Outcome == "" && m.page.has(c.Value) && (found.Value == "" || c.Value < found.Value) {
			found = c
		}
	}
	if found.Value == "" {
		t.Fatal("the catalog has no code of a failure")
	}
	if m.bodies[found.Value] == "" {
		t.Fatalf("code %s: the sandbox has no error body", found.Value)
	}
	return found
}

func (m *retryTable) genuine(status int, body string) http.Handler {
	h := faulthttp.Respond(status, "application/json", body)
	if m.shop.Genuine != nil {
		return m.shop.Genuine(h)
	}
	return h
}

// unsigned is a response without a code and without a signature. If the provider
// signs its responses, it may be that of a firewall, and settles no write.
func (m *retryTable) unsigned(t *testing.T, status int, body string, h http.Handler) {
	t.Helper()
	want := m.page.cell(t, m.op, status, "", false)
	if m.shop.Genuine != nil && m.op.Class != "safe" && want.Outcome == apierr.OutcomeNotApplied {
		want.Outcome, want.Category, want.Advice = apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, m.page.unknown[m.op.ID]
	}
	m.check(t, status, body, h, want)
}

// cell is a response of the provider. code is its code, "" if it has none that the
// catalog has; stated means that the response itself may state a failure.
func (m *retryTable) cell(t *testing.T, status int, body string, h http.Handler, code string, stated bool) {
	t.Helper()
	m.check(t, status, body, h, m.page.cell(t, m.op, status, code, stated))
}

// check makes one call whose every attempt gets the same response.
func (m *retryTable) check(t *testing.T, status int, body string, h http.Handler, want retryCell) {
	t.Helper()
	m.cells++
	do, err := m.shop.Calls(t, pay.WithBaseURL(m.shop.URL), pay.WithTransport(m.tr))[m.index].Prepare(t.Context(), m.cells)
	if err != nil {
		t.Fatal(err)
	}
	m.response.Store(&h)
	m.requests.Store(0)
	subject := harness.Subject(m.op.ID, fmt.Sprintf("status %d, body %s", status, body))
	got := harness.AsError(t, subject, do(t.Context(), pay.WithHeader(rowHeader, body)))
	if got == nil {
		return
	}
	harness.Expect(t, subject, "status", got.StatusCode, status)
	harness.Expect(t, subject, "attempts", got.Attempts, want.Attempts)
	harness.Expect(t, subject, "requests", int(m.requests.Load()), want.Attempts)
	harness.Expect(t, subject, "outcome", got.Outcome(), want.Outcome)
	harness.Expect(t, subject, "category", got.Category(), want.Category)
	harness.Expect(t, subject, "advice", got.Advice(), want.Advice)
}
