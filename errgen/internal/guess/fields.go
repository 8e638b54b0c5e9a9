package guess

import (
	"slices"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// lists returns the names of members that have the problems of single fields.
func lists() []string {
	return []string{"errors", "fielderrors", "validationerrors", "errordetails", "invalidfields", "invalidparams", "fields", "violations", "fieldviolations", "details", "issues"}
}

// nameWords returns the names of members that name a field; a name with a slash is a JSON pointer.
func nameWords() []string {
	return []string{"field", "fieldname", "path", "pointer", "property", "attribute", "param", "parameter", "location", "name"}
}

// fields adds the place of the problems of single fields: next to the error, or around it.
func (g *guesser) fields(schema *load.Node, e *model.Envelope, around *object) {
	for o := around; o != nil; o = o.outer {
		for _, list := range lists() {
			for _, m := range o.members {
				if m.name == list && e.Fields == nil {
					e.Fields = g.fieldsAt(schema, m)
				}
			}
		}
	}
}

// fieldsAt returns the rule of a member; nil if it has no problems of fields. An object is taken for a map of fields if it
// declares other members only, or none and is not just called details.
func (g *guesser) fieldsAt(schema *load.Node, m member) *model.Fields {
	f := &model.Fields{At: g.text(m.pointer)}
	element := g.res.At(schema, m.pointer+"/*")
	if !model.MayBe(m.schemas, "array") {
		isMap := slices.ContainsFunc(m.schemas, func(n *load.Node) bool { return n.Get("additionalProperties") != nil })
		bare := model.MayBe(m.schemas, "object") && m.name != "details" && m.name != "fields"
		if hasProperties(m.schemas) || !isMap && !bare {
			return nil
		}
		f.Type, f.Message = g.memberOf(element, []string{"code", "type", "rule"}), g.memberOf(element, sure("message"))
		return f
	}
	f.Name = g.memberOf(element, nameWords())
	if !f.Name.IsSet() {
		for _, p := range []string{"/source/pointer", "/source/parameter"} {
			if len(g.res.At(schema, m.pointer+"/*"+p)) > 0 && !f.Name.IsSet() {
				f.Name = g.text(p)
			}
		}
	}
	if !f.Name.IsSet() {
		return nil
	}
	f.Type = g.memberOf(element, []string{"code", "type", "rule", "issue", "reason"})
	f.Message = g.memberOf(element, sure("message"))
	return f
}

// memberOf returns the likeliest member of an object, by its names without case, _ and -.
func (g *guesser) memberOf(object []*load.Node, names []string) model.Text {
	for _, name := range names {
		for _, part := range object {
			properties := part.Get("properties")
			if properties == nil || properties.Kind != load.Map {
				continue
			}
			for _, k := range properties.Keys {
				if plain(k.Value) == name {
					return g.text(k.Value)
				}
			}
		}
	}
	return model.Text{}
}
