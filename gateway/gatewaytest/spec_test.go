package gatewaytest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// specRouter is the spec, closed against members it does not name: a misspelt
// member of an answer must not pass as an unknown one.
var specRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../specs/gateway.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	closed := false
	for _, schema := range doc.Components.Schemas {
		if free := schema.Value.AdditionalProperties; schema.Value.Type.Is("object") && free.Schema == nil && free.Has == nil {
			schema.Value.AdditionalProperties.Has = &closed
		}
	}
	return gorillamux.NewRouter(doc)
})

// checkSpec holds an answer against the spec. A path or method that the spec
// does not have is no matter of the spec.
func checkSpec(t testing.TB, r *http.Request, got *http.Response, raw []byte) {
	t.Helper()
	router, err := specRouter()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil || strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 got.StatusCode, Header: got.Header, Body: io.NopCloser(bytes.NewReader(raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
		t.Errorf("%s %s: status %d is not what the spec says: %v", r.Method, r.URL.Path, got.StatusCode, err)
	}
}
