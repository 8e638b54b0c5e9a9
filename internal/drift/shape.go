package drift

import (
	"maps"
	"slices"
)

// The limits on what is learned about values.
const (
	maxShapeDepth = 6
	maxShapeNames = 100
)

// shape is what was learned about the values at one place: their types, and the same for
// members and items. It has no values.
type shape struct {
	types   map[string]bool
	members map[string]*shape
	counts  map[string]int // by member
	total   int            // objects
	other   bool           // members whose names cannot be shown, or too many or too deep ones
	items   *shape
}

func (s *shape) add(v any, depth int, room *int) {
	if s.types == nil {
		s.types = map[string]bool{}
	}
	s.types[typeOf(v)] = true
	switch v := v.(type) {
	case map[string]any:
		s.total++
		for _, name := range slices.Sorted(maps.Keys(v)) {
			s.addMember(name, v[name], depth, room)
		}
	case []any:
		if s.items == nil {
			s.items = &shape{}
		}
		for i, item := range v {
			if i < maxShapeNames && depth < maxShapeDepth {
				s.items.add(item, depth+1, room)
			}
		}
	}
}

func (s *shape) addMember(name string, v any, depth int, room *int) {
	if s.members == nil {
		s.members, s.counts = map[string]*shape{}, map[string]int{}
	}
	m := s.members[name]
	if m == nil {
		if !shownName(name) || len(s.members) >= maxShapeNames || depth >= maxShapeDepth || *room <= 0 {
			s.other = true
			return
		}
		*room--
		m = &shape{}
		s.members[name] = m
	}
	s.counts[name]++
	m.add(v, depth+1, room)
}

// merge adds what another shape learned.
func (s *shape) merge(o shape) {
	if s.types == nil {
		s.types = map[string]bool{}
	}
	maps.Copy(s.types, o.types)
	s.total, s.other = s.total+o.total, s.other || o.other
	for name, m := range o.members {
		if s.members == nil {
			s.members, s.counts = map[string]*shape{}, map[string]int{}
		}
		s.counts[name] += o.counts[name]
		if have := s.members[name]; have != nil {
			have.merge(*m)
		} else {
			s.members[name] = m
		}
	}
	if o.items != nil {
		if s.items == nil {
			s.items = &shape{}
		}
		s.items.merge(*o.items)
	}
}

// object is a map that keeps its order in YAML and JSON.
type object []member

type member struct {
	key   string
	value any
}

// schema returns the schema that permits every value that was seen.
func (s *shape) schema(v31 bool) object {
	if s.types["integer"] && s.types["number"] {
		s.types = maps.Clone(s.types)
		delete(s.types, "integer")
	}
	var list []object
	for _, t := range slices.Sorted(maps.Keys(s.types)) {
		if t != "null" {
			list = append(list, s.typed(t, v31))
		}
	}
	null := s.types["null"]
	switch {
	case len(list) == 0:
		return object{} // only null: its type is not known
	case len(list) == 1 && !null:
		return list[0]
	case len(list) == 1 && v31:
		list[0][0].value = []any{list[0][0].value, "null"}
		return list[0]
	case len(list) == 1:
		return append(list[0], member{"nullable", true})
	}
	var choices []any
	for _, o := range list {
		choices = append(choices, o)
	}
	switch {
	case null && v31:
		choices = append(choices, object{{"type", "null"}})
	case null:
		return object{{"nullable", true}, {"anyOf", choices}}
	}
	return object{{"anyOf", choices}}
}

func (s *shape) typed(t string, v31 bool) object {
	o := object{{"type", t}}
	switch t {
	case "object":
		var properties object
		for _, name := range slices.Sorted(maps.Keys(s.members)) {
			properties = append(properties, member{name, s.members[name].schema(v31)})
		}
		if len(properties) > 0 {
			o = append(o, member{"properties", properties})
		}
		if s.other {
			o = append(o, member{"additionalProperties", true})
		}
	case "array":
		items := object{}
		if s.items != nil && len(s.items.types) > 0 {
			items = s.items.schema(v31)
		}
		o = append(o, member{"items", items})
	}
	return o
}
