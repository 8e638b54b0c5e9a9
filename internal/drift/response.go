package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/jsonscan"
)

// response compares status, headers, body and code.
func (x *exchange) response() {
	status := int(x.entry.Response.Status)
	x.at.in, x.at.status = "response", status
	b := x.entry.responseBody()
	key, ref := x.declared(status)
	if ref == nil {
		if status == http.StatusNotModified {
			return
		}
		p := problem{kind: Status, pointer: "", expected: strings.Join(slices.Sorted(maps.Keys(x.op.Responses.Map())), ", "), seen: strconv.Itoa(status), value: b.media, name: b.media}
		p.data, _ = decode(b.data)
		x.found(append(x.code(b, status, false, nil), p)...)
		return
	}
	at := x.at.at.with("responses", key)
	if ref.Ref != "" {
		at = refLocation(ref.Ref)
	}
	x.marked("response", ref.Value.Extensions, at)
	x.headers(ref.Value, at)
	if !b.recorded && len(ref.Value.Content) > 0 {
		x.to.noBody++
		return
	}
	if x.entry.Request.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified {
		return
	}
	w := x.walker(false)
	var problems []problem
	received := x.bodyInto(w, ref.Value.Content, at, b, &problems)
	x.found(x.code(b, status, true, problems)...)
	x.echoes(received)
}

// declared returns the declaration of a status. The default response declares other
// successes only if no success is declared.
func (x *exchange) declared(status int) (string, *openapi3.ResponseRef) {
	if x.op.Responses == nil {
		return "", nil
	}
	all := x.op.Responses.Map()
	for _, key := range []string{strconv.Itoa(status), fmt.Sprintf("%dXX", status/100), fmt.Sprintf("%dxx", status/100)} {
		if ref := all[key]; ref != nil && ref.Value != nil {
			return key, ref
		}
	}
	if ref := all["default"]; ref != nil && ref.Value != nil {
		success := func(key string) bool { return strings.HasPrefix(key, "2") }
		if status/100 != 2 || !slices.ContainsFunc(slices.Collect(maps.Keys(all)), success) {
			return "default", ref
		}
	}
	return "", nil
}

func (x *exchange) headers(r *openapi3.Response, at location) {
	w := x.walker(false)
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		ref, value := r.Headers[name], header(x.entry.Response.Headers, name)
		if value == "" || ref.Value == nil {
			continue
		}
		place := at.with("headers", name)
		if ref.Ref != "" {
			place = refLocation(ref.Ref)
		}
		x.marked("header", ref.Value.Extensions, place)
		if ref.Value.Schema != nil {
			n := newNode(ref.Value.Schema, place.with("schema"))
			x.result(w.check(n, n.convert([]string{value}), "header:"+name, 0))
		}
	}
	for _, h := range x.entry.Response.Headers {
		if h != nil {
			x.undeclaredHeader(h.Name)
		}
	}
}

// body compares a body and returns it decoded; nil if it is not JSON.
func (x *exchange) body(w *walker, declared openapi3.Content, at location, b body) any {
	var problems []problem
	v := x.bodyInto(w, declared, at, b, &problems)
	x.found(problems...)
	return v
}

func (x *exchange) bodyInto(w *walker, declared openapi3.Content, at location, b body, problems *[]problem) any {
	if !b.recorded {
		return nil
	}
	if len(b.data) == 0 && b.params == nil {
		if len(declared) > 0 {
			*problems = append(*problems, problem{kind: UnreadableBody, expected: "a body", seen: "an empty body"})
		}
		return nil
	}
	doc, decodeErr := decode(b.data)
	key, media := findMedia(declared, b.media)
	if media == nil {
		*problems = append(*problems, problem{
			kind: ContentType, pointer: b.media, expected: orElse(strings.Join(slices.Sorted(maps.Keys(declared)), ", "), "no body"),
			seen: orElse(b.media, "no media type"), node: node{at: at}, data: doc,
		})
		if key, media = jsonMedia(declared); media == nil || decodeErr != nil {
			return nil
		}
	}
	if media.Schema == nil {
		return doc
	}
	n := newNode(media.Schema, at.with("content", key, "schema"))
	switch {
	case isJSON(key):
		if decodeErr != nil {
			*problems = append(*problems, problem{kind: UnreadableBody, expected: "JSON", seen: b.describe(fmt.Sprintf("%d bytes that are not JSON", len(b.data)))})
			return nil
		}
	case strings.HasSuffix(key, "x-www-form-urlencoded"):
		doc = formValue(n, b)
	case strings.HasPrefix(key, "text/"):
		doc = string(b.data)
	default:
		return nil
	}
	r := w.check(n, doc, "", 0)
	if w.visits > maxVisits {
		x.to.leftOut++
	}
	*problems = append(*problems, r.problems...)
	for _, m := range r.marks {
		x.to.note(m, x.at.operation, x.first)
	}
	return doc
}

// describe returns what a body is, or that it cannot be known.
func (b body) describe(is string) string {
	if b.leftOut {
		return "a body that was not recorded"
	}
	return is
}

// findMedia returns the declaration of a media type. One that was not recorded is taken
// for the declared JSON.
func findMedia(declared openapi3.Content, media string) (string, *openapi3.MediaType) {
	if media == "" {
		return jsonMedia(declared)
	}
	kind, _, _ := strings.Cut(media, "/")
	for _, want := range []string{media, kind + "/*", "*/*"} {
		for key, m := range declared {
			base, _, _ := strings.Cut(strings.ToLower(key), ";")
			if strings.TrimSpace(base) == want {
				return key, m
			}
		}
	}
	return "", nil
}

func jsonMedia(declared openapi3.Content) (string, *openapi3.MediaType) {
	for _, key := range slices.Sorted(maps.Keys(declared)) {
		if isJSON(key) {
			return key, declared[key]
		}
	}
	return "", nil
}

func isJSON(media string) bool {
	media, _, _ = strings.Cut(strings.ToLower(media), ";")
	media = strings.TrimSpace(media)
	return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json") || media == "*/*"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// decode reads exactly one JSON document.
func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(jsonscan.TrimBOM(data)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("data after the document")
	}
	return v, nil
}

// formValue returns the object that a form stands for.
func formValue(n node, b body) any {
	out := map[string]any{}
	for name, v := range b.params {
		text, _ := v.(string)
		out[name] = n.property(name, 0).convert([]string{text})
	}
	if b.params == nil {
		values, _ := url.ParseQuery(string(b.data))
		for name, texts := range values {
			out[name] = n.property(name, 0).convert(texts)
		}
	}
	return out
}

// code compares the code of a failure with its catalog and adds to the problems of the
// body. The code is read as the clients read it.
func (x *exchange) code(b body, status int, declared bool, problems []problem) []problem {
	if len(b.data) == 0 {
		return problems
	}
	c := x.spec.api.Catalog
	op := c.Operation(x.at.operation)
	r := c.Read(op, catalog.Response{StatusCode: status, Body: b.data})
	code, raw := r.Error.Code, r.Error.RawCode
	switch {
	case !r.Failed:
		return x.withoutSuccess(problems)
	case raw == "":
		return append(problems, x.text(op, b, status)...)
	case code == nil:
		return problems
	}
	list := x.spec.api.ListOf(code)
	if list == nil {
		return problems
	}
	at := location{"components", "schemas", list.Schema}
	if info, known := code.Info(); known {
		return append(problems, x.known(info, at, status, declared, x.pointerOf(b.data, raw))...)
	}
	if slices.ContainsFunc(problems, func(p problem) bool { return p.kind == ErrorCode && p.name == raw }) {
		return problems
	}
	return append(problems, problem{
		kind: ErrorCode, pointer: x.pointerOf(b.data, raw), expected: "a code of the catalog", seen: showValue(raw), value: showValue(raw), node: node{at: at}, name: raw,
	})
}

// withoutSuccess removes the code of a success, which is not in the catalog of errors.
func (x *exchange) withoutSuccess(problems []problem) []problem {
	return slices.DeleteFunc(problems, func(p problem) bool {
		return p.kind == ErrorCode && slices.ContainsFunc(x.spec.api.Catalog.Envelopes, func(v catalog.Envelope) bool {
			return slices.ContainsFunc(v.Code, func(pointer string) bool { return v.At+pointer == p.pointer })
		})
	})
}

// known handles a code of the catalog.
func (x *exchange) known(info apierr.CodeInfo, at location, status int, declared bool, pointer string) []problem {
	if info.Unverified != "" {
		x.to.note(mark{at: at.with("x-error-catalog", "codes", info.Value), what: "code", reason: info.Unverified}, x.at.operation, x.first)
	}
	if !declared || status/100 == 2 || len(info.Statuses) == 0 || slices.Contains(info.Statuses, status) {
		return nil
	}
	var want []string
	for _, s := range info.Statuses {
		want = append(want, strconv.Itoa(s))
	}
	return []problem{{
		kind: CodeStatus, pointer: pointer, expected: info.Value + " with " + strings.Join(want, " or "), seen: fmt.Sprintf("%s with %d", info.Value, status),
		value: info.Value, node: node{at: at}, name: info.Value,
	}}
}

// text handles a failure without a code in an API whose codes are in plain text: the text
// of a code with another status, or an unknown text.
func (x *exchange) text(op *catalog.Operation, b body, status int) []problem {
	if isJSON(b.media) || b.media == "text/html" || isPlaceholder(strings.TrimSpace(string(b.data))) {
		return nil
	}
	c := x.spec.api.Catalog
	for i := range c.Envelopes {
		v := &c.Envelopes[i]
		if v.Text == nil || op != nil && len(op.Shapes) > 0 && !slices.ContainsFunc(op.Shapes, func(s catalog.Shape) bool { return s.Envelope == i }) {
			continue
		}
		rules := catalog.TextRules{MaxBytes: v.Text.MaxBytes}
		for _, r := range v.Text.Rules {
			if r.Statuses = nil; r.Exact != "" || r.Prefix != "" || len(r.Parts) > 0 {
				rules.Rules = append(rules.Rules, r)
			}
		}
		value, _ := rules.Read(status, b.data)
		code := v.Parse(value)
		list := x.spec.api.ListOf(code)
		if list == nil {
			continue
		}
		at := location{"components", "schemas", list.Schema}
		if info, known := code.Info(); known {
			return x.known(info, at, status, true, "")
		}
		return []problem{{kind: ErrorCode, pointer: "", expected: "a text of the catalog", seen: b.describe(describe(string(b.data)))}}
	}
	return nil
}

// pointerOf returns the pointer at which a code was found.
func (x *exchange) pointerOf(data []byte, raw string) string {
	for _, v := range x.spec.api.Catalog.Envelopes {
		for _, p := range v.Code {
			if v.Text == nil && jsonscan.String(jsonscan.TrimBOM(data), v.At+p) == raw {
				return v.At + p
			}
		}
	}
	return ""
}

// echoes notes members of a success that repeat a value of the request, where the spec
// says that this is not certain.
func (x *exchange) echoes(received any) {
	list, _ := x.op.Extensions["x-echo"].([]any)
	for i, e := range list {
		m, _ := e.(map[string]any)
		reason, ok := m["unverified"].(string)
		from, _ := m["request"].(string)
		to, _ := m["response"].(string)
		if !ok || !strings.HasPrefix(from, "/") {
			continue
		}
		a, b := valueAt(x.sent, from), valueAt(received, to)
		if a != nil && reflect.DeepEqual(a, b) && !isPlaceholder(a) {
			x.to.note(mark{at: x.at.at.with("x-echo", index(i)), what: "echo", reason: reason}, x.at.operation, x.first)
		}
	}
}

func valueAt(v any, pointer string) any {
	for _, token := range refLocation("#" + pointer) {
		m, _ := v.(map[string]any)
		v = m[token]
	}
	return v
}
