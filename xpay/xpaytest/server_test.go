package xpaytest_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/xpay/xpaytest"
)

// shop is a minimal merchant client. It shares no code with package xpay.
type shop struct {
	t       testing.TB
	srv     *xpaytest.Server
	key     string
	keys    int  // idempotency keys used so far
	offSpec bool // skips the validation against the spec
}

// response is a decoded HTTP response.
type response struct {
	status int
	raw    string
	header http.Header
	body   map[string]any
}

func open(t *testing.T, opts ...xpaytest.Option) *shop {
	t.Helper()
	srv := xpaytest.NewServer(t, opts...)
	return &shop{t: t, srv: srv, key: srv.Credentials().APIKey}
}

func config(edit func(*xpaytest.Config)) xpaytest.Option { return xpaytest.WithConfig(edit) }

func start() time.Time { return time.Date(2026, 5, 9, 12, 34, 56, 0, time.UTC) }

func (s *shop) request(method, path, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.srv.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	return r
}

// call sends a request, with a new idempotency key if it is a write.
func (s *shop) call(method, path, body string) response {
	s.t.Helper()
	r := s.request(method, path, body)
	if method == "POST" || method == "PATCH" {
		s.keys++
		r.Header.Set("Idempotency-Key", fmt.Sprint("key-", s.keys))
	}
	return s.send(r)
}

func (s *shop) send(r *http.Request) response {
	s.t.Helper()
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	if !s.offSpec {
		checkSpec(s.t, r, got, raw)
	}
	a := response{status: got.StatusCode, raw: string(raw), header: got.Header}
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			s.t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, raw)
		}
	}
	return a
}

// at returns the member at a path of names and indices.
func (a response) at(path string) any {
	var v any = a.body
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i := 0
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// text returns a member that must be a string.
func (s *shop) text(a response, path string) string {
	s.t.Helper()
	text, ok := a.at(path).(string)
	if !ok {
		s.t.Fatalf("status %d, %s is not a string in %s", a.status, path, a.raw)
	}
	return text
}

// want checks the status, code and parameter of a failure.
func (s *shop) want(a response, status int, code, param string) {
	s.t.Helper()
	got, _ := a.at("error.param").(string)
	if a.status != status || a.at("error.code") != code || got != param {
		s.t.Errorf("got %d %s, want %d %s about %q", a.status, a.raw, status, code, param)
		return
	}
	if a.at("error.doc_url") != "https://docs.xpay.app/integrate/errors/api-error-codes#"+code || !strings.HasPrefix(s.text(a, "request_id"), "req_") {
		s.t.Errorf("%s", a.raw)
	}
}

// values checks members of a response.
func (s *shop) values(a response, want map[string]any) {
	s.t.Helper()
	for path, value := range want {
		got := a.at(path)
		if n, ok := got.(float64); ok {
			got = strconv.FormatFloat(n, 'f', -1, 64)
		}
		if fmt.Sprint(got) != fmt.Sprint(value) {
			s.t.Errorf("%s is %v, want %v in %d %s", path, got, value, a.status, a.raw)
		}
	}
}

const (
	lines = `"lineItems":[{"quantity":2,"priceData":{"currency":"EGP","unitAmount":10000,"productData":{"name":"Ticket"}}}]`
	after = `"afterCompletion":{"type":"redirect","redirect":{"url":"https://shop.example/thanks?s={CHECKOUT_SESSION_ID}"}}`
	order = `{` + lines + `,` + after + `}`
)

// session creates a session with additional members, such as `,"locale":"ar"`.
func (s *shop) session(more string) response {
	s.t.Helper()
	return s.call("POST", "/checkout/sessions", order[:len(order)-1]+more+"}")
}

// pay pays a session or payment link.
func (s *shop) pay(id string, opts ...xpaytest.PayOption) xpaytest.PayResult {
	s.t.Helper()
	done, err := s.srv.Pay(id, opts...)
	if err != nil {
		s.t.Fatalf("pay %s: %v", id, err)
	}
	return done
}

// kinds lists the side effects without their IDs.
func (s *shop) kinds() string {
	kinds := []string{}
	for _, e := range s.srv.Ledger() {
		kinds = append(kinds, e.Kind)
	}
	return strings.Join(kinds, " ")
}
