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
	"github.com/specpay/specpay/internal/retries"
	"github.com/specpay/specpay/pay"
)

// retriesMatchTheTable calls one operation of each retry class with every response of
// the table in docs/retries.md and compares attempts, outcome, category and advice.
func retriesMatchTheTable(t *testing.T, s harness.Suite) {
	spec, err := retries.Read(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range retries.Classes() {
		shop := s.Shop(t)
		op, index := lastOf(t, spec, shop, class)
		if index < 0 {
			shop.Close()
			continue
		}
		t.Run(class, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Cleanup(shop.Close)
				m := &retryTable{spec: spec, shop: shop, op: op, index: index, bodies: bodies(shop)}
				m.tr = faulthttp.Pipe(t, http.HandlerFunc(m.serve))
				m.run(t)
			})
		})
	}
}

// lastOf returns the last operation of a retry class and its index in Shop.Calls; -1
// if there is none. The client never makes the last one by itself.
func lastOf(t *testing.T, spec *retries.Spec, shop harness.Shop, class string) (op retries.Operation, index int) {
	index = -1
	for i, c := range shop.Calls(t) {
		for _, o := range spec.Operations {
			if o.ID == c.Operation && o.Class == class {
				op, index = o, i
			}
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
	spec   *retries.Spec
	shop   harness.Shop
	op     retries.Operation
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
	for _, status := range retries.Statuses() {
		m.cell(t, status, "HTML page", faulthttp.Respond(status, "text/html", "<!doctype html><title>Bad Gateway</title>"), nil, "")
		m.cell(t, status, "empty", faulthttp.Respond(status, "application/json", ""), nil, "")
		codes := m.spec.At(status)
		for _, code := range codes {
			m.documented(t, status, code)
		}
		if len(codes) == 0 {
			m.undocumented(t, status)
		}
		m.cell(t, status, "truncated", m.genuine(status, cutBody(m.refusalBody(t))), nil, "")
	}
	for i, code := range m.spec.Codes { // a code without a documented status gets one
		if len(code.Statuses) == 0 {
			m.documented(t, retries.Statuses()[i%len(retries.Statuses())], &code)
		}
	}
}

func (m *retryTable) documented(t *testing.T, status int, code *retries.Code) {
	if m.bodies[code.Value] == "" {
		t.Errorf("code %s: the sandbox has no error body", code.Value)
		return
	}
	m.cell(t, status, code.Value, m.genuine(status, m.bodies[code.Value]), code, "")
}

// undocumented responds with a code that the catalog does not have.
func (m *retryTable) undocumented(t *testing.T, status int) {
	code := m.refusalCode(t)
	said := apierr.Outcome("")
	if m.spec.Tells {
		said = apierr.OutcomeNotApplied
	}
	body := strings.ReplaceAll(m.bodies[code.Value], code.Value, newCode)
	if body == m.bodies[code.Value] { // the text itself is the code
		body = newText
	}
	m.cell(t, status, "unknown code", m.genuine(status, body), nil, said)
}

// refusalCode returns a code that is a refusal also in the provider's own words. The
// choice does not depend on the order of the catalog.
func (m *retryTable) refusalCode(t *testing.T) *retries.Code {
	t.Helper()
	var found *retries.Code
	for i := range m.spec.Codes {
		c := &m.spec.Codes[i]
		if c.Outcome == "" && (!m.spec.Tells || c.Type == "F") && (found == nil || c.Value < found.Value) {
			found = c
		}
	}
	if found == nil {
		t.Fatal("the catalog has no code that is a refusal")
	}
	if m.bodies[found.Value] == "" {
		t.Fatalf("code %s: the sandbox has no error body", found.Value)
	}
	return found
}

func (m *retryTable) refusalBody(t *testing.T) string { return m.bodies[m.refusalCode(t).Value] }

// cutBody keeps too little of a body to recognize its code.
func cutBody(body string) string {
	if strings.HasPrefix(body, "{") {
		return body[:len(body)/2]
	}
	return body[:2]
}

func (m *retryTable) genuine(status int, body string) http.Handler {
	h := faulthttp.Respond(status, "application/json", body)
	if m.shop.Genuine != nil {
		return m.shop.Genuine(h)
	}
	return h
}

// cell makes one call whose every attempt gets the same response. code is the code
// of the response, nil if it has none that the catalog has; said is the outcome that
// the response itself reports.
func (m *retryTable) cell(t *testing.T, status int, body string, h http.Handler, code *retries.Code, said apierr.Outcome) {
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
	want := m.spec.Cell(m.op, status, code, said)
	harness.Expect(t, subject, "status", got.StatusCode, status)
	harness.Expect(t, subject, "attempts", got.Attempts, want.Attempts)
	harness.Expect(t, subject, "requests", int(m.requests.Load()), want.Attempts)
	harness.Expect(t, subject, "outcome", got.Outcome(), want.Outcome)
	harness.Expect(t, subject, "category", got.Category(), want.Category)
	harness.Expect(t, subject, "advice", got.Advice(), want.Advice)
}
