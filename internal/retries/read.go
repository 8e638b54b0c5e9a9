package retries

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/apierr"
)

// object is a map of a spec's extension.
type object map[string]any

func (o object) text(name string) string { s, _ := o[name].(string); return s }

func (o object) object(name string) object { m, _ := o[name].(map[string]any); return m }

func (o object) list(name string) []any { l, _ := o[name].([]any); return l }

// Read reads the spec of one provider; its file's name is the provider's. Only
// the codes that an application can meet are read, and only its operations.
func Read(path string) (*Spec, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, err
	}
	if doc.Components == nil || doc.Paths == nil {
		return nil, fmt.Errorf("%s is no OpenAPI document with paths and components", path)
	}
	s := &Spec{Name: strings.TrimSuffix(filepath.Base(path), ".yaml")}
	schema := doc.Components.Schemas["ErrorCode"]
	if schema == nil {
		schema = doc.Components.Schemas["ErrorText"]
	}
	if schema == nil {
		return nil, fmt.Errorf("%s has no schema ErrorCode or ErrorText to hold its catalog", path)
	}
	s.readCodes(object(schema.Value.Extensions).object("x-error-catalog"))
	for _, ref := range doc.Components.Schemas {
		envelope := object(ref.Value.Extensions).object("x-error-envelope")
		s.Tells = s.Tells || envelope["outcome"] != nil
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if !slices.Contains(op.Tags, "inbound") && !slices.Contains(op.Tags, "operator") {
				s.Operations = append(s.Operations, readOperation(doc, op))
			}
		}
	}
	slices.SortFunc(s.Operations, func(a, b Operation) int { return strings.Compare(a.ID, b.ID) })
	if len(s.Codes) == 0 || len(s.Operations) == 0 {
		return nil, fmt.Errorf("%s: %d codes and %d operations were found", path, len(s.Codes), len(s.Operations))
	}
	return s, nil
}

// readCodes leaves out what is no error, and the catch-all, which says less than
// the status.
func (s *Spec) readCodes(catalog object) {
	codes, defaults := catalog.object("codes"), catalog.object("defaults")
	for value := range codes {
		code := codes.object(value)
		word := func(name string) string {
			if own := code.text(name); own != "" {
				return own
			}
			return defaults.text(name)
		}
		c := Code{
			Value: value, Statuses: statuses(code["http"]), Type: word("type"), Category: apierr.Category(word("category")),
			Outcome: apierr.Outcome(word("outcome")), Advice: apierr.Advice(word("advice")), ByStatus: map[int]apierr.Advice{},
		}
		if code["http"] == nil {
			c.Statuses = statuses(defaults["http"])
		}
		for status, advice := range code.object("advice_by_status") {
			var n int
			if _, err := fmt.Sscan(status, &n); err == nil {
				c.ByStatus[n] = apierr.Advice(fmt.Sprint(advice))
			}
		}
		if c.Category != apierr.ErrUnknown && c.Outcome != apierr.OutcomeApplied && c.Outcome != apierr.OutcomePending {
			s.Codes = append(s.Codes, c)
		}
	}
	slices.SortFunc(s.Codes, func(a, b Code) int { return strings.Compare(a.Value, b.Value) })
}

// statuses reads one status or a list of them.
func statuses(v any) []int {
	list, isList := v.([]any)
	if !isList && v != nil {
		list = []any{v}
	}
	var all []int
	for _, one := range list {
		if n, ok := one.(float64); ok {
			all = append(all, int(n))
		}
	}
	return all
}

func readOperation(doc *openapi3.T, op *openapi3.Operation) Operation {
	ext := object(op.Extensions)
	o := Operation{ID: op.OperationID, Class: ext.text("x-operation-class"), Unknown: apierr.Advice(ext.object("x-unknown-outcome").text("advice"))}
	required := doc.Security
	if op.Security != nil {
		required = *op.Security
	}
	for _, need := range required {
		for name := range need {
			for _, code := range object(doc.Components.SecuritySchemes[name].Value.Extensions).list("x-renewed-on") {
				o.Renews = append(o.Renews, fmt.Sprint(code))
			}
		}
	}
	return o
}
