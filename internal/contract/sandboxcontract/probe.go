package sandboxcontract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// cases returns one valid request for each operation of the client.
func (p *prober) cases(seed uint64) (out []probe) {
	g := p.generator(seed)
	for _, c := range p.Calls {
		out = append(out, g.valid(c))
	}
	return out
}

// probe is one request to the sandbox.
type probe struct {
	name, method, target string
	body, contentType    string // an empty contentType is JSON
	auth                 string // "", "none" or "wrong"
	refused              bool   // must be refused even if the spec allows the request
	change               func(http.Header)
}

func (p probe) String() string {
	return fmt.Sprintf("%s: curl -X %s '%s' -H 'Content-Type: %s' (auth %q) -d '%.300s'", p.name, p.method, p.target, p.contentType, p.auth, p.body)
}

// prober sends probes with the credentials of the client.
type prober struct {
	*harness.Driver
	account harness.Account
	header  http.Header // of a genuine request
	router  routers.Router
	client  *http.Client
	pool    map[string][]string // strings of responses, by the name of the member
	// accepted counts the successful requests by operation.
	accepted map[string]int
	ended    map[string]bool // deleted targets
	nulls    int             // requests accepted with null for an optional member
}

func newProber(t testing.TB, s harness.Suite) *prober {
	t.Helper()
	st := harness.NewDriver(t, s)
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	c := &faulthttp.HeaderRecorder{Base: tr}
	p := &prober{Driver: st, router: specmodel.Load(t, s.Spec).Router, pool: map[string][]string{}, accepted: map[string]int{}, ended: map[string]bool{}, account: st.Connect(t, st.Sandbox.URL, pay.WithTransport(c)),
		client: &http.Client{Transport: tr, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if err := p.account.Read(context.Background()); err != nil {
		t.Fatal(err)
	}
	p.header = http.Header{}
	for name, values := range c.Header { // some names are sent in another case
		p.header[http.CanonicalHeaderKey(name)] = values
	}
	p.header.Del("Idempotency-Key")
	p.header.Del("Content-Length")
	return p
}

// request makes the HTTP request of a probe.
func (p *prober) request(c probe) (*http.Request, error) {
	r, err := http.NewRequest(c.method, p.Sandbox.URL, strings.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	base := r.URL
	if r.URL, err = url.ParseRequestURI(c.target); err != nil {
		return nil, err
	}
	if strings.Contains(r.URL.RequestURI(), " ") {
		return nil, errors.New("a blank in the target: net/http refuses the request")
	}
	r.URL.Scheme, r.URL.Host = base.Scheme, base.Host
	r.Header = p.header.Clone()
	r.Header.Set("Content-Type", c.contentType)
	if c.contentType == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.account.Sign != nil {
		p.account.Sign(r, []byte(c.body))
	}
	for name := range r.Header {
		credential := !strings.HasPrefix(name, "Content-") && name != "Accept" && name != "User-Agent"
		if c.auth == "none" && credential {
			delete(r.Header, name)
		} else if c.auth == "wrong" && credential {
			v := r.Header.Get(name)
			r.Header.Set(name, v[:len(v)-1]+string(v[len(v)-1]^1))
		}
	}
	if c.change != nil {
		c.change(r.Header)
	}
	return r, nil
}

// probe sends a request and returns what is wrong with the response; "" if nothing
// is.
func (p *prober) probe(c probe) string {
	r, err := p.request(c)
	if err != nil {
		return "" // a server never receives such a request
	}
	resp, err := p.client.Do(r)
	if err != nil {
		if bad := new(url.Error); errors.As(err, &bad) && (strings.Contains(err.Error(), "invalid") || strings.Contains(err.Error(), "malformed")) {
			return ""
		}
		return fmt.Sprintf("%v\n%v", c, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Sprintf("%v\n%v", c, err)
	}
	if problem := p.classify(c, r, resp, body); problem != "" {
		return fmt.Sprintf("%v\ngot status %d with body %.300s: %s", c, resp.StatusCode, body, problem)
	}
	return ""
}

// classify compares a response with the spec.
func (p *prober) classify(c probe, r *http.Request, resp *http.Response, body []byte) string {
	failed := resp.StatusCode >= 400 || p.failureWord(body) != ""
	if c.refused && !failed {
		return "want a refusal"
	}
	again := r.Clone(context.Background())
	again.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	again.Body = io.NopCloser(strings.NewReader(c.body))
	route, params, err := p.router.FindRoute(again)
	switch {
	case err != nil && !failed:
		return "success where the spec has no operation"
	case err != nil && resp.StatusCode < 500:
		return ""
	case resp.StatusCode >= 500 && (err != nil || !p.documented(route.Operation, resp.StatusCode)):
		return "a server error that the spec does not have"
	}
	in := &openapi3filter.RequestValidationInput{Request: again, Route: route, PathParams: params,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
	invalid := openapi3filter.ValidateRequest(context.Background(), in)
	switch {
	case invalid == nil || failed:
	case p.onlyNulls(in, c.body):
		p.nulls++
	default:
		return "success for a request that breaks the spec: " + firstLine(invalid)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: in.Options}
	out.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return "the response breaks the spec: " + firstLine(err)
	}
	if !failed {
		p.accepted[route.Operation.OperationID]++
		p.ended[c.target] = p.ended[c.target] || c.method == http.MethodDelete
		p.learn(body)
	}
	return ""
}

// onlyNulls reports whether a request is valid without its optional members that are
// null. Whether the providers refuse those is not known; the sandboxes read them as
// absent and list that among their guesses.
func (p *prober) onlyNulls(in *openapi3filter.RequestValidationInput, body string) bool {
	again, text := *in, specmodel.Encode(withoutNulls(specmodel.Decode([]byte(body))))
	again.Request = in.Request.Clone(context.Background())
	again.Request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	again.Request.Body, _ = again.Request.GetBody()
	return openapi3filter.ValidateRequest(context.Background(), &again) == nil
}

func withoutNulls(v any) any {
	specmodel.Walk("", v, func(_ string, m map[string]any) {
		maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	})
	return v
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// documented reports whether a status of 5xx belongs to the operation and to a code
// of the catalog.
func (p *prober) documented(op *openapi3.Operation, status int) bool {
	for _, code := range p.Codes {
		info, _ := code.Info()
		if slices.Contains(info.Statuses, status) && op.Responses.Status(status) != nil {
			return true
		}
	}
	return false
}

// failureWord returns the word of the envelope by which a response with status 200 is
// a failure; "" if it is not one.
func (p *prober) failureWord(body []byte) string {
	for _, schema := range p.Doc.Components.Schemas {
		env, _ := schema.Value.Extensions["x-error-envelope"].(map[string]any)
		outcome, _ := env["outcome"].(map[string]any)
		if outcome == nil {
			continue
		}
		v, _ := specmodel.At(specmodel.Decode(body), fmt.Sprint(env["at"], outcome["from"]))
		word, _ := v.(string)
		words, _ := outcome["map"].(map[string]any)
		if meaning := words[word]; word != "" && meaning != "ok" && meaning != "pending" {
			return word
		}
	}
	return ""
}

// learn keeps the strings of a response, so that later requests can name resources
// that exist or existed.
func (p *prober) learn(body []byte) {
	for _, m := range specmodel.Members(specmodel.Decode(body)) {
		if s, ok := m.Value.(string); ok && s != "" && len(s) < 128 {
			list := append(p.pool[strings.ToLower(m.Name)], s)
			p.pool[strings.ToLower(m.Name)] = list[max(0, len(list)-20):]
		}
	}
}

// send sends a probe and returns the response.
func (p *prober) send(c probe) (status int, body string) {
	r, err := p.request(c)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(data)
}
