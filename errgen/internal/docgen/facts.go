package docgen

import (
	"slices"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
)

func catalogJSON(c *model.Catalog) jsonCatalog {
	out := jsonCatalog{ID: c.ID.Value, Type: c.Type.Value, Page: c.Page.Value, Upstream: c.Upstream.Value, Fallback: c.Fallback.Value}
	for _, code := range c.Codes {
		out.Codes = append(out.Codes, codeJSON(c, code))
	}
	return out
}

// Code returns the entry of a code on the JSON page.
func Code(code *model.Code) any { return codeJSON(code.Catalog, code) }

func codeJSON(c *model.Catalog, code *model.Code) jsonCode {
	out := jsonCode{
		Value: code.Value, Name: code.Const, Aliases: values(code.Aliases), HTTP: code.Statuses(), Type: code.Type.Value,
		Category: code.Category.Value, Outcome: code.Outcome.Value, Advice: code.Advice.Value,
		AdviceReason: code.AdviceReason.Line(), Idempotent: code.Idempotent, Title: code.Title.Line(),
		Description: code.Description.Line(), Resolution: code.Resolution.Line(), Customer: textsJSON(code.Customer),
		Operations: code.Operations, Anchor: c.AnchorOf(code), DocURL: c.DocURL(code), UpstreamURL: c.UpstreamURL(code),
		Since: code.Since.Line(), Deprecated: code.Deprecated.Line(), Unverified: code.Unverified.Line(),
	}
	for _, s := range code.ByStatus {
		out.AdviceByStatus = append(out.AdviceByStatus, jsonAdvice{s.Status.Value, s.Advice.Value})
	}
	for _, p := range code.Params {
		out.Params = append(out.Params, jsonParam{p.Key.Value, p.Text.Line()})
	}
	for _, m := range code.Match {
		out.Match = append(out.Match, jsonMatch{m.Kind, m.Value.Value, m.Status.Value, m.Capture.Value, m.AnyStatus})
	}
	return out
}

func operationJSON(spec *model.Spec, op *model.Operation, declared *catalog.Operation) jsonOperation {
	out := jsonOperation{ID: op.ID.Value, Method: op.Method, Path: op.Path, Class: op.Class.Value}
	if op.Key != nil {
		out.KeyHeader, out.KeyBody = op.Key.Header.Value, op.Key.Body.Value
	}
	for _, s := range declared.Successes {
		out.Successes = append(out.Successes, jsonSuccess{s.Status, s.JSON, s.Mixed})
	}
	for _, s := range declared.Shapes {
		out.Shapes = append(out.Shapes, jsonShape{s.Status, s.Envelope, s.Media})
	}
	for _, list := range op.Lists {
		for _, t := range list.Codes {
			name := t.Value
			if code := spec.Listed(name); code != nil {
				name = spec.ListName(code)
			}
			if !slices.Contains(out.Codes, name) {
				out.Codes = append(out.Codes, name)
			}
		}
	}
	return out
}

func textsJSON(pairs []model.Pair) []jsonText {
	var out []jsonText
	for _, p := range pairs {
		out = append(out, jsonText{p.Key.Value, p.Text.Line()})
	}
	return out
}
