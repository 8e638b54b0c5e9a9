// Package guess finds the parts of error bodies by the names of their members, for specs that have no catalog.
package guess

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Add adds an envelope for each shape of error body that the spec does not describe, and envelopes for bodies that it does not
// declare. Their codes are those of the first catalog. A spec without catalogs gets one without codes.
func Add(spec *model.Spec, res model.Resolver) {
	if len(spec.Catalogs) == 0 {
		spec.Imply()
	}
	g := &guesser{spec: spec, res: res, catalog: spec.Catalogs[0], byShape: map[string]*model.Envelope{}, bySchema: map[*load.Node]*model.Envelope{}}
	if g.catalog.IsText() {
		g.catalog = nil
	}
	for _, e := range spec.Envelopes {
		g.lead(e)
	}
	for _, op := range spec.Operations {
		for i := range op.Replies {
			g.reply(op, &op.Replies[i])
		}
	}
	g.undeclared()
}

type guesser struct {
	spec     *model.Spec
	res      model.Resolver
	catalog  *model.Catalog
	byShape  map[string]*model.Envelope // equal envelopes are one
	bySchema map[*load.Node]*model.Envelope
}

// lead makes the codes of an envelope those of the catalog, if it has no catalog.
func (g *guesser) lead(e *model.Envelope) {
	if !e.Text.IsSet() && len(e.Catalogs) == 0 && g.catalog != nil {
		e.Catalogs, e.Leads = []*model.Catalog{g.catalog}, map[string][]*model.Catalog{}
		for _, p := range e.Levels {
			e.Leads[p.Value] = e.Catalogs
		}
		if g.catalog.Envelope == nil {
			g.catalog.Envelope = e
		}
	}
}

// reply adds the envelopes of a response.
func (g *guesser) reply(op *model.Operation, r *model.Reply) {
	for i := range r.Shapes {
		if s := &r.Shapes[i]; s.Catalog == nil {
			s.Reader = s.Envelope.Readers()[0]
		}
	}
	if _, success := r.Success(); success || len(r.Shapes) > 0 {
		return
	}
	for _, body := range r.Bodies {
		if body.Schema == nil {
			continue
		}
		for _, e := range g.body(op.Name()+" "+r.Status, body) {
			r.Shapes = append(r.Shapes, model.Shape{Reader: e.Readers()[0], Media: body.Media})
		}
	}
}

// body returns the envelopes of a body: one, or one for each branch of a union.
func (g *guesser) body(name string, body model.Body) []*model.Envelope {
	media, _, _ := strings.Cut(strings.ToLower(body.Media), ";")
	switch {
	case strings.TrimSpace(media) == "text/plain":
		return []*model.Envelope{g.shared(&model.Envelope{Pos: g.spec.Pos, Schema: name, Media: "text/plain", Text: g.text("body")})}
	case !strings.Contains(media, "json") && media != "*/*":
		return nil
	}
	if body.Names[0] != "" {
		name = body.Names[0]
	}
	var out []*model.Envelope
	for _, schema := range g.branches(body.Schema) {
		e, ok := g.bySchema[schema]
		if !ok {
			if found := g.search(schema, strings.Contains(media, "problem")); found != nil {
				found.Schema = name
				e = g.shared(found)
			}
			g.bySchema[schema] = e
		}
		if e != nil && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// maxBranches is the number of branches of a union that are searched.
const maxBranches = 20

// branches returns the branches of a schema that is a union of references, or the schema.
func (g *guesser) branches(schema *load.Node) []*load.Node {
	all := g.res.At(schema, "")
	if len(all) == 0 {
		return nil
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if list := all[0].Get(key); list != nil && list.Kind == load.List && len(list.Items) > 0 && all[0].Get("properties") == nil {
			var out []*load.Node
			for _, branch := range list.Items[:min(len(list.Items), maxBranches)] {
				if nodes := g.res.At(branch, ""); len(nodes) > 0 {
					out = append(out, nodes[0])
				}
			}
			return out
		}
	}
	return all[:1]
}

// shared returns the envelope of the spec that is equal to e, and adds e if there is none.
func (g *guesser) shared(e *model.Envelope) *model.Envelope {
	key := fmt.Sprint(e.Text.Value, e.Media, e.Anywhere)
	for _, p := range e.Pointers() {
		key += " " + p.Field + " " + p.Text.Value + " " + strconv.FormatBool(e.Numbers[p.Text.Value])
	}
	if f := e.Fields; f != nil {
		key += " " + f.Name.Value + " " + f.Type.Value + " " + f.Message.Value
	}
	if have := g.byShape[key]; have != nil {
		return have
	}
	g.byShape[key] = e
	g.lead(e)
	g.spec.Envelopes = append(g.spec.Envelopes, e)
	return e
}

func (g *guesser) text(s string) model.Text { return model.Text{Value: s, Pos: g.spec.Pos} }

func (g *guesser) texts(pointers ...string) []model.Text {
	var out []model.Text
	for _, p := range pointers {
		out = append(out, g.text(p))
	}
	return out
}

// undeclared adds the envelopes of bodies that the spec does not declare: problem details, and the most usual members.
func (g *guesser) undeclared() {
	g.shared(&model.Envelope{
		Pos: g.spec.Pos, Schema: "problem details", Anywhere: true, Media: "application/problem+json",
		Code: g.texts("/code", "/type"), Message: g.texts("/detail", "/title"), RequestID: g.texts("/requestId", "/traceId"),
		Fields: &model.Fields{At: g.text("/errors")},
	})
	g.shared(&model.Envelope{
		Pos: g.spec.Pos, Schema: "any other body", Anywhere: true,
		Code:      g.texts("/error/code", "/code", "/error_code", "/errorCode", "/errors/*/code", "header:X-Error-Code", "header:X-Amzn-ErrorType", "header:X-Ms-Error-Code"),
		Message:   g.texts("/error/message", "/message", "/error_description", "/detail", "/errors/*/message", "/errors/*/detail", "/title", "/error"),
		Numbers:   map[string]bool{"/code": true},
		Fields:    &model.Fields{At: g.text("/errors")},
		RequestID: g.texts("/request_id", "/requestId", "/error/request_id", "/trace_id", "/traceId"),
	})
}
