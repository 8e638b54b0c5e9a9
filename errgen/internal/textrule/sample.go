package textrule

import "github.com/specpay/specpay/errgen/internal/model"

// Sample returns a text that a server can send for a code. Every capture in it is the word unknown, so that it states no
// facts. If no such text means the code, it returns that of Body.
func (r *Rules) Sample(code *model.Code) string {
	status := 500
	if len(code.HTTP) > 0 {
		status = code.HTTP[0].Value
	}
	for _, rule := range r.List {
		if rule.Code != code.Value {
			continue
		}
		text := rule.sample()
		if got, _ := r.Read(status, text); got == code.Value && text != "" {
			return text
		}
	}
	if text := code.Headline(); r.Fallback == code.Value {
		return text
	}
	return Body(code)
}

func (r *Rule) sample() string {
	text := r.Exact + r.Prefix
	if r.Capture != "" {
		text += "unknown"
	}
	for _, p := range r.Parts {
		if p.Capture != "" {
			text += "unknown"
		}
		text += p.Literal
	}
	return text
}
