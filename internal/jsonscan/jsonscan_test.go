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
}

func TestPointers(t *testing.T) {
	text := []byte(`{"errors":[{"code":"A"},{"code":"B"}],"a/b":{"m~n":"C"},"":{"":"D"}}`)
	for pointer, want := range map[string]string{
		"/errors/0/code": "A", "/errors/1/code": "B", "/errors/2/code": "", "/errors/-1/code": "", "/errors/x": "",
		"/errors/01/code": "", "/errors/+1/code": "", "/errors/-0/code": "", "/errors/-": "", "/errors/99999999999999999999": "",
		"errors/1/code": "", "x/errors/1/code": "", "~": "", "/~": "", "///": "",
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

func TestCutContainerKeepsItsBeginning(t *testing.T) {
	if got := jsonscan.Find([]byte(`{"a":{"b":"c","d`), "/a"); string(got) != `{"b":"c","d` {
		t.Errorf("got %q", got)
	}
}

func TestMembersStopAtTheFirstInvalidByte(t *testing.T) {
	var names []string
	for name := range jsonscan.Members([]byte(`{"a":1,"b":[2,{"x":3}],"c":"d" "e":5}`)) {
		names = append(names, name)
	}
	if got := strings.Join(names, ""); got != "abc" {
		t.Errorf("got %q, want abc", got)
	}
}

// FuzzFind compares the strings found in complete documents with those that
// encoding/json decodes. Other documents must not cause a panic or an endless loop.
func FuzzFind(f *testing.F) {
	for _, s := range []string{`{"a":{"b":"c"}}`, `{"a":[1,{"b":"\u00e9"}]}`, `{"a":{"b":"x","b":"y"}}`, `[[[`, `{"a":"\ud800"}`, "\ufeff{}"} {
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
