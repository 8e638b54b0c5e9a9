package xpay_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
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
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// The contract tests run against the local sandbox. With the XPAY_ variables set, the
// harmless ones run against the server that they name, and the others are skipped.

func TestClientContract(t *testing.T)  { clientcontract.Run(t, suite(t)) }
func TestWebhookContract(t *testing.T) { webhookcontract.Run(t, suite(t)) }
func TestSandboxContract(t *testing.T) { sandboxcontract.Run(t, suite(t)) }

func BenchmarkOverhead(b *testing.B) { clientcontract.Overhead(b, suite(b)) }

// suite is the provider under test.
func suite(t testing.TB) harness.Suite {
	t.Helper()
	base, creds := os.Getenv("XPAY_BASE_URL"), xpay.Credentials{APIKey: os.Getenv("XPAY_SECRET_KEY"), WebhookSecret: os.Getenv("XPAY_WEBHOOK_SECRET")}
	if base != "" && !strings.HasPrefix(creds.APIKey, "sk_test_") && !strings.HasPrefix(creds.APIKey, "rk_test_") {
		t.Fatal("XPAY_BASE_URL is set; XPAY_SECRET_KEY with a test key is needed too")
	}
	var srv *xpaytest.Server
	return harness.Suite{
		Provider: "xpay", Spec: "../specs/xpay.yaml", Codes: codes(), Live: base,
		Notifications: notifications(), Deviations: deviations(), Exceptions: exceptions(),
		Rules: harness.Rules{
			Markdown:  "xpaytest/guesses.md",
			Documents: []string{"XPay's own OpenAPI document", "XPay's error page and guides", "The example in the README of XPay's browser SDK"},
			Live:      []string{"Notes in XPay's own shop plugins about responses"},
			Others:    []string{"XPay's own shop plugins, which rely on it", "No source; the sandbox's own choice"},
		},
		New: func(_ *testing.T, opts ...pay.Option) (any, error) {
			return xpay.New(xpay.Credentials{APIKey: "sk_test_canary-key", WebhookSecret: "whsec_canary-secret"}, opts...)
		},
		Sandbox: func(t testing.TB) harness.Sandbox {
			srv = xpaytest.NewServer(t)
			return sandbox(t, srv)
		},
		Shop: shop,
		Till: till,
		Connect: func(t testing.TB, baseURL string, opts ...pay.Option) harness.Account {
			if srv != nil {
				creds = srv.Credentials()
			}
			c, err := xpay.New(creds, append([]pay.Option{pay.WithBaseURL(baseURL)}, opts...)...)
			if err != nil {
				t.Fatal(err)
			}
			return account(t, c, creds)
		},
	}
}

func codes() []apierr.Code {
	var all []apierr.Code
	for _, c := range xpay.ErrorCodes() {
		all = append(all, c)
	}
	return all
}

func sandbox(t testing.TB, srv *xpaytest.Server) harness.Sandbox {
	return harness.Sandbox{
		URL:    srv.URL,
		Rules:  srv.Guesses,
		Ledger: func() int { return len(srv.Ledger()) },
		Fault: func(kind string) {
			if err := srv.Fault(kind); err != nil {
				t.Error(err)
			}
		},
		Notification: func(t testing.TB) func() *http.Request {
			s := opened(t, connect(t, srv))
			if _, err := srv.Pay(s.ID); err != nil {
				t.Fatal(err)
			}
			return func() *http.Request {
				r, err := srv.Callback(s.ID, "https://shop.example/xpay")
				if err != nil {
					t.Fatal(err)
				}
				return r.WithContext(t.Context())
			}
		},
		Signed: func(t testing.TB, body []byte) *http.Request {
			r, err := srv.SignCallback("https://shop.example/xpay", body)
			if err != nil {
				t.Fatal(err)
			}
			return r
		},
		Accepted:  "ok",
		Forgeries: forgeries(),
	}
}

// signed changes the header of a genuine event.
func signed(change func(stamp, signature string) []string) func(*http.Request) {
	return func(r *http.Request) {
		stamp, signature, _ := strings.Cut(r.Header.Get("XPay-Signature"), ",")
		r.Header["Xpay-Signature"] = change(stamp, signature)
	}
}

func forgeries() map[string]func(*http.Request) {
	shifted := func(d time.Duration) func(string, string) []string {
		return func(stamp, signature string) []string {
			n, _ := strconv.ParseInt(strings.TrimPrefix(stamp, "t="), 10, 64)
			return []string{"t=" + strconv.FormatInt(n+int64(d/time.Second), 10) + "," + signature}
		}
	}
	return map[string]func(*http.Request){
		"no signature": func(r *http.Request) { r.Header.Del("XPay-Signature") },
		"an empty one": signed(func(_, _ string) []string { return []string{""} }),
		"two headers":  signed(func(t, s string) []string { return []string{t + "," + s, t + "," + s} }),
		"two times":    signed(func(t, s string) []string { return []string{t + "," + t + "," + s} }),
		"no time":      signed(func(_, s string) []string { return []string{s} }),
		"only a time":  signed(func(t, _ string) []string { return []string{t} }),
		"upper case": signed(func(t, s string) []string {
			return []string{t + ",v1=" + strings.ToUpper(strings.TrimPrefix(s, "v1="))}
		}),
		"another scheme":        signed(func(t, s string) []string { return []string{t + ",v0=" + strings.TrimPrefix(s, "v1=")} }),
		"one digit changed":     signed(func(t, s string) []string { return []string{t + "," + flip(s)} }),
		"a second later":        signed(shifted(time.Second)),
		"an hour ago":           signed(shifted(-time.Hour)),
		"an hour ahead":         signed(shifted(time.Hour)),
		"too many signatures":   signed(func(t, s string) []string { return []string{t + strings.Repeat(","+s, 9)} }),
		"a byte more":           body(func(b []byte) []byte { return append(b, ' ') }),
		"a byte less":           body(func(b []byte) []byte { return b[:len(b)-1] }),
		"another sum":           body(func(b []byte) []byte { return bytes.Replace(b, []byte("20000"), []byte("20001"), 1) }),
		"no body":               body(func([]byte) []byte { return nil }),
		"GET":                   func(r *http.Request) { r.Method = http.MethodGet },
		"signed with a key":     resigned("sk_test_sandbox-secret"),
		"signed with no prefix": resigned("sandbox-endpoint"),
	}
}

func flip(s string) string {
	last := s[len(s)-1]
	return s[:len(s)-1] + string("0123456789abcdef1"[strings.IndexByte("0123456789abcdef", last)+1])
}

func body(change func([]byte) []byte) func(*http.Request) {
	return func(r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(change(b)))
	}
}

func resigned(secret string) func(*http.Request) {
	return func(r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(b))
		stamp, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("XPay-Signature"), "t="), ",")
		r.Header.Set("XPay-Signature", header(secret, stamp, b))
	}
}

func connect(t testing.TB, srv *xpaytest.Server, opts ...pay.Option) *xpay.Client {
	t.Helper()
	c, err := xpay.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t))}, opts...)...)
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

// order is a checkout session for two tickets at EGP 100.00 each.
func order() xpay.CreateCheckoutSessionRequest {
	return xpay.CreateCheckoutSessionRequest{
		LineItems: []xpay.LineItemInput{{Quantity: 2, PriceData: &xpay.PriceData{
			Currency: xpay.CurrencyEGP, UnitAmount: 10_000, ProductData: xpay.ProductData{Name: "Ticket"},
		}}},
		AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeRedirect, Redirect: &xpay.Redirect{URL: "https://shop.example/thanks"}},
		Metadata:        xpay.Metadata{"order": "1001"},
	}
}

// opened creates a checkout session.
func opened(t testing.TB, c *xpay.Client) *xpay.CheckoutSession {
	t.Helper()
	s, err := c.CreateCheckoutSession(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func account(t testing.TB, c *xpay.Client, creds xpay.Credentials) harness.Account {
	existing := ""
	return harness.Account{
		Client: c,
		Read: func(ctx context.Context, opts ...pay.CallOption) error {
			if existing == "" {
				existing = opened(t, c).ID
			}
			_, err := c.GetCheckoutSession(ctx, existing, opts...)
			return err
		},
		Write: func(ctx context.Context, opts ...pay.CallOption) error {
			_, err := c.CreateCheckoutSession(ctx, order(), opts...)
			return err
		},
		ReadID: func(ctx context.Context, id string) error {
			_, err := c.GetCheckoutSession(ctx, id)
			return err
		},
		UnknownID: "cs_test_nothing",
		Missing:   xpay.ErrResourceMissing,
		WriteID:   "createCheckoutSession",
		Keyed:     true,
		Webhook: func(handle func(context.Context) error) http.Handler {
			return c.Webhook(func(ctx context.Context, _ xpay.Event) error { return handle(ctx) })
		},
		Secrets: []string{"canary", creds.APIKey, creds.WebhookSecret},
		Print: []any{c, *c, creds, &creds, xpay.Secret("whsec_canary"), xpay.WebhookEndpointWithSecret{Secret: "whsec_canary"},
			xpay.Credentials{APIKey: "sk_test_canary", WebhookSecret: "whsec_canary", OldWebhookSecrets: []string{"whsec_canary"}}},
	}
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
		"RetryRenewsTheSignature":        "XPay requests carry an API key, not a signature",
		"ClockCorrection":                "XPay requests carry no time",
		"ResultStatuses":                 "responses carry no result status: the HTTP status and the code decide",
		"Wait":                           "there is nothing to wait for: events report the end of a payment",
		"ForgedCallbackFlood":            "notifications are signed; the client does not ask the API about them",
	}
}

const noTokens = "the API key is sent with each request; there are no tokens"
