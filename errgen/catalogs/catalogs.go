// Package catalogs reads the error catalogs of a spec at run time, for tools that read recorded responses. Programs that call
// an API use the code that errgen generates instead.
package catalogs

import (
	"io/fs"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/apicatalog"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Source is a spec.
type Source struct {
	Name    string // for messages
	Data    []byte
	Files   fs.FS  // folder of the spec, for references to other files; nil refuses them
	Overlay []byte // an OpenAPI Overlay 1.0 to apply first; nil if there is none
}

// API has the error catalogs of one spec.
type API struct {
	// Catalog reads the responses. It is the same as in generated code.
	Catalog *catalog.Catalog
	lists   []*List
}

// List is one x-error-catalog.
type List struct {
	ID      string // its id; "" if it has none
	Schema  string // the component schema that has it
	Text    bool   // the codes are recognized in plain text
	catalog *model.Catalog
}

// Read reads a spec. An error names the position in the spec.
func Read(src Source) (*API, error) {
	files := load.Source{Name: src.Name, Data: src.Data, Files: src.Files}
	if src.Overlay != nil {
		files.Overlay = load.Document{Name: "overlay", Data: src.Overlay}
	}
	set, err := load.Open(files)
	if err != nil {
		return nil, err
	}
	var found finding.List
	spec, _ := model.Build(set, model.Namer{}, &found)
	for _, f := range found.Sorted() {
		if f.Severity == finding.Error {
			return nil, f
		}
	}
	api := &API{Catalog: apicatalog.Of(spec, spec.Title.Value)}
	for i := range api.Catalog.Envelopes {
		if text := api.Catalog.Envelopes[i].Text; text != nil {
			text.Fallback = "" // a text that no rule matches has no code
		}
	}
	for _, c := range spec.Catalogs {
		api.lists = append(api.lists, &List{ID: c.ID.Value, Schema: c.Schema, Text: c.IsText(), catalog: c})
	}
	return api, nil
}

// List returns the catalog with an id, or without one that of a component schema; nil if there is none.
func (a *API) List(id, schema string) *List {
	for _, l := range a.lists {
		if id != "" && l.ID == id || id == "" && l.Schema == schema {
			return l
		}
	}
	return nil
}

// ListOf returns the catalog that a code of a response belongs to; nil if it is not known.
func (a *API) ListOf(c apierr.Code) *List {
	code, ok := c.(apicatalog.Code)
	if !ok {
		return nil
	}
	for _, l := range a.lists {
		if l.catalog == code.Catalog {
			return l
		}
	}
	return nil
}

// Code returns the code with a wire value or alias; false if the catalog does not have it.
func (l *List) Code(value string) (apierr.CodeInfo, bool) {
	return apicatalog.Find(l.catalog, value).Info()
}
