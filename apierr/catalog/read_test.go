package catalog_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

func TestCodeText(t *testing.T) {
	x64 := strings.Repeat("x", 64)
	for c, want := range map[error]string{
		code("DECLINED"): "demo: DECLINED: The bank declined", code("NEW\n"): `demo: "NEW\n"`, code(x64): `demo: "` + x64 + `"`,
		code(x64 + "y"): `demo: "` + x64 + `…"`, code(x64[:63] + "\xff"): `demo: "` + x64[:63] + `\xff"`, code(""): `demo: ""`,
	} {
		if got := c.Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestEnvelopeBySchema(t *testing.T) {
	c := demo()
	if v := c.Envelope("Result"); v == nil || v.At != "/result" {
		t.Errorf("Result: got %v", v)
	}
	if v := c.Envelope("Other"); v != nil {
		t.Errorf("Other: got %v, want nil", v)
	}
}

func TestParseBounds(t *testing.T) {
	for status, failed := range map[int]bool{199: true, 200: false, 299: false, 300: true} {
		e, got := demo().Parse(status, nil, []byte(`{}`))
		if got != failed || (e != nil) != failed {
			t.Errorf("%d: got %v, %v; want failed %v", status, e, got, failed)
		}
		if failed && e.StatusCode != status {
			t.Errorf("%d: got status %d", status, e.StatusCode)
		}
	}
}

// TestRetryClassOfAnOperation: a class is more than a method, and a method that is
// not known to be safe belongs to a write.
func TestRetryClassOfAnOperation(t *testing.T) {
	for _, tt := range []struct {
		class, method string
		safe          bool
	}{
		{"safe", "POST", true}, {"keyed", "GET", false}, {"keyless", "GET", false}, {"sfae", "GET", false},
		{"", "GET", true}, {"", "HEAD", true}, {"", "OPTIONS", true}, {"", "TRACE", true}, {"", "POST", false}, {"", "DELETE", false}, {"", "get", false}, {"", "", false},
	} {
		r := demo().Read(&catalog.Operation{Class: tt.class, Method: tt.method}, catalog.Response{StatusCode: 500})
		e := r.Err()
		if got := e.Outcome() == apierr.OutcomeNotApplied; got != tt.safe {
			t.Errorf("class %q, method %q: got safe %v, want %v", tt.class, tt.method, got, tt.safe)
		}
		if got, want := e.Advice() == apierr.AdviceBackoff, tt.safe || tt.class == "keyed"; got != want {
			t.Errorf("class %q, method %q: got advice %s", tt.class, tt.method, e.Advice())
		}
	}
}

// TestMostSpecificShape: the declaration for the status comes before that for its
// class, the default and all others.
func TestMostSpecificShape(t *testing.T) {
	envelope := func(name string) catalog.Envelope {
		return catalog.Envelope{Code: []string{"/code"}, Parse: func(s string) apierr.Code { return code(name + s) }}
	}
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{envelope("other "), envelope("default "), envelope("class "), envelope("exact ")}}
	other, any, class, exact := catalog.Shape{Status: 500, Envelope: 0}, catalog.Shape{Envelope: 1}, catalog.Shape{Status: 4, Envelope: 2}, catalog.Shape{Status: 400, Envelope: 3}
	for _, tt := range []struct {
		status int
		shapes []catalog.Shape
		want   string
	}{
		{400, []catalog.Shape{other, any, class, exact}, "exact NEW"},
		{400, []catalog.Shape{exact, class, any, other}, "exact NEW"},
		{400, []catalog.Shape{class, exact}, "exact NEW"},
		{400, []catalog.Shape{other, any, class}, "class NEW"},
		{400, []catalog.Shape{any, class}, "class NEW"},
		{499, []catalog.Shape{any, class}, "class NEW"},
		{399, []catalog.Shape{class, any}, "default NEW"},
		{400, []catalog.Shape{other, any}, "default NEW"},
		{400, []catalog.Shape{other}, "other NEW"},
		{404, []catalog.Shape{exact, any, class}, "class NEW"},
		{400, nil, "other NEW"},
	} {
		r := c.Read(&catalog.Operation{Shapes: tt.shapes}, catalog.Response{StatusCode: tt.status, Body: []byte(`{"code":"NEW"}`)})
		if got := r.Err().Code; got != code(tt.want) {
			t.Errorf("%d, %v: got %v, want %q", tt.status, tt.shapes, got, tt.want)
		}
	}
}

// TestReadingEndsAtTheLimit: what is within the limit of an error body is found.
func TestReadingEndsAtTheLimit(t *testing.T) {
	const end = `","error":{"code":"DECLINED"`
	for size, want := range map[int]string{catalog.MaxErrorBody: "DECLINED", catalog.MaxErrorBody + 1: ""} {
		e, _ := demo().Parse(402, nil, []byte(`{"pad":"`+strings.Repeat("x", size-len(`{"pad":"`)-len(end))+end+`}}`))
		if e.RawCode != want {
			t.Errorf("a code that ends at byte %d: got %q, want %q", size, e.RawCode, want)
		}
	}
	for size, truncated := range map[int]bool{catalog.MaxErrorBody: false, catalog.MaxErrorBody + 1: true} {
		e, _ := demo().Parse(500, nil, make([]byte, size))
		if e.Truncated != truncated || len(e.RawBody) != catalog.MaxErrorBody {
			t.Errorf("%d bytes: got truncated %v, %d bytes; want %v, %d", size, e.Truncated, len(e.RawBody), truncated, catalog.MaxErrorBody)
		}
	}
	r := demo().Read(nil, catalog.Response{StatusCode: 500, Body: []byte("x"), Truncated: true})
	if !r.Err().Truncated {
		t.Error("Truncated of the response was lost")
	}
}

// TestPartsOfAFailureInside2xx: a failure inside a 2xx has the same parts as another,
// as far as they are within the limit.
func TestPartsOfAFailureInside2xx(t *testing.T) {
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{At: "/error", Code: []string{"/code"}, Type: []string{"/type"}, Param: []string{"/param"}, Message: []string{"/message"}, Success: "scan", Parse: parseCode}}}
	const tail = `"type":"t","param":"p","message":"no"`
	for size, want := range map[int]string{catalog.MaxErrorBody: "no", catalog.MaxErrorBody + 1: ""} {
		part := `{"code":"DECLINED","pad":"`
		part += strings.Repeat("x", size-len(part)-len(`",`)-len(tail)) + `",` + tail
		e, _ := c.Parse(200, http.Header{"X-Request-Id": {"h-1"}}, []byte(`{"error":`+part+`}}`))
		if e.RawCode != "DECLINED" || e.Message != want || e.Type != "t" || e.Param != "p" || e.RequestID != "h-1" {
			t.Errorf("%d bytes: got code %q, message %q, type %q, param %q, request %q; want message %q", size, e.RawCode, e.Message, e.Type, e.Param, e.RequestID, want)
		}
	}
}

// TestBodyWithoutACode: what else the body says is kept.
func TestBodyWithoutACode(t *testing.T) {
	c := demo()
	c.Envelopes[0], c.Envelopes[2] = c.Envelopes[2], c.Envelopes[0] // plain text first
	e, _ := c.Parse(400, http.Header{"X-Request-Id": {"h-1"}}, []byte(`{"error":{"message":"no"}}`))
	if e.Code != nil || e.RawCode != "" {
		t.Errorf("Code: got %#v, %q; want none", e.Code, e.RawCode)
	}
	if e.Message != "no" { // that of Result is declared for successes only
		t.Errorf("Message: got %q, want no", e.Message)
	}
	if e.RequestID != "h-1" {
		t.Errorf("RequestID: got %q, want that of the header", e.RequestID)
	}
	r := c.Read(c.Operation("gate"), catalog.Response{StatusCode: 400, Body: []byte(`{"error":{"message":"no","fields":7}}`)})
	if e := r.Err(); e.Message != "no" || e.Fields != nil {
		t.Errorf("got message %q, fields %v; want no", e.Message, e.Fields)
	}
	plain, _ := c.Parse(400, nil, []byte("out of paper\n"))
	if plain.RawCode != "NEW_TEXT" || plain.Message != "out of paper" {
		t.Errorf("plain text: got code %q, message %q; want NEW_TEXT, out of paper", plain.RawCode, plain.Message)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	long := strings.Repeat("x", 2<<10)
	for text, want := range map[string]string{long: long, long + "y": long} {
		e, _ := demo().Parse(400, nil, []byte(`{"error":{"code":"NEW","message":"`+text+`"}}`))
		if e.Message != want {
			t.Errorf("Message of %d bytes: got %d, want %d", len(text), len(e.Message), len(want))
		}
		if e, _ := demo().Parse(400, nil, []byte(text)); e.Message != want {
			t.Errorf("plain text of %d bytes: got %d, want %d", len(text), len(e.Message), len(want))
		}
		rules := catalog.TextRules{Rules: []catalog.TextRule{{Code: "PARTS", Parts: []catalog.TextPart{{Literal: "a "}, {Capture: "c"}}}, {Code: "PREFIX", Prefix: "b ", Capture: "c"}}}
		for _, prefix := range []string{"a ", "b "} {
			if _, captures := rules.Read(400, []byte(prefix+text)); captures["c"] != want {
				t.Errorf("capture of %d bytes: got %d, want %d", len(text), len(captures["c"]), len(want))
			}
		}
		field := text[len(long)-512:]
		e, _ = demo().Parse(400, nil, []byte(`{"error":{"code":"NEW","fields":{"a":{"text":"`+field+`"}}}}`))
		if len(e.Fields) != 1 || e.Fields[0].Message != long[:512] {
			t.Errorf("field of %d bytes: got %v", len(field), e.Fields)
		}
	}
	e, _ := demo().Parse(400, nil, []byte(`{"error":{"code":"NEW"}}`))
	if e.Fields != nil {
		t.Errorf("Fields: got %v, want none", e.Fields)
	}
	r := (&catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/code"}, Parse: parseCode}}}).Read(nil, catalog.Response{StatusCode: 400, Body: []byte(`{"code":"NEW","":{}}`)})
	if r.Err().Fields != nil {
		t.Errorf("Fields of an envelope without: got %v, want none", r.Err().Fields)
	}
}

func TestFieldsAreSorted(t *testing.T) {
	e, _ := demo().Parse(400, nil, []byte(`{"error":{"code":"NEW","fields":{"d":{},"b":{},"f":{},"a":{},"g":{},"c":{},"h":{},"e":{}}}}`))
	names := ""
	for _, f := range e.Fields {
		names += f.Field
	}
	if names != "abcdefgh" {
		t.Errorf("got %s, want abcdefgh", names)
	}
}

func TestDocURL(t *testing.T) {
	prefix := "https://docs.example/"
	fits := prefix + strings.Repeat("x", 2<<10-len(prefix))
	for raw, want := range map[string]string{
		"https://docs.example/e#new": "https://docs.example/e#new", "https://docs.example:8443/": "https://docs.example:8443/", fits: fits, fits + "x": "",
		"http://docs.example/": "", "https://user@docs.example/": "", "https://docs.example/%zz": "", "https://docs.example.evil/": "", "javascript:alert(1)": "", "docs.example": "",
	} {
		e, _ := demo().Parse(400, nil, []byte(`{"error":{"code":"NEW","doc":"`+raw+`"}}`))
		if got := e.DocURL(); got != want {
			t.Errorf("%.40s: got %.40q, want %.40q", raw, got, want)
		}
	}
}

// TestRedirectsAreNamed: the text names only the host, because the rest of the URL may
// contain a secret.
func TestRedirectsAreNamed(t *testing.T) {
	const text = "the server redirects%s; redirects are not followed"
	for _, tt := range []struct {
		status         int
		location, want string
	}{
		{300, "", fmt.Sprintf(text, "")}, {302, "https://evil.example:8443/login?token=secret", fmt.Sprintf(text, " to evil.example")}, {302, "/login?token=secret", fmt.Sprintf(text, "")},
		{302, "https://evil.example/%zz", fmt.Sprintf(text, "")}, {399, "", fmt.Sprintf(text, "")}, {304, "https://evil.example/", ""}, {400, "https://evil.example/", ""}, {299, "https://evil.example/", ""},
	} {
		r := demo().Failure(nil, catalog.Response{StatusCode: tt.status, Header: http.Header{"Location": {tt.location}}})
		got := ""
		if cause := r.Err().Unwrap(); cause != nil {
			got = cause.Error()
		}
		if got != tt.want {
			t.Errorf("%d %s: got %q, want %q", tt.status, tt.location, got, tt.want)
		}
	}
}

func TestFailureKnowsTheOperation(t *testing.T) {
	texts := &apierr.UnknownOutcome{Operation: "charge", Description: "It may have been charged."}
	r := demo().Failure(&catalog.Operation{ID: "charge", Class: "keyless", Unknown: texts}, catalog.Response{StatusCode: 500, Header: http.Header{"X-Request-Id": {"h-1"}}})
	e := r.Err()
	if e.Operation != "charge" || e.RequestID != "h-1" || e.Description() != texts.Description {
		t.Errorf("got operation %q, request %q, description %q", e.Operation, e.RequestID, e.Description())
	}
	cause := errors.New("cut")
	r = demo().Unreadable(&catalog.Operation{ID: "read", Class: "safe"}, catalog.Response{StatusCode: 200}, cause)
	if e := r.Err(); !errors.Is(e, cause) || !errors.Is(e, apierr.ErrProvider) {
		t.Errorf("Unreadable: got %v of category %s, want %v of category provider", e, string(e.Category()), cause)
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Mon, 02 Jan 2006 15:04:05 GMT"
	for _, tt := range []struct {
		value, date string
		want        time.Duration
	}{
		{"2", "", 2 * time.Second}, {"0.5", "", 500 * time.Millisecond}, {"0", "", 0}, {"-1", "", 0}, {"NaN", "", 0}, {"-Inf", "", 0}, {"", "", 0}, {"soon", date, 0},
		{"1e9", "", 1e9 * time.Second}, {"1e12", "", 1e9 * time.Second}, {"Inf", "", 1e9 * time.Second},
		{"Mon, 02 Jan 2006 15:04:35 GMT", date, 30 * time.Second}, {"Mon, 02 Jan 2006 15:04:00 GMT", date, 0}, {"Mon, 02 Jan 2006 15:04:35 GMT", "", 0}, {"Mon, 02 Jan 2006 15:04:35 GMT", "today", 0},
	} {
		e, _ := demo().Parse(429, http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}, nil)
		if got := e.RetryAfter(); got != tt.want {
			t.Errorf("%q at %q: got %v, want %v", tt.value, tt.date, got, tt.want)
		}
	}
}

// TestStatusWordDecides: a status word counts more than the status, and a word that is
// not in the spec stands for an unknown outcome.
func TestStatusWordDecides(t *testing.T) {
	pay := &catalog.Operation{ID: "pay", Method: http.MethodPost, Class: "keyless", Shapes: []catalog.Shape{{Envelope: 1}}}
	for _, tt := range []struct {
		status          int
		body            string
		failed, pending bool
		outcome         apierr.Outcome
	}{
		{500, `{"result":{"status":"F"}}`, true, false, apierr.OutcomeNotApplied},
		{400, `{"result":{"status":"?"}}`, true, false, apierr.OutcomeUnknown},
		{400, `{"result":{}}`, true, false, apierr.OutcomeNotApplied},
		{200, `{"result":{"status":"F"}}`, true, false, apierr.OutcomeNotApplied},
		{200, `{"result":{"status":"?"}}`, true, false, apierr.OutcomeUnknown},
		{200, `{"result":{"code":"PENDING"}}`, false, false, ""},
		{200, `{"result":{"status":"A"}}`, false, true, ""},
		{200, `{"result":{"status":"S"}}`, false, false, ""},
	} {
		r := demo().Read(pay, catalog.Response{StatusCode: tt.status, Body: []byte(tt.body)})
		if r.Failed != tt.failed || r.Pending != tt.pending {
			t.Errorf("%d %s: got failed %v, pending %v; want %v, %v", tt.status, tt.body, r.Failed, r.Pending, tt.failed, tt.pending)
		}
		if got := r.Err().Outcome(); tt.failed && got != tt.outcome {
			t.Errorf("%d %s: got outcome %s, want %s", tt.status, tt.body, got, tt.outcome)
		}
	}
}

// TestOnlyDeclaredEnvelopesAreSearched: in a success, a member that is called code is
// not an error unless the spec says that successes are searched.
func TestOnlyDeclaredEnvelopesAreSearched(t *testing.T) {
	for name, v := range map[string]catalog.Envelope{
		"not searched": {Code: []string{"/code"}, Parse: parseCode},
		"plain text":   {Code: []string{"/code"}, Success: "scan", Text: &catalog.TextRules{}, Parse: parseCode},
	} {
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{v}}
		if e, failed := c.Parse(200, nil, []byte(`{"code":"DECLINED"}`)); failed {
			t.Errorf("%s: got %v, want a success", name, e)
		}
	}
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/code"}, Message: []string{"/message"}, Text: &catalog.TextRules{Fallback: "NEW_TEXT"}, Parse: parseText}}}
	if e, _ := c.Parse(400, nil, []byte(`{"code":"DECLINED","message":"no"}`)); e.RawCode != "NEW_TEXT" {
		t.Errorf("the pointers of a plain-text envelope were used: got %q", e.RawCode)
	}
	// A JSON document that is cut or followed by other text is the client's to refuse.
	odd := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/code"}, Success: "scan", Parse: parseCode}}}
	if e, failed := odd.Parse(200, nil, []byte(`{"code":"DECLINED"`)); failed {
		t.Errorf("a cut document: got %v, want a success", e)
	}
}
