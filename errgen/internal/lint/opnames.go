package lint

import "github.com/specpay/specpay/errgen/internal/finding"

// operationNames records what oapi-codegen's client templates declare for each operation. Without an operationId they
// derive a unique name.
func (l *linter) operationNames(names taken) {
	for _, op := range l.spec.Operations {
		if op.ID.Value == "" {
			continue
		}
		name, who := l.namer.Schema(op.ID.Value), "the generated client of operation "+finding.Quote(op.ID.Value)
		for _, made := range []string{
			"New" + name + "Request", "New" + name + "RequestWithBody", "Parse" + name + "Response", name + "Response",
			name + "Params", name + "JSONBody", name + "JSONRequestBody", name + "FormdataRequestBody", name + "TextRequestBody",
		} {
			names[made] = who
		}
	}
}
