package drift

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

func index(i int) string { return indexMark + strconv.Itoa(i) }

// scalar compares a value with the constraints of one schema that are not about members
// or items.
func (w *walker) scalar(n node, v any, pointer string) (found []problem) {
	s := n.schema
	if text, ok := v.(string); ok {
		if problems, isCode := w.code(n, text, pointer); isCode {
			return problems
		}
		found = append(found, w.text(n, text, pointer)...)
	}
	if known, ok := n.extension("x-extensible-enum").([]any); ok && slices.ContainsFunc(known, func(k any) bool { return sameKind(k, v) }) {
		found = append(found, enumProblem(n, known, v, pointer, true)...)
	}
	if w.spec.v31 && s.Const != nil {
		found = append(found, enumProblem(node{}, []any{s.Const}, v, pointer, false)...)
	}
	if len(s.Enum) > 0 {
		found = append(found, enumProblem(n, s.Enum, v, pointer, false)...)
	}
	if number, ok := v.(json.Number); ok {
		found = append(found, w.number(n, number, pointer)...)
	}
	if m, ok := v.(map[string]any); ok && uint64(len(m)) < s.MinProps {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("minProperties %d", s.MinProps), describe(v)))
	} else if ok && s.MaxProps != nil && uint64(len(m)) > *s.MaxProps {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("maxProperties %d", *s.MaxProps), describe(v)))
	}
	if list, ok := v.([]any); ok {
		if uint64(len(list)) < s.MinItems {
			found = append(found, formatProblem(n, pointer, fmt.Sprintf("minItems %d", s.MinItems), describe(v)))
		}
		if s.MaxItems != nil && uint64(len(list)) > *s.MaxItems {
			found = append(found, formatProblem(n, pointer, fmt.Sprintf("maxItems %d", *s.MaxItems), describe(v)))
		}
	}
	return found
}

// code compares a text with the catalog of its schema. Codes in plain text are read from
// the whole response instead.
func (w *walker) code(n node, text, pointer string) (found []problem, isCode bool) {
	c, ok := n.schema.Extensions["x-error-catalog"].(map[string]any)
	if !ok {
		return nil, false
	}
	id, _ := c["id"].(string)
	list := w.spec.api.List(id, n.component())
	if list == nil || list.Text || text == "" {
		return nil, true
	}
	if _, known := list.Code(text); !known {
		found = append(found, problem{kind: ErrorCode, pointer: pointer, expected: "a code of the catalog", seen: showValue(text), value: showValue(text), node: n, name: text})
	}
	return found, true
}

func enumProblem(n node, known []any, v any, pointer string, open bool) []problem {
	for _, k := range known {
		if same(k, v) {
			return nil
		}
	}
	kind := "a value of the enumeration"
	if open {
		kind = "a value of the open enumeration"
	}
	name := ""
	if s, ok := v.(string); ok {
		name = s
	}
	return []problem{{kind: EnumValue, pointer: pointer, expected: kind, seen: showValue(v), value: showValue(v), node: n, name: name}}
}

// sameKind reports whether a value and one of an enumeration are both text, or both not.
func sameKind(known, v any) bool {
	_, a := known.(string)
	_, b := v.(string)
	_, number := v.(json.Number)
	return a && b || !a && number
}

func same(known, v any) bool {
	if number, ok := v.(json.Number); ok {
		f, err := number.Float64()
		k, isNumber := known.(float64)
		if !isNumber {
			if i, isInt := known.(int); isInt {
				k, isNumber = float64(i), true
			}
		}
		return err == nil && isNumber && k == f
	}
	return reflect.DeepEqual(known, v)
}

func formatProblem(n node, pointer, expected, seen string) problem {
	constraint, _, _ := strings.Cut(expected, " ")
	return problem{kind: Format, pointer: pointer, expected: expected, seen: seen, node: n, name: constraint}
}

// text compares a text with format, pattern and lengths.
func (w *walker) text(n node, text, pointer string) (found []problem) {
	s := n.schema
	seen := describe(text)
	if !hasFormat(s.Format, text) {
		if f := form(text); f != "" && strings.HasPrefix(s.Format, "date") {
			seen = "text of the form " + f
		}
		found = append(found, formatProblem(n, pointer, "format "+s.Format, seen))
	}
	if s.Pattern != "" {
		if re := compiled(s.Pattern); re != nil && !re.MatchString(text) {
			found = append(found, formatProblem(n, pointer, "pattern "+s.Pattern, seen))
		}
	}
	length := uint64(utf8.RuneCountInString(text))
	if length < s.MinLength {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("minLength %d", s.MinLength), seen))
	}
	if s.MaxLength != nil && length > *s.MaxLength {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("maxLength %d", *s.MaxLength), seen))
	}
	return found
}

var patterns sync.Map

// compiled returns a pattern; nil if it has features that Go's expressions do not have.
func compiled(pattern string) *regexp.Regexp {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		re = nil
	}
	patterns.Store(pattern, re)
	return re
}

var (
	uuid    = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
)

// hasFormat reports whether a text has a format. Unknown formats permit all.
func hasFormat(format, text string) bool {
	var err error
	switch format {
	case "date-time":
		_, err = time.Parse(time.RFC3339, strings.ToUpper(text))
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "email":
		var a *mail.Address
		if a, err = mail.ParseAddress(text); err == nil {
			return a.Address == text
		}
	case "uri", "url":
		var u *url.URL
		if u, err = url.Parse(text); err == nil {
			return u.Scheme != ""
		}
	case "uuid":
		return uuid.MatchString(text)
	case "decimal":
		return decimal.MatchString(text)
	case "byte":
		_, err = base64.StdEncoding.DecodeString(text)
	case "ipv4", "ipv6":
		var ip netip.Addr
		if ip, err = netip.ParseAddr(text); err == nil {
			return ip.Is4() == (format == "ipv4")
		}
	}
	return err == nil
}

// number compares a number with format and limits.
func (w *walker) number(n node, number json.Number, pointer string) (found []problem) {
	s := n.schema
	if bits := map[string]int{"int32": 32, "int64": 64}[s.Format]; bits != 0 && isWhole(number) && !strings.ContainsAny(number.String(), ".eE") {
		if _, err := strconv.ParseInt(number.String(), 10, bits); err != nil {
			found = append(found, formatProblem(n, pointer, "format "+s.Format, "a larger integer"))
		}
	}
	f, err := number.Float64()
	if err != nil {
		return found
	}
	low, high := s.ExclusiveMin.Bool, s.ExclusiveMax.Bool
	if s.Min != nil && (f < *s.Min || low != nil && *low && f == *s.Min) {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("minimum %v", *s.Min), "a smaller number"))
	}
	if w.replaced && f > 900_000_000 && f < 901_000_000 {
		return found // pay/record replaces numbers by such ones, whatever the maximum
	}
	if s.Max != nil && (f > *s.Max || high != nil && *high && f == *s.Max) {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("maximum %v", *s.Max), "a larger number"))
	}
	if m := s.MultipleOf; m != nil && *m > 0 && math.Abs(f / *m) < 1<<53 && math.Abs(math.Remainder(f / *m, 1)) > 1e-9 {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("multipleOf %v", *m), "another number"))
	}
	if m := s.ExclusiveMin.Value; m != nil && f <= *m {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("exclusiveMinimum %v", *m), "a smaller number"))
	}
	if m := s.ExclusiveMax.Value; m != nil && f >= *m {
		found = append(found, formatProblem(n, pointer, fmt.Sprintf("exclusiveMaximum %v", *m), "a larger number"))
	}
	return found
}
