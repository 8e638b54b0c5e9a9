package gatewaytest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/specpay/specpay/gateway/gatewaytest"
)

// app is an app's HTTP client. It shares no code with package gateway and none with the
// sandbox.
type app struct {
	t   testing.TB
	srv *gatewaytest.Server
	key string // Idempotency-Key of the next calls
	// skipSpec allows responses that differ from the spec.
	skipSpec bool
}

// response is a response with its decoded body.
type response struct {
	status int
	raw    string
	header http.Header
	body   map[string]any
}

func open(t *testing.T, opts ...gatewaytest.Option) *app {
	t.Helper()
	return &app{t: t, srv: gatewaytest.NewServer(t, opts...)}
}

// start is the time of the signature vectors.
func start() time.Time { return time.Unix(1778330096, 0) }

// with is short for WithConfig.
func with(edit func(*gatewaytest.Config)) gatewaytest.Option { return gatewaytest.WithConfig(edit) }

// call makes a signed call.
func (a *app) call(method, path, body string) response {
	a.t.Helper()
	return a.send(a.request(method, path, body))
}

func (a *app) request(method, path, body string) *http.Request {
	a.t.Helper()
	r := a.unsigned(method, path, body)
	sign(r, a.srv.Credentials().Secret, strconv.FormatInt(a.srv.Now().Unix(), 10), body)
	if a.key != "" {
		r.Header.Set("Idempotency-Key", a.key)
	}
	return r
}

func (a *app) unsigned(method, path, body string) *http.Request {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.srv.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		a.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func sign(r *http.Request, secret, timestamp, body string) {
	sum := sha256.Sum256([]byte(body))
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(h, timestamp+"."+r.Method+"."+r.URL.Path+"."+hex.EncodeToString(sum[:]))
	r.Header.Set("X-PAY-Key", "pk_0123456789abcdef01234567")
	r.Header.Set("X-PAY-Timestamp", timestamp)
	r.Header.Set("X-PAY-Signature", hex.EncodeToString(h.Sum(nil)))
}

func (a *app) send(r *http.Request) response {
	a.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		a.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer func() { _ = got.Body.Close() }()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		a.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	if !a.skipSpec {
		checkSpec(a.t, r, got, raw)
	}
	out := response{status: got.StatusCode, raw: string(raw), header: got.Header}
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &out.body); err != nil {
			a.t.Fatalf("%s %s: %v in %s", r.Method, r.URL.Path, err, raw)
		}
	}
	return out
}

// want checks the status and the text of an error response.
func (a *app) want(got response, status int, text string) {
	a.t.Helper()
	if got.status != status || got.raw != text+"\n" {
		a.t.Errorf("got %d %q, want %d %q", got.status, got.raw, status, text+"\n")
	}
}

func (a *app) text(got response, name string) string {
	a.t.Helper()
	text, ok := got.body[name].(string)
	if !ok {
		a.t.Fatalf("status %d, member %q is not a string in %s", got.status, name, got.raw)
	}
	return text
}

const (
	qris = `{"external_user_id":"user-1001","email":"buyer@example.com","amount_minor":50000,"currency":"IDR","method":"qris",` +
		`"return_url":"https://shop.example.com/return","invoice_prefix":"POS","metadata":{"order":"1001"}}`
	plan = `{"external_user_id":"user-1001","amount_minor":2900,"currency":"USD","method":"polar",` +
		`"return_url":"https://shop.example.com/return","metadata":{"polar_product_id":"6f1c2f34-0000-4000-8000-000000000001"}}`
	service = `{"external_user_id":"user-1001","amount_minor":2900,"currency":"EUR","method":"paypal","return_url":"https://shop.example.com/return"}`
)

// payment creates a payment and returns its ID.
func (a *app) payment(body string) string {
	a.t.Helper()
	return a.text(a.call("POST", "/v1/payments", body), "payment_id")
}

// paid creates a payment, pays it and returns its ID.
func (a *app) paid(body string) string {
	a.t.Helper()
	id := a.payment(body)
	if err := a.srv.Pay(id); err != nil {
		a.t.Fatal(err)
	}
	return id
}

func (a *app) status(id string) string {
	a.t.Helper()
	return a.text(a.call("GET", "/v1/payments/"+id, ""), "status")
}
