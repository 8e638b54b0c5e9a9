package catalog_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// raw is a code of a catalog with one entry for each value that starts with K.
type raw string

func (r raw) Error() string { return string(r) }

func (r raw) Info() (apierr.CodeInfo, bool) {
	known := strings.HasPrefix(string(r), "K") || r == "404"
	return apierr.CodeInfo{Value: string(r), Statuses: []int{400}, Category: apierr.ErrConflict, Advice: apierr.AdviceNever}, known
}

func parseRaw(s string) apierr.Code { return raw(s) }

// wide is a code of another level.
type wide string

func (w wide) Error() string                 { return string(w) }
func (w wide) Info() (apierr.CodeInfo, bool) { return apierr.CodeInfo{Value: string(w)}, w == "K" }

func parseWide(s string) apierr.Code { return wide(s) }

// TestCodesInAllShapes: every code of a response is found, wherever it is, and the first one of the catalog is the main one.
func TestCodesInAllShapes(t *testing.T) {
	list := catalog.Envelope{Code: []string{"/errors/*/code"}}
	numbers := catalog.Envelope{Code: []string{"/code"}, Numbers: true}
	for _, tt := range []struct {
		name     string
		envelope catalog.Envelope
		body     string
		code     apierr.Code
		codes    []apierr.Code
	}{
		{"list", list, `{"errors":[{"code":"A"},{"code":"B"}]}`, raw("A"), []apierr.Code{raw("A"), raw("B")}},
		{"known one in a list", list, `{"errors":[{"code":"A"},{"code":"K1"},{"code":"K2"}]}`, raw("K1"), []apierr.Code{raw("A"), raw("K1"), raw("K2")}},
		{"list of one", list, `{"errors":[{"code":"A"}]}`, raw("A"), nil},
		{"same code twice", list, `{"errors":[{"code":"A"},{"code":"A"}]}`, raw("A"), nil},
		{"elements without a code", list, `{"errors":[{},7,{"code":""},{"code":"A"}]}`, raw("A"), nil},
		{"no list", list, `{"errors":{"code":"A"}}`, nil, nil},
		{"strings", catalog.Envelope{Code: []string{"/codes/*"}}, `{"codes":["A","B"]}`, raw("A"), []apierr.Code{raw("A"), raw("B")}},
		{"lists in a list", catalog.Envelope{Code: []string{"/*/list/*"}}, `[{"list":["A"]},{"list":["B","C"]}]`, raw("A"), []apierr.Code{raw("A"), raw("B"), raw("C")}},
		{"cut list", list, `{"errors":[{"code":"A"},{"code":"B`, raw("A"), nil},
		{"first pointer with a code", catalog.Envelope{Code: []string{"/none", "/codes/*", "/code"}}, `{"codes":["A"],"code":"B"}`, raw("A"), nil},
		{"number", numbers, `{"code":20404}`, raw("20404"), nil},
		{"negative number", numbers, `{"code":-7}`, raw("-7"), nil},
		{"string for a number", numbers, `{"code":"20404"}`, raw("20404"), nil},
		{"fraction", numbers, `{"code":2.5}`, nil, nil},
		{"huge number", numbers, `{"code":` + strings.Repeat("9", 21) + `}`, nil, nil},
		{"true", numbers, `{"code":true}`, nil, nil},
		{"number without permission", catalog.Envelope{Code: []string{"/code"}}, `{"code":20404}`, nil, nil},
		{"the HTTP status", numbers, `{"code":400}`, nil, nil},
		{"levels", catalog.Envelope{Code: []string{"/code"}, Levels: []catalog.Level{{Code: "/type", Parse: parseWide}}}, `{"code":"K1","type":"K"}`, raw("K1"), []apierr.Code{raw("K1"), wide("K")}},
		{"known wider level", catalog.Envelope{Code: []string{"/code"}, Levels: []catalog.Level{{Code: "/type", Parse: parseWide}}}, `{"code":"A","type":"K"}`, wide("K"), []apierr.Code{raw("A"), wide("K")}},
		{"only a wider level", catalog.Envelope{Code: []string{"/code"}, Levels: []catalog.Level{{Code: "/type", Parse: parseWide}}}, `{"type":"X"}`, wide("X"), nil},
		{"number of a level", catalog.Envelope{Code: []string{"/code"}, Levels: []catalog.Level{{Code: "/type", Numbers: true, Parse: parseWide}}}, `{"code":"A","type":7}`, raw("A"), []apierr.Code{raw("A"), wide("7")}},
	} {
		tt.envelope.Parse = parseRaw
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{tt.envelope}}
		e, _ := c.Parse(400, nil, []byte(tt.body))
		if e.Code != tt.code || !slices.Equal(e.Codes, tt.codes) {
			t.Errorf("%s: got %v of %v, want %v of %v", tt.name, e.Code, e.Codes, tt.code, tt.codes)
		}
		for _, code := range tt.codes {
			if !errors.Is(e, code) {
				t.Errorf("%s: errors.Is does not find %v", tt.name, code)
			}
		}
		if e.Code != nil && e.RawCode != e.Code.Error() {
			t.Errorf("%s: RawCode is %q", tt.name, e.RawCode)
		}
	}
	numbers.Parse = parseRaw
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{numbers}}
	if e, _ := c.Parse(404, nil, []byte(`{"code":404}`)); e.Code != raw("404") {
		t.Errorf("a number of the catalog that equals the status: got %v", e.Code)
	}
}

// TestCodesAreBounded: a body with any number of codes and fields costs a limited amount.
func TestCodesAreBounded(t *testing.T) {
	var body strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&body, `,{"code":"A%d"}`, i)
	}
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/errors/*/code"}, Fields: catalog.FieldRule{At: "/errors"}, Parse: parseRaw}}}
	e, _ := c.Parse(400, nil, []byte(`{"errors":[`+body.String()[1:]+`]}`))
	if len(e.Codes) != 100 || len(e.Fields) != 100 {
		t.Errorf("got %d codes and %d fields, want 100 of each", len(e.Codes), len(e.Fields))
	}
}

// TestCodesInHeaders: a code in a header is found with and without a body, and not in a success.
func TestCodesInHeaders(t *testing.T) {
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{
		Code: []string{"header:X-Code"}, RequestID: []string{"header:My-Request"}, Message: []string{"/message"}, Success: "scan", Parse: parseRaw,
	}}}
	for value, want := range map[string]apierr.Code{"K1": raw("K1"), "K1:https://internal.example/": raw("K1"), " K1 ; more": raw("K1"), "K1,K2": raw("K1"), "": nil, ":": nil} {
		header := http.Header{"X-Code": {value}, "My-Request": {"r:1"}, "X-Request-Id": {"other"}}
		for _, body := range []string{"", `{"message":"no"}`, "<html>"} {
			e, _ := c.Parse(400, header, []byte(body))
			if e.Code != want || want != nil && e.RequestID != "r:1" {
				t.Errorf("%q, %s: got code %v and request %q", value, body, e.Code, e.RequestID)
			}
		}
		if e, failed := c.Parse(200, header, []byte(`{}`)); failed {
			t.Errorf("%q: a success fails: %v", value, e)
		}
	}
}

// TestLevelsDoNotFailASuccess: the type of a resource is not a failure, even if that of an error is a code.
func TestLevelsDoNotFailASuccess(t *testing.T) {
	c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/code"}, Levels: []catalog.Level{{Code: "/type", Parse: parseWide}}, Success: "scan", Parse: parseRaw}}}
	if e, failed := c.Parse(200, nil, []byte(`{"type":"K","code":null}`)); failed {
		t.Errorf("got %v", e)
	}
	list := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/errors/*"}, Success: "scan", Parse: parseRaw}}}
	if _, failed := list.Parse(200, nil, []byte(`{"errors":["K1"]}`)); !failed {
		t.Error("a list of codes in a success is not found")
	}
}

// TestFieldsInAllShapes: validation errors are read from lists and from objects.
func TestFieldsInAllShapes(t *testing.T) {
	usual := catalog.FieldRule{At: "/errors"}
	named := catalog.FieldRule{At: "/errors", Name: "on/the~field", Type: "/why/code", Message: "text"}
	for _, tt := range []struct {
		rule catalog.FieldRule
		body string
		want []apierr.FieldError
	}{
		{usual, `{"errors":[{"field":"b","code":"short","message":"Longer."},{"path":"a","type":7}]}`, []apierr.FieldError{{Field: "a", Type: "7"}, {Field: "b", Type: "short", Message: "Longer."}}},
		{usual, `{"errors":[{"source":{"pointer":"/a"},"detail":"No."},{"source":{"parameter":"q"},"title":"Odd"}]}`, []apierr.FieldError{{Field: "/a", Message: "No."}, {Field: "q", Message: "Odd"}}},
		{usual, `{"errors":["No name.",{},7,null]}`, []apierr.FieldError{{Message: "No name."}}},
		{usual, `{"errors":[{"field":"a","code":"x"},{"field":"a","code":"y"}]}`, []apierr.FieldError{{Field: "a", Type: "x"}, {Field: "a", Type: "y"}}},
		{usual, `{"errors":{"b":["No.","Never."],"a":"Odd."}}`, []apierr.FieldError{{Field: "a", Message: "Odd."}, {Field: "b", Message: "No."}}},
		{catalog.FieldRule{At: "/errors", Type: "code", Message: "text"}, `{"errors":{"a":[{"code":"x","text":"No."}],"b":{"code":"y"}}}`, []apierr.FieldError{{Field: "a", Type: "x", Message: "No."}, {Field: "b", Type: "y"}}},
		{named, `{"errors":[{"on/the~field":"a","why":{"code":"x"},"text":"No.","field":"wrong","message":"wrong"}]}`, []apierr.FieldError{{Field: "a", Type: "x", Message: "No."}}},
		{named, `{"errors":[{"field":"other"}]}`, nil},
		{usual, `{"errors":"No."}`, nil},
		{usual, `{}`, nil},
		{catalog.FieldRule{}, `{"errors":[{"field":"a"}]}`, nil},
		{usual, `{"errors":["` + strings.Repeat("x", 600) + `"]}`, []apierr.FieldError{{Message: strings.Repeat("x", 512)}}},
	} {
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{{Code: []string{"/code"}, Fields: tt.rule, Parse: parseRaw}}}
		e, _ := c.Parse(400, nil, []byte(tt.body))
		if !slices.Equal(e.Fields, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.body, e.Fields, tt.want)
		}
	}
}

// TestServerWritesCodesInAllShapes: a client finds the code that the server sends.
func TestServerWritesCodesInAllShapes(t *testing.T) {
	for _, tt := range []struct {
		envelope catalog.Envelope
		code     apierr.Code
		body     string
	}{
		{catalog.Envelope{Code: []string{"/code"}, Numbers: true}, raw("404"), `{"code":404}`},
		{catalog.Envelope{Code: []string{"/code"}, Numbers: true}, raw("K1"), `{"code":"K1"}`},
		{catalog.Envelope{Code: []string{"/errors/*/code"}, RequestID: []string{"/id"}}, raw("K1"), `{"errors":[{"code":"K1"}],"id":"r-1"}`},
		{catalog.Envelope{Code: []string{"header:X-Code"}, RequestID: []string{"header:X-Id"}}, raw("K1"), `{}`},
	} {
		tt.envelope.Parse = parseRaw
		c := &catalog.Catalog{Envelopes: []catalog.Envelope{tt.envelope}}
		w := httptest.NewRecorder()
		c.WriteError(w, httptest.NewRequest(http.MethodGet, "/", nil), catalog.Reply{Code: tt.code, RequestID: "r-1"})
		if w.Body.String() != tt.body {
			t.Errorf("got %s, want %s", w.Body, tt.body)
		}
		if e, _ := c.Parse(w.Code, w.Header(), w.Body.Bytes()); e.Code != tt.code {
			t.Errorf("%s: the client finds %v, want %v", w.Body, e.Code, tt.code)
		}
	}
}
