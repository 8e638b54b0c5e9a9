package openapi_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// vectors are signatures made and verified with the OpenSSL command line.
type vectors struct {
	Published, Pair keySet
	Encodings       []struct{ Name, Value string }
}

type keySet struct {
	PrivateKey, PublicKey string
	Cases                 []vector
}

type vector struct {
	Name, Kind, Method, Path, Time, Body, Signature string
	ClientID                                        string `json:"clientId"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("../specs/vectors/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func armour(t *testing.T, kind, der string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(der)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
}

// pairCredentials are the test credentials of the vectors, for both sides.
func pairCredentials(t *testing.T) openapi.Credentials {
	t.Helper()
	v := readVectors(t)
	return openapi.Credentials{
		ClientID: "TEST_5X00000000000001", PrivateKey: armour(t, "PRIVATE KEY", v.Pair.PrivateKey), KeyVersion: "1",
		PlatformPublicKeys: map[string]string{"1": armour(t, "PUBLIC KEY", v.Pair.PublicKey)},
	}
}

// with returns a client of the vectors' merchant at their time, with a public key of
// the provider.
func with(t *testing.T, v vectors, publicKey string, rt http.RoundTripper) *openapi.Client {
	t.Helper()
	now := time.Date(2024, 1, 10, 12, 22, 30, 0, time.UTC)
	c, err := openapi.New(openapi.Credentials{
		ClientID: "TEST_5X00000000000001", PrivateKey: armour(t, "PRIVATE KEY", v.Pair.PrivateKey), KeyVersion: "1",
		PlatformPublicKeys: map[string]string{"1": armour(t, "PUBLIC KEY", publicKey)},
	}, pay.WithTransport(rt), pay.WithClock(func() time.Time { return now }), pay.WithMaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tripper is a function as an http.RoundTripper.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func header(v vector, timeName string) http.Header {
	return http.Header{"Client-Id": {v.ClientID}, timeName: {v.Time}, "Signature": {"algorithm=RSA256, keyVersion=1, signature=" + v.Signature},
		"Content-Type": {"application/json"}}
}

// retail is the request of the vectors.
func retail() openapi.RetailPayRequest {
	return openapi.RetailPayRequest{
		ProductCode: "5105010010000100040", PaymentRequestID: "RETAIL-0001", PaymentAuthCode: "289123456789012345",
		PaymentAmount: openapi.Amount{Currency: "EUR", Value: 2500}, PaymentNotifyURL: "https://merchant.example.com/hooks/payment",
	}
}

// TestRequestVectors compares the signature of a request with that of OpenSSL over
// the same bytes.
func TestRequestVectors(t *testing.T) {
	v := readVectors(t)
	var sent http.Header
	var body []byte
	c := with(t, v, v.Pair.PublicKey, tripper(func(r *http.Request) (*http.Response, error) {
		sent = r.Header
		body, _ = io.ReadAll(r.Body)
		return nil, errors.New("no network")
	}))
	msg := v.Pair.Cases[3]
	_, _ = c.SendPush(t.Context(), openapi.SendPushRequest{RequestID: "PUSH-1", TargetUserID: "1", Title: "Caffè €", Content: "a<b>&c"})
	if sent.Get("Client-Id") != msg.ClientID || sent.Get("Request-Time") != msg.Time || !strings.HasPrefix(sent.Get("Content-Type"), "application/json") {
		t.Errorf("headers: %v", sent)
	}
	if string(body) != msg.Body {
		t.Fatalf("sent %s, the vector has %s", body, msg.Body)
	}
	if want := "algorithm=RSA256, keyVersion=1, signature=" + msg.Signature; sent.Get("Signature") != want {
		t.Errorf("got  %s\nwant %s", sent.Get("Signature"), want)
	}
}

// TestResponseVectors: exactly the signed bytes are accepted, for the published
// vector, whose private key is not known, and for that of the test key.
func TestResponseVectors(t *testing.T) {
	v := readVectors(t)
	for name, set := range map[string]keySet{"published": v.Published, "pair": v.Pair} {
		response := set.Cases[1]
		reply := func(h http.Header, body string) error {
			c := with(t, v, set.PublicKey, tripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
			}))
			_, err := c.RetailPay(t.Context(), retail())
			return err
		}
		if err := reply(header(response, "Response-Time"), response.Body); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, enc := range v.Encodings {
			h := header(response, "Response-Time")
			h.Set("Signature", strings.Replace(h.Get("Signature"), response.Signature, encode(t, enc.Name, response.Signature), 1))
			if err := reply(h, response.Body); err != nil {
				t.Errorf("%s, %s: %v", name, enc.Name, err)
			}
		}
		for i := range sample.Indexes(len(response.Body), 24) {
			changed := []byte(response.Body)
			changed[i] ^= 1
			wantUnknown(t, fmt.Sprintf("%s, byte %d of the body", name, i), reply(header(response, "Response-Time"), string(changed)))
		}
		wantUnknown(t, "one more byte", reply(header(response, "Response-Time"), response.Body+" "))
		for field, value := range map[string]string{"Response-Time": response.Time, "Client-Id": response.ClientID, "Signature": response.Signature} {
			for i := range sample.Indexes(len(value), 24) {
				changed := []byte(value)
				changed[i] ^= 1
				h := header(response, "Response-Time")
				h.Set(field, strings.Replace(h.Get(field), value, string(changed), 1))
				wantUnknown(t, fmt.Sprintf("%s, byte %d of %s", name, i, field), reply(h, response.Body))
			}
		}
		for what, h := range badHeaders(response) {
			wantUnknown(t, name+", "+what, reply(h, response.Body))
		}
	}
}

// TestUnsignedErrorIsUnknown: neither the code nor the status of a failure
// without a valid signature is trusted, complete or cut. It may be a firewall's.
func TestUnsignedErrorIsUnknown(t *testing.T) {
	v := readVectors(t)
	declined := `{"result":{"resultCode":"INSUFFICIENT_BALANCE","resultStatus":"F","resultMessage":"insufficient balance"}}`
	for _, status := range []int{200, 400, 401, 402, 403, 404, 422, 429, 500, 503} {
		for what, body := range map[string]func() io.Reader{
			"a page": func() io.Reader { return strings.NewReader("<html>blocked</html>") },
			"a code": func() io.Reader { return strings.NewReader(declined) },
			"a code, broken": func() io.Reader {
				return io.MultiReader(strings.NewReader(declined), iotest.ErrReader(io.ErrUnexpectedEOF))
			},
		} {
			for name, h := range map[string]http.Header{"unsigned": {}, "another signature": header(v.Pair.Cases[1], "Response-Time")} {
				c := with(t, v, v.Pair.PublicKey, tripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: status, Header: h.Clone(), Body: io.NopCloser(body())}, nil
				}))
				_, err := c.RetailPay(t.Context(), retail())
				wantUnknown(t, fmt.Sprintf("%d, %s, %s", status, what, name), err)
				if broke := strings.Contains(fmt.Sprint(err), "the connection broke"); broke != (what == "a code, broken") {
					t.Errorf("%d, %s, %s: got error %v, want the connection to be named if it broke", status, what, name, err)
				}
			}
		}
	}
}

func badHeaders(response vector) map[string]http.Header {
	without := func(field string) http.Header {
		h := header(response, "Response-Time")
		h.Del(field)
		return h
	}
	set := func(field, value string) http.Header {
		h := header(response, "Response-Time")
		h.Set(field, value)
		return h
	}
	twice := header(response, "Response-Time")
	twice.Add("Signature", twice.Get("Signature"))
	return map[string]http.Header{
		"no signature": without("Signature"), "no time": without("Response-Time"), "two signatures": twice,
		"another form of the time": set("Response-Time", strings.Replace(response.Time, "Z", "+00:00", 1)),
		"an unknown key version":   set("Signature", "algorithm=RSA256, keyVersion=2, signature="+response.Signature),
		"another algorithm":        set("Signature", "algorithm=RSA512, keyVersion=1, signature="+response.Signature),
		"only a signature":         set("Signature", response.Signature),
	}
}

// wantUnknown checks the error of a response with an invalid signature. For a call
// that moves money it is an unknown outcome, not a refusal.
func wantUnknown(t *testing.T, what string, err error) {
	t.Helper()
	var e *apierr.Error
	if !errors.Is(err, apierr.ErrOutcomeUnknown) {
		t.Errorf("%s: got error %v, want one that is %v", what, err, apierr.ErrOutcomeUnknown)
	}
	if !errors.As(err, &e) {
		t.Errorf("%s: got error %v, want an *apierr.Error", what, err)
		return
	}
	if e.Code != nil {
		t.Errorf("%s: Code: got %v, want nil", what, e.Code)
	}
	if e.IdempotencyKey != "RETAIL-0001" {
		t.Errorf("%s: IdempotencyKey: got %q, want %q", what, e.IdempotencyKey, "RETAIL-0001")
	}
}

// encode returns a signature in another encoding.
func encode(t *testing.T, form, standard string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(standard)
	if err != nil {
		t.Fatal(err)
	}
	switch form {
	case "percent-encoded":
		return strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(standard)
	case "URL-safe Base64":
		return base64.URLEncoding.EncodeToString(raw)
	case "URL-safe Base64 without padding":
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	return standard
}

func TestSignatureAlgorithmNames(t *testing.T) {
	v := readVectors(t)
	response := v.Published.Cases[1]
	for _, head := range []string{"algorithm=RSA256,keyVersion=1,signature=", "algorithm=SHA256withRSA, keyVersion=1, signature=", "algorithm=rsa256, keyVersion=1, signature=", "keyVersion=1, signature="} {
		h := header(response, "Response-Time")
		h.Set("Signature", head+response.Signature)
		c := with(t, v, v.Published.PublicKey, tripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(strings.NewReader(response.Body))}, nil
		}))
		if _, err := c.RetailPay(t.Context(), retail()); err != nil {
			t.Errorf("%s: %v", head, err)
		}
	}
}

// TestKeyRotation: both keys are accepted while the provider exchanges them.
func TestKeyRotation(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	old := srv.Credentials()
	delete(old.PlatformPublicKeys, "2")
	onlyOld, err := openapi.New(old, pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t)), pay.WithMaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	order := newOrder(t, srv)
	inquire := func(c *openapi.Client) error {
		_, err := c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: order.PaymentID})
		return err
	}
	if err := errors.Join(inquire(c), inquire(onlyOld)); err != nil {
		t.Error(err)
	}
	if _, err := srv.Config(func(c *openapitest.Config) { c.PlatformKey = "2" }); err != nil {
		t.Fatal(err)
	}
	if err := inquire(c); err != nil {
		t.Errorf("after the change: %v", err)
	}
	if err := inquire(onlyOld); err == nil || !strings.Contains(err.Error(), `key version "2"`) {
		t.Errorf("without the new key: %v", err)
	}
}

// TestNewInvalid: the error of New says what is wrong and contains no part of a key.
func TestNewInvalid(t *testing.T) {
	srv := openapitest.NewServer(t)
	good := openapi.Credentials(srv.Credentials())
	other := pemOf(t, "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)))))
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	for want, edit := range map[string]func(*openapi.Credentials){
		"ClientID is empty":                     func(c *openapi.Credentials) { c.ClientID = "" },
		"ClientID":                              func(c *openapi.Credentials) { c.ClientID = "a\r\nb" },
		"KeyVersion":                            func(c *openapi.Credentials) { c.KeyVersion = "" },
		"KeyVersion is empty or not a number":   func(c *openapi.Credentials) { c.KeyVersion = "v1" },
		"PlatformPublicKeys is":                 func(c *openapi.Credentials) { c.PlatformPublicKeys = nil },
		"PrivateKey: the text is not PEM":       func(c *openapi.Credentials) { c.PrivateKey = secrets(good.PrivateKey)[0] },
		"PrivateKey: the text is not PEM; want": func(c *openapi.Credentials) { c.PrivateKey = "" },
		"text after the PEM block":              func(c *openapi.Credentials) { c.PrivateKey += good.PrivateKey },
		"want a private RSA key":                func(c *openapi.Credentials) { c.PrivateKey = good.PlatformPublicKeys["1"] },
		"PrivateKey: the PEM block cannot be parsed": func(c *openapi.Credentials) {
			c.PrivateKey = pemOf(t, "PRIVATE KEY", []byte(secrets(good.PrivateKey)[0]))
		},
		"*ecdsa.PrivateKey": func(c *openapi.Credentials) { c.PrivateKey = other },
		"1024 bits": func(c *openapi.Credentials) {
			c.PrivateKey = pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(small))
		},
		"is encrypted":        func(c *openapi.Credentials) { c.PrivateKey = pemOf(t, "ENCRYPTED PRIVATE KEY", []byte("x")) },
		"want the provider's": func(c *openapi.Credentials) { c.PlatformPublicKeys = map[string]string{"1": good.PrivateKey} },
		`PlatformPublicKeys["2"]`: func(c *openapi.Credentials) {
			c.PlatformPublicKeys = map[string]string{"1": good.PlatformPublicKeys["1"], "2": "x"}
		},
		`["1"]: the PEM block cannot be parsed`: func(c *openapi.Credentials) {
			c.PlatformPublicKeys = map[string]string{"1": pemOf(t, "PUBLIC KEY", []byte("x"))}
		},
		"PublicKeys[\"1\"]: the k": func(c *openapi.Credentials) {
			c.PlatformPublicKeys = map[string]string{"1": pemOf(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&small.PublicKey))}
		},
	} {
		bad := good
		edit(&bad)
		_, err := openapi.New(bad, pay.WithBaseURL(srv.URL))
		if err == nil {
			t.Errorf("got no error, want one that contains %q", want)
			continue
		}
		if strings.Contains(err.Error(), secrets(good.PrivateKey)[0]) {
			t.Errorf("%s: the error contains the private key", want)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, want one that contains %q", err, want)
		}
		if n := len(err.Error()); n > 200 {
			t.Errorf("%s: got an error of %d bytes, want at most 200", want, n)
		}
	}
	if _, err := openapi.New(good, pay.WithBaseURL("http://wallet.example")); err == nil {
		t.Error("plain http to another host was accepted")
	}
}

// TestPrivateKeyFormats: PKCS #1 and PKCS #8 are both accepted.
func TestPrivateKeyFormats(t *testing.T) {
	srv := openapitest.NewServer(t)
	creds := openapi.Credentials(srv.Credentials())
	b, _ := pem.Decode([]byte(creds.PrivateKey))
	key := must(x509.ParsePKCS8PrivateKey(b.Bytes)).(*rsa.PrivateKey)
	creds.PrivateKey = pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	for version, text := range creds.PlatformPublicKeys {
		b, _ := pem.Decode([]byte(text))
		public := must(x509.ParsePKIXPublicKey(b.Bytes)).(*rsa.PublicKey)
		creds.PlatformPublicKeys[version] = pemOf(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(public))
	}
	c, err := openapi.New(creds, pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateQROrder(context.WithoutCancel(t.Context()), qrOrder(srv.ProductCode())); err != nil {
		t.Error(err)
	}
}

func pemOf(t *testing.T, kind string, der []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := pem.Encode(&b, &pem.Block{Type: kind, Bytes: der}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
