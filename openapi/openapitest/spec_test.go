package openapitest_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// specRouter is the spec with closed schemas, so that a misspelled member of a
// response is an error.
var specRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../specs/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	closed := false
	for name, schema := range doc.Components.Schemas {
		if schema.Value.Type.Is("object") && name != "VoidDetail" {
			schema.Value.AdditionalProperties.Has = &closed
		}
	}
	return gorillamux.NewRouter(doc)
})

// checkSpec validates a response against the spec. It skips paths that the spec does
// not have.
func checkSpec(t testing.TB, r *http.Request, got *http.Response, raw []byte) {
	t.Helper()
	router, err := specRouter()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 got.StatusCode, Header: got.Header, Body: io.NopCloser(bytes.NewReader(raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
		t.Errorf("%s: %s does not match the spec: %v", r.URL.Path, raw, err)
	}
}
