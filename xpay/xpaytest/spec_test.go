package xpaytest_test

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

// specRouter is the spec, made as strict as XPay's own document: schemas are closed, and
// the members in x-vendor-required are required.
var specRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../specs/xpay.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	for _, schema := range doc.Components.Schemas {
		tighten(schema.Value)
	}
	return gorillamux.NewRouter(doc)
})

// tighten makes a schema as strict as the vendor's. It merges the parts of an allOf,
// because a closed part would reject the members of the others.
func tighten(s *openapi3.Schema) {
	for _, part := range s.AllOf {
		tighten(part.Value)
		if s.Properties == nil {
			s.Properties = openapi3.Schemas{}
		}
		for name, property := range part.Value.Properties {
			s.Properties[name] = property
		}
		s.Required = append(s.Required, part.Value.Required...)
	}
	if len(s.AllOf) > 0 {
		s.Type, s.AllOf = &openapi3.Types{"object"}, nil
	}
	if !s.Type.Is("object") || s.Properties == nil || s.AdditionalProperties.Has != nil {
		return
	}
	closed := false
	s.AdditionalProperties.Has = &closed
	switch required := s.Extensions["x-vendor-required"].(type) {
	case string:
		for name := range s.Properties {
			s.Required = append(s.Required, name)
		}
	case []any:
		for _, name := range required {
			s.Required = append(s.Required, name.(string))
		}
	}
}

// checkSpec validates a response against the spec. It skips paths and methods that the
// spec does not have.
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
		t.Errorf("%s %s: status %d does not match the spec: %v", r.Method, r.URL.Path, got.StatusCode, err)
	}
}

// checkEvent validates an object of a webhook against a schema of the spec.
func checkEvent(t testing.TB, kind string, body any) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../specs/xpay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range doc.Components.Schemas {
		tighten(schema.Value)
	}
	if err := doc.Components.Schemas[kind].Value.VisitJSON(body, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s: %v", kind, err)
	}
}
