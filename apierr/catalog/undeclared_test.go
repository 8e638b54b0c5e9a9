package catalog_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// TestUndeclaredBodies: an envelope that may be anywhere is used if the envelopes that the operation declares find no code,
// and one with a media type only for bodies of that type.
func TestUndeclaredBodies(t *testing.T) {
	c := &catalog.Catalog{
		Envelopes: []catalog.Envelope{
			{Code: []string{"/kind"}, Message: []string{"/text"}, Parse: parseCode},
			{Code: []string{"/type"}, Message: []string{"/title"}, Anywhere: true, Media: "application/problem+json", Parse: parseCode},
			{Code: []string{"/code"}, Message: []string{"/message"}, Anywhere: true, Parse: parseCode},
			{Code: []string{"/other"}, Message: []string{"/other"}, Parse: parseCode},
		},
		Operations: []catalog.Operation{{ID: "get", Shapes: []catalog.Shape{{Envelope: 0}}}, {ID: "none"}, {ID: "other", Shapes: []catalog.Shape{{Envelope: 3}}}},
	}
	const problem = "application/Problem+JSON; charset=utf-8"
	for _, tt := range []struct{ operation, media, body, code, message string }{
		{"get", "", `{"kind":"A","code":"B","text":"C"}`, "A", "C"},
		{"get", "", `{"code":"B","message":"C"}`, "B", "C"},
		{"get", "", `{"text":"C","message":"D"}`, "", "C"},
		{"get", "", `{"message":"D"}`, "", "D"},
		{"get", "", `{"nothing":"D"}`, "", ""},
		{"get", problem, `{"type":"T","title":"U","code":"B"}`, "T", "U"},
		{"get", problem, `{"type":"about:blank","title":"U"}`, "", "U"},
		{"get", "application/json", `{"type":"T","title":"U"}`, "", ""},
		{"get", "", `{"other":"O"}`, "", ""},
		{"none", "", `{"code":"B","message":"C"}`, "B", "C"},
		{"none", problem, `{"type":"T"}`, "T", ""},
		{"", "", `{"code":"B","message":"C"}`, "B", "C"},
		{"", "application/json", `{"type":"T"}`, "", ""},
	} {
		header := http.Header{}
		if tt.media != "" {
			header.Set("Content-Type", tt.media)
		}
		r := c.Read(c.Operation(tt.operation), catalog.Response{StatusCode: 400, Header: header, Body: []byte(tt.body)})
		e := r.Err()
		if e.RawCode != tt.code || e.Message != tt.message || (e.Code == nil) != (tt.code == "") {
			t.Errorf("%s, %s, %s: got code %q and message %q, want %q and %q", tt.operation, tt.media, tt.body, e.RawCode, e.Message, tt.code, tt.message)
		}
	}
}

// TestKnownBlankTypeIsACode: about:blank is a code only of a catalog that has it.
func TestKnownBlankTypeIsACode(t *testing.T) {
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/type"}, Parse: func(s string) apierr.Code { return blankCode(s) }}}}
	if e, _ := c.Parse(400, nil, []byte(`{"type":"about:blank"}`)); e.Code != blankCode("about:blank") || e.RawCode != "about:blank" {
		t.Errorf("got code %v", e.Code)
	}
}

type blankCode string

func (b blankCode) Error() string                 { return string(b) }
func (b blankCode) Info() (apierr.CodeInfo, bool) { return apierr.CodeInfo{Value: string(b)}, true }

// TestSchemasOfABody: those of the most specific declaration for a failure; without an operation, those of all.
func TestSchemasOfABody(t *testing.T) {
	c := &catalog.Catalog{Operations: []catalog.Operation{
		{ID: "a", Bodies: []catalog.Body{{Schemas: []string{"Any"}}, {Status: 4, Schemas: []string{"Client"}}, {Status: 404, Schemas: []string{"Missing", "Gone"}}}},
		{ID: "b", Bodies: []catalog.Body{{Schemas: []string{"Any"}}, {Status: 404, Schemas: []string{"Lost"}}}},
		{ID: "c"},
	}}
	for _, tt := range []struct {
		operation string
		status    int
		want      []string
	}{
		{"a", 404, []string{"Missing", "Gone"}},
		{"a", 400, []string{"Client"}},
		{"a", 500, []string{"Any"}},
		{"a", 302, []string{"Any"}},
		{"a", 200, nil},
		{"a", 0, nil},
		{"c", 404, nil},
		{"", 404, []string{"Missing", "Gone", "Lost"}},
		{"", 500, []string{"Any"}},
		{"", 200, nil},
	} {
		r := c.Failure(c.Operation(tt.operation), catalog.Response{StatusCode: tt.status})
		if got := r.Details.Schemas; !slices.Equal(got, tt.want) {
			t.Errorf("%s, %d: got %q, want %q", tt.operation, tt.status, got, tt.want)
		}
	}
}

// TestRequestIDOfUsualHeaders: the first usual header with an ID is used.
func TestRequestIDOfUsualHeaders(t *testing.T) {
	names := []string{"X-Request-Id", "Request-Id", "X-Amzn-RequestId", "X-Amz-Request-Id", "X-Ms-Request-Id", "X-Correlation-Id", "Correlation-Id", "X-Trace-Id"}
	header := http.Header{}
	for i := len(names) - 1; i >= 0; i-- {
		header.Set(names[i], names[i])
		if got := catalog.RequestID(header); got != names[i] {
			t.Errorf("got %q, want %q", got, names[i])
		}
	}
	if got := catalog.RequestID(nil); got != "" {
		t.Errorf("got %q without a header", got)
	}
}
