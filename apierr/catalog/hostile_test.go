package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// TestIncompleteCatalogsDoNotPanic: a catalog is data. A mistake in it must not
// end a program that receives a response.
func TestIncompleteCatalogsDoNotPanic(t *testing.T) {
	odd := []string{"", "/", "//", "code", "~", "/~", "/-1", "/0", strings.Repeat("/a", 20)}
	for _, pointer := range odd {
		c := &catalog.Catalog{
			Envelopes: []catalog.Envelope{
				{}, // no code, no Parse
				{At: pointer, Code: []string{pointer}, Message: []string{pointer}, Success: "scan", Fields: catalog.FieldRule{At: pointer}, Parse: parseCode},
				{At: pointer, Code: []string{pointer}, Outcome: catalog.OutcomeRule{From: pointer}, Parse: parseCode},
				{Text: &catalog.TextRules{Rules: []catalog.TextRule{{Parts: []catalog.TextPart{{}, {Capture: "a"}, {Capture: "b"}}}}}},
			},
			Operations: []catalog.Operation{
				{ID: "high", Method: "POST", Path: "/high", Shapes: []catalog.Shape{{Envelope: 4}, {Envelope: 1 << 30}, {Envelope: 1}}},
				{ID: "low", Method: "POST", Path: "low", Shapes: []catalog.Shape{{Envelope: -1}}},
				{},
			},
		}
		for _, status := range []int{-1, 0, 7, 100, 200, 204, 302, 400, 500, 1 << 40} {
			for _, body := range []string{"", "null", `"text"`, `{}`, `[]`, `{"":{"":"A"}}`, `["A"]`, strings.Repeat(`{"a":`, 20_000), strings.Repeat("[", 20_000), "\ufeff", "\xff"} {
				for _, op := range []*catalog.Operation{nil, &c.Operations[0], &c.Operations[1], &c.Operations[2]} {
					r := c.Read(op, catalog.Response{StatusCode: status, Body: []byte(body)})
					if success := status >= 200 && status < 300; !success && !r.Failed {
						t.Errorf("pointer %.20q, status %d, body %.20q: the response is read as a success", pointer, status, body)
					}
					_ = r.Err().Error()
				}
			}
		}
		for _, path := range []string{"/high", "/low", "/"} {
			c.WriteError(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, nil), code("DECLINED"))
		}
	}
}

// TestPathWithoutSlashMatchesNothing: such an operation would otherwise match
// every request, and lend it its retry class.
func TestPathWithoutSlashMatchesNothing(t *testing.T) {
	c := demo()
	c.Operations = append(c.Operations, catalog.Operation{ID: "nowhere", Method: "POST", Path: "nowhere", Class: "safe"}, catalog.Operation{ID: "odd", Method: "POST", Path: "charges", Class: "safe"}, catalog.Operation{ID: "none", Method: "POST", Class: "safe"})
	d := c.Doer(response(500, "", ""))
	resp, err := d.Do(httptest.NewRequest(http.MethodPost, "http://demo.test/nowhere", nil))
	e := failed(t, resp, err)
	if e.Operation != "" {
		t.Errorf("Operation: got %q, want none", e.Operation)
	}
	if e.Outcome() != apierr.OutcomeUnknown {
		t.Errorf("Outcome: got %s, want unknown", e.Outcome())
	}
}

// TestOperationWithoutMethodIsAWrite: what is not known about an operation must not
// make its outcome certain.
func TestOperationWithoutMethodIsAWrite(t *testing.T) {
	r := demo().Read(&catalog.Operation{ID: "x"}, catalog.Response{StatusCode: 500})
	if got := r.Err().Outcome(); got != apierr.OutcomeUnknown {
		t.Errorf("Outcome: got %s, want unknown", got)
	}
}

// TestFailureInside2xxAtOddPointers: the cheap check before a success is searched
// must not hide a failure.
func TestFailureInside2xxAtOddPointers(t *testing.T) {
	for _, tt := range []struct{ at, pointer, body string }{
		{"", "/error", `{"error":"DECLINED"}`},
		{"/error", "", `{"error":"DECLINED"}`},
		{"", "/errors/0", `{"errors":["DECLINED"]}`},
		{"/errors", "/0", `{"errors":["DECLINED"]}`},
		{"/errors/0", "", `{"errors":["DECLINED"]}`},
		{"", "/a~1b", `{"a\/b":"DECLINED"}`},
		{"", `/a"b`, `{"a\"b":"DECLINED"}`},
		{"", "/a\nb", `{"a\nb":"DECLINED"}`},
		{"", `/a\b`, `{"a\\b":"DECLINED"}`},
		{"", "/", `{"":"DECLINED"}`},
		{"", "/код", `{"код":"DECLINED"}`},
	} {
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{{At: tt.at, Code: []string{tt.pointer}, Success: "scan", Parse: parseCode}}}
		r := c.Read(nil, catalog.Response{StatusCode: 200, Body: []byte(tt.body)})
		if !r.Failed {
			t.Errorf("at %q, code %q: %s is read as a success", tt.at, tt.pointer, tt.body)
			continue
		}
		if !errors.Is(r.Err(), code("DECLINED")) {
			t.Errorf("at %q, code %q, %s: got %v, want DECLINED", tt.at, tt.pointer, tt.body, r.Err())
		}
		if got := r.Err().Outcome(); got != apierr.OutcomeNotApplied {
			t.Errorf("at %q, code %q, %s: got outcome %s, want that of the code", tt.at, tt.pointer, tt.body, got)
		}
	}
}

// TestContradictoryStatusWord: a refusal whose status word says that the call took
// effect, or will, proves nothing.
func TestContradictoryStatusWord(t *testing.T) {
	c := demo()
	pay := &catalog.Operation{ID: "pay", Method: http.MethodPost, Path: "/pay", Class: "keyless", Shapes: []catalog.Shape{{Envelope: 1}}}
	for body, want := range map[string]apierr.Outcome{
		`{"result":{"status":"F","code":"DECLINED"}}`: apierr.OutcomeNotApplied,
		`{"result":{"status":"S","code":"DECLINED"}}`: apierr.OutcomeUnknown,
		`{"result":{"status":"A","code":"NEW"}}`:      apierr.OutcomeUnknown,
		`{"result":{"status":"S"}}`:                   apierr.OutcomeUnknown,
		`{"result":{"status":"S","code":"PENDING"}}`:  apierr.OutcomePending, // the code has an outcome of its own
	} {
		r := c.Read(pay, catalog.Response{StatusCode: 400, Body: []byte(body)})
		if got := r.Err().Outcome(); got != want {
			t.Errorf("%s: got outcome %s, want %s", body, got, want)
		}
	}
}

// TestParseCopies: the error and the response do not share memory.
func TestParseCopies(t *testing.T) {
	header, body := http.Header{"X-Note": {"before"}}, []byte(`{"error":{"code":"DECLINED"}}`)
	e, _ := demo().Parse(402, header, body)
	header["X-Note"][0], body[0] = "after", 'x'
	if got := e.Header.Get("X-Note"); got != "before" {
		t.Errorf("Header: got %q, want %q", got, "before")
	}
	if e.RawBody[0] != '{' {
		t.Errorf("RawBody: got %q", e.RawBody)
	}
}

func TestCookiesAreDroppedWhateverTheirCase(t *testing.T) {
	e, _ := demo().Parse(500, http.Header{"set-cookie": {"session=secret"}, "SET-COOKIE": {"session=secret"}}, nil)
	if len(e.Header) != 0 {
		t.Errorf("Header: got %v, want none", e.Header)
	}
}

// TestLargeFailuresInside2xx: the body of a success is read whole, so a failure in
// it can be much larger than an error body.
func TestLargeFailuresInside2xx(t *testing.T) {
	var fields strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&fields, `"f%d":{"rule":"r"},`, i)
	}
	long := strings.Repeat("x", 1<<20)
	body := `{"error":{"fields":{` + strings.TrimSuffix(fields.String(), ",") + `},"doc":"https://docs.example/` + long + `","code":"DECLINED"},"id":"` + long + `"}`
	start := time.Now()
	r := demo().Read(nil, catalog.Response{StatusCode: 200, Body: []byte(body)})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("reading %d bytes took %v", len(body), took)
	}
	if !r.Failed {
		t.Fatal("the response is read as a success")
	}
	e := r.Err()
	if !errors.Is(e, code("DECLINED")) {
		t.Errorf("got %v, want DECLINED", e)
	}
	size := len(e.RequestID) + len(e.Type) + len(e.Param) + len(e.DocURL())
	for _, f := range e.Fields {
		size += len(f.Field) + len(f.Type) + len(f.Message)
	}
	if size > catalog.MaxErrorBody {
		t.Errorf("the error keeps %d bytes of the body, want at most %d", size, catalog.MaxErrorBody)
	}
}

func TestLongDocURLIsNotLogged(t *testing.T) {
	body := `{"error":{"code":"NEW","doc":"https://docs.example/` + strings.Repeat("x", 15_000) + `"}}`
	e, _ := demo().Parse(400, nil, []byte(body))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("failed", "err", e)
	if log.Len() > 4<<10 {
		t.Errorf("the log line has %d bytes, want at most 4096", log.Len())
	}
}

// TestHostileBodiesTakeLinearTime: none of these bodies may be read once per
// bracket, member or escape.
func TestHostileBodiesTakeLinearTime(t *testing.T) {
	const n = 1 << 20
	for name, body := range map[string]string{
		"open objects":   strings.Repeat(`{"error":`, n/9),
		"open arrays":    strings.Repeat("[", n),
		"members":        `{` + strings.Repeat(`"error":{"code":"A"},`, n/20) + `"x":1}`,
		"same member":    `{"error":{` + strings.Repeat(`"code":"A",`, n/11) + `"code":"B"}}`,
		"quotes":         strings.Repeat(`"`, n),
		"escapes":        `{"error":{"code":"` + strings.Repeat(`\"`, n/2),
		"escaped names":  `{` + strings.Repeat(`"\u0061":1,`, n/11) + `"x":1}`,
		"open strings":   `{"error":` + strings.Repeat(`{"`, n/2),
		"closed nesting": strings.Repeat("[", n/2) + strings.Repeat("]", n/2),
		"nested fields":  `{"error":{"fields":{` + strings.Repeat(`"a":{"b":{`, n/10),
	} {
		for _, status := range []int{200, 400} {
			start := time.Now()
			demo().Read(nil, catalog.Response{StatusCode: status, Body: []byte(body)})
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("%s, status %d: %d bytes took %v", name, status, len(body), took)
			}
		}
	}
}

// TestWriteErrorAtTheRootOfAnArray: the body has the shape that the pointers
// describe.
func TestWriteErrorAtTheRootOfAnArray(t *testing.T) {
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/0/code"}, Message: []string{"/0/message"}, Parse: parseCode}}}
	w := httptest.NewRecorder()
	c.WriteError(w, httptest.NewRequest(http.MethodGet, "/", nil), code("DECLINED"))
	if got, want := w.Body.String(), `[{"code":"DECLINED","message":"The bank declined"}]`; got != want {
		t.Errorf("body: got %s, want %s", got, want)
	}
	if e, _ := c.Parse(w.Code, w.Header(), w.Body.Bytes()); !errors.Is(e, code("DECLINED")) {
		t.Errorf("read back: got %v, want DECLINED", e)
	}
}
