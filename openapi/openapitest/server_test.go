package openapitest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/openapi/openapitest"
)

// shop is a minimal merchant client. It shares no code with package openapi.
type shop struct {
	t        testing.TB
	srv      *openapitest.Server
	key      *rsa.PrivateKey
	platform map[string]*rsa.PublicKey
	offSpec  bool // skips the validation against the spec
}

// response is a decoded HTTP response.
type response struct {
	status int
	raw    string
	body   map[string]any
	header http.Header
}

func open(t testing.TB, opts ...openapitest.Option) *shop {
	t.Helper()
	s := &shop{t: t, srv: openapitest.NewServer(t, opts...), platform: map[string]*rsa.PublicKey{}}
	creds := s.srv.Credentials()
	s.key = decode(t, creds.PrivateKey, x509.ParsePKCS8PrivateKey).(*rsa.PrivateKey)
	for version, text := range creds.PlatformPublicKeys {
		s.platform[version] = decode(t, text, x509.ParsePKIXPublicKey).(*rsa.PublicKey)
	}
	return s
}

func decode(t testing.TB, text string, parse func([]byte) (any, error)) any {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatal("the key is not PEM")
	}
	key, err := parse(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// request returns a signed request to an operation such as "payments/pay".
func (s *shop) request(op, body string) *http.Request {
	s.t.Helper()
	return s.signedAt(s.srv.Now(), op, body)
}

func (s *shop) signedAt(at time.Time, op, body string) *http.Request {
	s.t.Helper()
	path, moment := "/api/open/v2/"+op, at.UTC().Format(time.RFC3339)
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.srv.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("POST " + path + "\nTEST_5X00000000000001." + moment + "." + body))
	raw, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	r.Header.Set("Client-Id", "TEST_5X00000000000001")
	r.Header.Set("Request-Time", moment)
	r.Header.Set("Signature", "algorithm=RSA256,keyVersion=1,signature="+base64.StdEncoding.EncodeToString(raw))
	return r
}

// call sends a request and checks the response: its signature, and its body against
// the spec.
func (s *shop) call(op, body string) response {
	s.t.Helper()
	return s.send(s.request(op, body))
}

func (s *shop) send(r *http.Request) response {
	s.t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	got, err := tr.RoundTrip(r)
	if err != nil {
		s.t.Fatalf("%s: %v", r.URL.Path, err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		s.t.Fatalf("%s: %v", r.URL.Path, err)
	}
	a := response{status: got.StatusCode, raw: string(raw), header: got.Header}
	_ = json.Unmarshal(raw, &a.body)
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		return a
	}
	s.checkSignature(r, a)
	if !s.offSpec {
		checkSpec(s.t, r, got, raw)
	}
	return a
}

// checkSignature checks the signature of a response, which failures have too.
func (s *shop) checkSignature(r *http.Request, a response) {
	s.t.Helper()
	parts := map[string]string{}
	for _, part := range strings.Split(a.header.Get("Signature"), ", ") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	text := strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "", "-", "+", "_", "/", "=", "").Replace(parts["signature"])
	raw, err := base64.RawStdEncoding.DecodeString(text)
	key := s.platform[parts["keyVersion"]]
	if err != nil || key == nil || a.header.Get("Client-Id") != r.Header.Get("Client-Id") {
		s.t.Errorf("%s: %d without a readable signature: %v", r.URL.Path, a.status, a.header)
		return
	}
	sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "\n" + r.Header.Get("Client-Id") + "." + a.header.Get("Response-Time") + "." + a.raw))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw); err != nil {
		s.t.Errorf("%s: the response has an invalid signature", r.URL.Path)
	}
}

// control calls a control route, with GET if there is no body.
func (s *shop) control(route, body string) response {
	s.t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.srv.URL+"/_sandbox/"+route, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return s.send(r)
}

func (a response) result(member string) string {
	result, _ := a.body["result"].(map[string]any)
	text, _ := result[member].(string)
	return text
}

func (a response) text(member string) string { text, _ := a.body[member].(string); return text }

// want checks the result status and code of a response, such as "S SUCCESS".
func (s *shop) want(a response, want string) response {
	s.t.Helper()
	if got := a.result("resultStatus") + " " + a.result("resultCode"); got != want {
		s.t.Errorf("got %s (%d %s), want %s", got, a.status, a.raw, want)
	}
	return a
}

const ok = "S SUCCESS"

// ledger lists the side effects without their IDs.
func (s *shop) ledger() string {
	var kinds []string
	for _, e := range s.srv.Ledger() {
		kinds = append(kinds, strings.TrimSpace(e.Kind+" "+e.Amount))
	}
	return strings.Join(kinds, ", ")
}

func (s *shop) advance(d time.Duration) {
	s.t.Helper()
	if err := s.srv.Advance(d); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) config(edit func(*openapitest.Config)) {
	s.t.Helper()
	if _, err := s.srv.Config(edit); err != nil {
		s.t.Fatal(err)
	}
}

// paid creates an order, pays it and returns the payment's ID.
func (s *shop) paid(requestID string, opts ...openapitest.PayOption) string {
	s.t.Helper()
	id := s.want(s.call("payments/createQrOrder", qr(requestID)), ok).text("paymentId")
	if err := s.srv.Pay(id, opts...); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func qr(requestID string) string { return qrTo(requestID, "") }

func qrTo(requestID, notify string) string {
	extra := ""
	if notify != "" {
		extra = `,"paymentNotifyUrl":"` + notify + `"`
	}
	return `{"bizType":"ORDER_CODE","codeType":"CGCP","productCode":"5105010010000100040","paymentRequestId":"` + requestID +
		`","paymentAmount":{"currency":"EUR","value":"2500"}` + extra + `}`
}

func retail(requestID, code string) string {
	return `{"productCode":"5105010010000100040","paymentRequestId":"` + requestID + `","paymentAuthCode":"` + code +
		`","paymentAmount":{"currency":"EUR","value":"2500"},"paymentNotifyUrl":"http://shop.localhost/pay"}`
}
