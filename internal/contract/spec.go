package contract

import (
	"context"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// document is a spec that was read and validated, and a router over it that
// accepts any host, because a sandbox has its own.
type document struct {
	*openapi3.T
	router routers.Router
}

// documents holds every spec that this process has read, by path. Reading one
// takes longer than most tests.
var documents sync.Map

// load returns the spec at a path. Nobody changes it.
func load(t testing.TB, path string) *document {
	t.Helper()
	read, _ := documents.LoadOrStore(path, sync.OnceValues(func() (*document, error) {
		doc, err := openapi3.NewLoader().LoadFromFile(path)
		if err != nil {
			return nil, err
		}
		doc.Servers = nil
		if err := doc.Validate(context.Background()); err != nil {
			return nil, err
		}
		router, err := gorillamux.NewRouter(doc)
		return &document{doc, router}, err
	}))
	doc, err := read.(func() (*document, error))()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
