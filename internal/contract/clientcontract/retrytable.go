package clientcontract

import (
	"errors"
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

// R1 drives one operation of each class through the whole table of
// docs/retries.md and compares attempts, outcome, class and advice.
func retriesMatchTheTable(t *testing.T, s harness.Suite) {
	spec, err := retries.Read(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	cells, classes := 0, []string(nil)
	for _, class := range retries.Classes() {
		shop := s.Shop(t)
		op, index := lastOf(t, spec, shop, class)
		if index < 0 {
			shop.Close()
			continue
		}
		classes = append(classes, class)
		t.Run(class, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Cleanup(shop.Close)
				m := &retryTable{spec: spec, shop: shop, op: op, index: index, bodies: bodies(shop)}
				m.tr = faulthttp.Pipe(t, http.HandlerFunc(m.serve))
				m.run(t)
				cells += m.cells
			})
		})
	}
	t.Attr("figure", fmt.Sprintf("%d cells of %d statuses x documented, HTML, empty, truncated x %s: attempts, outcome, class and advice as in docs/retries.md",
		cells, len(retries.Statuses()), strings.Join(classes, ", ")))
}

// lastOf returns an operation of a class and its place among the calls; -1 when
// the provider has none. The last one is never a call that the client makes by
// itself.
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

// bodies are the sandbox's answers by code.
func bodies(shop harness.Shop) map[string]string {
	all := map[string]string{}
	for _, c := range shop.Codes() {
		all[c.Value] = c.Body
	}
	return all
}

// matrix is one class of one provider. Its server answers the calls that carry
// the header row as the cell wants, and all others as the sandbox does.
type retryTable struct {
	spec   *retries.Spec
	shop   harness.Shop
	op     retries.Operation
	index  int
	bodies map[string]string
	tr     http.RoundTripper
	cells  int

	answer   atomic.Pointer[http.Handler]
	requests atomic.Int32
}

const rowHeader = "X-Row"

func (m *retryTable) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(rowHeader) == "" {
		m.shop.Handler().ServeHTTP(w, r)
		return
	}
	m.requests.Add(1)
	(*m.answer.Load()).ServeHTTP(w, r)
}

func (m *retryTable) run(t *testing.T) {
	for _, status := range retries.Statuses() {
		m.cell(t, status, "an HTML page", faulthttp.Respond(status, "text/html", "<!doctype html><title>Bad Gateway</title>"), nil, "")
		m.cell(t, status, "no body", faulthttp.Respond(status, "application/json", ""), nil, "")
		codes := m.spec.At(status)
		for _, code := range codes {
			m.documented(t, status, code)
		}
		if len(codes) == 0 {
			m.undocumented(t, status)
		}
		m.cell(t, status, "a truncated body", m.genuine(status, cutBody(m.refusalBody())), nil, "")
	}
	for i, code := range m.spec.Codes { // with these the spec knows no status, so each gets one
		if len(code.Statuses) == 0 {
			m.documented(t, retries.Statuses()[i%len(retries.Statuses())], &code)
		}
	}
}

func (m *retryTable) documented(t *testing.T, status int, code *retries.Code) {
	if m.bodies[code.Value] == "" {
		t.Errorf("the sandbox has no body for %s", code.Value)
		return
	}
	m.cell(t, status, code.Value, m.genuine(status, m.bodies[code.Value]), code, "")
}

// unheard answers with a code that the catalog does not have.
func (m *retryTable) undocumented(t *testing.T, status int) {
	code := m.refusalCode()
	said := apierr.Outcome("")
	if m.spec.Tells {
		said = apierr.OutcomeNotApplied
	}
	body := strings.ReplaceAll(m.bodies[code.Value], code.Value, "SOMETHING_NEW_2027")
	if body == m.bodies[code.Value] { // the text itself is what is recognised
		body = "a text that nobody has seen"
	}
	m.cell(t, status, "a new code", m.genuine(status, body), nil, said)
}

// plain is a code that is a refusal, in a provider's own words too.
func (m *retryTable) refusalCode() *retries.Code {
	for i := range m.spec.Codes {
		if c := &m.spec.Codes[i]; c.Outcome == "" && (!m.spec.Tells || c.Type == "F") {
			return c
		}
	}
	return &m.spec.Codes[0]
}

func (m *retryTable) refusalBody() string { return m.bodies[m.refusalCode().Value] }

// cut leaves too little of a body to be recognised.
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

// cell makes one call whose every attempt gets the same answer.
func (m *retryTable) cell(t *testing.T, status int, what string, h http.Handler, code *retries.Code, said apierr.Outcome) {
	m.cells++
	do, err := m.shop.Calls(t, pay.WithBaseURL(m.shop.URL), pay.WithTransport(m.tr))[m.index].Prepare(t.Context(), m.cells)
	if err != nil {
		t.Fatal(err)
	}
	m.answer.Store(&h)
	m.requests.Store(0)
	var e *apierr.Error
	if err := do(t.Context(), pay.WithHeader(rowHeader, what)); !errors.As(err, &e) {
		t.Errorf("%d, %s: %v is no *apierr.Error", status, what, err)
		return
	}
	want := m.spec.Cell(m.op, status, code, said)
	got := retries.Cell{Attempts: e.Attempts, Outcome: e.Outcome(), Category: e.Category(), Advice: e.Advice()}
	if got != want || int(m.requests.Load()) != got.Attempts || e.StatusCode != status {
		t.Errorf("%s, %d, %s: got %d requests, %+v; the table says %+v", m.op.ID, status, what, m.requests.Load(), got, want)
	}
}
