package textrule

import (
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
)

// Sample returns a text that a server can send for a code. Every capture in it is the word unknown, so that it states no
// facts. If no such text means the code, it returns that of [Body].
func Sample(c *model.Catalog, code *model.Code) string {
	rules := Of(c)
	status := 500
	if len(code.HTTP) > 0 {
		status = code.HTTP[0].Value
	}
	for i := range rules.Rules {
		rule := &rules.Rules[i]
		if rule.Code != code.Value {
			continue
		}
		text := sample(rule)
		if got, _ := rules.Read(status, []byte(text)); got == code.Value && text != "" {
			return text
		}
	}
	if text := code.Headline(); rules.Fallback == code.Value {
		return text
	}
	return Body(code)
}

func sample(r *catalog.TextRule) string {
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
