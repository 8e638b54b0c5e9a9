package openapi_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

const hookURL = "http://shop.localhost/hooks/payment"

// The contract tests run against the local sandbox. With the OPENAPI_ variables set, the
// harmless ones run against the server that they name, and the others are skipped.

func TestClientContract(t *testing.T)  { clientcontract.Run(t, suite(t)) }
func TestWebhookContract(t *testing.T) { webhookcontract.Run(t, suite(t)) }
func TestSandboxContract(t *testing.T) { sandboxcontract.Run(t, suite(t)) }

func BenchmarkOverhead(b *testing.B) { clientcontract.Overhead(b, suite(b)) }

// suite is the provider under test.
func suite(t testing.TB) harness.Suite {
	t.Helper()
	real := liveAccount(t)
	var srv *openapitest.Server
	return harness.Suite{
		Provider: "openapi", Spec: "../specs/openapi.yaml", Codes: codes(), Live: real.baseURL,
		Notifications: notifications(), Deviations: deviations(), Exceptions: exceptions(),
		Rules: harness.Rules{
			Markdown:  "openapitest/guesses.md",
			Documents: []string{"The provider's pages, edition v2", "The provider's pages, edition v1", "The provider's integration guides"},
			Others:    []string{"Sister platforms of the same wallet family", "No source; the sandbox's own choice"},
		},
		New: func(t *testing.T, opts ...pay.Option) (any, error) { return openapi.New(pairCredentials(t), opts...) },
		Sandbox: func(t testing.TB) harness.Sandbox {
			srv = openapitest.NewServer(t)
			return sandbox(srv)
		},
		Shop: shop,
		Till: till,
		Connect: func(t testing.TB, baseURL string, opts ...pay.Option) harness.Account {
			a := real
			if srv != nil {
				a.creds, a.productCode = srv.Credentials(), srv.ProductCode()
			}
			c, err := openapi.New(a.creds, append([]pay.Option{pay.WithBaseURL(baseURL)}, opts...)...)
			if err != nil {
				t.Fatal(err)
			}
			return account(t, c, a)
		},
	}
}

type live struct {
	baseURL, productCode string
	creds                openapi.Credentials
}

func liveAccount(t testing.TB) live {
	a := live{baseURL: os.Getenv("OPENAPI_BASE_URL"), productCode: os.Getenv("OPENAPI_PRODUCT_CODE")}
	if a.baseURL == "" {
		return a
	}
	read := func(name string) string {
		data, err := os.ReadFile(os.Getenv(name))
		if err != nil {
			t.Fatalf("OPENAPI_BASE_URL is set; %s must name a PEM file: %v", name, err)
		}
		return string(data)
	}
	platform := read("OPENAPI_PLATFORM_PUBLIC_KEY_FILE")
	a.creds = openapi.Credentials{
		ClientID: os.Getenv("OPENAPI_CLIENT_ID"), KeyVersion: os.Getenv("OPENAPI_KEY_VERSION"), PrivateKey: read("OPENAPI_PRIVATE_KEY_FILE"),
		PlatformPublicKeys: map[string]string{},
	}
	for version := range 10 { // the variables do not name the key version of the server
		a.creds.PlatformPublicKeys[strconv.Itoa(version)] = platform
	}
	return a
}

func codes() []apierr.Code {
	var all []apierr.Code
	for _, c := range openapi.ErrorCodes() {
		all = append(all, c)
	}
	return all
}

func sandbox(srv *openapitest.Server) harness.Sandbox {
	return harness.Sandbox{
		URL:     srv.URL,
		Rules:   srv.Guesses,
		Ledger:  func() int { return len(srv.Ledger()) },
		Fault:   func(kind string) { _ = srv.Fault(kind) },
		Genuine: func(h http.Handler) http.Handler { return genuine(srv, h) },
		Notification: func(t testing.TB) func() *http.Request {
			order := newOrder(t, srv)
			if err := srv.Pay(order.PaymentID); err != nil {
				t.Fatal(err)
			}
			return func() *http.Request {
				r, err := srv.Callback(order.PaymentID, hookURL)
				if err != nil {
					t.Fatal(err)
				}
				return r.WithContext(t.Context())
			}
		},
		Signed: func(t testing.TB, body []byte) *http.Request {
			r, err := srv.SignCallback(hookURL, body)
			if err != nil {
				t.Fatal(err)
			}
			return r
		},
		Accepted:  accepted,
		Forgeries: forgeries(),
	}
}

const accepted = `{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}`

// genuine signs the responses of another server.
func genuine(srv *openapitest.Server, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		srv.SignResponse(r, rec.Header(), rec.Body.Bytes())
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

func forgeries() map[string]func(*http.Request) {
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	change := func(name, old, now string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, strings.Replace(r.Header.Get(name), old, now, 1)) }
	}
	return map[string]func(*http.Request){
		"no signature":               header("Signature"),
		"empty signature":            header("Signature", ""),
		"signature without key":      change("Signature", "keyVersion=1", "keyVersion=9"),
		"another algorithm":          change("Signature", "RSA256", "HMAC256"),
		"two signatures":             func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) },
		"signature given twice":      change("Signature", "signature=", "signature=AAAA, signature="),
		"no time":                    header("Request-Time"),
		"another time":               secondLater,
		"old time":                   header("Request-Time", "2020-01-01T00:00:00Z"),
		"time without a zone":        change("Request-Time", "Z", ""),
		"another client":             header("Client-Id", "TEST_5X00000000000002"),
		"another path":               func(r *http.Request) { r.URL.Path = "/hooks/other" },
		"another query":              func(r *http.Request) { r.URL.RawQuery = "x=1"; r.URL.Path = "/other" },
		"another body":               func(r *http.Request) { edit(r, `"SUCCESS"`, `"FAIL"`) },
		"another blank":              func(r *http.Request) { edit(r, `{`, `{ `) },
		"another method":             func(r *http.Request) { r.Method = http.MethodGet },
		"no body":                    func(r *http.Request) { r.Body = http.NoBody },
		"body that is not an object": func(r *http.Request) { edit(r, `{`, `[{`) },
	}
}

// secondLater changes the time of a notification, inside the window.
func secondLater(r *http.Request) {
	at, err := time.Parse(time.RFC3339, r.Header.Get("Request-Time"))
	if err == nil {
		r.Header.Set("Request-Time", at.Add(time.Second).Format(time.RFC3339))
	}
}

func edit(r *http.Request, old, now string) {
	body, _ := io.ReadAll(r.Body)
	body = bytes.Replace(body, []byte(old), []byte(now), 1)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func connect(t testing.TB, srv *openapitest.Server, opts ...pay.Option) *openapi.Client {
	t.Helper()
	c, err := openapi.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t)), pay.WithClock(srv.Now)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// transport closes its connections when the test ends.
func transport(t testing.TB) *http.Transport {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func qrOrder(productCode string) openapi.CreateQROrderRequest {
	return openapi.CreateQROrderRequest{
		BizType: openapi.BizTypeOrderCode, CodeType: openapi.CodeTypeCGCP, ProductCode: productCode,
		PaymentAmount: openapi.Amount{Currency: "EUR", Value: 2500},
	}
}

// newOrder creates an order that waits for its payer.
func newOrder(t testing.TB, srv *openapitest.Server) *openapi.QROrder {
	t.Helper()
	order, err := connect(t, srv).CreateQROrder(t.Context(), qrOrder(srv.ProductCode()))
	if err != nil {
		t.Fatal(err)
	}
	return order
}

func account(t testing.TB, c *openapi.Client, a live) harness.Account {
	existing := ""
	inquire := func(ctx context.Context, id string, opts ...pay.CallOption) error {
		_, err := c.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: id}, opts...)
		return err
	}
	return harness.Account{
		Client: c,
		Sign:   newManualSigner(a.creds).sign,
		Check:  newManualSigner(a.creds).check,
		Read: func(ctx context.Context, opts ...pay.CallOption) error {
			if existing == "" {
				order, err := c.CreateQROrder(t.Context(), qrOrder(a.productCode))
				if err != nil {
					return err
				}
				existing = order.PaymentID
			}
			return inquire(ctx, existing, opts...)
		},
		Write: func(ctx context.Context, opts ...pay.CallOption) error {
			_, err := c.CreateQROrder(ctx, qrOrder(a.productCode), opts...)
			return err
		},
		ReadID:    func(ctx context.Context, id string) error { return inquire(ctx, id) },
		UnknownID: "2024011000000000000000",
		Missing:   openapi.ErrOrderNotExist,
		WriteID:   "createQrOrder",
		Keyed:     true,
		Signed:    []string{"Request-Time", "Signature"},
		Webhook: func(handle func(context.Context) error) http.Handler {
			return c.Webhook(func(ctx context.Context, _ openapi.Event) error { return handle(ctx) })
		},
		Secrets: secrets(a.creds.PrivateKey),
		Print:   []any{c, *c, a.creds, &a.creds},
	}
}

// secrets returns parts of a private key: a line of its text that no other key has, its
// exponent and its primes.
func secrets(text string) []string {
	lines := strings.Split(text, "\n")
	all := []string{lines[len(lines)/2]}
	block, _ := pem.Decode([]byte(text))
	if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		key := parsed.(*rsa.PrivateKey)
		all = append(all, key.D.String(), key.D.Text(16), key.Primes[0].String(), key.Primes[1].Text(16))
	}
	return all
}

// manualSigner signs and verifies with crypto alone.
type manualSigner struct {
	openapi.Credentials
	key      *rsa.PrivateKey
	platform map[string]*rsa.PublicKey
}

func newManualSigner(creds openapi.Credentials) *manualSigner {
	h := &manualSigner{Credentials: creds, platform: map[string]*rsa.PublicKey{}}
	der := func(text string) []byte {
		if b, _ := pem.Decode([]byte(text)); b != nil {
			return b.Bytes
		}
		return nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(der(creds.PrivateKey)); err == nil {
		h.key, _ = key.(*rsa.PrivateKey)
	}
	for version, text := range creds.PlatformPublicKeys {
		if key, err := x509.ParsePKIXPublicKey(der(text)); err == nil {
			h.platform[version], _ = key.(*rsa.PublicKey)
		}
	}
	return h
}

func (h *manualSigner) sum(method, path, moment string, body []byte) []byte {
	sum := sha256.Sum256([]byte(method + " " + path + "\n" + h.ClientID + "." + moment + "." + string(body)))
	return sum[:]
}

func (h *manualSigner) sign(r *http.Request, body []byte) {
	moment := time.Now().UTC().Format(time.RFC3339)
	sig, _ := rsa.SignPKCS1v15(nil, h.key, crypto.SHA256, h.sum(r.Method, r.URL.Path, moment, body))
	r.Header.Set("Request-Time", moment)
	r.Header.Set("Signature", "algorithm=RSA256, keyVersion="+h.KeyVersion+", signature="+base64.StdEncoding.EncodeToString(sig))
}

func (h *manualSigner) check(resp *http.Response, body []byte) error {
	found := map[string]string{}
	for _, part := range strings.Split(resp.Header.Get("Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		found[name] = value
	}
	sig, err := base64.StdEncoding.DecodeString(found["signature"])
	if err != nil {
		return err
	}
	r := resp.Request
	return rsa.VerifyPKCS1v15(h.platform[found["keyVersion"]], crypto.SHA256, h.sum(r.Method, r.URL.Path, resp.Header.Get("Response-Time"), body), sig)
}

// exceptions gives, by contract test, the reason why it does not apply.
func exceptions() map[string]string {
	return map[string]string{
		"OneTokenRequestForManyCallers":  noTokens,
		"FailedTokenRequestIsShared":     noTokens,
		"TokenWaitDeadline":              noTokens,
		"RevokedTokenIsReplacedOnce":     noTokens,
		"TokenExpiry":                    noTokens,
		"TokenWithWrongClock":            noTokens,
		"TokenRenewal":                   noTokens,
		"ConcurrentCallersShareOneLogin": noTokens,
		"ExpiredTokenIsReplaced":         noTokens,
		"UnsafeIDsAreRefused":            pathless,
		"IDsStayInTheirPathSegment":      pathless,
		"ClockCorrection":                "ErrRequestTimeInvalid is returned: the provider documents no clock to go by",
		"ForgedCallbackFlood":            "notifications are signed; the client does not ask the API about them",
	}
}

const (
	noTokens = "each request is signed; the tokens of this provider belong to its users, and the caller fetches and keeps them"
	pathless = "all ids are sent in the body"
)
