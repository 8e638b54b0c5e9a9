package contract

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// R1 drives one operation of each class through the whole table of
// docs/retries.md and compares attempts, outcome, class and advice.
func R1(t *testing.T, s Suite) {
	table, operations := readRetryTable(t, s.Spec), specOperations(t, s.Spec)
	cells, classes := 0, []string(nil)
	for _, class := range []string{"safe", "keyed", "keyless"} {
		shop := s.Shop(t)
		op, index := lastOf(t, operations, shop, class)
		if index < 0 {
			shop.Close()
			continue
		}
		classes = append(classes, class)
		t.Run(class, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Cleanup(shop.Close)
				m := &matrix{table: table, shop: shop, op: op, index: index, bodies: bodies(shop)}
				m.tr = Pipe(t, http.HandlerFunc(m.serve))
				m.run(t)
				cells += m.cells
			})
		})
	}
	t.Attr("figure", fmt.Sprintf("%d cells of %d statuses x documented, HTML, empty, truncated x %s: attempts, outcome, class and advice as in docs/retries.md",
		cells, len(table.statuses), strings.Join(classes, ", ")))
}

// lastOf returns an operation of a class and its place among the calls; -1 when
// the provider has none. The last one is never a call that the client makes by
// itself.
func lastOf(t *testing.T, operations map[string]Operation, shop Shop, class string) (op Operation, index int) {
	index = -1
	for i, c := range shop.Calls(t) {
		if o := operations[c.Operation]; o.Class == class {
			op, index = o, i
		}
	}
	return op, index
}

// bodies are the sandbox's answers by code.
func bodies(shop Shop) map[string]string {
	all := map[string]string{}
	for _, c := range shop.Codes() {
		all[c.Value] = c.Body
	}
	return all
}

// matrix is one class of one provider. Its server answers the calls that carry
// the header row as the cell wants, and all others as the sandbox does.
type matrix struct {
	table  *retryTable
	shop   Shop
	op     Operation
	index  int
	bodies map[string]string
	tr     http.RoundTripper
	cells  int

	answer   atomic.Pointer[http.Handler]
	requests atomic.Int32
}

const row = "X-Row"

func (m *matrix) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(row) == "" {
		m.shop.Handler().ServeHTTP(w, r)
		return
	}
	m.requests.Add(1)
	(*m.answer.Load()).ServeHTTP(w, r)
}

func (m *matrix) run(t *testing.T) {
	for _, status := range m.table.statuses {
		m.cell(t, status, "an HTML page", answer(status, "text/html", "<!doctype html><title>Bad Gateway</title>"), "", false)
		m.cell(t, status, "no body", answer(status, "application/json", ""), "", false)
		codes := m.table.at(status)
		for _, code := range codes {
			m.documented(t, status, code)
		}
		if len(codes) == 0 {
			m.unheard(t, status)
		}
		m.cell(t, status, "a truncated body", m.genuine(status, cut(m.plain().Body)), "", false)
	}
	for i, code := range m.table.withoutStatus() { // so each gets one
		m.documented(t, m.table.statuses[i%len(m.table.statuses)], code)
	}
}

func (m *matrix) documented(t *testing.T, status int, code string) {
	if m.bodies[code] == "" {
		t.Errorf("the sandbox has no body for %s", code)
		return
	}
	m.cell(t, status, code, m.genuine(status, m.bodies[code]), code, false)
}

// unheard answers with a code that the catalog does not have.
func (m *matrix) unheard(t *testing.T, status int) {
	code := m.plain()
	body := strings.ReplaceAll(code.Body, code.Value, "SOMETHING_NEW_2027")
	if body == code.Body { // the text itself is what is recognised
		body = "a text that nobody has seen"
	}
	m.cell(t, status, "a new code", m.genuine(status, body), "", true)
}

// plain is a code of a failure.
func (m *matrix) plain() sandbox.Code {
	for _, c := range m.shop.Codes() {
		if c.Outcome == "" && m.table.has(c.Value) {
			return c
		}
	}
	return sandbox.Code{}
}

// cut leaves too little of a body for its code to be read.
func cut(body string) string { return body[:2] }

func (m *matrix) genuine(status int, body string) http.Handler {
	h := answer(status, "application/json", body)
	if m.shop.Genuine != nil {
		return m.shop.Genuine(h)
	}
	return h
}

// cell makes one call whose every attempt gets the same answer.
func (m *matrix) cell(t *testing.T, status int, what string, h http.Handler, code string, stated bool) {
	m.cells++
	do, err := m.shop.Calls(t, pay.WithBaseURL(m.shop.URL), pay.WithTransport(m.tr))[m.index].Prepare(t.Context(), m.cells)
	if err != nil {
		t.Fatal(err)
	}
	m.answer.Store(&h)
	m.requests.Store(0)
	var e *apierr.Error
	if err := do(t.Context(), pay.WithHeader(row, what)); !errors.As(err, &e) {
		t.Errorf("%d, %s: %v is no *apierr.Error", status, what, err)
		return
	}
	want := m.table.cell(t, m.op, status, code, stated)
	got := retryCell{Attempts: e.Attempts, Outcome: e.Outcome(), Category: e.Category(), Advice: e.Advice()}
	if got != want || int(m.requests.Load()) != got.Attempts || e.StatusCode != status {
		t.Errorf("%s, %d, %s: got %d requests, %v; the table says %v", m.op.ID, status, what, m.requests.Load(), got, want)
	}
}
