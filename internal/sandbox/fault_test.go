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

	"github.com/specpay/specpay/internal/contract"
	"github.com/specpay/specpay/internal/sandbox"
)

// faultCase says what the ledger and the peer see of one fault.
type faultCase struct {
	kind     string
	executed bool
	logged   int // status in the request log
	seen     func(answer) bool
}

func broken(a answer) bool { return a.err != nil }

func faultCases() []faultCase {
	return []faultCase{
		{sandbox.FaultResetBeforeRead, false, 0, broken},
		{sandbox.FaultResetBeforeCommit, false, 0, broken},
		{sandbox.FaultResetAfterCommit, true, 0, broken},
		{sandbox.FaultResetInHeaders, true, 0, broken},
		{sandbox.FaultResetInBody, true, 0, broken},
		{sandbox.FaultResetAfterBody, true, 200, func(a answer) bool {
			// The whole answer was sent; the reset may still overtake its end.
			return a.err != nil || strings.HasSuffix(a.raw, "}")
		}},
		{sandbox.FaultHTML, false, 502, func(a answer) bool {
			return a.status == 502 && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && strings.Contains(a.raw, "<html>")
		}},
		{sandbox.FaultEmpty, true, 200, func(a answer) bool { return a.err == nil && a.status == 200 && a.raw == "" }},
		{sandbox.FaultTruncated, true, 200, func(a answer) bool {
			return a.err == nil && strings.HasPrefix(a.raw, `{"`) && !strings.HasSuffix(a.raw, "}")
		}},
		{sandbox.FaultSlow, true, 200, func(a answer) bool { return a.err == nil && strings.HasSuffix(a.raw, "}") }},
		{sandbox.FaultHuge, false, 502, func(a answer) bool {
			return a.err == nil && a.status == 502 && a.more >= 63<<20
		}},
	}
}

func TestFaults(t *testing.T) {
	for _, c := range faultCases() {
		for door, ask := range map[string]func(*acme) answer{
			"by call": func(a *acme) answer {
				if err := a.Fault(c.kind, sandbox.OnOperation("makeThing")); err != nil {
					t.Fatal(err)
				}
				return a.ask(t, "POST", "/things", `{"name":"ball"}`)
			},
			"by header": func(a *acme) answer {
				return a.ask(t, "POST", "/things", `{"name":"ball"}`, sandbox.ScenarioHeader, c.kind)
			},
		} {
			a := open(t, sandbox.Settings{Hold: time.Millisecond})
			got := ask(a)
			if !c.seen(got) {
				t.Errorf("%s %s: the peer saw status %d, %.80q, %v", c.kind, door, got.status, got.raw, got.err)
			}
			if executed := len(a.Ledger()) == 1; executed != c.executed {
				t.Errorf("%s %s: ledger %v, want executed %v", c.kind, door, a.Ledger(), c.executed)
			}
			if log := a.Requests(); len(log) != 1 || log[0].Scenario != c.kind || log[0].Status != c.logged {
				t.Errorf("%s %s: log %+v", c.kind, door, log)
			}
			if next := a.ask(t, "POST", "/things", `{"name":"next"}`); next.status != 200 {
				t.Errorf("%s %s: the request after it got %d %v", c.kind, door, next.status, next.err)
			}
		}
	}
}

// TestCut loses an answer after any byte of its head or body. It reads from a
// pipe: on a socket a reset can overtake what was sent before it.
func TestCut(t *testing.T) {
	a := open(t, sandbox.Settings{})
	whole := a.ask(t, "POST", "/things", `{"name":"ball"}`).raw
	c := &http.Client{Transport: contract.Pipe(t, a.Handler())}
	for header, want := range map[string]string{
		"reset-in-body@1": whole[:1], "reset-in-body@7": whole[:7], fmt.Sprint("reset-in-body@", len(whole)): "", fmt.Sprint("reset-in-body@", len(whole)+2): whole[:2],
		"reset-in-body": whole[:len(whole)/2], "reset-in-headers@1": "no head", "reset-in-headers@20": "no head", "reset-in-headers@1000000": "no head",
	} {
		got := a.call(t, c, "POST", "/things", `{"name":"ball"}`, sandbox.ScenarioHeader, header)
		if want == "no head" && (got.err == nil || got.status != 0) || want != "no head" && (got.err == nil || len(got.raw) != len(want)) {
			t.Errorf("%s: status %d, %q, %v; want %q and then a reset", header, got.status, got.raw, got.err, want)
		}
	}
	for _, header := range []string{"reset-in-body@", "reset-in-body@0", "reset-in-body@-1", "reset-in-body@x", "reset-after-body@3", "html@3"} {
		if got := a.ask(t, "POST", "/things", `{"name":"ball"}`, sandbox.ScenarioHeader, header); got.status != 400 {
			t.Errorf("%s: %d, want the list of names", header, got.status)
		}
	}
}

func TestFaultStatus(t *testing.T) {
	a := open(t, sandbox.Settings{})
	for kind, status := range map[string]int{sandbox.FaultHTML: 200, sandbox.FaultEmpty: 503, sandbox.FaultHuge: 200} {
		if err := a.Fault(kind, sandbox.WithStatus(status)); err != nil {
			t.Fatal(err)
		}
		if got := a.ask(t, "GET", "/things/1", ""); got.status != status {
			t.Errorf("%s: got %d, want %d", kind, got.status, status)
		}
	}
}

func TestRefuse(t *testing.T) {
	a := open(t, sandbox.Settings{})
	c := client(t)
	if got := a.call(t, c, "GET", "/things/1", ""); got.err != nil {
		t.Fatal(got.err)
	}
	if err := a.Fault(sandbox.FaultRefuse); err != nil {
		t.Fatal(err)
	}
	if got := a.call(t, c, "POST", "/things", `{}`); got.err == nil {
		t.Errorf("got %d, want a refused connection", got.status)
	}
	if len(a.Requests()) != 1 || len(a.Ledger()) != 0 {
		t.Errorf("the refused request was read: %v %v", a.Requests(), a.Ledger())
	}
	if got := a.call(t, c, "POST", "/things", `{}`); got.status != 200 {
		t.Errorf("the request after it got %d %v", got.status, got.err)
	}
	if got := a.ask(t, "POST", "/things", `{}`, sandbox.ScenarioHeader, sandbox.FaultRefuse); got.err == nil || len(a.Ledger()) != 1 {
		t.Errorf("by header: got %d, ledger %v", got.status, a.Ledger())
	}
}

// A slow answer ends when the peer goes away, and when the sandbox closes.
func TestSlowEnds(t *testing.T) {
	a := open(t, sandbox.Settings{Hold: time.Hour})
	c := client(t)
	for _, end := range []string{"peer", "sandbox"} {
		if err := a.Fault(sandbox.FaultSlow); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", a.URL+"/things/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Do(r)
		if err != nil || got.StatusCode != 200 || got.ContentLength == 0 {
			t.Fatalf("the head did not come at once: %v", err)
		}
		if end == "sandbox" {
			a.Close()
		} else {
			cancel()
		}
		if _, err := io.ReadAll(got.Body); err == nil {
			t.Errorf("%s: the body came although it was held back", end)
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
	r, err := http.NewRequestWithContext(t.Context(), "GET", a.URL+"/things/1", nil)
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

// A recorder has no connection to spoil; the sandbox says so.
func TestFaultWithoutConnection(t *testing.T) {
	a := open(t, sandbox.Settings{})
	for _, kind := range []string{sandbox.FaultResetBeforeRead, sandbox.FaultResetInBody} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/things/1", nil)
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
	want := func(what string, got answer, status int) {
		t.Helper()
		if got.status != status {
			t.Errorf("%s: got %d %s %v, want %d", what, got.status, got.raw, got.err, status)
		}
	}
	get := func(header ...string) answer { return a.ask(t, "GET", "/things/1", "", header...) }
	login := func() answer { return a.ask(t, "POST", "/login", "") }

	must(a.FailNext("GONE"))
	want("a login is passed by", login(), 200)
	want("a call beats the header", get(sandbox.ScenarioHeader, "ODD"), 410)
	want("it is used up, the header counts", get(sandbox.ScenarioHeader, "ODD"), 418)
	want("normal again", get(), 200)

	must(a.FailNext("GONE", sandbox.OnOperation("makeThing"), sandbox.Times(2)))
	want("another operation is passed by", get(), 200)
	want("once", a.ask(t, "POST", "/things", "{}"), 410)
	want("twice", a.ask(t, "POST", "/things", "{}"), 410)
	want("no third time", a.ask(t, "POST", "/things", "{}"), 200)
	if len(a.Ledger()) != 1 {
		t.Errorf("a code by name was executed: %v", a.Ledger())
	}

	must(a.FailNext("BAD_LOGIN"))
	want("a code that only a login has", login(), 401)
	must(a.FailNext("GONE", sandbox.OnOperation("login")))
	want("a login by name", login(), 410)
	if got := get(sandbox.ScenarioHeader, "ODD"); got.raw != "odd" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
		t.Errorf("a body that is no JSON: %q as %q", got.raw, got.header.Get("Content-Type"))
	}

	must(a.FailNext("GONE"))
	want("an unknown header is refused", get(sandbox.ScenarioHeader, "NOPE"), 400)
	want("on an unknown path too", a.ask(t, "GET", "/nowhere", "", sandbox.ScenarioHeader, "NOPE"), 400)
	want("an unknown path uses nothing up", a.ask(t, "GET", "/nowhere", ""), 404)
	want("nothing was used up", get(), 410)
}

// silent is a test that only remembers that it failed.
type silent struct {
	testing.TB
	failed int
}

func (s *silent) Helper()               {}
func (s *silent) Errorf(string, ...any) { s.failed++ }
func (s *silent) Cleanup(func())        {}

func TestMistakesFailTheTest(t *testing.T) {
	a := &acme{}
	core, err := sandbox.New(sandbox.Provider{Name: "acme", Operations: a.operations(), Codes: acmeCodes(), Refuse: refuse}, sandbox.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	test := &silent{TB: t}
	h, err := core.Open("127.0.0.1:0", test)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	mistakes := []error{
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
	for i, err := range mistakes {
		var wrong *sandbox.InputError
		if i == len(mistakes)-2 {
			if err != nil {
				t.Errorf("the first large step: %v", err)
			}
		} else if !errors.As(err, &wrong) || err.Error() == "" {
			t.Errorf("mistake %d: got %v, want an input error", i, err)
		}
	}
	if test.failed != len(mistakes)-1 {
		t.Errorf("the test failed %d times, want %d", test.failed, len(mistakes)-1)
	}
}
