package textrule

import "github.com/specpay/specpay/errgen/internal/model"

// Body returns a text that means the code: its first example, else what its rules fit. A code that has neither is
// told by its status or is the fallback, so that any text of its own will do.
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
