package transport_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/transport"
)

type (
	invoice struct {
		ID       string   `json:"id"`
		Count    int      `json:"count"`
		Note     string   `json:"note,omitempty"`
		Payer    *string  `json:"payer"`
		Owner    owner    `json:"owner"`
		Shop     *shop    `json:"shop,omitempty"`
		Lines    []line   `json:"lines,omitempty"`
		Grid     [][]line `json:"grid,omitempty"`
		Price    ownPrice `json:"price,omitempty"`
		Rates    ownRates `json:"rates,omitempty"`
		Stamp    ownStamp `json:"stamp,omitempty"`
		Parent   *invoice `json:"parent,omitempty"`
		Internal string   `json:"-"`
		Untagged line
	}
	owner struct {
		Name string `json:"name"`
	}
	shop struct { // requires nothing itself
		Branch *owner `json:"branch,omitempty"`
		Note   string `json:"note,omitempty"`
	}
	line struct {
		Item   string `json:"item"`
		Amount int    `json:"unitAmount"`
	}
	// These decode themselves, so nothing is known about their members.
	ownPrice struct {
		Value string `json:"value"`
	}
	ownRates []line
	ownStamp struct {
		At string `json:"at"`
	}
	empty struct {
		Note string `json:"note,omitempty"`
	}
)

func (*ownPrice) UnmarshalJSON([]byte) error { return nil }
func (*ownRates) UnmarshalJSON([]byte) error { return nil }

func (*ownStamp) UnmarshalJSONFrom(d *jsontext.Decoder) error { return d.SkipValue() }

const complete = `"id":"1","count":0,"owner":{"name":"x"}`

// TestMembersThatADocumentLacks: a document that lacks a member that its schema requires is not
// a success, wherever the member is.
func TestMembersThatADocumentLacks(t *testing.T) {
	for document, want := range map[string]string{
		`{` + complete + `}`:                                                       "",
		`{"ID":"1","Count":-5,"OWNER":{"NAME":"x"}}`:                               "",
		`{"count":0,"owner":{"name":"x"}}`:                                         "/id",
		`{"id":"","count":0,"owner":{"name":"x"}}`:                                 "/id",
		`{"id":"1","owner":{"name":"x"}}`:                                          "/count",
		`{"id":"1","count":null,"owner":{"name":"x"}}`:                             "/count",
		`{"id":"1","count":0}`:                                                     "/owner",
		`{"id":"1","count":0,"owner":null}`:                                        "/owner",
		`{"id":"1","count":0,"owner":{}}`:                                          "/owner/name",
		`{"id":"1","count":0,"OWNER":{"other":{"name":"x"}}}`:                      "/OWNER/name",
		`{"owner":{"name":"x"},"count":0}`:                                         "/id",
		`{` + complete + `,"payer":null,"note":null,"shop":null,"lines":null}`:     "",
		`{"shop":null,"lines":[],"count":0,"owner":{"name":"x"}}`:                  "/id",
		`{` + complete + `,"shop":{}}`:                                             "",
		`{` + complete + `,"shop":{"branch":{},"note":"n"}}`:                       "/shop/branch/name",
		`{` + complete + `,"SHOP":{"BRANCH":{"name":""}}}`:                         "/SHOP/BRANCH/name",
		`{` + complete + `,"lines":[]}`:                                            "",
		`{` + complete + `,"lines":[{"item":"a","unitAmount":1},{"item":"b"}]}`:    "/lines/1/unitAmount",
		`{` + complete + `,"lines":[{"item":"a","UNITAMOUNT":1}]}`:                 "",
		`{` + complete + `,"lines":[null,{"item":"b"}]}`:                           "/lines/1/unitAmount",
		`{"lines":[{"item":"a","unitAmount":1}],"id":"1","owner":{"name":"x"}}`:    "/count",
		`{"lines":[{"item":"a","unitAmount":1}],` + complete + `}`:                 "",
		`{` + complete + `,"grid":[[{"item":"a","unitAmount":1}],[{"item":"b"}]]}`: "/grid/1/0/unitAmount",
		`{` + complete + `,"price":{},"rates":[{}],"stamp":{}}`:                    "",
		`{` + complete + `,"parent":{}}`:                                           "", // recursive types are not followed
		`{` + complete + `,"unknown":{"id":""}}`:                                   "",
		`{` + complete + `,"Untagged":{"item":"a"}}`:                               "",
		`{"shop":null,` + complete + `}`:                                           "",
		`null`:                                                                     "its content: it is null",
	} {
		_, err := transport.Decode[invoice]([]byte(document))
		got := ""
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "the document lacks ")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", document, got, want)
		}
	}
	for _, document := range []string{`{}`, `{"note":null}`} {
		if _, err := transport.Decode[empty]([]byte(document)); err != nil {
			t.Errorf("%s: %v", document, err)
		}
	}
	if _, err := transport.Decode[[]line]([]byte(`[{"item":"a","unitAmount":1},{"unitAmount":1}]`)); err == nil || !strings.HasSuffix(err.Error(), "lacks /1/item") {
		t.Errorf("a list: got %v, want a missing /1/item", err)
	}
	if lines, err := transport.Decode[[]line]([]byte(`[]`)); err != nil || len(*lines) != 0 {
		t.Errorf("an empty list: got %v, %v", lines, err)
	}
	if number, err := transport.Decode[int]([]byte(`7`)); err != nil || *number != 7 {
		t.Errorf("a number: got %v, %v", number, err)
	}
}

// TestInvalidDocuments: the error says where and what, without a value of the body.
func TestInvalidDocuments(t *testing.T) {
	for document, want := range map[string]string{
		`{"id":7}`:                 "JSON number at /id does not fit",
		`"canary"`:                 "JSON string at its root does not fit",
		`{"id":"canary"`:           "broken at byte 14",
		`{"id":"canary"}x`:         "broken at byte 15",
		`{"id":"1","id":"canary"}`: "broken at byte 10",
		`{"id":"1","ID":"canary"}`: "broken at byte 10",
		``:                         "broken at byte 0",
	} {
		_, err := transport.Decode[invoice]([]byte(document))
		if err == nil || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got %v, want an error with %q", document, err, want)
		}
	}
	if owner, err := transport.Decode[owner]([]byte("{\"name\":\"\xff\"}")); err != nil || owner.Name != "\ufffd" {
		t.Errorf("invalid UTF-8: got %v, %v; want U+FFFD", owner, err)
	}
}

func TestPlain(t *testing.T) {
	for value, want := range map[string]string{
		`"7"`: "7", `"a\nb"`: "a\nb", `7`: "7", `-1.50`: "-1.50", `true`: "true", `null`: "", ``: "", `x`: "",
		`{}`: "error", `[]`: "error", `{"a":1}`: "error", `"cut`: "error", `"bad\q"`: "error",
	} {
		got, err := transport.Plain([]byte(value))
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: got %q, %v; want %q", value, got, err, want)
		}
	}
}

func TestPages(t *testing.T) {
	broken := errors.New("broken")
	type page struct {
		rows []string
		more bool
		err  error
	}
	for _, tt := range []struct {
		name  string
		pages []page
		want  string
	}{
		{"two pages", []page{{[]string{"a", "b"}, true, nil}, {[]string{"c"}, false, nil}}, "a b c"},
		{"one page", []page{{[]string{"a"}, false, nil}, {[]string{"never"}, false, nil}}, "a"},
		{"an empty page", []page{{nil, true, nil}, {[]string{"never"}, false, nil}}, ""},
		{"an error", []page{{[]string{"a"}, true, nil}, {[]string{"never"}, true, broken}, {[]string{"never"}, true, nil}}, "a error"},
		{"an error on the same page", []page{{[]string{"a"}, true, nil}, {[]string{"a"}, true, broken}}, "a error"},
		{"the same page twice", []page{{[]string{"a", "b"}, true, nil}, {[]string{"a", "b"}, true, nil}}, "a b repeated"},
		{"a page that begins with the last row", []page{{[]string{"a", "b"}, true, nil}, {[]string{"b", "c"}, false, nil}}, "a b b c"},
		{"a third page like the first", []page{{[]string{"a"}, true, nil}, {[]string{"b"}, true, nil}, {[]string{"a"}, false, nil}}, "a b a"},
	} {
		start := func() func() ([]string, bool, error) {
			number := 0
			return func() ([]string, bool, error) {
				number++
				if number > len(tt.pages) {
					return nil, false, errors.New("one page too many")
				}
				p := tt.pages[number-1]
				return p.rows, p.more, p.err
			}
		}
		rows := transport.Pages("list", func(row string) string { return row }, start)
		for range 2 { // an iterator can be used again
			var got []string
			for row, err := range rows {
				switch {
				case errors.Is(err, broken) && row == "":
					row = "error"
				case err != nil && row == "" && err.Error() == `list: two pages in succession begin with the row "a"; want a new page`:
					row = "repeated"
				case err != nil:
					row = err.Error()
				}
				got = append(got, row)
			}
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, text, tt.want)
			}
		}
		var first []string
		for row, err := range rows {
			if err == nil {
				first = append(first, row)
			}
			break
		}
		if want, _, _ := strings.Cut(tt.want, " "); len(first) > 1 || want != "" && !slices.Equal(first, []string{want}) {
			t.Errorf("%s, left after a row: got %v, want %s", tt.name, first, want)
		}
	}
}
