package catalog_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// operationOf returns the operation that the error of a refused request names.
func operationOf(t *testing.T, c *catalog.Catalog, method, url string) string {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Doer(response(http.StatusNotFound, "text/plain", "")).Do(req)
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		t.Fatalf("%s %s: got %v, want an *apierr.Error", method, url, err)
	}
	return e.Operation
}

func TestPathTemplates(t *testing.T) {
	for _, tt := range []struct {
		template, path string
		matches        bool
	}{
		{"/pets/{id}", "/pets/7", true}, {"/pets/{id}", "/pets/a%2Fb", true}, {"/pets/{id}", "/cats/7", false}, {"/pets/{id}", "/pets/", true},
		{"/pets/{id}", "/v1/pets/7", true}, {"/pets/{id}", "/pets/7/toys", false},
		{"/files/{name}.json", "/files/a.json", true}, {"/files/{name}.json", "/files/a.xml", false}, {"/a/{x}:cancel", "/a/7:cancel", true},
		{"/{a}x{b}", "/x", true}, {"/ab{c}ba", "/aba", false}, {"/big pets", "/big%20pets", true}, {"/x}", "/x}", true},
		{"/}x{", "/%7Dx%7B", true}, {"/big%20pets", "/big%20pets", true}, {"/a{x}", "/b7", false}, {"/{x}/pets", "/pets", false}, {"/a/b/c", "/c", false}, {"c", "/c", false},
	} {
		c := &catalog.Catalog{API: "demo", Operations: []catalog.Operation{{ID: "op", Method: http.MethodGet, Path: tt.template}}}
		if got := operationOf(t, c, http.MethodGet, "http://demo.test"+tt.path) == "op"; got != tt.matches {
			t.Errorf("%s against %s: got %v, want %v", tt.path, tt.template, got, tt.matches)
		}
	}
}

// TestMostSpecificOperation: the longest template counts, then the one with the
// fewest parameters, and the method always.
func TestMostSpecificOperation(t *testing.T) {
	c := &catalog.Catalog{API: "demo", Operations: []catalog.Operation{
		{ID: "any", Method: http.MethodGet, Path: "/{id}"}, {ID: "pet", Method: http.MethodGet, Path: "/pets/{id}"},
		{ID: "export", Method: http.MethodGet, Path: "/pets/export"}, {ID: "remove", Method: http.MethodDelete, Path: "/pets/{id}"},
		{ID: "long", Method: http.MethodPut, Path: "/b/c"}, {ID: "first", Method: http.MethodPut, Path: "/c"}, {ID: "second", Method: http.MethodPut, Path: "/c"},
	}}
	for request, want := range map[[2]string]string{
		{http.MethodGet, "/pets/7"}: "pet", {http.MethodGet, "/pets/export"}: "export", {http.MethodDelete, "/pets/export"}: "remove",
		{http.MethodGet, "/cats"}: "any", {http.MethodPost, "/pets/7"}: "", {http.MethodPut, "/a/b/c"}: "long", {http.MethodPut, "/x/c"}: "first",
	} {
		if got := operationOf(t, c, request[0], "http://demo.test"+request[1]); got != want {
			t.Errorf("%s %s: got %q, want %q", request[0], request[1], got, want)
		}
	}
}

// TestRequestWithoutMethod: net/http sends it as GET.
func TestRequestWithoutMethod(t *testing.T) {
	c := &catalog.Catalog{API: "demo", Operations: []catalog.Operation{{ID: "write", Method: http.MethodPost, Path: "/a"}, {ID: "read", Method: http.MethodGet, Path: "/a"}}}
	req, err := http.NewRequest("", "http://demo.test/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Method = ""
	resp, err := c.Doer(response(http.StatusNotFound, "text/plain", "")).Do(req)
	if e := failed(t, resp, err); e.Operation != "read" {
		t.Errorf("got %q, want read", e.Operation)
	}
}

// TestHeadIsGet: a HEAD request without an operation of its own is one of the GET
// operation.
func TestHeadIsGet(t *testing.T) {
	c := &catalog.Catalog{API: "demo", Operations: []catalog.Operation{
		{ID: "get", Method: http.MethodGet, Path: "/a"}, {ID: "head", Method: http.MethodHead, Path: "/b"}, {ID: "getB", Method: http.MethodGet, Path: "/b"}, {ID: "post", Method: http.MethodPost, Path: "/c"},
	}}
	for path, want := range map[string]string{"/a": "get", "/b": "head", "/c": ""} {
		if got := operationOf(t, c, http.MethodHead, "http://demo.test"+path); got != want {
			t.Errorf("HEAD %s: got %q, want %q", path, got, want)
		}
	}
}
