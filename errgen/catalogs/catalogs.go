// Package catalogs reads the error catalogs of a spec at run time, for tools that read recorded responses. Programs that call
// an API use the code that errgen generates instead.
package catalogs

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
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
	ID     string // its id; "" if it has none
	Schema string // the component schema that has it
	Text   bool   // the codes are recognized in plain text
	codes  map[string]*code
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
	api := &API{Catalog: &catalog.Catalog{API: spec.Title.Value}}
	byModel := map[*model.Catalog]*List{}
	for _, c := range spec.Catalogs {
		byModel[c] = listOf(c)
		api.lists = append(api.lists, byModel[c])
	}
	for _, e := range spec.Envelopes {
		api.Catalog.Envelopes = append(api.Catalog.Envelopes, envelopeOf(e, byModel[e.Catalog]))
	}
	for _, op := range spec.Operations {
		api.Catalog.Operations = append(api.Catalog.Operations, operationOf(spec, op))
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
	known, ok := c.(*code)
	if !ok {
		return nil
	}
	return known.list
}

// Code returns the code with a wire value or alias; false if the catalog does not have it.
func (l *List) Code(value string) (apierr.CodeInfo, bool) {
	c := l.codes[value]
	if c == nil {
		return apierr.CodeInfo{}, false
	}
	return c.Info()
}

// code is a code of a catalog, or one that it does not have.
type code struct {
	list  *List
	value string
	info  *apierr.CodeInfo
}

// Error implements error.
func (c *code) Error() string { return catalog.CodeText("", c.value, c) }

// Info implements apierr.Code.
func (c *code) Info() (apierr.CodeInfo, bool) {
	if c.info == nil {
		return apierr.CodeInfo{}, false
	}
	return *c.info, true
}

func listOf(c *model.Catalog) *List {
	l := &List{ID: c.ID.Value, Schema: c.Schema, Text: c.IsText(), codes: map[string]*code{}}
	for _, m := range c.Codes {
		info := &apierr.CodeInfo{
			Value: m.Value, Name: m.Const, Aliases: values(m.Aliases), Statuses: m.Statuses(), Type: m.Type.Value,
			Outcome: outcomeOf(m.Outcome.Value), Title: m.Headline(), Unverified: m.Unverified.Line(),
		}
		entry := &code{list: l, value: m.Value, info: info}
		l.codes[m.Value] = entry
		for _, alias := range info.Aliases {
			if l.codes[alias] == nil {
				l.codes[alias] = entry
			}
		}
	}
	return l
}

func (l *List) parse(value string) apierr.Code {
	if c := l.codes[value]; c != nil {
		return c
	}
	return &code{list: l, value: value}
}

func outcomeOf(word string) apierr.Outcome {
	return map[string]apierr.Outcome{
		"failed": apierr.OutcomeNotApplied, "unknown": apierr.OutcomeUnknown, "pending": apierr.OutcomePending, "ok": apierr.OutcomeApplied,
	}[word]
}

func values(texts []model.Text) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.Value)
	}
	return out
}

func envelopeOf(e *model.Envelope, l *List) catalog.Envelope {
	out := catalog.Envelope{
		Schema: e.Schema, At: e.At.Value, Code: values(e.Code), Type: values(e.Type), Message: values(e.Message), Param: values(e.Param),
		RequestID: values(e.RequestID), DocURL: values(e.DocURL), DocHosts: values(e.DocHosts), Success: e.Success.Value,
	}
	if f := e.Fields; f != nil {
		out.Fields = catalog.FieldRule{At: f.At.Value, Type: f.Type.Value, Message: f.Message.Value}
	}
	if o := e.Outcome; o != nil {
		out.Outcome.From = o.From.Value
		for _, p := range o.Map {
			out.Outcome.Map = append(out.Outcome.Map, catalog.OutcomeWord{Word: p.Key.Value, Outcome: outcomeOf(p.Text.Value)})
		}
	}
	if l != nil {
		out.Parse = l.parse
		if e.Text.IsSet() {
			rules := textrule.Of(e.Catalog)
			rules.Fallback = "" // a text that no rule matches has no code
			out.Text = &rules
		}
	}
	return out
}

func operationOf(spec *model.Spec, op *model.Operation) catalog.Operation {
	out := catalog.Operation{ID: op.Name(), Method: strings.ToUpper(op.Method), Path: op.Path, Class: op.Class.Value}
	for _, r := range op.Replies {
		if status, ok := r.Success(); ok {
			out.Successes = append(out.Successes, catalog.Success{Status: status, JSON: r.JSON, Mixed: r.Mixed})
		}
		for _, s := range r.Shapes {
			status, err := strconv.Atoi(strings.TrimSuffix(strings.ToUpper(r.Status), "XX"))
			if err == nil || r.Status == "default" {
				out.Shapes = append(out.Shapes, catalog.Shape{Status: status, Envelope: slices.Index(spec.Envelopes, s.Envelope), Media: s.Media})
			}
		}
	}
	return out
}
