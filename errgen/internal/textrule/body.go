package textrule

import "github.com/specpay/specpay/errgen/internal/model"

// Body returns a text that means the code: its first example, or a text that its rules match. A code with neither is
// recognized by its status or is the fallback, so any text that no rule matches will do.
func Body(code *model.Code) string {
	if len(code.Examples) > 0 {
		return code.Examples[0].Body.Value
	}
	for _, kind := range []string{"exact", "prefix"} {
		for _, m := range code.Match {
			if m.Kind == kind && kind == "exact" {
				return m.Value.Value
			}
			if m.Kind == kind {
				return m.Value.Value + "example"
			}
		}
	}
	return code.Headline()
}
