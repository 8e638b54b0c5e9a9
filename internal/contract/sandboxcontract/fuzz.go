package sandboxcontract

import (
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
)

// FuzzSandbox sends any request to the sandbox, with the credentials of the client.
// The response must be one that the spec allows.
func FuzzSandbox(f *testing.F, s harness.Suite) {
	p := newProber(f, s)
	for _, c := range p.cases(1) {
		f.Add(c.method, c.target, []byte(c.body))
	}
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "/_sandbox") {
			t.Skip("not a path of the provider")
		}
		start := time.Now() // memory is not measured: the sandbox draws images, and the validator allocates too
		if problem := p.probe(probe{name: "fuzz", method: method, target: target, body: string(body)}); problem != "" {
			t.Error(problem)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("request %s %s: took %v, want at most 1s", method, harness.Short(target), took)
		}
	})
}
