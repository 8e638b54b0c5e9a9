package harness

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// Echo is a member of a success that repeats the request.
type Echo struct {
	specmodel.Echo
	Sent *atomic.Bool // whether a test's request has the value
}

// echo finds what the responses of an operation repeat, and makes the example and the
// full response agree.
func (op *Operation) echo(spec *openapi3.Operation) {
	full, success := specmodel.Decode(op.Full), specmodel.Decode(op.Success)
	for _, e := range specmodel.Echoes(spec) {
		if v, found := specmodel.At(full, e.Response); found {
			op.Echoes = append(op.Echoes, Echo{e, new(atomic.Bool)})
			edit := specmodel.Edits{Replace: map[string]string{e.Response: string(specmodel.Encode(v))}}
			op.Success = []byte(edit.Write(success))
			success = specmodel.Decode(op.Success)
		}
	}
}

// call calls an operation with requests that have what its responses repeat.
func (op *Operation) call(ctx context.Context, method reflect.Value, opts []pay.CallOption) (any, error) {
	in := Arguments(ctx, method)
	for _, e := range op.Echoes {
		v, _ := specmodel.At(specmodel.Decode(op.Full), e.Response)
		if name, isPath := strings.CutPrefix(e.Request, "path:"); isPath {
			before, _, _ := strings.Cut(op.Path, "{"+name+"}")
			in[1+strings.Count(before, "{")].SetString(v.(string))
			e.Sent.Store(true)
			continue
		}
		for _, arg := range in[1:] {
			if fill(arg, e.Request, v) {
				e.Sent.Store(true)
			}
		}
	}
	return invoke(in, method, opts)
}

// repeat returns the body of a response that repeats what a request has.
func (op *Operation) repeat(r *http.Request, body string) string {
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
	}
	edits := specmodel.Edits{Replace: map[string]string{}}
	for _, e := range op.Echoes {
		place, name, isParameter := strings.Cut(e.Request, ":")
		v, found := any(r.PathValue(name)), isParameter
		if place == "query" {
			v = r.URL.Query().Get(name)
		}
		if !isParameter {
			v, found = specmodel.At(specmodel.Decode(sent), e.Request)
		}
		if found && v != "" {
			edits.Replace[e.Response] = string(specmodel.Encode(v))
		}
	}
	if len(edits.Replace) == 0 {
		return body
	}
	return edits.Write(specmodel.Decode([]byte(body)))
}

// fill sets a member of a body or of the parameters of a query, if arg is one that
// has it.
func fill(arg reflect.Value, at string, v any) bool {
	name, isQuery := strings.CutPrefix(at, "query:")
	switch {
	case arg.Kind() == reflect.Struct && strings.HasPrefix(at, "/"):
		for tokens := strings.Split(at[1:], "/"); len(tokens) > 0; tokens = tokens[:len(tokens)-1] {
			v = map[string]any{tokens[len(tokens)-1]: v}
		}
		return json.Unmarshal(specmodel.Encode(v), arg.Addr().Interface()) == nil // a type that is only sent cannot be decoded
	case isQuery && arg.Kind() == reflect.Pointer && arg.Type().Elem().Kind() == reflect.Struct:
		params := reflect.New(arg.Type().Elem())
		for i := range params.Elem().NumField() {
			if text, ok := v.(string); ok && params.Elem().Type().Field(i).Tag.Get("form") == name {
				params.Elem().Field(i).SetString(text)
				arg.Set(params)
				return true
			}
		}
	}
	return false
}
