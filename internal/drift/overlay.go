package drift

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// action is one action of an overlay.
type action struct {
	at     location
	remove bool
	update any
}

// Overlay returns an OpenAPI Overlay 1.0 with which the spec takes in the findings that
// an overlay can express, as YAML, and the number of those findings. It is nil if there is
// none. Each action has its evidence as its description.
func (r *Report) Overlay() ([]byte, int, error) {
	groups, covered := r.groups()
	var actions []any
	done := map[string]bool{}
	for _, f := range groups {
		for _, a := range r.spec.actions(f) {
			entry := object{{"target", a.at.String()}, {"description", f.evidence()}}
			if a.remove {
				entry = append(entry, member{"remove", true})
			} else {
				entry = append(entry, member{"update", a.update})
			}
			if same := fmt.Sprint(a.at, a.remove, a.update); !done[same] {
				done[same] = true
				actions = append(actions, entry)
			}
		}
	}
	if covered == 0 {
		return nil, 0, nil
	}
	doc := object{
		{"overlay", "1.0.0"},
		{"info", object{{"title", "Differences between recorded traffic and " + r.Spec}, {"version", "1.0.0"}}},
		{"actions", actions},
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(yamlNode(doc)); err != nil {
		return nil, 0, err
	}
	return out.Bytes(), covered, e.Close()
}

// groups joins the findings that change the same place, and returns how many findings
// there were. A place has the same schema in many operations.
func (r *Report) groups() (out []*Finding, covered int) {
	byPlace := map[string]*Finding{}
	for _, f := range r.Findings {
		if len(r.spec.actions(f)) == 0 {
			continue
		}
		covered++
		key := f.place()
		g := byPlace[key]
		if g == nil {
			one := *f
			g = &one
			g.form, g.Count = shape{}, 0
			byPlace[key] = g
			out = append(out, g)
		}
		g.form.merge(f.form)
		g.Count += f.Count
		g.statuses, g.names = append(g.statuses, f.Status), append(g.names, f.problem.name)
	}
	retyped := map[string]*Finding{}
	for _, g := range out {
		if g.Kind == Type {
			retyped[g.problem.node.at.String()] = g
		}
	}
	return slices.DeleteFunc(out, func(g *Finding) bool { // the alternative has what these change
		t := retyped[g.problem.node.at.String()]
		switch {
		case t == nil:
			return false
		case g.Kind == Format:
			t.dropped = append(t.dropped, g.problem.name)
			return true
		case g.Kind == EnumValue && len(g.problem.node.schema.Enum) > 0:
			t.values = append(t.values, g.problem.name)
			return true
		}
		return false
	}), covered
}

// place names what the actions of a finding change.
func (f *Finding) place() string {
	at := f.problem.node.at
	switch f.Kind {
	case Status:
		return fmt.Sprint(f.Kind, f.op.at, f.Status, f.problem.name)
	case Parameter:
		return fmt.Sprint(f.Kind, f.op.at, f.Pointer)
	case ContentType:
		return fmt.Sprint(f.Kind, at, f.Pointer)
	case MissingMember, Type:
		return fmt.Sprint(f.Kind, at)
	case Null:
		return fmt.Sprint(f.Kind, f.problem.node.use)
	default:
	}
	return fmt.Sprint(f.Kind, at, " ", f.problem.name)
}

// evidence says what was seen where.
func (f *Finding) evidence() string {
	when := ""
	if f.First.Time != "" {
		when = " at " + f.First.Time
	}
	return fmt.Sprintf("%s: %s %s; seen in %s entry %d%s, count %d", f.Kind, orElse(f.Pointer, "the body"), f.Seen, f.First.File, f.First.Entry, when, f.Count)
}

// reason is the text of an x-unverified.
func (f *Finding) reason() string {
	return fmt.Sprintf("seen in %s entry %d, count %d", f.First.File, f.First.Entry, f.Count)
}

// actions returns the actions that take a finding in; none if an overlay cannot.
func (s *Spec) actions(f *Finding) []action {
	p := f.problem
	at := p.node.at
	switch f.Kind {
	case Status:
		return s.addStatus(f)
	case Parameter:
		return s.addParameter(f)
	default:
	}
	if at == nil {
		return nil
	}
	switch f.Kind {
	case UnknownMember:
		if !shownName(p.name) {
			return nil
		}
		schema := append(f.form.schema(s.v31), member{"x-unverified", f.reason()})
		return []action{{at: at, update: object{{"properties", object{{p.name, schema}}}}}}
	case EnumValue:
		return s.addValue(f)
	case ErrorCode:
		return s.addCode(f)
	case CodeStatus:
		return s.addCodeStatus(f)
	case ContentType:
		if f.Seen == unreadable || f.In == "request" && f.Expected == "no body" || f.Pointer == "" {
			return nil
		}
		return []action{{at: at, update: object{{"content", object{{f.Pointer, f.media(s.v31)}}}}}}
	case MissingMember:
		return without(p.node, append(f.names, p.name))
	case MissingParameter:
		return []action{{at: at, update: object{{"required", false}}}}
	case Null:
		return s.nullable(p.node)
	case Type:
		return s.otherType(f)
	case Format:
		return []action{{at: at.with(p.name), remove: true}}
	default: // a person has to describe it
	}
	return nil
}

// media returns the declaration of a body of which only the form is known.
func (f *Finding) media(v31 bool) object {
	if !isJSON(f.Pointer) && !isJSON(f.problem.name) || len(f.form.types) == 0 {
		return object{{"schema", object{{"type", "string"}}}}
	}
	return object{{"schema", f.form.schema(v31)}}
}

func (s *Spec) addStatus(f *Finding) []action {
	if f.op.at == nil {
		return nil
	}
	response := object{{"description", "Not documented."}}
	if media := f.problem.name; media != "" && media != unreadable {
		response = append(response, member{"content", object{{media, f.media(s.v31)}}})
	}
	response = append(response, member{"x-unverified", f.reason()})
	return []action{{at: f.op.at.with("responses"), update: object{{strconv.Itoa(f.Status), response}}}}
}

func (s *Spec) addParameter(f *Finding) []action {
	in, _, _ := strings.Cut(f.Pointer, ":")
	name := f.problem.name
	if f.op.at == nil || !shownName(name) || f.In == "response" {
		return nil
	}
	p := object{{"name", name}, {"in", in}, {"schema", object{{"type", "string"}}}, {"x-unverified", f.reason()}}
	return []action{{at: f.op.at, update: object{{"parameters", []any{p}}}}}
}

// addValue extends an enumeration, and the list of its names that stands beside it.
func (s *Spec) addValue(f *Finding) []action {
	n, value := f.problem.node, f.problem.name
	if n.schema == nil || !looksLikeWord(value) || isPlaceholder(value) {
		return nil
	}
	key := "enum"
	if _, open := n.schema.Extensions["x-extensible-enum"]; open && len(n.schema.Enum) == 0 {
		key = "x-extensible-enum"
	}
	update := object{{key, []any{value}}}
	if _, named := n.schema.Extensions["x-enum-varnames"]; named {
		update = append(update, member{"x-enum-varnames", []any{goName(value)}})
	}
	return []action{{at: n.at, update: update}}
}

// goName returns a name for a value of an enumeration.
func goName(value string) string {
	name := ""
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune("_-.", r) }) {
		if strings.ToUpper(part) == part {
			part = strings.ToLower(part)
		}
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	return name
}

// addCode adds a code to a catalog. Nothing is known about it but its status, so its
// category is unknown and it is never retried.
func (s *Spec) addCode(f *Finding) []action {
	n, value := f.problem.node, f.problem.name
	schema := s.schemaAt(n)
	if schema == nil || !looksLikeWord(value) || isPlaceholder(value) {
		return nil
	}
	n.schema = schema // a code outside any schema, such as one of a broken body, has only its place
	code := object{{"category", "unknown"}, {"advice", "never"}, {"title", "The meaning is not documented"}, {"x-unverified", f.reason()}}
	if all := f.failures(); len(all) > 0 {
		code = append(object{{"http", all}}, code...)
	}
	update := object{{"x-error-catalog", object{{"codes", object{{value, code}}}}}}
	switch {
	case len(schema.Enum) > 0:
		update = append(update, member{"enum", []any{value}})
	case schema.Extensions["x-extensible-enum"] != nil:
		update = append(update, member{"x-extensible-enum", []any{value}})
	}
	actions := []action{{at: n.at, update: update}}
	if _, known, open := n.openEnum(); open {
		actions = append(actions, action{at: known.at, update: object{{"enum", []any{value}}}})
	}
	return actions
}

// failures returns the statuses of failures at which a code was seen.
func (f *Finding) failures() (out []any) {
	all := append(slices.Clone(f.statuses), f.Status)
	slices.Sort(all)
	for _, status := range slices.Compact(all) {
		if status >= 300 {
			out = append(out, status)
		}
	}
	return out
}

func (s *Spec) addCodeStatus(f *Finding) []action {
	n, value := f.problem.node, f.problem.name
	schema := s.schemaAt(n)
	if schema == nil {
		return nil
	}
	c, _ := schema.Extensions["x-error-catalog"].(map[string]any)
	id, _ := c["id"].(string)
	list := s.api.List(id, n.at[len(n.at)-1])
	if list == nil {
		return nil
	}
	info, _ := list.Code(value)
	statuses := []any{}
	for _, status := range info.Statuses {
		statuses = append(statuses, status)
	}
	codes, _ := c["codes"].(map[string]any)
	own, _ := codes[value].(map[string]any)
	at := n.at.with("x-error-catalog", "codes", value)
	if _, isList := own["http"].([]any); isList {
		return []action{{at: at, update: object{{"http", f.failures()}}}}
	}
	return []action{{at: at, update: object{{"http", append(statuses, f.failures()...)}}}}
}

// without removes a name from required. A list is replaced as a whole, because an
// expression that selects an item by its value is not read in the same way everywhere.
func without(n node, names []string) []action {
	if n.schema == nil {
		return nil
	}
	at := n.at.with("required")
	rest := []any{}
	for _, r := range n.schema.Required {
		if !slices.Contains(names, r) {
			rest = append(rest, r)
		}
	}
	if len(rest) == 0 {
		return []action{{at: at, remove: true}}
	}
	return []action{{at: at, remove: true}, {at: n.at, update: object{{"required", rest}}}}
}

// yamlNode encodes a value in the order of its members.
func yamlNode(v any) *yaml.Node {
	switch v := v.(type) {
	case object:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, m := range v {
			n.Content = append(n.Content, yamlNode(m.key), yamlNode(m.value))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			n.Content = append(n.Content, yamlNode(item))
		}
		return n
	}
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		n.SetString(fmt.Sprint(v))
	}
	return n
}

// constraints returns the keywords of a schema that belong to a scalar type.
func constraints(n node) (out object) {
	s := n.schema
	put := func(key string, set bool, v any) {
		if set {
			out = append(out, member{key, v})
		}
	}
	put("format", s.Format != "", s.Format)
	put("pattern", s.Pattern != "", s.Pattern)
	put("minLength", s.MinLength > 0, s.MinLength)
	put("maxLength", s.MaxLength != nil, s.MaxLength)
	put("minimum", s.Min != nil, s.Min)
	put("maximum", s.Max != nil, s.Max)
	put("enum", len(s.Enum) > 0, slices.Clone(s.Enum))
	return out
}
