package sandboxcontract

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/harness"
)

// caller sends requests that no client of the provider sends.
type caller struct {
	*harness.Driver
	http *http.Client
}

func newCaller(t *testing.T, s harness.Suite) *caller {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &caller{Driver: harness.NewDriver(t, s), http: &http.Client{Transport: tr}}
}

// send sends a request with headers, of which Host is one, and returns the status, the
// header and the body of the response.
func (c *caller) send(t *testing.T, method, path, body string, header map[string]string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.Sandbox.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		t.Fatalf("%s %s with %v: %v", method, path, header, err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s with %v: %v", method, path, header, err)
	}
	return resp.StatusCode, resp.Header, string(got)
}

// targets are a control read, a control write, a read and a write of the provider.
func (c *caller) targets() (out []target) {
	out = append(out, target{http.MethodGet, "/_sandbox/ledger"}, target{http.MethodPost, "/_sandbox/reset"})
	for _, op := range c.ReadAndWrite() {
		out = append(out, target{op.Method, strings.NewReplacer("{", "", "}", "").Replace(op.Path)})
	}
	return out
}

type target struct{ method, path string }

const jsonType = "application/json"

// foreignHostsAreRefused sends requests whose Host is not the sandbox, as a page does
// after its name was changed to resolve to this machine.
func foreignHostsAreRefused(t *testing.T, s harness.Suite) {
	c := newCaller(t, s)
	at, err := url.Parse(c.Sandbox.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range c.targets() {
		for _, host := range []string{"evil.example", "evil.example:" + at.Port(), "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1", "10.0.0.1:80", "[2001:db8::1]", "0.0.0.0", "localhost:1:2", "127.0.0.1@evil.example", "evil.example@localhost"} {
			status, _, body := c.send(t, to.method, to.path, "{}", map[string]string{"Host": host, "Content-Type": jsonType})
			if status != http.StatusMisdirectedRequest && status != http.StatusBadRequest || status == http.StatusMisdirectedRequest && !strings.Contains(body, "allow-host") {
				t.Errorf("%s %s with host %s: got %d %s, want 421 and how to allow the host", to.method, to.path, host, status, harness.Short(body))
			}
		}
		for _, host := range []string{"localhost", "localhost:1", "LOCALHOST.", "shop.localhost", "127.0.0.1", "127.8.8.8:80", "[::1]:80", "[::ffff:127.0.0.1]", at.Host} {
			if status, _, body := c.send(t, to.method, to.path, "{}", map[string]string{"Host": host, "Content-Type": jsonType}); status == http.StatusMisdirectedRequest {
				t.Errorf("%s %s with host %s: got %d %s, want no refusal of the host", to.method, to.path, host, status, harness.Short(body))
			}
		}
	}
	harness.Expect(t, "requests with a foreign host", "ledger entries", c.Sandbox.Ledger(), 0)
}

// foreignOriginsAreRefused sends what browsers send for a page of another origin, and
// what they send for the sandbox's own pages and when its URL is opened.
func foreignOriginsAreRefused(t *testing.T, s harness.Suite) {
	c := newCaller(t, s)
	for _, to := range c.targets() {
		for _, header := range []map[string]string{
			{"Origin": "https://evil.example"},
			{"Origin": "null"},
			{"Origin": "http://127.0.0.1:1"},
			{"Origin": "http://localhost"},
			{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
			{"Sec-Fetch-Site": "same-site"},
			{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
			{"Sec-Fetch-Site": "cross-site", "Origin": c.Sandbox.URL},
		} {
			header["Content-Type"] = jsonType
			status, got, body := c.send(t, to.method, to.path, "{}", header)
			if status != http.StatusForbidden || !strings.Contains(body, "another origin") {
				t.Errorf("%s %s with %v: got %d %s, want 403 and the reason", to.method, to.path, header, status, harness.Short(body))
			}
			expectNoCORS(t, to, got)
		}
		for _, header := range []map[string]string{{}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": c.Sandbox.URL}} {
			header["Content-Type"] = jsonType
			status, got, body := c.send(t, to.method, to.path, "{}", header)
			if strings.Contains(body, "another origin") {
				t.Errorf("%s %s with %v: got %d %s, want no refusal of the origin", to.method, to.path, header, status, harness.Short(body))
			}
			expectNoCORS(t, to, got)
		}
		status, got, body := c.send(t, http.MethodOptions, to.path, "", map[string]string{"Origin": "https://evil.example", "Access-Control-Request-Method": to.method})
		harness.Expect(t, "preflight of "+to.path+": "+harness.Short(body), "status", status, http.StatusForbidden)
		expectNoCORS(t, to, got)
	}
	// A link on another page opens the sandbox.
	if status, _, body := c.send(t, http.MethodGet, "/_sandbox/ledger", "", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}); status != http.StatusOK {
		t.Errorf("a link to the ledger: got %d %s, want 200", status, harness.Short(body))
	}
	harness.Expect(t, "requests of another origin", "ledger entries", c.Sandbox.Ledger(), 0)
}

func expectNoCORS(t *testing.T, to target, header http.Header) {
	t.Helper()
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s %s: got header %s, want none that lets other origins read", to.method, to.path, name)
		}
	}
}

// controlCallsAreStrict sends what is not one JSON object with known members to every
// control route that changes something.
func controlCallsAreStrict(t *testing.T, s harness.Suite) {
	c := newCaller(t, s)
	var routes struct {
		Known []string `json:"known"`
	}
	if _, _, body := c.send(t, http.MethodGet, "/_sandbox/nope", "", nil); json.Unmarshal([]byte(body), &routes) != nil || len(routes.Known) < 11 {
		t.Fatalf("the unknown route lists %v, want the routes", routes.Known)
	}
	for _, name := range routes.Known {
		path := "/_sandbox/" + name
		if status, _, _ := c.send(t, http.MethodPost, path, "", map[string]string{"Content-Type": jsonType}); status == http.StatusMethodNotAllowed {
			continue // it only reads
		}
		for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "text/json", "application/json, text/plain"} {
			status, _, body := c.send(t, http.MethodPost, path, "{}", map[string]string{"Content-Type": contentType})
			if status != http.StatusUnsupportedMediaType || !strings.Contains(body, jsonType) {
				t.Errorf("POST %s as %q: got %d %s, want 415 and the right type", path, contentType, status, harness.Short(body))
			}
		}
		for _, sent := range []string{"", "null", "[]", "[{}]", "7", `"x"`, "true", "{", "{}{}", "{} x", `{"a":1,"a":1}`, "\xff", "id=1"} {
			status, _, body := c.send(t, http.MethodPost, path, sent, map[string]string{"Content-Type": jsonType})
			if status != http.StatusBadRequest || !strings.Contains(body, "JSON object") {
				t.Errorf("POST %s %q: got %d %s, want 400 that asks for a JSON object", path, sent, status, harness.Short(body))
			}
		}
		status, _, body := c.send(t, http.MethodPost, path, `{"unheard-of":1}`, map[string]string{"Content-Type": jsonType + "; charset=utf-8"})
		if status != http.StatusBadRequest || !strings.Contains(body, "unheard-of") || !strings.Contains(body, `"known":[`) && !strings.Contains(body, "expected form is {}") {
			t.Errorf("POST %s with an unknown member: got %d %s, want 400, its name and the known ones", path, status, harness.Short(body))
		}
		status, _, body = c.send(t, http.MethodPost, path, `{"unheard-of":"`+strings.Repeat("x", 64<<10)+`"}`, map[string]string{"Content-Type": jsonType})
		if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "64 KiB") {
			t.Errorf("POST %s with more than 64 KiB: got %d %s, want 413 and the limit", path, status, harness.Short(body))
		}
	}
}
