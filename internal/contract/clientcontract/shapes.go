package clientcontract

import (
	"fmt"
	"maps"
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

// proxyPagesAreNeverSuccess sends pages of other servers, and good JSON with another
// content type.
func proxyPagesAreNeverSuccess(t *testing.T, s harness.Suite) {
	d := harness.NewMemoryDriver(t, s)
	html := proxyPage + strings.Repeat("<p>\r\nnginx\x00\u202e</p>", 200)
	for i, op := range d.Calls {
		for j, tt := range []struct {
			status            int
			contentType, body string
		}{
			{502, "text/html", html}, {503, "", html}, {403, "text/html; charset=utf-8", html},
			{200, "text/html", html}, {200, "", html}, {200, "text/plain", "Please sign in to the network first."}, {200, "application/json", "OK"},
		} {
			if !takesTurn(d, i, j) {
				continue
			}
			input := fmt.Sprintf("status %d, content type %q, body %s", tt.status, tt.contentType, harness.Short(tt.body[:min(len(tt.body), 12)]))
			_, err := d.Call(t, op, d.Response(op, tt.status, tt.contentType, tt.body))
			got := d.CheckError(t, op, input, err, tt.status)
			if got == nil {
				continue
			}
			subject := harness.Subject(op.ID, input)
			harness.Expect(t, subject, "body of the error", string(got.RawBody), tt.body)
			mediaType, _, _ := strings.Cut(tt.contentType, ";")
			if tt.status == 200 && tt.contentType != "application/json" && !strings.Contains(got.Error(), mediaType) {
				t.Errorf("%s: got %s, want an error that names the content type", subject, harness.Short(got.Error()))
			}
		}
		for j, contentType := range []string{"", "text/plain", "text/html", "application/octet-stream", "application/json;;charset", "no type at all"} {
			if !takesTurn(d, i, j) {
				continue
			}
			if _, err := d.Call(t, op, d.Response(op, op.Status, contentType, string(op.Success))); err != nil {
				t.Errorf("%s: got %s, want success", harness.Subject(op.ID, fmt.Sprintf("JSON with content type %q", contentType)), harness.ShortError(err))
			}
		}
	}
}

// takesTurn reports whether operation i tests variant v of a response. If the provider
// signs responses, which takes milliseconds, each operation of a sample tests every
// third variant.
func takesTurn(d *harness.MemoryDriver, i, v int) bool {
	return !d.Signs() || sample.Turn(i, v%3, 3)
}

// emptySuccessIsAnError sends successes that are empty, and good ones that lack one
// required member.
func emptySuccessIsAnError(t *testing.T, s harness.Suite) {
	d := harness.NewMemoryDriver(t, s)
	for _, op := range d.Calls {
		for _, body := range []string{"{}", "null", "[]", ""} {
			input := fmt.Sprintf("success with body %q", body)
			_, err := d.Call(t, op, d.Response(op, op.Status, "application/json", body))
			if acceptsEmpty(op, body) {
				if err != nil {
					t.Errorf("%s: got %s, want success", harness.Subject(op.ID, input), harness.ShortError(err))
				}
				continue
			}
			got := d.CheckError(t, op, input, err, op.Status)
			if got != nil && body == "{}" && !strings.Contains(got.Error(), "lacks /") && !strings.Contains(got.Error(), "lacks its content") && !strings.Contains(got.Error(), "does not fit") {
				t.Errorf("%s: got %s, want an error that names what is missing", harness.Subject(op.ID, input), harness.Short(got.Error()))
			}
		}
		if _, err := d.Call(t, op, d.Response(op, 204, "", "")); !op.Void {
			_ = d.CheckError(t, op, "status 204", err, 204)
		} else if err != nil {
			t.Errorf("%s: got %s, want success", harness.Subject(op.ID, "status 204"), harness.ShortError(err))
		}
		missingMembers(t, d, op)
	}
}

// acceptsEmpty reports whether the spec allows an empty body: the operation returns
// nothing, or a list, or an object without required members.
func acceptsEmpty(op *harness.Operation, body string) bool {
	switch {
	case op.Void:
		return true
	case op.Schema.Type.Is("array"):
		return body == "[]"
	}
	return body == "{}" && len(specmodel.Required(op.Schema, specmodel.Decode(op.Full))) == 0
}

// missingMembers removes one required member after another from a good response.
func missingMembers(t *testing.T, d *harness.MemoryDriver, op *harness.Operation) {
	t.Helper()
	doc := specmodel.Decode(op.Full)
	for _, pointer := range specmodel.Required(op.Schema, doc) {
		input := "success without " + pointer
		_, err := d.Call(t, op, d.Response(op, op.Status, "application/json", specmodel.Edits{Drop: pointer}.Write(doc)))
		if got := d.CheckError(t, op, input, err, op.Status); got != nil && !strings.Contains(got.Error(), pointer) {
			t.Errorf("%s: got %s, want an error that names %s", harness.Subject(op.ID, input), harness.Short(got.Error()), pointer)
		}
	}
}

// categories are those of errors without a known code, by status.
var categories = map[int]apierr.Category{
	400: apierr.ErrInvalidRequest, 401: apierr.ErrAuth, 404: apierr.ErrNotFound, 409: apierr.ErrConflict, 500: apierr.ErrUnavailable,
}

// malformedErrorsKeepTheirStatus sends errors of the wrong shape. The client must not
// panic, and each keeps its status and, without a known code, the category of that
// status.
func malformedErrorsKeepTheirStatus(t *testing.T, s harness.Suite) {
	d := harness.NewMemoryDriver(t, s)
	bodies := malformedErrors(genuineError(t, d.Driver))
	for _, op := range d.ReadAndWrite() {
		for i, body := range bodies {
			for v, status := range []int{400, 401, 404, 409, 500} {
				if !sample.Turn(i, v, 5) || d.Signs() && i%5 != v {
					continue // a signature takes a millisecond
				}
				_, err := d.Call(t, op, d.Response(op, status, "application/json", body))
				subject := harness.Subject(op.ID, fmt.Sprintf("status %d, body %s", status, harness.Short(body)))
				got := harness.AsError(t, subject, err)
				if got == nil {
					continue
				}
				harness.Expect(t, subject, "status", got.StatusCode, status)
				if !got.Known() || got.Code == d.Fallback {
					harness.ExpectIs(t, subject, got, categories[status], true)
				}
			}
		}
	}
}

// malformedErrors returns variants of a genuine error: each member with a value of
// another type or without it, other kinds of documents, and truncated ones.
func malformedErrors(genuine []byte) []string {
	bodies := []string{"null", "[]", `"something broke"`, "7", "", "{}", "{:0}", "something broke", "[[[[{}]]]]", faulthttp.Brackets(60_000)}
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
	return bodies
}

// genuineError returns the body of a genuine error of the sandbox.
func genuineError(t *testing.T, d *harness.Driver) []byte {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	a := d.Connect(t, d.Sandbox.URL, pay.WithTransport(tr))
	code := harness.CodeValue(d.RefusalCode(t))
	got := harness.AsError(t, "code "+code, a.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", code)))
	if got == nil || len(got.RawBody) == 0 {
		t.Fatalf("code %s: the sandbox sends no error body", code)
	}
	return got.RawBody
}

// strayBytesAreRefused puts bytes that do not belong there before, after and into
// good responses.
func strayBytesAreRefused(t *testing.T, s harness.Suite) {
	d := harness.NewMemoryDriver(t, s)
	for i, op := range d.Calls {
		good := string(op.Success)
		refused := map[string]string{}
		for _, after := range []string{"x", "{}", "null", "\x00", "\xff", ",", "}", "\n{}"} {
			if !op.Void || good != "" {
				refused[fmt.Sprintf("%q after the document", after)] = good + after
			}
		}
		for _, before := range []string{"\ufeff", "\x00", "\xff\xfe", ")]}',\n"} {
			refused[fmt.Sprintf("%q before the document", before)] = before + good
		}
		for j, input := range slices.Sorted(maps.Keys(refused)) {
			if !takesTurn(d, i, j) {
				continue
			}
			_, err := d.Call(t, op, d.Response(op, op.Status, "application/json", refused[input]))
			_ = d.CheckError(t, op, input, err, op.Status)
		}
		for _, blank := range []string{"\n", " \t\r\n"} {
			if _, err := d.Call(t, op, d.Response(op, op.Status, "application/json", blank+good+blank)); err != nil {
				t.Errorf("%s: got %s, want success", harness.Subject(op.ID, fmt.Sprintf("%q around the document", blank)), harness.ShortError(err))
			}
		}
		invalidUTF8(t, d, op)
	}
	errorTextIsClean(t, d)
}

// invalidUTF8 breaks the UTF-8 of one string of a response after another.
func invalidUTF8(t *testing.T, d *harness.MemoryDriver, op *harness.Operation) {
	t.Helper()
	if op.Void {
		return
	}
	doc := specmodel.Decode(op.Success)
	texts := slices.DeleteFunc(specmodel.Members(doc), func(m specmodel.Member) bool { _, ok := m.Value.(string); return !ok })
	for i, m := range sample.Of(texts, 6) {
		text := []string{"\"a\xffb\xc3\"", `"a\u0000b"`, `"\ud800"`}[i%3]
		input := m.Pointer + " = " + text
		got, err := d.Call(t, op, d.Response(op, op.Status, "application/json", specmodel.Edits{Replace: map[string]string{m.Pointer: text}}.Write(doc)))
		if err != nil {
			_ = d.CheckError(t, op, input, err, op.Status) // an amount or a time, for example
			continue
		}
		if !utf8.Valid(textOf(got)) {
			t.Errorf("%s: the result contains invalid UTF-8", harness.Subject(op.ID, input))
		}
	}
}

// textOf returns all text of a value.
func textOf(v any) []byte { return fmt.Appendf(nil, "%+v", reflect.Indirect(reflect.ValueOf(v))) }

// errorTextIsClean sends an error whose every string has control characters.
func errorTextIsClean(t *testing.T, d *harness.MemoryDriver) {
	t.Helper()
	op := d.ReadAndWrite()[0]
	doc := specmodel.Decode(genuineError(t, d.Driver))
	body := "a\xff\x00\n\u202e\ufeffb"
	if doc != nil {
		edits := specmodel.Edits{Replace: map[string]string{}}
		for _, m := range specmodel.Members(doc) {
			if _, ok := m.Value.(string); ok {
				edits.Replace[m.Pointer] = "\"a\xff\\u0000\\n\\u202e\ufeffb\""
			}
		}
		body = edits.Write(doc)
	}
	const input = "an error with control characters"
	_, err := d.Call(t, op, d.Response(op, 400, "application/json", body))
	if got := d.CheckError(t, op, input, err, 400); got != nil && strings.ContainsFunc(got.Error(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%s: text: got %q, want printable characters only", harness.Subject(op.ID, input), got.Error())
	}
}
