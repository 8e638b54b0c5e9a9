package contract

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

const proxyPage = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>"

// H5 answers with pages that are not the provider's, and with JSON that is
// called something else.
func H5(t *testing.T, s Suite) {
	l, n := newLab(t, s), 0
	html := proxyPage + strings.Repeat("<p>\r\nnginx\x00\u202e</p>", 200)
	for _, c := range l.calls {
		for _, tt := range []struct {
			status            int
			contentType, body string
		}{
			{502, "text/html", html}, {503, "", html}, {403, "text/html; charset=utf-8", html},
			{200, "text/html", html}, {200, "", html}, {200, "text/plain", "Please sign in to the network first."}, {200, "application/json", "OK"},
		} {
			what := fmt.Sprintf("%d %q %.12q", tt.status, tt.contentType, tt.body)
			_, err := l.call(t, c, l.says(c, tt.status, tt.contentType, tt.body))
			pe := l.typed(t, what, c, err, tt.status)
			if pe == nil {
				continue
			}
			if string(pe.RawBody) != tt.body || len(tt.body) > 512 && len(pe.RawBody) < 512 {
				t.Errorf("%s, %s: %d bytes of the page are kept, want %d", c.id, what, len(pe.RawBody), len(tt.body))
			}
			if mediaType, _, _ := strings.Cut(tt.contentType, ";"); tt.status == 200 && tt.contentType != "application/json" && !strings.Contains(pe.Error(), mediaType) {
				t.Errorf("%s, %s: %v does not say what came", c.id, what, pe)
			}
			n++
		}
		for _, odd := range []string{"", "text/plain", "text/html", "application/octet-stream", "application/json;;charset", "no type at all"} {
			if _, err := l.call(t, c, l.says(c, c.status, odd, string(c.answer))); err != nil {
				t.Errorf("%s, JSON called %q: %v", c.id, odd, err)
			}
			n++
		}
	}
	Figure(t, "%d operations, %d answers; 0 pages taken for a success, 0 good answers refused", len(l.calls), n)
}

// H6 answers with successes that hold nothing, and with good ones that lack one
// of the things that they must have.
func H6(t *testing.T, s Suite) {
	l, empty, lacking, bare := newLab(t, s), 0, 0, 0
	for _, c := range l.calls {
		if !c.void && c.fits("{}") {
			bare++ // the spec says of each why
		}
		for _, body := range []string{"{}", "null", "[]", ""} {
			_, err := l.call(t, c, l.says(c, c.status, "application/json", body))
			if c.fits(body) {
				if err != nil {
					t.Errorf("%s, %q: %v", c.id, body, err)
				}
				continue
			}
			if pe := l.typed(t, body, c, err, c.status); pe != nil && body == "{}" && !strings.Contains(pe.Error(), "lacks /") && !strings.Contains(pe.Error(), "lacks everything") && !strings.Contains(pe.Error(), "does not fit") {
				t.Errorf("%s, %q: %v does not name what is missing", c.id, body, pe)
			}
			empty++
		}
		if _, err := l.call(t, c, l.says(c, 204, "", "")); !c.void {
			_ = l.typed(t, "204", c, err, 204)
			empty++
		} else if err != nil {
			t.Errorf("%s, 204: %v", c.id, err)
		}
		lacking += l.lacking(t, c)
	}
	Figure(t, "%d operations, %d empty successes and %d that lack one required member: all refused, by name; %d operations whose answer has no required member", len(l.calls), empty, lacking, bare)
}

// fits reports whether the spec takes this nothing for an answer: where nothing
// comes back, where a list may be empty, where no member is promised.
func (c *callable) fits(body string) bool {
	switch {
	case c.void:
		return true
	case c.schema.Type.Is("array"):
		return body == "[]"
	}
	return body == "{}" && len(required(c.schema, decoded(c.whole))) == 0
}

// lacking takes one required member after another out of a good answer.
func (l *lab) lacking(t *testing.T, c *callable) (n int) {
	doc := decoded(c.whole)
	for _, p := range required(c.schema, doc) {
		_, err := l.call(t, c, l.says(c, c.status, "application/json", edits{drop: p}.write(doc)))
		if pe := l.typed(t, "without "+p, c, err, c.status); pe != nil && !strings.Contains(pe.Error(), p) {
			t.Errorf("%s, without %s: %v does not name it", c.id, p, pe)
		}
		n++
	}
	return n
}

// H7 answers with errors of the wrong shape: each member of a genuine one as
// something else, no member at all, another kind of document, or half of one.
func H7(t *testing.T, s Suite) {
	l, n := newLab(t, s), 0
	genuine := l.refusal(t)
	bodies := []string{"null", "[]", `"something broke"`, "7", "", "{}", "something broke", "[[[[{}]]]]", brackets(60_000)}
	doc := decoded(genuine)
	for _, m := range members(doc) {
		for _, v := range []string{"null", "7", `"text"`, "[]", "{}", "true", `[{"x":{}}]`, `{"x":[null]}`, `""`} {
			bodies = append(bodies, edits{replace: map[string]string{m.at: v}}.write(doc))
		}
		bodies = append(bodies, edits{drop: m.at}.write(doc))
	}
	for i := range sample.Indexes(len(genuine), 24) {
		bodies = append(bodies, string(genuine[:i]))
	}
	classes := map[int]apierr.Category{400: apierr.ErrInvalidRequest, 401: apierr.ErrAuth, 404: apierr.ErrNotFound, 409: apierr.ErrConflict, 500: apierr.ErrUnavailable}
	for _, c := range l.readAndWrite() {
		for i, body := range bodies {
			for v, status := range []int{400, 401, 404, 409, 500} {
				if !sample.Turn(i, v, 5) || l.signs() && i%5 != v {
					continue // a signature costs a millisecond
				}
				_, err := l.call(t, c, l.says(c, status, "application/json", body))
				pe := mustFail(t, fmt.Sprintf("%s, %d %.80q", c.id, status, body), nil, err)
				if pe != nil && pe.StatusCode != status {
					t.Errorf("%s, %d %.80q: status %d", c.id, status, body, pe.StatusCode)
				}
				if pe != nil && (!pe.Known() || pe.Code == l.Fallback) && !errors.Is(pe, classes[status]) {
					t.Errorf("%s, %d %.80q: %v, want %v", c.id, status, body, pe.Category(), classes[status])
				}
				n++
			}
		}
	}
	Figure(t, "%d bodies of the wrong shape, %d answers; 0 panics, every status and class kept", len(bodies), n)
}

// refusal is the body of a genuine refusal.
func (st *stand) refusal(t *testing.T) []byte {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	a := st.Connect(t, st.sandbox.URL, pay.WithTransport(tr))
	var pe *apierr.Error
	if err := a.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", value(st.Codes[0]))); !errors.As(err, &pe) || len(pe.RawBody) == 0 {
		t.Fatalf("no genuine refusal: %v", err)
	}
	return pe.RawBody
}

// H11 puts bytes around and into good answers that do not belong there.
func H11(t *testing.T, s Suite) {
	l, refused, accepted := newLab(t, s), 0, 0
	for _, c := range l.calls {
		good := string(c.answer)
		for _, extra := range []string{"x", "{}", "null", "\x00", "\xff", ",", "}", "\n{}"} {
			if c.void && good == "" {
				continue
			}
			_, err := l.call(t, c, l.says(c, c.status, "application/json", good+extra))
			_ = l.typed(t, fmt.Sprintf("%q after it", extra), c, err, c.status)
			refused++
		}
		for _, before := range []string{"\ufeff", "\x00", "\xff\xfe", ")]}',\n"} {
			_, err := l.call(t, c, l.says(c, c.status, "application/json", before+good))
			_ = l.typed(t, fmt.Sprintf("%q before it", before), c, err, c.status)
			refused++
		}
		for _, blank := range []string{"\n", " \t\r\n"} {
			if _, err := l.call(t, c, l.says(c, c.status, "application/json", blank+good+blank)); err != nil {
				t.Errorf("%s, %q around it: %v", c.id, blank, err)
			}
		}
		accepted += l.brokenTexts(t, c)
	}
	text := l.cleanText(t)
	Figure(t, "%d answers with bytes before or after them refused, %d with broken text read, error text clean: %q", refused, accepted, text)
}

// brokenTexts breaks the UTF-8 of one text after another.
func (l *lab) brokenTexts(t *testing.T, c *callable) (n int) {
	doc := decoded(c.answer)
	texts := slices.DeleteFunc(members(doc), func(m place) bool { _, ok := m.value.(string); return !ok || c.void })
	for i := range sample.Indexes(len(texts), 6) {
		m := texts[i]
		text := []string{"\"a\xffb\xc3\"", `"a\u0000b"`, `"\ud800"`}[i%3]
		got, err := l.call(t, c, l.says(c, c.status, "application/json", edits{replace: map[string]string{m.at: text}}.write(doc)))
		if err != nil {
			_ = l.typed(t, m.at, c, err, c.status) // not a text, then: an amount or a state
			continue
		}
		if !utf8.Valid(stringsOf(got)) {
			t.Errorf("%s, %s: broken UTF-8 is handed on", c.id, m.at)
		}
		n++
	}
	return n
}

// stringsOf is all text that a value holds.
func stringsOf(v any) []byte { return fmt.Appendf(nil, "%+v", reflect.Indirect(reflect.ValueOf(v))) }

// cleanText is the text of an error whose every part is foul.
func (l *lab) cleanText(t *testing.T) string {
	c := l.readAndWrite()[0]
	doc := decoded(l.refusal(t))
	foul := edits{replace: map[string]string{}}
	for _, m := range members(doc) {
		if _, ok := m.value.(string); ok {
			foul.replace[m.at] = "\"a\xff\\u0000\\n\\u202e\ufeffb\""
		}
	}
	body := foul.write(doc)
	if doc == nil {
		body = "a\xff\x00\n\u202e\ufeffb"
	}
	_, err := l.call(t, c, l.says(c, 400, "application/json", body))
	pe := l.typed(t, "foul text", c, err, 400)
	if pe == nil {
		return ""
	}
	if strings.ContainsFunc(pe.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("foul text reaches the error: %q", pe.Error())
	}
	return pe.Error()
}
