package catalog_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// TestRepliesArriveInEveryShape: a client that uses the same catalog finds all parts of a
// reply, and the cause is only in the text for the server's log.
func TestRepliesArriveInEveryShape(t *testing.T) {
	fields := []apierr.FieldError{{Field: "a/b~c", Message: "too short"}, {Field: "age"}, {Field: "name", Type: "short", Message: "too long"}}
	shapes := map[string]catalog.Envelope{
		"flat":            {Code: []string{"/code"}, Message: []string{"/message"}, Fields: catalog.FieldRule{At: "/fields", Type: "rule", Message: "text"}, RequestID: []string{"/id"}},
		"nested":          {At: "/error", Code: []string{"/code"}, Message: []string{"/message"}, Fields: catalog.FieldRule{At: "/details/fields", Type: "rule", Message: "text"}},
		"problem details": {Code: []string{"/type"}, Message: []string{"/detail"}, Fields: catalog.FieldRule{At: "/invalid", Type: "rule", Message: "text"}},
		"a list":          {At: "/errors/0", Code: []string{"/code"}, Message: []string{"/message"}},
		"a status word":   {At: "/result", Code: []string{"/code"}, Message: []string{"/message"}, Outcome: catalog.OutcomeRule{From: "/status", Map: []catalog.OutcomeWord{{Word: "F", Outcome: apierr.OutcomeNotApplied}}}},
	}
	for name, v := range shapes {
		v.Parse = parseServed
		c := &catalog.Catalog{API: "served", Envelopes: []catalog.Envelope{v}}
		reply := catalog.Reply{Code: served("LIMIT"), Message: "Slow down", RequestID: "r-1", Fields: fields, Cause: errors.New("secret")}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.WriteError(w, r, reply) }))
		_, _, err := get(&http.Client{Transport: c.RoundTripper(nil)}, http.MethodPost, server.URL)
		server.Close()
		e := failed(t, nil, err)
		if !errors.Is(e, served("LIMIT")) || e.StatusCode != 429 || e.Message != "Slow down" || e.RequestID != "r-1" {
			t.Errorf("%s: got %v, message %q, request %q", name, e, e.Message, e.RequestID)
		}
		if want := fields; v.Fields.At != "" && !slices.Equal(e.Fields, want) {
			t.Errorf("%s: got fields %v, want %v", name, e.Fields, want)
		}
		if strings.Contains(string(e.RawBody), "secret") || !strings.Contains(reply.Error(), "secret") {
			t.Errorf("%s: the cause belongs to the log only: body %s, text %q", name, e.RawBody, reply.Error())
		}
	}
}

// TestCapturesMakeThePlainText: a reply with the values of a text becomes that text.
func TestCapturesMakeThePlainText(t *testing.T) {
	part := func(literal, capture string, spaces bool) catalog.TextPart {
		return catalog.TextPart{Literal: literal, Capture: capture, Spaces: spaces}
	}
	v := catalog.Envelope{Parse: parseText, Samples: []catalog.Sample{{Code: "CLOSED", Text: "closed: sample"}}, Text: &catalog.TextRules{Rules: []catalog.TextRule{
		{Code: "CLOSED", Exact: "closed"},
		{Code: "CLOSED", Statuses: []int{503}, Prefix: "closed: ", Capture: "reason"},
		{Code: "CLOSED", Parts: []catalog.TextPart{part("gate ", "", false), part("", "gate", false), part(" opens at ", "", false), part("", "time", true)}},
		{Code: "OPEN", Prefix: "gate", Capture: "reason"},
	}}}
	c := &catalog.Catalog{API: "gate", Envelopes: []catalog.Envelope{v}}
	for _, tt := range []struct {
		captures map[string]string
		message  string
		want     string
	}{
		{map[string]string{"reason": "storm"}, "", "closed: storm"},
		{map[string]string{"gate": "north", "time": "7 am"}, "", "gate north opens at 7 am"},
		{map[string]string{"gate": "north"}, "", "closed: sample"},                      // a value is missing
		{map[string]string{"gate": "north side", "time": "7 am"}, "", "closed: sample"}, // clients would not recognize it
		{map[string]string{"reason": ""}, "", "closed: sample"},
		{map[string]string{"reason": "storm"}, "closed: for repairs", "closed: for repairs"},
		{nil, "", "closed: sample"},
	} {
		w := httptest.NewRecorder()
		c.WriteError(w, httptest.NewRequest(http.MethodPost, "/", nil), catalog.Reply{Code: text("CLOSED"), Status: 503, Message: tt.message, Captures: tt.captures, RequestID: "r-1"})
		e, _ := c.Parse(w.Code, w.Header(), w.Body.Bytes())
		if w.Body.String() != tt.want || !errors.Is(e, text("CLOSED")) || e.RequestID != "r-1" {
			t.Errorf("%v: got %q, read as %v, request %q; want %q", tt.captures, w.Body, e.Code, e.RequestID, tt.want)
		}
		if tt.want != "closed: sample" && tt.message == "" && !maps.Equal(e.Captures, tt.captures) {
			t.Errorf("%v: the client captures %v", tt.captures, e.Captures)
		}
	}
}
