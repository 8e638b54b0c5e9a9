package sandboxcontract

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/contract/harness"
)

// controlCalls are control calls of which some are malformed, as path and body.
var controlCalls = [][2]string{
	{"pay", `{"id":"x","outcome":"paid","method":"card","amount":1e400}`}, {"pay", `{"id":"\u0000","amount":"-1"}`}, {"pay", `{"id":{},"amount":[]}`},
	{"fail-next", `{"code":"x","operation":"","times":9223372036854775807}`}, {"fail-next", `{"times":-1}`},
	{"fault", `{"kind":"refuse","times":1000}`}, {"fault", `{"kind":"html","status":99}`}, {"fault", `{"kind":null,"status":1.5}`},
	{"clock", `{"advance":"2562047h47m16.854775807s"}`}, {"clock", `{"advance":"-1ns"}`}, {"clock", `{"advance":"1e9h"}`},
	{"config", `{}`}, {"config", `null`}, {"config", `{"":0}`}, {"config", `{"callback":null,"mode":"","refunds":{}}`},
	{"authcode", `{"for":"payment","result":"x"}`}, {"contract", `{"state":"INVALID"}`}, {"webhooks", `{}`}, {"events", `[]`},
	{"reset", `{"all":true}`}, {"nope", `{}`}, {"", ``}, {"../pay", "\xff"}, {"pay", strings.Repeat(`{"id":`, 5000)},
}

// FuzzSandbox sends any request to the sandbox, with the credentials of the client.
// The response must be one that the spec allows. Control calls go to a sandbox of their
// own, which is reset after each.
func FuzzSandbox(f *testing.F, s harness.Suite) {
	control := s.Sandbox(f)
	p := newProber(f, s)
	for _, c := range p.cases(1) {
		f.Add(c.method, c.target, []byte(c.body))
	}
	for _, c := range controlCalls {
		f.Add(http.MethodPost, "/_sandbox/"+c[0], []byte(c[1]))
	}
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		if !strings.HasPrefix(target, "/") {
			t.Skip("not a path")
		}
		if strings.HasPrefix(target, "/_sandbox/") {
			p.probeControl(t, control.URL, method, target, string(body))
			return
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

// probeControl makes a control call, whose response must be JSON with a status that says
// who is to blame, and resets the sandbox.
func (p *prober) probeControl(t *testing.T, base, method, target, body string) {
	t.Helper()
	status, got, err := p.sendControl(base, method, target, body)
	if err != nil {
		return // net/http does not send or does not accept such a request
	}
	if status >= 500 || status >= 300 && status < 400 || method != http.MethodHead && !jsontext.Value(got).IsValid() {
		t.Errorf("control call %s %s %s: got %d %s, want JSON with a status below 300 or of 4xx", method, harness.Short(target), harness.Short(body), status, harness.Short(got))
	}
	status, got, err = p.sendControl(base, http.MethodPost, "/_sandbox/reset", "{}")
	for n := 0; err != nil && n < 1000; n++ { // the fault refuse
		status, got, err = p.sendControl(base, http.MethodPost, "/_sandbox/reset", "{}")
	}
	if err != nil || status != http.StatusOK {
		t.Errorf("reset after %s %s %s: got %d %s, %v, want 200", method, harness.Short(target), harness.Short(body), status, harness.Short(got), err)
	}
}

func (p *prober) sendControl(base, method, target, body string) (status int, got string, err error) {
	r, err := http.NewRequest(method, base+target, strings.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("not a request: %w", err)
	}
	r.Header.Set("Content-Type", jsonType)
	resp, err := p.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}
