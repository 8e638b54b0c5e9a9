package jsonscan_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/jsonscan"
)

func TestStringInInvalidDocuments(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{"b":"c"}}`:                                   "c",
		`{"a":{"b":"c"}} trailing`:                          "c",
		` { "a" : { "b" : "c" } } `:                         "c",
		`{"a":{"b":"c"},"cut":["x`:                          "c",
		`{"a":{"b":"c"},"bad":tru`:                          "c",
		`{"a":{"b":"c","cut`:                                "c",
		`{"a":{"b":"x","b":"c"}}`:                           "c",
		`{"a":{"b":"x"},"a":{"b":"c"}}`:                     "c",
		`{"\u0061":{"\u0062":"\u0063"}}`:                    "c",
		`{"a":{"b":"` + "\xff" + `c"}}`:                     "\ufffdc",
		`{"x":{"b":"no"},"a":{"x":{"b":"no"},"b":"c"}}`:     "c",
		`{"x":[1,-2.5e3,true,false,null,{}],"a":{"b":"c"}}`: "c",
		`[{"a":{"b":"c"}}]`:                                 "",
		`{"a":[{"b":"c"}]}`:                                 "",
		`{"a":{"b":7}}`:                                     "",
		`{"a":{"b":null}}`:                                  "",
		`{"a":null}`:                                        "",
		`{"a":{"b":"cut`:                                    "",
		`{"a":{"b":"cut\`:                                   "",
		`{"a":{"b":"bad\q"}}`:                               "",
		`{"x":bad,"a":{"b":"c"}}`:                           "",
		`{"x":01,"a":{"b":"c"}}`:                            "",
		`{"bad\q":1,"a":{"b":"c"}}`:                         "",
		`{"x" "y","a":{"b":"c"}}`:                           "",
		`{,"a":{"b":"c"}}`:                                  "",
		`{:"x","a":{"b":"c"}}`:                              "",
		`{"a":{:"c"}}`:                                      "",
		`null`:                                              "",
		`"text"`:                                            "",
		``:                                                  "",
		`<html>`:                                            "",
		strings.Repeat(`{"a":`, 100_000):                    "",
		strings.Repeat(`[`, 100_000):                        "",
	} {
		if got := jsonscan.String([]byte(text), "/a/b"); got != want {
			t.Errorf("%.60q: got %q, want %q", text, got, want)
		}
	}
}

func TestFindFold(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":{"Bc":1}}`:           "1",
		`{"A":{"bC":1}}`:           "1",
		`{"\u0041":{"b\u0063":1}}`: "",
		`{"a":{"b\u0063":1}}`:      "",
		`{"a":{"B\u0063":1}}`:      "1",
		`{"a":{"Bcd":1,"B":2}}`:    "",
	} {
		if got := string(jsonscan.FindFold([]byte(text), "/a/Bc")); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	// U+212A, the Kelvin sign, is a k in another case, but not an ASCII letter.
	for text, want := range map[string]string{`{"K":1}`: "1", `{"x":1}`: "", "{\"\u212a\":1}": ""} {
		if got := string(jsonscan.FindFold([]byte(text), "/k")); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestPointers(t *testing.T) {
	text := []byte(`{"errors":[{"code":"A"},{"code":"B"}],"a/b":{"m~n":"C"},"":{"":"D"}}`)
	for pointer, want := range map[string]string{
		"/errors/0/code": "A", "/errors/1/code": "B", "/errors/2/code": "", "/errors/-1/code": "", "/errors/x": "",
		"/errors/01/code": "", "/errors/+1/code": "", "/errors/-0/code": "", "/errors/-": "", "/errors/99999999999999999999": "",
		"errors/1/code": "", "x/errors/1/code": "", "xerrors/1/code": "", "~": "", "/~": "", "///": "",
		"/a~1b/m~0n": "C", "/a/b": "", "//": "D", "/": "", "": "",
	} {
		if got := jsonscan.String(text, pointer); got != want {
			t.Errorf("%s: got %q, want %q", pointer, got, want)
		}
	}
	if got := jsonscan.First(text, []string{"/no", "/errors/1/code", "/errors/0/code"}); got != "B" {
		t.Errorf("First: got %q, want B", got)
	}
}

// TestFindReturnsTheText: a value is as it is in the document, without what surrounds
// it.
func TestFindReturnsTheText(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":7}`: `7`, `{"a":7 ,"b":1}`: `7`, "{\"a\":7\t}": `7`, "{\"a\":7\r\n}": `7`, "{\"a\":7\n}": `7`, `{"a":7,"b":1}`: `7`,
		`{"a":7:1}`: `7`, `{"a":7]`: `7`, `{"a":7{}`: `7`, `{"a":7[]`: `7`, `{"a":7"b"`: `7`, "{\t\"a\"\r:\n7}": `7`, "\n{\"a\":7}": `7`,
		`{"a":"\"}"}`: `"\"}"`, `{"a":"cut`: ``, `{"a":}`: ``, `{"a":,"b":1}`: ``, `{"a":`: ``, `{"a"`: ``, `{"a"=7}`: ``, `{"`: ``, `{`: ``, ``: ``,
		`{"a":{"b":["]}"]},"c":1}`: `{"b":["]}"]}`, `{"a":{"b":"\"}"},"c":1}`: `{"b":"\"}"}`, `{"a":[{},[]],"c":1}`: `[{},[]]`,
		`{"a":{"b":"c","d`: `{"b":"c","d`, `{"a":{"b":1,`: `{"b":1,`, `{"a":{"b":"c"`: `{"b":"c"`, `{"a":[1,[2]`: `[1,[2]`,
		`{"b":1,"a":7}`: `7`, `{"b":1 , "a":7}`: `7`, `{"b":1"a":7}`: ``, `{"b":1}"a":7}`: ``, `{"b":1};"a":7}`: ``, `{"b":"c"`: ``,
		`["a",7]`: ``, `"a":7`: ``,
	} {
		if got := jsonscan.Find([]byte(text), "/a"); string(got) != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for _, root := range []string{`{"a":7}`, `"x"`, `7`, `true`} {
		if got := jsonscan.Find([]byte("\r "+root+" "), ""); string(got) != root {
			t.Errorf("the root: got %q, want %q", got, root)
		}
	}
}

// TestLiterals: a value that is not valid ends the search, because nothing is known
// about what follows it.
func TestLiterals(t *testing.T) {
	for _, tt := range []struct {
		valid    bool
		literals string
	}{
		{true, `true false null 0 -0 1 2 3 4 5 6 7 8 9 10 -1 -2.5e3 1E+2`},
		{false, `tru truex fals nul None 01 - 1. .5 +1 1e 0x1 bad <html>`},
	} {
		for literal := range strings.FieldsSeq(tt.literals) {
			want := ""
			if tt.valid {
				want = "b"
			}
			if got := jsonscan.String([]byte(`{"x":`+literal+`,"a":"b"}`), "/a"); got != want {
				t.Errorf("after %s in an object: got %q, want %q", literal, got, want)
			}
			if got := jsonscan.String([]byte(`[`+literal+`,"b"]`), "/1"); got != want {
				t.Errorf("after %s in an array: got %q, want %q", literal, got, want)
			}
		}
	}
}

func TestUnquote(t *testing.T) {
	for value, want := range map[string]string{
		`"a"`: "a", `""`: "", `" "`: " ", `"~"`: "~", `"a\n\"\u0062\\"`: "a\n\"b\\", "\"\xff\"": "\ufffd", "\"\u00e9\"": "\u00e9", "\"\x7f\"": "\x7f",
	} {
		if got, ok := jsonscan.Unquote([]byte(value)); !ok || got != want {
			t.Errorf("%q: got %q, %v; want %q", value, got, ok, want)
		}
	}
	for _, value := range []string{``, `"`, `"a`, `a"`, `"a\"`, `a`, `ab`, `7`, `"a"b`, `"a" `, `"a\q"`, `"\"`, `"\u12"`, "\"a\nb\"", "\"\x1f\"", `null`} {
		if got, ok := jsonscan.Unquote([]byte(value)); ok || got != "" {
			t.Errorf("%q: got %q, %v; want no string", value, got, ok)
		}
	}
}

func TestMembersStopAtTheFirstInvalidByte(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":[2,{"x":3}],"c":"d" "e":5}`: "a=1 b=[2,{\"x\":3}] c=\"d\" ",
		` {"a":1}`:                              "a=1 ",
		`{"a":1,"b\q":2,"c":3}`:                 "a=1 ",
		`{"a":1,"b":"cut`:                       "a=1 ",
		`{"a":1,"b":}`:                          "a=1 ",
		`{"a":1,:2,"c":3}`:                      "a=1 ",
		`{"a":1,"b":tru,"c":3}`:                 "a=1 b=tru ",
		`{"a":{"b":1`:                           "a={\"b\":1 ",
		`{}`:                                    "",
		`{`:                                     "",
		`["a",1]`:                               "",
		`["a":1]`:                               "",
		``:                                      "",
	} {
		got := ""
		for name, value := range jsonscan.Members([]byte(text)) {
			got += name + "=" + string(value) + " "
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestElementsStopAtTheFirstInvalidByte(t *testing.T) {
	for text, want := range map[string]string{
		`[1,"b" , [2,{"x":3}] 4]`: `1 "b" [2,{"x":3}] `, ` [1]`: "1 ", `[1,tru,2]`: "1 tru ", `[1,,2]`: "1 ", `[1,"cut`: "1 ", `[[1`: "[1 ",
		`[]`: "", `[`: "", `{"a":1}`: "", `{1,2]`: "", ``: "",
	} {
		got := ""
		for value := range jsonscan.Elements([]byte(text)) {
			got += string(value) + " "
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestIterationsCanBeLeft(t *testing.T) {
	n := 0
	for range jsonscan.Members([]byte(`{"a":1,"b":2}`)) {
		n++
		break
	}
	for range jsonscan.Elements([]byte(`[1,2]`)) {
		n++
		break
	}
	if n != 2 {
		t.Errorf("got %d iterations, want 2", n)
	}
}

func TestBeginningOfADocument(t *testing.T) {
	for text, want := range map[string]bool{`{}`: true, `[]`: true, " \t\r\n{": true, `"{"`: false, `7`: false, ` `: false, ``: false, "\ufeff{}": false} {
		if got := jsonscan.IsContainer([]byte(text)); got != want {
			t.Errorf("IsContainer(%q): got %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]string{"\ufeff{}": "{}", "{}\ufeff": "{}\ufeff", "": ""} {
		if got := jsonscan.TrimBOM([]byte(text)); string(got) != want {
			t.Errorf("TrimBOM(%q): got %q, want %q", text, got, want)
		}
	}
}

// FuzzFind compares the strings found in complete documents with those that
// encoding/json decodes. Other documents must not cause a panic or an endless loop.
func FuzzFind(f *testing.F) {
	for _, s := range []string{`{"a":{"b":"c"}}`, `{"a":[1,{"b":"\u00e9"}]}`, `{"a":{"b":"x","b":"y"}}`, `[[[`, `{"a":"\ud800"}`, `{:0}`, "\ufeff{}"} {
		f.Add([]byte(s), "/a/b")
	}
	f.Fuzz(func(t *testing.T, text []byte, pointer string) {
		got := jsonscan.String(text, pointer)
		var doc any
		if json.Unmarshal(text, &doc) != nil {
			return
		}
		if want, _ := lookup(doc, pointer).(string); got != want {
			t.Errorf("%q %q: got %q, want %q", text, pointer, got, want)
		}
	})
}

// lookup returns the value at a JSON pointer in a decoded document.
func lookup(doc any, pointer string) any {
	if pointer == "" {
		return doc
	}
	if pointer[0] != '/' {
		return nil
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch d := doc.(type) {
		case map[string]any:
			doc = d[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(d) || strconv.Itoa(i) != token {
				return nil
			}
			doc = d[i]
		default:
			return nil
		}
	}
	return doc
}
