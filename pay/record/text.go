package record

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/har"
	"github.com/getkin/kin-openapi/openapi3"
)

// catalogText is one way in which an error in plain text is written.
type catalogText struct {
	exact, prefix string
	pattern       *regexp.Regexp
	example       string // stands for every text that the prefix or the pattern matches
}

// readTexts reads the error texts of the catalogs of plain-text APIs.
func (m *model) readTexts(schemas openapi3.Schemas) error {
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name].Value
		if s == nil {
			continue
		}
		catalog, _ := s.Extensions["x-error-catalog"].(map[string]any)
		codes, _ := catalog["codes"].(map[string]any)
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			entry, _ := codes[code].(map[string]any)
			rules, _ := entry["match"].([]any)
			for _, rule := range rules {
				t, err := readText(rule, entry)
				if err != nil {
					return fmt.Errorf("record: the code %.64q of the spec: %w", code, err)
				}
				m.text = append(m.text, t)
			}
		}
	}
	return nil
}

func readText(rule any, entry map[string]any) (t catalogText, err error) {
	r, _ := rule.(map[string]any)
	t.exact, _ = r["exact"].(string)
	t.prefix, _ = r["prefix"].(string)
	if pattern, _ := r["pattern"].(string); pattern != "" {
		if t.pattern, err = regexp.Compile("^(?:" + pattern + ")$"); err != nil {
			return t, fmt.Errorf("the pattern of match is invalid: %w", err)
		}
	}
	examples, _ := entry["examples"].([]any)
	for _, e := range examples {
		m, _ := e.(map[string]any)
		if body, _ := m["body"].(string); t.matches(strings.TrimSpace(body)) {
			t.example = strings.TrimSpace(body)
			break
		}
	}
	return t, nil
}

func (t *catalogText) matches(body string) bool {
	return t.exact != "" && body == t.exact || t.prefix != "" && strings.HasPrefix(body, t.prefix) || t.pattern != nil && t.pattern.MatchString(body)
}

// errorText returns the text of the spec that stands for a plain-text body; "" if the
// spec does not have it. A text with data in it is replaced by the example of its code.
func (m *model) errorText(body string) string {
	body = strings.TrimSpace(body)
	for _, t := range m.text {
		if t.exact != "" && t.exact == body {
			return body
		}
	}
	for _, t := range m.text {
		if t.matches(body) && t.example != "" {
			return t.example
		}
	}
	return ""
}

// form redacts the fields of a form.
func (k *keeper) form(list []*openapi3.Schema, body string) (params []*har.Param, text string) {
	params = []*har.Param{}
	var encoded []string
	declared := shapeOf(list).properties
	for part := range strings.SplitSeq(body, "&") {
		if part == "" || len(params) == 256 {
			continue
		}
		name, value, given := strings.Cut(part, "=")
		name, value = unescape(name), unescape(value)
		if declared[name] == nil {
			name = k.name(name, !given) // a part without a value can be a token
		}
		value = k.word(declared[name], value)
		params = append(params, &har.Param{Name: name, Value: value})
		encoded = append(encoded, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	return params, strings.Join(encoded, "&")
}
