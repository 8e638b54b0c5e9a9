package qpaytest_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// shop is a merchant's HTTP client. It shares no code with package qpay.
type shop struct {
	t     testing.TB
	srv   *qpaytest.Server
	token string
	// skipSpec allows responses that differ from the spec.
	skipSpec bool
}

// response is a response with its decoded body.
type response struct {
	status int
	raw    string
	body   map[string]any
}

func open(t *testing.T, opts ...qpaytest.Option) *shop {
	t.Helper()
	s := &shop{t: t, srv: qpaytest.NewServer(t, opts...)}
	s.login()
	return s
}

func (s *shop) login() {
	s.t.Helper()
	s.token = s.text(s.tokens(), "access_token")
}

// tokens returns the response of createToken.
func (s *shop) tokens() response {
	s.t.Helper()
	r := s.request("POST", "/v2/auth/token", "")
	c := s.srv.Credentials()
	r.SetBasicAuth(c.Username, c.Password)
	return s.send(r)
}

// call makes a call with the access token.
func (s *shop) call(method, path, body string) response {
	s.t.Helper()
	return s.send(s.request(method, path, body))
}

func (s *shop) request(method, path, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.srv.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	return r
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
	a := response{status: got.StatusCode, raw: string(raw)}
	if !s.skipSpec {
		checkSpec(s.t, r, got, raw)
	}
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			s.t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, raw)
		}
	}
	return a
}

// text returns a member that must be a string.
func (s *shop) text(a response, name string) string {
	s.t.Helper()
	text, ok := a.body[name].(string)
	if !ok {
		s.t.Fatalf("status %d, member %q is not a string in %s", a.status, name, a.raw)
	}
	return text
}

// want checks the status and the code of an error response.
func (s *shop) want(a response, status int, code string) {
	s.t.Helper()
	if a.status != status || a.body["error"] != code {
		s.t.Errorf("got %d %s, want %d with error %s", a.status, a.raw, status, code)
	}
}

// wantField checks the error of one field.
func (s *shop) wantField(a response, field, kind string) {
	s.t.Helper()
	fields, _ := a.body["error"].(map[string]any)
	one, _ := fields[field].(map[string]any)
	if a.status != http.StatusBadRequest || one["type"] != kind {
		s.t.Errorf("got %d %s, want 400 with %s for %s", a.status, a.raw, kind, field)
	}
}

const simpleInvoice = `{"invoice_code":"TEST_INVOICE","sender_invoice_no":"1234567","invoice_receiver_code":"terminal",` +
	`"invoice_description":"test","callback_url":"http://127.0.0.1:1/paid?order=7","amount":100}`

// invoice creates an invoice of 100 with more members, such as `,"allow_partial":true`.
func (s *shop) invoice(more string) string {
	s.t.Helper()
	a := s.call("POST", "/v2/invoice", simpleInvoice[:len(simpleInvoice)-1]+more+"}")
	return s.text(a, "invoice_id")
}

func (s *shop) pay(id string, opts ...qpaytest.PayOption) string {
	s.t.Helper()
	paymentID, err := s.srv.Pay(id, opts...)
	if err != nil {
		s.t.Fatalf("pay %s: %v", id, err)
	}
	return paymentID
}

// tryCreateInvoice creates an invoice over a new connection and ignores errors.
func (s *shop) tryCreateInvoice() {
	s.t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if got, err := c.Do(s.request("POST", "/v2/invoice", simpleInvoice)); err == nil {
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
	}
}
