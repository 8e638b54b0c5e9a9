package catalog

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/jsonscan"
)

// maxCodes is the number of codes of one response that are read, and of its fields.
const maxCodes = 100

// source is what the parts of an error are read from.
type source struct {
	body   []byte // JSON
	header http.Header
	status int // HTTP status
}

// at returns the source with the part of its body at a JSON pointer.
func (s source) at(pointer string) source {
	return source{jsonscan.Find(s.body, pointer), s.header, s.status}
}

// first returns the first non-empty string at one of the places; "" if there is none.
func (s source) first(places []string) (text string) {
	for _, p := range places {
		s.values(p, false, func(t string) { text = cmp.Or(text, t) })
		if text != "" {
			return text
		}
	}
	return ""
}

// values calls yield with the non-empty strings at a place, and with the integers if numbers is set.
func (s source) values(place string, numbers bool, yield func(string)) {
	if name, ok := headerName(place); ok {
		if text := s.header.Get(name); text != "" {
			yield(text)
		}
		return
	}
	visit(s.body, place, func(value []byte) {
		text, ok := jsonscan.Unquote(value)
		if !ok && numbers && isInteger(value) {
			text = string(value)
		}
		if text != "" {
			yield(text)
		}
	})
}

// codes calls yield with the codes at a place.
func (s source) codes(place string, numbers bool, yield func(text string, repeatsStatus bool)) {
	_, inHeader := headerName(place)
	s.values(place, numbers, func(text string) {
		if inHeader { // an address or parameters may follow
			text = strings.TrimSpace(text[:max(0, strings.IndexAny(text+";", ":;,"))])
		}
		yield(text, numbers && text == strconv.Itoa(s.status))
	})
}

// visit calls yield with the values at a JSON pointer, in which * stands for every element of a list.
func visit(doc []byte, pointer string, yield func([]byte)) {
	list, rest, ok := strings.Cut(pointer+"/", "/*/")
	if !ok {
		yield(jsonscan.Find(doc, pointer))
		return
	}
	for element := range jsonscan.Elements(jsonscan.Find(doc, list)) {
		visit(element, strings.TrimSuffix("/"+rest, "/"), yield)
	}
}

// headerName returns the name of the header that a place names; false if it is a JSON pointer.
func headerName(place string) (string, bool) { return strings.CutPrefix(place, "header:") }

// isInteger reports whether a JSON value is an integer in plain digits.
func isInteger(value []byte) bool {
	digits := strings.TrimPrefix(string(value), "-")
	return digits != "" && len(digits) <= 20 && strings.Trim(digits, "0123456789") == ""
}

// readFields returns the validation errors of a body, sorted by field.
func readFields(doc []byte, rule FieldRule) []apierr.FieldError {
	if rule.At == "" {
		return nil
	}
	byName := map[string]apierr.FieldError{}
	at := jsonscan.Find(doc, rule.At)
	for name, entry := range jsonscan.Members(at) {
		byName[name] = rule.ofMember(name, entry)
	}
	var out []apierr.FieldError
	for _, f := range byName {
		out = append(out, f)
	}
	for entry := range jsonscan.Elements(at) {
		if f := rule.ofElement(entry); f != (apierr.FieldError{}) && len(out) < maxCodes {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b apierr.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// ofMember reads the entry of a field: an object, a message or a list of these.
func (r *FieldRule) ofMember(name string, entry []byte) apierr.FieldError {
	for first := range jsonscan.Elements(entry) {
		entry = first
		break
	}
	f := apierr.FieldError{Field: name}
	if text, ok := jsonscan.Unquote(entry); ok {
		f.Message = limit(text, 512)
		return f
	}
	f.Type, f.Message = part(entry, r.Type, false), limit(part(entry, r.Message, false), 512)
	return f
}

// ofElement reads an element of a list of validation errors.
func (r *FieldRule) ofElement(entry []byte) apierr.FieldError {
	if text, ok := jsonscan.Unquote(entry); ok {
		return apierr.FieldError{Message: limit(text, 512)}
	}
	usual := func(name string, names ...string) string {
		if name != "" {
			return part(entry, name, true)
		}
		for _, name := range names {
			if text := part(entry, name, true); text != "" {
				return text
			}
		}
		return ""
	}
	return apierr.FieldError{
		Field:   usual(r.Name, "field", "fieldName", "field_name", "path", "pointer", "/source/pointer", "/source/parameter", "param", "parameter", "property", "attribute", "name"),
		Type:    usual(r.Type, "code", "type", "rule", "issue"),
		Message: limit(usual(r.Message, "message", "detail", "description", "reason", "title"), 512),
	}
}

// part returns a string of an entry, or an integer if numbers is set, by the name of a member or by JSON pointer.
func part(entry []byte, place string, numbers bool) (text string) {
	if place == "" {
		return ""
	}
	if place[0] != '/' {
		place = "/" + strings.ReplaceAll(strings.ReplaceAll(place, "~", "~0"), "/", "~1")
	}
	source{body: entry}.values(place, numbers, func(t string) { text = cmp.Or(text, t) })
	return text
}
