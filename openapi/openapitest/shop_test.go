package openapitest_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/openapi/openapitest"
)

// shop is a merchant's own few lines of HTTP and signing; the tests share no
// code with the client.
type shop struct {
	t        testing.TB
	srv      *openapitest.Server
	key      *rsa.PrivateKey
	platform map[string]*rsa.PublicKey
	offSpec  bool // lets answers differ from the spec
}

// answer is what came back.
type answer struct {
	http   int
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
		t.Fatal("no PEM")
	}
	key, err := parse(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// request makes a signed request to an operation such as "payments/pay".
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

// call makes a call and checks the signature of its answer and its form.
func (s *shop) call(op, body string) answer {
	s.t.Helper()
	return s.send(s.request(op, body))
}

func (s *shop) send(r *http.Request) answer {
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
	a := answer{http: got.StatusCode, raw: string(raw), header: got.Header}
	_ = json.Unmarshal(raw, &a.body)
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		return a
	}
	s.checkSeal(r, a)
	if !s.offSpec {
		checkSpec(s.t, r, got, raw)
	}
	return a
}

// checkSeal wants a good signature on every answer, refusals included.
func (s *shop) checkSeal(r *http.Request, a answer) {
	s.t.Helper()
	parts := map[string]string{}
	for _, part := range strings.Split(a.header.Get("Signature"), ", ") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	raw, err := base64.StdEncoding.DecodeString(parts["signature"])
	key := s.platform[parts["keyVersion"]]
	if err != nil || key == nil || a.header.Get("Client-Id") != r.Header.Get("Client-Id") {
		s.t.Errorf("%s: %d without a readable signature: %v", r.URL.Path, a.http, a.header)
		return
	}
	sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "\n" + r.Header.Get("Client-Id") + "." + a.header.Get("Response-Time") + "." + a.raw))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw); err != nil {
		s.t.Errorf("%s: the answer's signature does not hold", r.URL.Path)
	}
}

// control makes a call of a control route.
func (s *shop) control(route, body string) answer {
	s.t.Helper()
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.srv.URL+"/_sandbox/"+route, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send(r)
}

func (a answer) result(member string) string {
	result, _ := a.body["result"].(map[string]any)
	text, _ := result[member].(string)
	return text
}

func (a answer) text(member string) string { text, _ := a.body[member].(string); return text }

// want checks a result by its letter and code: "S SUCCESS".
func (s *shop) want(a answer, letterAndCode string) answer {
	s.t.Helper()
	if got := a.result("resultStatus") + " " + a.result("resultCode"); got != letterAndCode {
		s.t.Errorf("got %s (%d %s), want %s", got, a.http, a.raw, letterAndCode)
	}
	return a
}

const ok = "S SUCCESS"

// ledger is the list of what happened, without ids.
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

// paid makes a payment that its user has paid.
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

// specRouter is the spec, closed against members it does not name: a misspelt
// member of an answer must not pass as an unknown one.
var specRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../specs/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	closed := false
	for name, schema := range doc.Components.Schemas {
		if schema.Value.Type.Is("object") && name != "VoidDetail" {
			schema.Value.AdditionalProperties.Has = &closed
		}
	}
	return gorillamux.NewRouter(doc)
})

// checkSpec holds an answer against the spec. A path that the spec does not have
// is no matter of the spec.
func checkSpec(t testing.TB, r *http.Request, got *http.Response, raw []byte) {
	t.Helper()
	router, err := specRouter()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(r)
	if err != nil {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 got.StatusCode, Header: got.Header, Body: io.NopCloser(bytes.NewReader(raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
		t.Errorf("%s: %s is not what the spec says: %v", r.URL.Path, raw, err)
	}
}
