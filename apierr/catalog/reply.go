package catalog

import (
	"maps"
	"slices"
	"strings"
)

// fieldTexts returns the texts of the reply's fields with the tokens of their places.
func (r *response) fieldTexts(v *Envelope) (places [][]string, texts []string) {
	rule := v.Fields
	if rule.At == "" {
		return nil, nil
	}
	for _, f := range r.Fields {
		entry := v.At + rule.At + "/" + escapeToken(f.Field) + "/"
		for _, part := range []struct {
			member, text string
			always       bool
		}{{rule.Type, f.Type, false}, {rule.Message, f.Message, true}} { // a field without texts is named, too
			if part.member != "" && (part.text != "" || part.always) {
				places = append(places, strings.Split(entry+escapeToken(part.member), "/")[1:])
				texts = append(texts, part.text)
			}
		}
	}
	return places, texts
}

// escapeToken returns a name as a token of a JSON pointer.
func escapeToken(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// captured returns the text of a rule for the code that has the reply's captures; "" if
// no rule has exactly these, or if clients would read something else from the text.
func (r *response) captured(v *Envelope) string {
	for i := range v.Text.Rules {
		rule := &v.Text.Rules[i]
		if rule.Code != r.info.Value || len(rule.Statuses) > 0 && !slices.Contains(rule.Statuses, r.Status) {
			continue
		}
		text := rule.Prefix + r.Captures[rule.Capture]
		for _, p := range rule.Parts {
			text += p.Literal + r.Captures[p.Capture]
		}
		if code, captures := v.Text.Read(r.Status, []byte(text)); code == r.info.Value && maps.Equal(captures, r.Captures) {
			return text
		}
	}
	return ""
}
