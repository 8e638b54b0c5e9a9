package standalone

import (
	"reflect"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/textrule"
)

// own turns rules as errgen checks them into rules as generated files hold them.
func own(rules textrule.Rules) errorTexts {
	out := errorTexts{Fallback: rules.Fallback, MaxBytes: rules.MaxBytes}
	for _, r := range rules.List {
		next := errorTextRule{Code: r.Code, Statuses: r.Statuses, Exact: r.Exact, Prefix: r.Prefix, Capture: r.Capture}
		for _, p := range r.Parts {
			next.Parts = append(next.Parts, errorTextPart{p.Literal, p.Capture, p.Spaces})
		}
		out.Rules = append(out.Rules, next)
	}
	return out
}

func rules() textrule.Rules {
	return textrule.Rules{Fallback: "ELSE", MaxBytes: 60, List: []textrule.Rule{
		{Code: "EXACT", Statuses: []int{400, 401}, Exact: "bad signature"},
		{Code: "LONG", Statuses: []int{502}, Prefix: "checkout failed: ", Capture: "why"},
		{Code: "SHORT", Prefix: "checkout"},
		{Code: "PARTS", Statuses: []int{422}, Parts: []textrule.Part{{Literal: "no "}, {Capture: "thing"}, {Literal: " for "}, {Capture: "whom", Spaces: true}, {Literal: "."}}},
		{Code: "ANY", Statuses: []int{503}},
	}}
}

// agree compares the reader of generated files with the one that proves the examples of a spec.
func agree(t *testing.T, status int, body string) {
	t.Helper()
	r := rules()
	texts := own(r)
	wantCode, wantCaptures := r.Read(status, body)
	code, captures, fits := texts.read(status, []byte(body))
	if code != wantCode || !reflect.DeepEqual(captures, wantCaptures) || !fits && code != "ELSE" {
		t.Errorf("%d %q: %s %v, want %s %v", status, body, code, captures, wantCode, wantCaptures)
	}
}

func TestTextReadersAgree(t *testing.T) {
	bodies := []string{
		"", "bad signature", " \ufeffbad signature\n", "\ufeff bad signature", "bad signature!", "checkout failed: no money", "checkout failed",
		"no card for you all.", "no card for .", "no big card for you.", "no card for you", "<html>", strings.Repeat("x", 100), "checkout failed: " + strings.Repeat("é", 3000),
	}
	for _, status := range []int{0, 400, 401, 422, 502, 503} {
		for _, body := range bodies {
			agree(t, status, body)
		}
	}
	texts := own(rules())
	if code, _, fits := texts.read(400, []byte("bad signature")); code != "EXACT" || !fits {
		t.Errorf("an exact text is read as %s", code)
	}
}

func TestDocument(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":{"b":"c"}}`:                     "c",
		"\ufeff" + `{"a":{"b":"c"}} trailing`: "c",
		`{"a":{"b":"c"},"cut":["x`:            "c",
		`{"a":{"b":"c"},"bad":tru`:            "c",
		`{"a":{"b":"x","b":"c"}}`:             "c",
		`{"a":{"b":"` + "\xff" + `c"}}`:       "\ufffdc",
		`[{"a":{"b":"c"}}]`:                   "",
		`{"a":[{"b":"c"}]}`:                   "",
		`{"a":{"b":7}}`:                       "",
		`{"a":{"b":null}}`:                    "",
		`{"a":null}`:                          "",
		`{"a":{"b":"cut`:                      "",
		`null`:                                "",
		`"text"`:                              "",
		``:                                    "",
		`<html>`:                              "",
		strings.Repeat(`{"a":`, 100000):       "",
		strings.Repeat(`[`, 100000):           "",
		`{"x":` + strings.Repeat(`[`, 1000) + `}}`: "",
	} {
		if got := errorFirst(errorDocument([]byte(body)), []string{"/a/b"}); got != want {
			t.Errorf("%.60q: %q, want %q", body, got, want)
		}
	}
	doc := errorDocument([]byte(`{"errors":[{"code":"A"}],"a/b":{"m~n":"B"}}`))
	for pointer, want := range map[string]string{
		"/errors/0/code": "A", "/errors/1/code": "", "/errors/-1/code": "", "/errors/x": "", "/a~1b/m~0n": "B", "/a/b": "", "/": "", "": "",
	} {
		if got := errorFirst(doc, []string{pointer}); got != want {
			t.Errorf("%s: %q, want %q", pointer, got, want)
		}
	}
}

func TestPathFits(t *testing.T) {
	for _, test := range []struct {
		template, path string
		want           bool
	}{
		{"pets/{id}", "pets/7", true}, {"pets/{id}", "pets/a%2Fb", true}, {"pets/{id}", "cats/7", false}, {"pets/{id}", "pets/", true},
		{"files/{name}.json", "files/a.json", true}, {"files/{name}.json", "files/a.xml", false}, {"a/{x}:cancel", "a/7:cancel", true},
		{"{a}x{b}", "x", true}, {"ab{c}ba", "aba", false}, {"big pets", "big%20pets", true}, {"x}", "x}", true}, {"", "", true},
	} {
		if got := errorFits(strings.Split(test.template, "/"), strings.Split(test.path, "/")); got != test.want {
			t.Errorf("%s against %s: %v", test.path, test.template, got)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(400, "bad signature")
	f.Add(422, "no card for you all.")
	f.Add(502, "checkout failed: \xff")
	f.Fuzz(func(t *testing.T, status int, body string) { agree(t, status, body) })
}
