package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/sandbox"
)

// faultCase is the expected effect of one fault.
type faultCase struct {
	kind     string
	executed bool
	logged   int                 // status in the request log
	matches  func(response) bool // what the client receives
}

func broken(a response) bool { return a.err != nil }

func faultCases() []faultCase {
	return []faultCase{
		{sandbox.FaultResetBeforeRead, false, 0, broken},
		{sandbox.FaultResetBeforeCommit, false, 0, broken},
		{sandbox.FaultResetAfterCommit, true, 0, broken},
		{sandbox.FaultResetInHeaders, true, 0, broken},
		{sandbox.FaultResetInBody, true, 0, broken},
		{sandbox.FaultResetAfterBody, true, 200, func(a response) bool {
			// The reset may overtake the end of the response.
			return a.err != nil || strings.HasSuffix(a.raw, "}")
		}},
		{sandbox.FaultHTML, false, 502, func(a response) bool {
			return a.status == 502 && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && strings.Contains(a.raw, "<html>")
		}},
		{sandbox.FaultEmpty, true, 200, func(a response) bool { return a.err == nil && a.status == 200 && a.raw == "" }},
		{sandbox.FaultTruncated, true, 200, func(a response) bool {
			return a.err == nil && strings.HasPrefix(a.raw, `{"`) && !strings.HasSuffix(a.raw, "}")
		}},
		{sandbox.FaultSlow, true, 200, func(a response) bool { return a.err == nil && strings.HasSuffix(a.raw, "}") }},
		{sandbox.FaultHuge, false, 502, func(a response) bool {
			return a.err == nil && a.status == 502 && a.more >= 63<<20
		}},
	}
}

func TestFaults(t *testing.T) {
	for _, c := range faultCases() {
		for source, send := range map[string]func(*acme) response{
			"by call": func(a *acme) response {
				if err := a.Fault(c.kind, sandbox.OnOperation("createWidget")); err != nil {
					t.Fatal(err)
				}
				return a.do(t, "POST", "/widgets", `{"name":"ball"}`)
			},
			"by header": func(a *acme) response {
				return a.do(t, "POST", "/widgets", `{"name":"ball"}`, sandbox.ScenarioHeader, c.kind)
			},
		} {
			a := open(t, sandbox.Settings{SlowDelay: time.Millisecond})
			got := send(a)
			if !c.matches(got) {
				t.Errorf("%s %s: the client received status %d, %.80q, %v", c.kind, source, got.status, got.raw, got.err)
			}
			if executed := len(a.Ledger()) == 1; executed != c.executed {
				t.Errorf("%s %s: ledger %v, want executed %v", c.kind, source, a.Ledger(), c.executed)
			}
			if log := a.Requests(); len(log) != 1 || log[0].Scenario != c.kind || log[0].Status != c.logged {
				t.Errorf("%s %s: log %+v", c.kind, source, log)
			}
			if next := a.do(t, "POST", "/widgets", `{"name":"next"}`); next.status != 200 {
				t.Errorf("%s %s: the next request got %d %v", c.kind, source, next.status, next.err)
			}
		}
	}
}

// TestCut cuts a response after several bytes of its header or body. It reads from a
// pipe, because on a socket a reset can overtake the bytes sent before it.
func TestCut(t *testing.T) {
	a := open(t, sandbox.Settings{})
	whole := a.do(t, "POST", "/widgets", `{"name":"ball"}`).raw
	c := &http.Client{Transport: faulthttp.Pipe(t, a.Handler())}
	for header, want := range map[string]string{
		"reset-in-body@1": whole[:1], "reset-in-body@7": whole[:7], fmt.Sprint("reset-in-body@", len(whole)): "", fmt.Sprint("reset-in-body@", len(whole)+2): whole[:2],
		"reset-in-body": whole[:len(whole)/2], "reset-in-headers@1": "no header", "reset-in-headers@20": "no header", "reset-in-headers@1000000": "no header",
	} {
		got := a.call(t, c, "POST", "/widgets", `{"name":"ball"}`, sandbox.ScenarioHeader, header)
		if got.err == nil {
			t.Errorf("%s: got no error, want a reset", header)
		}
		switch {
		case want == "no header":
			if got.status != 0 {
				t.Errorf("%s: got status %d, want a reset before the header is complete", header, got.status)
			}
		case len(got.raw) != len(want):
			t.Errorf("%s: body: got %d bytes, want %d", header, len(got.raw), len(want))
		}
	}
	for _, header := range []string{"reset-in-body@", "reset-in-body@0", "reset-in-body@-1", "reset-in-body@x", "reset-after-body@3", "html@3"} {
		if got := a.do(t, "POST", "/widgets", `{"name":"ball"}`, sandbox.ScenarioHeader, header); got.status != 400 {
			t.Errorf("%s: got %d, want 400", header, got.status)
		}
	}
}

func TestFaultStatus(t *testing.T) {
	a := open(t, sandbox.Settings{})
	for kind, status := range map[string]int{sandbox.FaultHTML: 200, sandbox.FaultEmpty: 503, sandbox.FaultHuge: 200} {
		if err := a.Fault(kind, sandbox.WithStatus(status)); err != nil {
			t.Fatal(err)
		}
		if got := a.do(t, "GET", "/widgets/1", ""); got.status != status {
			t.Errorf("%s: got %d, want %d", kind, got.status, status)
		}
	}
}

func TestRefuse(t *testing.T) {
	a := open(t, sandbox.Settings{})
	c := client(t)
	if got := a.call(t, c, "GET", "/widgets/1", ""); got.err != nil {
		t.Fatal(got.err)
	}
	if err := a.Fault(sandbox.FaultRefuse); err != nil {
		t.Fatal(err)
	}
	if got := a.call(t, c, "POST", "/widgets", `{}`); got.err == nil {
		t.Errorf("got status %d, want a connection error", got.status)
	}
	if len(a.Requests()) != 1 || len(a.Ledger()) != 0 {
		t.Errorf("the refused request was read: %v %v", a.Requests(), a.Ledger())
	}
	if got := a.call(t, c, "POST", "/widgets", `{}`); got.status != 200 {
		t.Errorf("the next request got %d %v", got.status, got.err)
	}
	if got := a.do(t, "POST", "/widgets", `{}`, sandbox.ScenarioHeader, sandbox.FaultRefuse); got.err == nil || len(a.Ledger()) != 1 {
		t.Errorf("by header: got %d, ledger %v", got.status, a.Ledger())
	}
}

// A slow response ends when the client disconnects and when the sandbox closes.
func TestSlowEnds(t *testing.T) {
	a := open(t, sandbox.Settings{SlowDelay: time.Hour})
	c := client(t)
	for _, end := range []string{"client", "sandbox"} {
		if err := a.Fault(sandbox.FaultSlow); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", a.URL+"/widgets/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Do(r)
		if err != nil || got.StatusCode != 200 || got.ContentLength == 0 {
			t.Fatalf("the header was not sent at once: %v", err)
		}
		if end == "sandbox" {
			a.Close()
		} else {
			cancel()
		}
		if _, err := io.ReadAll(got.Body); err == nil {
			t.Errorf("%s: the body was sent before the delay had passed", end)
		}
		_ = got.Body.Close()
		cancel()
	}
	a.Close()
}

func TestHugeStops(t *testing.T) {
	a := open(t, sandbox.Settings{})
	if err := a.Fault(sandbox.FaultHuge); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", a.URL+"/widgets/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(got.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	a.Close() // returns only when the stream has ended
}

// A recorder has no connection, so a fault that needs one is an error.
func TestFaultWithoutConnection(t *testing.T) {
	a := open(t, sandbox.Settings{})
	for _, kind := range []string{sandbox.FaultResetBeforeRead, sandbox.FaultResetInBody} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/widgets/1", nil)
		r.Header.Set(sandbox.ScenarioHeader, kind)
		a.Handler().ServeHTTP(w, r)
		if w.Code != 500 || !strings.Contains(w.Body.String(), "connection") {
			t.Errorf("%s: got %d %s", kind, w.Code, w.Body)
		}
	}
}

func TestScenarios(t *testing.T) {
	a := open(t, sandbox.Settings{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, got response, status int) {
		t.Helper()
		if got.status != status {
			t.Errorf("%s: got %d %s %v, want %d", what, got.status, got.raw, got.err, status)
		}
	}
	get := func(header ...string) response { return a.do(t, "GET", "/widgets/1", "", header...) }
	login := func() response { return a.do(t, "POST", "/login", "") }

	must(a.FailNext("GONE"))
	want("login is skipped", login(), 200)
	want("the queue has priority over the header", get(sandbox.ScenarioHeader, "ODD"), 410)
	want("the queue is empty, the header applies", get(sandbox.ScenarioHeader, "ODD"), 418)
	want("no scenario", get(), 200)

	must(a.FailNext("GONE", sandbox.OnOperation("createWidget"), sandbox.Times(2)))
	want("another operation is skipped", get(), 200)
	want("first time", a.do(t, "POST", "/widgets", "{}"), 410)
	want("second time", a.do(t, "POST", "/widgets", "{}"), 410)
	want("third time", a.do(t, "POST", "/widgets", "{}"), 200)
	if len(a.Ledger()) != 1 {
		t.Errorf("a request that failed with a code was executed: %v", a.Ledger())
	}

	must(a.FailNext("BAD_LOGIN"))
	want("a code that only login can return", login(), 401)
	must(a.FailNext("GONE", sandbox.OnOperation("login")))
	want("login by operationId", login(), 410)
	if got := get(sandbox.ScenarioHeader, "ODD"); got.raw != "odd" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("a code whose body is not JSON: got %q as %q", got.raw, got.header.Get("Content-Type"))
	}

	must(a.FailNext("GONE"))
	want("an unknown header", get(sandbox.ScenarioHeader, "NOPE"), 400)
	want("an unknown header on an unknown path", a.do(t, "GET", "/nowhere", "", sandbox.ScenarioHeader, "NOPE"), 400)
	want("an unknown path", a.do(t, "GET", "/nowhere", ""), 404)
	want("the queue is unchanged", get(), 410)
}

// failureCounter is a TB that counts failures.
type failureCounter struct{ failed int }

func (f *failureCounter) Helper()               {}
func (f *failureCounter) Errorf(string, ...any) { f.failed++ }
func (f *failureCounter) Cleanup(func())        {}

func TestInvalidArgumentsFailTheTest(t *testing.T) {
	a := &acme{}
	core, err := sandbox.New(sandbox.Provider{Name: "acme", Operations: a.operations(), Codes: acmeCodes(), ErrorResponse: errorResponse}, sandbox.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	counter := &failureCounter{}
	h, err := core.Open("127.0.0.1:0", counter)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	errs := []error{
		h.FailNext("NOPE"),
		h.FailNext("GONE", sandbox.OnOperation("nope")),
		h.FailNext("GONE", sandbox.Times(-1)),
		h.FailNext("GONE", sandbox.WithStatus(500)),
		h.Fault("nope"),
		h.Fault(sandbox.FaultSlow, sandbox.WithStatus(500)),
		h.Fault(sandbox.FaultHTML, sandbox.WithStatus(99)),
		h.Fault(sandbox.FaultRefuse, sandbox.OnOperation("nope")),
		h.Advance(-time.Second),
		h.Advance(1<<63 - 1),
		h.Advance(1<<63 - 1),
	}
	for i, err := range errs {
		var inputErr *sandbox.InputError
		if i == len(errs)-2 {
			if err != nil {
				t.Errorf("advance by the largest duration: %v", err)
			}
		} else if !errors.As(err, &inputErr) || err.Error() == "" {
			t.Errorf("call %d: got %v, want an InputError", i, err)
		}
	}
	if counter.failed != len(errs)-1 {
		t.Errorf("the test failed %d times, want %d", counter.failed, len(errs)-1)
	}
}
