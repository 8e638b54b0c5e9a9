package clientcontract

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
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

const proxyPage = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>"

// H5 answers with pages that are not the provider's, and with JSON that is
// called something else.
func proxyPagesAreNeverSuccess(t *testing.T, s harness.Suite) {
	l, n := harness.NewMemoryDriver(t, s), 0
	html := proxyPage + strings.Repeat("<p>\r\nnginx\x00\u202e</p>", 200)
	for _, c := range l.Calls {
		for _, tt := range []struct {
			status            int
			contentType, body string
		}{
			{502, "text/html", html}, {503, "", html}, {403, "text/html; charset=utf-8", html},
			{200, "text/html", html}, {200, "", html}, {200, "text/plain", "Please sign in to the network first."}, {200, "application/json", "OK"},
		} {
			what := fmt.Sprintf("%d %q %.12q", tt.status, tt.contentType, tt.body)
			_, err := l.Call(t, c, l.Response(c, tt.status, tt.contentType, tt.body))
			pe := l.CheckError(t, what, c, err, tt.status)
			if pe == nil {
				continue
			}
			if string(pe.RawBody) != tt.body || len(tt.body) > 512 && len(pe.RawBody) < 512 {
				t.Errorf("%s, %s: %d bytes of the page are kept, want %d", c.Id, what, len(pe.RawBody), len(tt.body))
			}
			if mediaType, _, _ := strings.Cut(tt.contentType, ";"); tt.status == 200 && tt.contentType != "application/json" && !strings.Contains(pe.Error(), mediaType) {
				t.Errorf("%s, %s: %v does not say what came", c.Id, what, pe)
			}
			n++
		}
		for _, odd := range []string{"", "text/plain", "text/html", "application/octet-stream", "application/json;;charset", "no type at all"} {
			if _, err := l.Call(t, c, l.Response(c, c.Status, odd, string(c.Success))); err != nil {
				t.Errorf("%s, JSON called %q: %v", c.Id, odd, err)
			}
			n++
		}
	}
	t.Logf("%d operations, %d answers; 0 pages taken for a success, 0 good answers refused", len(l.Calls), n)
}

// H6 answers with successes that hold nothing, and with good ones that lack one
// of the things that they must have.
func emptySuccessIsAnError(t *testing.T, s harness.Suite) {
	l, empty, lacking, bare := harness.NewMemoryDriver(t, s), 0, 0, 0
	for _, c := range l.Calls {
		if !c.Void && acceptsEmpty(c, "{}") {
			bare++ // the spec says of each why
		}
		for _, body := range []string{"{}", "null", "[]", ""} {
			_, err := l.Call(t, c, l.Response(c, c.Status, "application/json", body))
			if acceptsEmpty(c, body) {
				if err != nil {
					t.Errorf("%s, %q: %v", c.Id, body, err)
				}
				continue
			}
			if pe := l.CheckError(t, body, c, err, c.Status); pe != nil && body == "{}" && !strings.Contains(pe.Error(), "lacks /") && !strings.Contains(pe.Error(), "lacks everything") && !strings.Contains(pe.Error(), "does not fit") {
				t.Errorf("%s, %q: %v does not name what is missing", c.Id, body, pe)
			}
			empty++
		}
		if _, err := l.Call(t, c, l.Response(c, 204, "", "")); !c.Void {
			_ = l.CheckError(t, "204", c, err, 204)
			empty++
		} else if err != nil {
			t.Errorf("%s, 204: %v", c.Id, err)
		}
		lacking += missingMembers(l, t, c)
	}
	t.Logf("%d operations, %d empty successes and %d that lack one required member: all refused, by name; %d operations whose answer has no required member", len(l.Calls), empty, lacking, bare)
}

// fits reports whether the spec takes this nothing for an answer: where nothing
// comes back, where a list may be empty, where no member is promised.
func acceptsEmpty(c *harness.Operation, body string) bool {
	switch {
	case c.Void:
		return true
	case c.Schema.Type.Is("array"):
		return body == "[]"
	}
	return body == "{}" && len(specmodel.Required(c.Schema, specmodel.Decode(c.Full))) == 0
}

// lacking takes one required member after another out of a good answer.
func missingMembers(l *harness.MemoryDriver, t *testing.T, c *harness.Operation) (n int) {
	doc := specmodel.Decode(c.Full)
	for _, p := range specmodel.Required(c.Schema, doc) {
		_, err := l.Call(t, c, l.Response(c, c.Status, "application/json", specmodel.Edits{Drop: p}.Write(doc)))
		if pe := l.CheckError(t, "without "+p, c, err, c.Status); pe != nil && !strings.Contains(pe.Error(), p) {
			t.Errorf("%s, without %s: %v does not name it", c.Id, p, pe)
		}
		n++
	}
	return n
}

// H7 answers with errors of the wrong shape: each member of a genuine one as
// something else, no member at all, another kind of document, or half of one.
func malformedErrorsKeepTheirStatus(t *testing.T, s harness.Suite) {
	l, n := harness.NewMemoryDriver(t, s), 0
	genuine := genuineError(l.Driver, t)
	bodies := []string{"null", "[]", `"something broke"`, "7", "", "{}", "something broke", "[[[[{}]]]]", faulthttp.Brackets(60_000)}
	doc := specmodel.Decode(genuine)
	for _, m := range specmodel.Members(doc) {
		for _, v := range []string{"null", "7", `"text"`, "[]", "{}", "true", `[{"x":{}}]`, `{"x":[null]}`, `""`} {
			bodies = append(bodies, specmodel.Edits{Replace: map[string]string{m.Pointer: v}}.Write(doc))
		}
		bodies = append(bodies, specmodel.Edits{Drop: m.Pointer}.Write(doc))
	}
	for i := range sample.Indexes(len(genuine), 24) {
		bodies = append(bodies, string(genuine[:i]))
	}
	classes := map[int]apierr.Category{400: apierr.ErrInvalidRequest, 401: apierr.ErrAuth, 404: apierr.ErrNotFound, 409: apierr.ErrConflict, 500: apierr.ErrUnavailable}
	for _, c := range l.ReadAndWrite() {
		for i, body := range bodies {
			for v, status := range []int{400, 401, 404, 409, 500} {
				if !sample.Turn(i, v, 5) || l.Signs() && i%5 != v {
					continue // a signature costs a millisecond
				}
				_, err := l.Call(t, c, l.Response(c, status, "application/json", body))
				pe := harness.ExpectError(t, fmt.Sprintf("%s, %d %.80q", c.Id, status, body), nil, err)
				if pe != nil && pe.StatusCode != status {
					t.Errorf("%s, %d %.80q: status %d", c.Id, status, body, pe.StatusCode)
				}
				if pe != nil && (!pe.Known() || pe.Code == l.Fallback) && !errors.Is(pe, classes[status]) {
					t.Errorf("%s, %d %.80q: %v, want %v", c.Id, status, body, pe.Category(), classes[status])
				}
				n++
			}
		}
	}
	t.Logf("%d bodies of the wrong shape, %d answers; 0 panics, every status and class kept", len(bodies), n)
}

// refusal is the body of a genuine refusal.
func genuineError(st *harness.Driver, t *testing.T) []byte {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	a := st.Connect(t, st.Sandbox.URL, pay.WithTransport(tr))
	var pe *apierr.Error
	if err := a.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", harness.CodeValue(st.Codes[0]))); !errors.As(err, &pe) || len(pe.RawBody) == 0 {
		t.Fatalf("no genuine refusal: %v", err)
	}
	return pe.RawBody
}

// H11 puts bytes around and into good answers that do not belong there.
func strayBytesAreRefused(t *testing.T, s harness.Suite) {
	l, refused, accepted := harness.NewMemoryDriver(t, s), 0, 0
	for _, c := range l.Calls {
		good := string(c.Success)
		for _, extra := range []string{"x", "{}", "null", "\x00", "\xff", ",", "}", "\n{}"} {
			if c.Void && good == "" {
				continue
			}
			_, err := l.Call(t, c, l.Response(c, c.Status, "application/json", good+extra))
			_ = l.CheckError(t, fmt.Sprintf("%q after it", extra), c, err, c.Status)
			refused++
		}
		for _, before := range []string{"\ufeff", "\x00", "\xff\xfe", ")]}',\n"} {
			_, err := l.Call(t, c, l.Response(c, c.Status, "application/json", before+good))
			_ = l.CheckError(t, fmt.Sprintf("%q before it", before), c, err, c.Status)
			refused++
		}
		for _, blank := range []string{"\n", " \t\r\n"} {
			if _, err := l.Call(t, c, l.Response(c, c.Status, "application/json", blank+good+blank)); err != nil {
				t.Errorf("%s, %q around it: %v", c.Id, blank, err)
			}
		}
		accepted += invalidUTF8(l, t, c)
	}
	text := errorTextIsClean(l, t)
	t.Logf("%d answers with bytes before or after them refused, %d with broken text read, error text clean: %q", refused, accepted, text)
}

// brokenTexts breaks the UTF-8 of one text after another.
func invalidUTF8(l *harness.MemoryDriver, t *testing.T, c *harness.Operation) (n int) {
	doc := specmodel.Decode(c.Success)
	texts := slices.DeleteFunc(specmodel.Members(doc), func(m specmodel.Member) bool { _, ok := m.Value.(string); return !ok || c.Void })
	for i := range sample.Indexes(len(texts), 6) {
		m := texts[i]
		text := []string{"\"a\xffb\xc3\"", `"a\u0000b"`, `"\ud800"`}[i%3]
		got, err := l.Call(t, c, l.Response(c, c.Status, "application/json", specmodel.Edits{Replace: map[string]string{m.Pointer: text}}.Write(doc)))
		if err != nil {
			_ = l.CheckError(t, m.Pointer, c, err, c.Status) // not a text, then: an amount or a state
			continue
		}
		if !utf8.Valid(textOf(got)) {
			t.Errorf("%s, %s: broken UTF-8 is handed on", c.Id, m.Pointer)
		}
		n++
	}
	return n
}

// stringsOf is all text that a value holds.
func textOf(v any) []byte { return fmt.Appendf(nil, "%+v", reflect.Indirect(reflect.ValueOf(v))) }

// cleanText is the text of an error whose every part is foul.
func errorTextIsClean(l *harness.MemoryDriver, t *testing.T) string {
	c := l.ReadAndWrite()[0]
	doc := specmodel.Decode(genuineError(l.Driver, t))
	foul := specmodel.Edits{Replace: map[string]string{}}
	for _, m := range specmodel.Members(doc) {
		if _, ok := m.Value.(string); ok {
			foul.Replace[m.Pointer] = "\"a\xff\\u0000\\n\\u202e\ufeffb\""
		}
	}
	body := foul.Write(doc)
	if doc == nil {
		body = "a\xff\x00\n\u202e\ufeffb"
	}
	_, err := l.Call(t, c, l.Response(c, 400, "application/json", body))
	pe := l.CheckError(t, "foul text", c, err, 400)
	if pe == nil {
		return ""
	}
	if strings.ContainsFunc(pe.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("foul text reaches the error: %q", pe.Error())
	}
	return pe.Error()
}
