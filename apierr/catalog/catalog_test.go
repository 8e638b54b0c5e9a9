package catalog_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// code is the code type of JSON bodies, text that of plain-text bodies.
type (
	code string
	text string
)

func (c code) Error() string { return catalog.CodeText("demo", string(c), c) }
func (c text) Error() string { return catalog.CodeText("demo/text", string(c), c) }

func (c code) Info() (apierr.CodeInfo, bool) {
	switch c {
	case "DECLINED":
		return apierr.CodeInfo{Value: "DECLINED", Title: "The bank declined", Category: apierr.ErrDeclined, Advice: apierr.AdviceChange}, true
	case "PENDING":
		return apierr.CodeInfo{Value: "PENDING", Category: apierr.ErrOutcomeUnknown, Outcome: apierr.OutcomePending, Advice: apierr.AdviceInquire}, true
	}
	return apierr.CodeInfo{}, false
}

func (c text) Info() (apierr.CodeInfo, bool) {
	if c == "CLOSED" {
		return apierr.CodeInfo{Value: "CLOSED", Title: "The gate is closed", Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}, true
	}
	return apierr.CodeInfo{}, false
}

func parseCode(s string) apierr.Code { return code(s) }
func parseText(s string) apierr.Code { return text(s) }

// demo returns a catalog with an envelope of each kind.
func demo() *catalog.Catalog {
	return &catalog.Catalog{
		API: "demo",
		Envelopes: []catalog.Envelope{
			{Schema: "Problem", Code: []string{"/error/code", "/code"}, Message: []string{"/error/message"}, Success: "scan",
				Fields: catalog.FieldRule{At: "/error/fields", Type: "rule", Message: "text"},
				DocURL: []string{"/error/doc"}, DocHosts: []string{"docs.example"}, RequestID: []string{"/id"}, Parse: parseCode},
			{Schema: "Result", At: "/result", Code: []string{"/code"}, Outcome: catalog.OutcomeRule{From: "/status", Map: []catalog.OutcomeWord{
				{Word: "S", Outcome: apierr.OutcomeApplied}, {Word: "A", Outcome: apierr.OutcomePending}, {Word: "F", Outcome: apierr.OutcomeNotApplied}}}, Parse: parseCode},
			{Schema: "Gate", Text: &catalog.TextRules{Rules: []catalog.TextRule{{Code: "CLOSED", Statuses: []int{503}, Exact: "closed"}}, Fallback: "NEW_TEXT"}, Parse: parseText},
		},
		Operations: []catalog.Operation{
			{ID: "charge", Method: "POST", Path: "/charges", Class: "keyless", Successes: []catalog.Success{{Status: 200, JSON: true}}, Shapes: []catalog.Shape{{Envelope: 0, Media: "application/json"}}},
			{ID: "status", Method: "GET", Path: "/charges/{id}", Successes: []catalog.Success{{JSON: true}}, Shapes: []catalog.Shape{{Status: 200, Envelope: 1, Media: "application/json"}, {Envelope: 0, Media: "application/json"}}},
			{ID: "gate", Method: "GET", Path: "/gate", Shapes: []catalog.Shape{{Envelope: 2, Media: "text/plain"}}},
		},
	}
}

func TestReadFindsTheCode(t *testing.T) {
	c := demo()
	for _, tt := range []struct {
		name, operation string
		status          int
		body            string
		code            string
		outcome         apierr.Outcome
		declined        bool
	}{
		{"declined, 402", "charge", 402, `{"error":{"code":"DECLINED"}}`, "DECLINED", apierr.OutcomeNotApplied, true},
		{"declined, 500", "charge", 500, `{"error":{"code":"DECLINED"}}`, "DECLINED", apierr.OutcomeUnknown, false},
		{"second pointer", "charge", 400, `{"code":"DECLINED"}`, "DECLINED", apierr.OutcomeNotApplied, true},
		{"code of the second envelope", "", 400, `{"result":{"code":"NEW"}}`, "NEW", apierr.OutcomeNotApplied, false},
		{"word of the second envelope", "", 500, `{"result":{"status":"F"}}`, "", apierr.OutcomeNotApplied, false},
		{"unknown code, 400", "charge", 400, `{"error":{"code":"NEW"}}`, "NEW", apierr.OutcomeNotApplied, false},
		{"unknown code, 404", "charge", 404, `{"error":{"code":"NEW"}}`, "NEW", apierr.OutcomeNotApplied, false},
		{"unknown code, 408", "charge", 408, `{"error":{"code":"NEW"}}`, "NEW", apierr.OutcomeUnknown, false},
		{"unknown code, 409", "charge", 409, `{"error":{"code":"NEW"}}`, "NEW", apierr.OutcomeUnknown, false},
		{"unknown code, 429", "charge", 429, `{"error":{"code":"NEW"}}`, "NEW", apierr.OutcomeNotApplied, false},
		{"unknown code, 503", "charge", 503, `{"error":{"code":"NEW"}}`, "NEW", apierr.OutcomeUnknown, false},
		{"byte order mark", "charge", 402, "\ufeff" + `{"error":{"code":"DECLINED"}}`, "DECLINED", apierr.OutcomeNotApplied, true},
		{"text after the document", "charge", 402, `{"error":{"code":"DECLINED"}} -- proxy`, "DECLINED", apierr.OutcomeNotApplied, true},
		{"cut after the code", "charge", 402, `{"error":{"code":"DECLINED","message":"the b`, "DECLINED", apierr.OutcomeNotApplied, true},
		{"cut inside the code", "charge", 402, `{"error":{"code":"DECL`, "", apierr.OutcomeNotApplied, true},
		{"empty, 500", "charge", 500, ``, "", apierr.OutcomeUnknown, false},
		{"HTML, 502", "charge", 502, `<html>bad gateway</html>`, "", apierr.OutcomeUnknown, false},
		{"code of another type", "charge", 400, `{"error":{"code":7}}`, "", apierr.OutcomeNotApplied, false},
		{"plain text", "gate", 503, "closed\n", "CLOSED", apierr.OutcomeNotApplied, false},
		{"new plain text", "gate", 503, "out of paper", "NEW_TEXT", apierr.OutcomeNotApplied, false},
		{"status word with HTTP 500", "status", 500, `{"result":{"status":"F","code":"NEW"}}`, "NEW", apierr.OutcomeNotApplied, false},
		{"any operation", "", 503, "closed", "CLOSED", apierr.OutcomeUnknown, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := c.Read(c.Operation(tt.operation), catalog.Response{StatusCode: tt.status, Body: []byte(tt.body)})
			if !r.Failed {
				t.Fatal("the response is read as a success")
			}
			e := r.Err()
			if e.RawCode != tt.code {
				t.Errorf("RawCode: got %q, want %q", e.RawCode, tt.code)
			}
			if got := e.Outcome(); got != tt.outcome {
				t.Errorf("Outcome: got %s, want %s", got, tt.outcome)
			}
			if got := errors.Is(e, apierr.ErrDeclined); got != tt.declined {
				t.Errorf("errors.Is(ErrDeclined): got %v, want %v", got, tt.declined)
			}
			if string(e.RawBody) != tt.body {
				t.Errorf("RawBody: got %q", e.RawBody)
			}
		})
	}
}

func TestFailureInside2xx(t *testing.T) {
	c := demo()
	for _, tt := range []struct {
		name, operation, body string
		failed, pending       bool
		outcome               apierr.Outcome
	}{
		{"success", "charge", `{"id":"1"}`, false, false, ""},
		{"code", "charge", `{"error":{"code":"DECLINED"}}`, true, false, apierr.OutcomeNotApplied},
		{"escaped member name", "charge", `{"error":{"\u0063ode":"DECLINED"}}`, true, false, apierr.OutcomeNotApplied},
		{"unknown code", "charge", `{"error":{"code":"NEW"}}`, true, false, apierr.OutcomeUnknown},
		{"code in invalid JSON is left to the client", "charge", `{"error":{"code":"DECLINED"}`, false, false, ""},
		{"word of a success", "status", `{"result":{"status":"S","code":"OK"}}`, false, false, ""},
		{"word of a pending operation", "status", `{"result":{"status":"A","code":"LATER"}}`, false, true, ""},
		{"word of a failure", "status", `{"result":{"status":"F","code":"NEW"}}`, true, false, apierr.OutcomeNotApplied},
		{"unknown word", "status", `{"result":{"status":"?","code":"OK"}}`, true, false, apierr.OutcomeNotApplied},
		{"no word", "status", `{"result":{"code":"NEW"}}`, false, false, ""},
		{"the code overrides the word", "status", `{"result":{"status":"F","code":"PENDING"}}`, false, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := c.Read(c.Operation(tt.operation), catalog.Response{StatusCode: 200, Body: []byte(tt.body)})
			if r.Failed != tt.failed {
				t.Fatalf("Failed: got %v, want %v", r.Failed, tt.failed)
			}
			if r.Pending != tt.pending {
				t.Fatalf("Pending: got %v, want %v", r.Pending, tt.pending)
			}
			if got := r.Err().Outcome(); tt.failed && got != tt.outcome {
				t.Errorf("Outcome: got %s, want %s", got, tt.outcome)
			}
		})
	}
}

func TestReadKeepsTheResponsesDetails(t *testing.T) {
	c := demo()
	header := http.Header{"Set-Cookie": {"session=secret"}, "X-Request-Id": {"h-1"}, "Retry-After": {"2"}}
	body := `{"id":"r-7","error":{"code":"NEW","message":"no","doc":"https://docs.example/e#new","fields":{"b":{"rule":"short","text":"too short"},"a":{"rule":7}}}}`
	r := c.Read(c.Operation("charge"), catalog.Response{StatusCode: 422, Header: header, Body: []byte(body)})
	e := r.Err()
	for _, field := range []struct{ name, got, want string }{
		{"Provider", e.Provider, "demo"},
		{"Operation", e.Operation, "charge"},
		{"Message", e.Message, "no"},
		{"RequestID", e.RequestID, "r-7"},
		{"DocURL", e.DocURL(), "https://docs.example/e#new"},
	} {
		if field.got != field.want {
			t.Errorf("%s: got %q, want %q", field.name, field.got, field.want)
		}
	}
	if want := []apierr.FieldError{{Field: "a"}, {Field: "b", Type: "short", Message: "too short"}}; !slices.Equal(e.Fields, want) {
		t.Errorf("Fields: got %v, want %v", e.Fields, want)
	}
	if e.RetryAfter() != 2*time.Second {
		t.Errorf("RetryAfter: got %v, want 2s", e.RetryAfter())
	}
	if got := e.Header.Get("Set-Cookie"); got != "" {
		t.Errorf("the error keeps the cookie %q", got)
	}
	if header.Get("Set-Cookie") == "" {
		t.Error("the cookie was removed from the caller's header")
	}
	foreign := strings.Replace(body, "docs.example", "evil.example", 1)
	if r := c.Read(c.Operation("charge"), catalog.Response{StatusCode: 422, Body: []byte(foreign)}); r.Err().DocURL() != "" {
		t.Errorf("DocURL: got %q, which is on a host that the spec does not name", r.Err().DocURL())
	}
}

func TestLargeErrorBodiesAreCut(t *testing.T) {
	c := demo()
	body := `{"error":{"code":"DECLINED"},"pad":"` + strings.Repeat("x", 100_000) + `"}`
	e, failed := c.Parse(402, nil, []byte(body))
	if !failed {
		t.Fatal("the response is read as a success")
	}
	if len(e.RawBody) != catalog.MaxErrorBody {
		t.Errorf("RawBody has %d bytes, want %d", len(e.RawBody), catalog.MaxErrorBody)
	}
	if !e.Truncated {
		t.Error("Truncated is false")
	}
	if e.RawCode != "DECLINED" {
		t.Errorf("RawCode: got %q, want DECLINED", e.RawCode)
	}
}

// TestCodeDecidesBetweenEnvelopes uses two envelopes that have the code at the same
// pointer, but different catalogs.
func TestCodeDecidesBetweenEnvelopes(t *testing.T) {
	c := &catalog.Catalog{API: "demo", Envelopes: []catalog.Envelope{{Code: []string{"/name"}, Parse: parseText}, {Code: []string{"/name"}, Parse: parseCode}},
		Operations: []catalog.Operation{{ID: "by status", Shapes: []catalog.Shape{{Status: 400, Envelope: 1}, {Status: 404, Envelope: 0}}}}}
	for name, want := range map[string]error{"CLOSED": text("CLOSED"), "DECLINED": code("DECLINED")} {
		if e, _ := c.Parse(400, nil, []byte(`{"name":"`+name+`"}`)); !errors.Is(e, want) {
			t.Errorf("%s: got %#v, want %#v", name, e.Code, want)
		}
	}
	for status, want := range map[int]error{400: code("NEW"), 404: text("NEW")} {
		r := c.Read(c.Operation("by status"), catalog.Response{StatusCode: status, Body: []byte(`{"name":"NEW"}`)})
		if !errors.Is(r.Err(), want) {
			t.Errorf("unknown code, %d: got %#v, want %#v", status, r.Err().Code, want)
		}
	}
}

func TestTextRules(t *testing.T) {
	rules := catalog.TextRules{Fallback: "NONE", MaxBytes: 40, Rules: []catalog.TextRule{
		{Code: "EXACT", Statuses: []int{400}, Exact: "bad"},
		{Code: "PREFIX", Prefix: "bad: ", Capture: "why"},
		{Code: "PARTS", Parts: []catalog.TextPart{{Literal: "a "}, {Capture: "x"}, {Literal: " b"}}},
		{Code: "PLAIN", Prefix: "no "},
		{Code: "LAST", Parts: []catalog.TextPart{{Literal: "x: "}, {Capture: "y"}}},
		{Code: "SPACES", Parts: []catalog.TextPart{{Capture: "z", Spaces: true}, {Literal: "!"}}},
		{Code: "ANY", Statuses: []int{503}},
	}}
	for _, tt := range []struct {
		status     int
		body, code string
		captures   map[string]string
	}{
		{400, "\ufeff bad\r\n", "EXACT", nil},
		{401, "bad", "NONE", nil},
		{401, "bad: it is\nnot good", "PREFIX", map[string]string{"why": "it is\nnot good"}},
		{401, "bad:", "NONE", nil},
		{422, "a 1 b", "PARTS", map[string]string{"x": "1"}},
		{422, "a  b", "NONE", nil},
		{422, "a 1 2 b", "NONE", nil},
		{422, "a 1 b b", "NONE", nil},
		{422, "b 1 b", "NONE", nil},
		{422, "no money", "PLAIN", nil},
		{422, "x: 1", "LAST", map[string]string{"y": "1"}},
		{422, "x: ", "NONE", nil},
		{422, "one two!", "SPACES", map[string]string{"z": "one two"}},
		{503, "<html>", "ANY", nil},
		{503, "", "ANY", nil},
		{500, "bad: " + strings.Repeat("x", 50), "PREFIX", map[string]string{"why": strings.Repeat("x", 35)}},
	} {
		code, captures := rules.Read(tt.status, []byte(tt.body))
		if code != tt.code || !maps.Equal(captures, tt.captures) {
			t.Errorf("%d %q: got %s %q, want %s %q", tt.status, tt.body, code, captures, tt.code, tt.captures)
		}
	}
}

// TestRoundTripper sends real requests through an http.Client.
func TestRoundTripper(t *testing.T) {
	var status int
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	client := &http.Client{Transport: demo().RoundTripper(nil)}
	send := func(s int, b string) (*http.Response, error) {
		status, body = s, b
		return client.Post(srv.URL+"/v1/charges", "application/json", strings.NewReader("{}"))
	}
	resp, err := send(402, `{"error":{"code":"DECLINED"}}`)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, code("DECLINED")) || !errors.Is(err, apierr.ErrDeclined) {
		t.Errorf("got %v, want DECLINED", err)
	}
	if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Operation != "charge" {
		t.Errorf("got %#v, want an *apierr.Error of charge", err)
	}
	resp, err = send(200, `{"id":"1"}`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != `{"id":"1"}` {
		t.Errorf("the body of a success: got %q, %v; want %q", got, err, `{"id":"1"}`)
	}
}

func TestDoerWithoutAResponse(t *testing.T) {
	for name, next := range map[string]func(*http.Request) (*http.Response, error){
		"no response and no error": func(*http.Request) (*http.Response, error) { return nil, nil },
		"no body": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}}, nil
		},
		"an error with a URL": func(*http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Post", URL: "https://user:secret@host/?key=secret", Err: io.ErrUnexpectedEOF}
		},
	} {
		req := httptest.NewRequest(http.MethodPost, "http://demo.test/charges", nil)
		resp, err := demo().Doer(doer(next)).Do(req)
		e, ok := errors.AsType[*apierr.Error](err)
		if resp != nil || !ok {
			t.Errorf("%s: got response %v and error %v, want an *apierr.Error", name, resp, err)
			continue
		}
		if e.Outcome() != apierr.OutcomeUnknown {
			t.Errorf("%s: got outcome %s, want unknown", name, e.Outcome())
		}
		if strings.Contains(e.Error(), "secret") {
			t.Errorf("%s: the text contains the URL: %q", name, e.Error())
		}
	}
}

// doer is an HTTP client without a network.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// TestForeignCodeIsAnInternalError: a server must not respond with a code of another
// API, even if its own catalog has a code with the same value.
func TestForeignCodeIsAnInternalError(t *testing.T) {
	w := httptest.NewRecorder()
	demo().WriteError(w, httptest.NewRequest(http.MethodPost, "/charges", nil), foreign("DECLINED"))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status: got %d, want 500", w.Code)
	}
	if strings.Contains(w.Body.String(), "DECLINED") {
		t.Errorf("the body contains the code: %s", w.Body)
	}
}

// foreign is the code type of another API.
type foreign string

func (c foreign) Error() string                 { return string(c) }
func (c foreign) Info() (apierr.CodeInfo, bool) { return code(c).Info() }
