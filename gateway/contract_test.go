package gateway_test

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/pay"
)

const hookURL = "https://app.example/hook"

// The contract tests run against the local sandbox. With the PAYMENT_GATEWAY_ variables set, the
// harmless ones run against the server that they name, and the others are skipped.

func TestClientContract(t *testing.T)  { clientcontract.Run(t, suite(t)) }
func TestWebhookContract(t *testing.T) { webhookcontract.Run(t, suite(t)) }
func TestSandboxContract(t *testing.T) { sandboxcontract.Run(t, suite(t)) }

func BenchmarkOverhead(b *testing.B) { clientcontract.Overhead(b, suite(b)) }

// suite is the provider under test.
func suite(t testing.TB) harness.Suite {
	t.Helper()
	base, real := os.Getenv("PAYMENT_GATEWAY_BASE_URL"), gateway.Credentials{
		PublicKey: os.Getenv("PAYMENT_GATEWAY_PUBLIC_KEY"), Secret: os.Getenv("PAYMENT_GATEWAY_SECRET"),
		WebhookSecret: os.Getenv("PAYMENT_GATEWAY_WEBHOOK_SECRET"),
	}
	if base != "" && (real.PublicKey == "" || real.Secret == "") {
		t.Fatal("PAYMENT_GATEWAY_BASE_URL is set; PAYMENT_GATEWAY_PUBLIC_KEY and PAYMENT_GATEWAY_SECRET are needed too")
	}
	var srv *gatewaytest.Server
	return harness.Suite{
		Provider: "gateway", Spec: "../specs/gateway.yaml", Codes: codes(), Fallback: gateway.ErrUnknownError, Live: base,
		Notifications: notifications(), Deviations: deviations(), Exceptions: exceptions(),
		Rules: harness.Rules{
			Markdown:  "gatewaytest/guesses.md",
			Documents: []string{"The gateway's own pages", "The PSPs' own pages"},
			Others:    []string{"Inferred from the gateway's pages", "No source; the sandbox's own choice"},
		},
		New: func(_ *testing.T, opts ...pay.Option) (any, error) {
			return gateway.New(gateway.Credentials{PublicKey: "pk_0123456789abcdef01234567", Secret: strings.Repeat("c0de", 16), WebhookSecret: strings.Repeat("c0d1", 16)}, opts...)
		},
		Sandbox: func(t testing.TB) harness.Sandbox {
			srv = gatewaytest.NewServer(t)
			return sandbox(srv)
		},
		Shop: shop,
		Till: till,
		Connect: func(t testing.TB, baseURL string, opts ...pay.Option) harness.Account {
			creds := real
			if srv != nil {
				creds = srv.Credentials()
			}
			c, err := gateway.New(creds, append([]pay.Option{pay.WithBaseURL(baseURL)}, opts...)...)
			if err != nil {
				t.Fatal(err)
			}
			return account(t, c, creds)
		},
	}
}

func codes() []apierr.Code {
	var all []apierr.Code
	for _, c := range gateway.ErrorCodes() {
		if c != gateway.ErrUnknownError { // the fallback; the status decides
			all = append(all, c)
		}
	}
	return all
}

func sandbox(srv *gatewaytest.Server) harness.Sandbox {
	return harness.Sandbox{
		URL:     srv.URL,
		Rules:   srv.Guesses,
		Ledger:  func() int { return len(srv.Ledger()) },
		Fault:   func(kind string) { _ = srv.Fault(kind) },
		Advance: func(d time.Duration) { _ = srv.Advance(d) },
		Notification: func(t testing.TB) func() *http.Request {
			id := paid(t, srv, qris())
			return func() *http.Request { return callback(t, srv, id) }
		},
		Signed: func(t testing.TB, body []byte) *http.Request {
			r, err := srv.SignCallback(hookURL, body)
			if err != nil {
				t.Fatal(err)
			}
			return r
		},
		Accepted: "ok",
		Forgeries: map[string]func(*http.Request){
			"no signature":   func(r *http.Request) { r.Header.Del("X-PAY-Signature") },
			"no timestamp":   func(r *http.Request) { r.Header.Del("X-PAY-Timestamp") },
			"two signatures": func(r *http.Request) { r.Header.Add("X-PAY-Signature", r.Header.Get("X-PAY-Signature")) },
			"two timestamps": func(r *http.Request) { r.Header.Add("X-PAY-Timestamp", r.Header.Get("X-PAY-Timestamp")) },
			"bad signature":  func(r *http.Request) { r.Header.Set("X-PAY-Signature", strings.Repeat("0", 64)) },
			"signature in capitals": func(r *http.Request) {
				r.Header.Set("X-PAY-Signature", strings.ToUpper(r.Header.Get("X-PAY-Signature")))
			},
			"another second":         func(r *http.Request) { r.Header.Set("X-PAY-Timestamp", "1778330096") },
			"another body":           func(r *http.Request) { replaceBody(r, `{"event":"payment.succeeded"}`) },
			"no body":                func(r *http.Request) { replaceBody(r, "") },
			"another method":         func(r *http.Request) { r.Method = http.MethodPut },
			"signed as a request is": signAsRequest,
			"old delivery":           func(r *http.Request) { resign(r, time.Now().Add(-6*time.Minute)) },
			"future delivery":        func(r *http.Request) { resign(r, time.Now().Add(6*time.Minute)) },
		},
	}
}

func account(t testing.TB, c *gateway.Client, creds gateway.Credentials) harness.Account {
	existing := ""
	return harness.Account{
		Client: c,
		Sign: func(r *http.Request, body []byte) {
			stamp := strconv.FormatInt(time.Now().Unix(), 10)
			r.Header.Set("X-PAY-Timestamp", stamp)
			r.Header.Set("X-PAY-Signature", requestMAC(creds.Secret, stamp, r.Method, r.URL.Path, string(body)))
		},
		Read: func(ctx context.Context, opts ...pay.CallOption) error {
			if existing == "" {
				p, err := c.CreatePayment(t.Context(), qris())
				if err != nil {
					return err
				}
				existing = p.PaymentID
			}
			_, err := c.GetPayment(ctx, existing, opts...)
			return err
		},
		Write: func(ctx context.Context, opts ...pay.CallOption) error {
			_, err := c.CreatePayment(ctx, qris(), opts...)
			return err
		},
		ReadID: func(ctx context.Context, id string) error {
			_, err := c.GetPayment(ctx, id)
			return err
		},
		UnknownID: "00000000000000000000000000000000",
		Missing:   gateway.ErrPaymentNotFound,
		WriteID:   "createPayment",
		Keyed:     true,
		Signed:    []string{"X-PAY-Timestamp", "X-PAY-Signature"},
		Webhook: func(handle func(context.Context) error) http.Handler {
			return c.Webhook(func(ctx context.Context, _ gateway.Event) error { return handle(ctx) })
		},
		Secrets: []string{strings.Repeat("c0de", 16), creds.Secret, creds.WebhookSecret},
		Print: []any{c, *c, creds, &creds, gateway.Credentials{
			PublicKey: creds.PublicKey, Secret: strings.Repeat("c0de", 16), OldWebhookSecrets: []string{strings.Repeat("c0de", 16)},
		}},
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
		"KeylessWriteIsSentOnce":         "every write of the gateway has an idempotency key",
		"ResultStatuses":                 "responses carry no result status: the HTTP status and the text decide",
		"ForgedCallbackFlood":            "notifications are signed; the client does not ask the API about them",
	}
}

const noTokens = "each request is signed; there are no tokens"
