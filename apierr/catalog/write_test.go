package catalog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// served is the code type of an API with entries of all kinds.
type served string

func (c served) Error() string { return catalog.CodeText("served", string(c), c) }

func (c served) Info() (apierr.CodeInfo, bool) {
	info, known := map[served]apierr.CodeInfo{
		"LIMIT":    {Value: "LIMIT", Statuses: []int{429, 503}, Type: "rate", Title: "Too fast", DocURL: "https://docs.example/#limit", Category: apierr.ErrRateLimited},
		"INTERNAL": {Value: "INTERNAL", Statuses: []int{500}, Title: "It broke", Category: apierr.ErrProvider},
		"LATER":    {Value: "LATER", Statuses: []int{200, 300, 409}, Title: "Not finished", Outcome: apierr.OutcomePending},
		"BARE":     {Value: "BARE", Title: "No status"},
	}[c]
	return info, known
}

func parseServed(s string) apierr.Code { return served(s) }

// server returns a catalog with an operation for each shape.
func server() *catalog.Catalog {
	return &catalog.Catalog{
		Envelopes: []catalog.Envelope{
			{Schema: "Problem", At: "/error", Code: []string{"/code", "/other"}, Type: []string{"/type"}, Message: []string{"/message"}, Param: []string{"/param"},
				RequestID: []string{"/id"}, DocURL: []string{"/doc"}, Fallback: "INTERNAL", Parse: parseServed},
			{Schema: "Result", Code: []string{"/code"}, Outcome: catalog.OutcomeRule{From: "/status", Map: []catalog.OutcomeWord{
				{Word: "S", Outcome: apierr.OutcomeApplied}, {Word: "F", Outcome: apierr.OutcomeNotApplied}, {Word: "A", Outcome: apierr.OutcomePending}}}, Parse: parseServed},
			{Schema: "Gate", Text: &catalog.TextRules{Rules: []catalog.TextRule{{Code: "CLOSED", Statuses: []int{299, 300, 500, 503}, Exact: "closed"}, {Code: "CLOSED", Statuses: []int{503}, Prefix: "closed: "}}},
				Samples: []catalog.Sample{{Code: "OPEN", Text: "open"}, {Code: "CLOSED", Text: "closed"}, {Code: "LOST", Text: "lost"}}, Parse: parseText},
			{Schema: "Short", Code: []string{"/c"}, Parse: parseServed},
		},
		Operations: []catalog.Operation{
			{Method: "POST", Path: "/problem", Shapes: []catalog.Shape{{Envelope: 0, Media: "application/problem+json"}}},
			{Method: "POST", Path: "/result", Shapes: []catalog.Shape{{Status: 4, Envelope: 3, Media: "application/short+json"}, {Envelope: 1, Media: "application/json"}}},
			{Method: "POST", Path: "/gate", Shapes: []catalog.Shape{{Envelope: 2, Media: "text/plain; charset=us-ascii"}}},
			{Method: "POST", Path: "/both", Shapes: []catalog.Shape{{Status: 409, Envelope: 3, Media: "a/exact"}, {Status: 4, Envelope: 1, Media: "a/class"}, {Status: 400, Envelope: 2, Media: "a/text"}, {Envelope: 9}, {Envelope: 0, Media: "a/default"}, {Envelope: 1, Media: "a/second"}}},
		},
	}
}

func TestWriteError(t *testing.T) {
	const plain = "text/plain; charset=utf-8"
	all := catalog.Reply{Code: served("LIMIT"), Status: 503, Message: "Slow down", Param: "amount", RequestID: "r-1", RetryAfter: 11001 * time.Millisecond, Cause: errors.New("secret")}
	status := func(code error, status int) error { return catalog.Reply{Code: code, Status: status} }
	limit := `{"error":{"code":"LIMIT","doc":"https://docs.example/#limit","message":"Too fast","type":"rate"}}`
	for _, tt := range []struct {
		name, path        string
		err               error
		status            int
		media, body, wait string
	}{
		{"a code alone", "/problem", served("LIMIT"), 429, "application/problem+json", limit, ""},
		{"a wrapped code", "/problem", fmt.Errorf("charge: %w", served("LIMIT")), 429, "application/problem+json", limit, ""},
		{"all parts", "/problem", fmt.Errorf("charge: %w", all), 503, "application/problem+json", `{"error":{"code":"LIMIT","doc":"https://docs.example/#limit","id":"r-1","message":"Slow down","param":"amount","type":"rate"}}`, "12"},
		{"199", "/problem", status(served("LIMIT"), 199), 500, "application/problem+json", limit, ""},
		{"200, where clients find no code", "/problem", status(served("LIMIT"), 200), 429, "application/problem+json", limit, ""},
		{"300", "/problem", status(served("LIMIT"), 300), 300, "application/problem+json", limit, ""},
		{"304", "/problem", status(served("LIMIT"), 304), 429, "application/problem+json", limit, ""},
		{"599", "/problem", status(served("LIMIT"), 599), 599, "application/problem+json", limit, ""},
		{"600", "/problem", status(served("LIMIT"), 600), 500, "application/problem+json", limit, ""},
		{"a code without a status", "/problem", served("BARE"), 500, "application/problem+json", `{"error":{"code":"BARE","message":"No status"}}`, ""},
		{"a code without a status at 200", "/problem", status(served("BARE"), 200), 500, "application/problem+json", `{"error":{"code":"BARE","message":"No status"}}`, ""},
		{"a success as the documented status", "/problem", served("LATER"), 300, "application/problem+json", `{"error":{"code":"LATER","message":"Not finished"}}`, ""},
		{"no code", "/problem", errors.New("secret"), 500, "application/problem+json", `{"error":{"code":"INTERNAL","message":"It broke"}}`, ""},
		{"no error", "/problem", nil, 500, "application/problem+json", `{"error":{"code":"INTERNAL","message":"It broke"}}`, ""},
		{"a reply without a code", "/problem", catalog.Reply{Status: 400, Message: "secret"}, 500, "application/problem+json", `{"error":{"code":"INTERNAL","message":"It broke"}}`, ""},
		{"a code that is not in the catalog", "/problem", served("secret"), 500, "application/problem+json", `{"error":{"code":"INTERNAL","message":"It broke"}}`, ""},
		{"a code of another API", "/problem", foreign("DECLINED"), 500, "application/problem+json", `{"error":{"code":"INTERNAL","message":"It broke"}}`, ""},
		{"no fallback", "/result", errors.New("secret"), 500, "application/json", `{"status":"F"}`, ""},
		{"no operation", "/", served("LIMIT"), 429, "application/json", limit, ""},
		{"no operation, plain text", "/", text("CLOSED"), 500, plain, "closed", ""},
		{"status word of a failure", "/result", status(served("LIMIT"), 200), 200, "application/json", `{"code":"LIMIT","status":"F"}`, ""},
		{"status word of a pending operation", "/result", served("LATER"), 200, "application/json", `{"code":"LATER","status":"A"}`, ""},
		{"no body at 204", "/result", status(served("LATER"), 204), 300, "application/json", `{"code":"LATER","status":"A"}`, ""},
		{"no body at 205", "/result", status(served("LATER"), 205), 300, "application/json", `{"code":"LATER","status":"A"}`, ""},
		{"no body at 304", "/result", status(served("LATER"), 304), 300, "application/json", `{"code":"LATER","status":"A"}`, ""},
		{"the shape of the class of the status", "/result", served("LIMIT"), 429, "application/short+json", `{"c":"LIMIT"}`, ""},
		{"the shape of the documented status", "/result", status(served("LIMIT"), 204), 429, "application/short+json", `{"c":"LIMIT"}`, ""},
		{"the shape of the status", "/both", status(served("LIMIT"), 409), 409, "a/exact", `{"c":"LIMIT"}`, ""},
		{"the shape of the class", "/both", status(served("LIMIT"), 429), 429, "a/class", `{"code":"LIMIT","status":"F"}`, ""},
		{"the shape of the status has no such code", "/both", status(served("LIMIT"), 400), 400, "a/class", `{"code":"LIMIT","status":"F"}`, ""},
		{"the first of two default shapes", "/both", status(served("LIMIT"), 503), 503, "a/default", limit, ""},
		{"plain text", "/gate", status(text("CLOSED"), 503), 503, "text/plain; charset=us-ascii", "closed", ""},
		{"plain text with a message that clients recognize", "/gate", catalog.Reply{Code: text("CLOSED"), Status: 503, Message: "closed: for repairs"}, 503, "text/plain; charset=us-ascii", "closed: for repairs", ""},
		{"plain text with another message", "/gate", catalog.Reply{Code: text("CLOSED"), Status: 503, Message: "secret"}, 503, "text/plain; charset=us-ascii", "closed", ""},
		{"plain text at a status without a rule", "/gate", status(text("CLOSED"), 404), 500, "text/plain; charset=us-ascii", "closed", ""},
		{"plain text at 300", "/gate", status(text("CLOSED"), 300), 300, "text/plain; charset=us-ascii", "closed", ""},
		{"plain text at a success", "/gate", status(text("CLOSED"), 299), 500, "text/plain; charset=us-ascii", "closed", ""},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Length", "7")
		w.Header().Set("Content-Encoding", "gzip")
		server().WriteError(w, httptest.NewRequest(http.MethodPost, tt.path, nil), tt.err)
		if got := w.Body.String(); w.Code != tt.status || got != tt.body {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, w.Code, got, tt.status, tt.body)
		}
		want := http.Header{"Content-Type": {tt.media}, "X-Content-Type-Options": {"nosniff"}}
		if tt.wait != "" {
			want.Set("Retry-After", tt.wait)
		}
		for name := range w.Header() {
			if got := w.Header().Get(name); got != want.Get(name) {
				t.Errorf("%s: %s: got %q, want %q", tt.name, name, got, want.Get(name))
			}
		}
		if len(w.Header()) != len(want) {
			t.Errorf("%s: got header %v, want %v", tt.name, w.Header(), want)
		}
	}
}

// TestWriteErrorAtOddPointers: the code comes first, and no other part replaces it or
// changes the shape that it needs.
func TestWriteErrorAtOddPointers(t *testing.T) {
	for want, v := range map[string]catalog.Envelope{
		`{"code":"LIMIT"}`:                {Code: []string{"/code"}, Message: []string{"/code"}},
		`{"code":"LIMIT","a":"Too fast"}`: {Code: []string{"/code"}, Message: []string{"/a"}, Param: []string{"/b"}, Type: []string{}},
		`{"a/b~c":["LIMIT"]}`:             {Code: []string{"/a~1b~0c/0"}, Message: []string{"/a~1b~0c/1"}},
		`[{"code":"LIMIT"}]`:              {Code: []string{"/0/code"}, Message: []string{"/1/message"}},
		`{"code":{"x":"LIMIT"}}`:          {Code: []string{"/code/x"}, Message: []string{"/code"}},
		`"LIMIT"`:                         {Code: []string{""}, Message: []string{""}},
		`{}`:                              {},
	} {
		v.Parse = parseServed
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{v}}
		w := httptest.NewRecorder()
		c.WriteError(w, httptest.NewRequest(http.MethodPost, "/", nil), served("LIMIT"))
		if got := w.Body.String(); !sameJSON(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for want, rules := range map[string]catalog.TextRules{
		"The gate is closed": {},
		"closed":             {Rules: []catalog.TextRule{{Code: "CLOSED", Statuses: []int{500}}}}, // any body
	} {
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Text: &rules, Parse: parseText}}}
		if len(rules.Rules) > 0 {
			c.Envelopes[0].Samples = []catalog.Sample{{Code: "CLOSED", Text: "closed"}}
		}
		w := httptest.NewRecorder()
		c.WriteError(w, httptest.NewRequest(http.MethodPost, "/", nil), text("CLOSED"))
		if got := w.Body.String(); got != want || w.Code != 500 {
			t.Errorf("plain text: got %d %q, want 500 %q", w.Code, got, want)
		}
	}
	w := httptest.NewRecorder()
	new(catalog.Catalog).WriteError(w, httptest.NewRequest(http.MethodPost, "/", nil), served("LIMIT"))
	if w.Code != 500 || w.Body.String() != "Internal Server Error" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("an empty catalog: got %d %q %v", w.Code, w.Body, w.Header())
	}
	w = httptest.NewRecorder()
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Message: []string{"/message"}, Parse: parseServed}}}
	c.WriteError(w, httptest.NewRequest(http.MethodPost, "/", nil), errors.New("secret"))
	if got, want := w.Body.String(), `{"message":"internal error"}`; got != want {
		t.Errorf("without a fallback: got %s, want %s", got, want)
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func TestReplyError(t *testing.T) {
	cause := errors.New("the disk is full")
	for _, tt := range []struct {
		reply   catalog.Reply
		text    string
		unwraps []error
	}{
		{catalog.Reply{}, "a reply without a code", nil},
		{catalog.Reply{Code: served("LIMIT")}, "served: LIMIT: Too fast", []error{served("LIMIT")}},
		{catalog.Reply{Code: served("LIMIT"), Cause: cause}, "served: LIMIT: Too fast: the disk is full", []error{served("LIMIT"), cause}},
		{catalog.Reply{Cause: cause}, "a reply without a code: the disk is full", []error{cause}},
	} {
		if got := tt.reply.Error(); got != tt.text {
			t.Errorf("Error: got %q, want %q", got, tt.text)
		}
		if got := tt.reply.Unwrap(); !slices.Equal(got, tt.unwraps) {
			t.Errorf("Unwrap: got %v, want %v", got, tt.unwraps)
		}
	}
}
