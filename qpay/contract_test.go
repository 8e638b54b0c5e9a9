package qpay_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// The contract tests run against the local sandbox. With the QPAY_ variables set, the
// harmless ones run against the server that they name, and the others are skipped.

func TestClientContract(t *testing.T)  { clientcontract.Run(t, suite(t)) }
func TestWebhookContract(t *testing.T) { webhookcontract.Run(t, suite(t)) }
func TestSandboxContract(t *testing.T) { sandboxcontract.Run(t, suite(t)) }

func BenchmarkOverhead(b *testing.B) { clientcontract.Overhead(b, suite(b)) }

// suite is the provider under test.
func suite(t testing.TB) harness.Suite {
	t.Helper()
	real := liveAccount()
	if real.baseURL != "" && (real.creds.Username == "" || real.creds.Password == "" || real.invoiceCode == "") {
		t.Fatal("QPAY_BASE_URL is set; QPAY_USERNAME, QPAY_PASSWORD and QPAY_INVOICE_CODE are needed too")
	}
	var srv *qpaytest.Server
	return harness.Suite{
		Provider: "qpay", Spec: "../specs/qpay.yaml", Codes: codes(), Live: real.baseURL,
		Notifications: notifications(), Deviations: deviations(), Exceptions: exceptions(),
		Rules: harness.Rules{
			Markdown:  "qpaytest/guesses.md",
			Documents: []string{"QPay's own page and its copies", "Documentation by others"},
			Live:      []string{"Reports of responses from live servers"},
			Others:    []string{"Client libraries, read and not seen live", "No source; the sandbox's own choice"},
		},
		New: func(_ *testing.T, opts ...pay.Option) (any, error) {
			return qpay.New(qpay.Credentials{Username: "u", Password: "canary-pass", CallbackKey: callbackKey}, opts...)
		},
		Sandbox: func(t testing.TB) harness.Sandbox {
			srv = qpaytest.NewServer(t)
			return sandbox(srv)
		},
		Shop:      shop,
		Till:      till,
		NoInquiry: map[string]string{"createEbarimt": "a receipt can be read only by its own id, which was in the response that was lost"},
		Connect: func(t testing.TB, baseURL string, opts ...pay.Option) harness.Account {
			a := real
			if srv != nil {
				a.creds, a.invoiceCode, a.callbackURL = srv.Credentials(), srv.InvoiceCode(), "https://shop.example/paid"
			}
			c, err := qpay.New(a.creds, append([]pay.Option{pay.WithBaseURL(baseURL)}, opts...)...)
			if err != nil {
				t.Fatal(err)
			}
			return account(t, c, a)
		},
	}
}

type liveQPay struct {
	baseURL, invoiceCode, callbackURL string
	creds                             qpay.Credentials
}

func liveAccount() liveQPay {
	a := liveQPay{baseURL: os.Getenv("QPAY_BASE_URL"), invoiceCode: os.Getenv("QPAY_INVOICE_CODE"), callbackURL: os.Getenv("QPAY_CALLBACK_URL")}
	if a.callbackURL == "" {
		a.callbackURL = "https://shop.example/paid"
	}
	a.creds = qpay.Credentials{Username: os.Getenv("QPAY_USERNAME"), Password: os.Getenv("QPAY_PASSWORD")}
	return a
}

func codes() []apierr.Code {
	var all []apierr.Code
	for _, c := range qpay.ErrorCodes() {
		all = append(all, c)
	}
	return all
}

func sandbox(srv *qpaytest.Server) harness.Sandbox {
	return harness.Sandbox{
		URL:    srv.URL,
		Rules:  srv.Guesses,
		Ledger: func() int { return len(srv.Ledger()) },
		Logins: func() int { return requests(srv, "/v2/auth/") },
		Expire: func() { _ = srv.Advance(25 * time.Hour) },
		Notification: func(t testing.TB) func() *http.Request {
			id := paid(t, srv)
			return func() *http.Request {
				r, err := srv.Callback(id, "https://shop.example/paid?order=1")
				if err != nil {
					t.Fatal(err)
				}
				return r.WithContext(t.Context())
			}
		},
		Accepted: "SUCCESS",
		Forgeries: map[string]func(*http.Request){
			"the id of no payment":  query("qpay_payment_id=999999999999999"),
			"no id":                 query("order=1"),
			"empty id":              query("qpay_payment_id="),
			"a path as id":          query("qpay_payment_id=.."),
			"the merchant's own id": query("payment_id=1234567"),
			"another method":        func(r *http.Request) { r.Method = http.MethodPut },
			"unreadable body":       func(r *http.Request) { post(r, "<xml/>") },
			"id given twice":        twice("payment_id"),
			"id in two cases":       twice("Payment_ID"),
			"unpaid invoice":        func(r *http.Request) { post(r, `{"invoice_id":"999"}`) },
		},
	}
}

func query(q string) func(*http.Request) {
	return func(r *http.Request) { r.URL.RawQuery = q }
}

// twice sends the id of a genuine payment under two names.
func twice(other string) func(*http.Request) {
	return func(r *http.Request) {
		id := r.URL.Query().Get("qpay_payment_id")
		post(r, fmt.Sprintf(`{"payment_id":%q,%q:%q}`, id, other, id))
	}
}

func post(r *http.Request, body string) {
	r.Method, r.URL.RawQuery = http.MethodPost, ""
	r.Body = http.NoBody
	if body != "" {
		*r = *mustRequest(r.Context(), http.MethodPost, r.URL.String(), body)
	}
}

func mustRequest(ctx context.Context, method, url, body string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return &http.Request{Method: method}
	}
	return r
}

func requests(srv *qpaytest.Server, prefix string) int {
	n := 0
	for _, r := range srv.Requests() {
		if strings.HasPrefix(r.Path, prefix) {
			n++
		}
	}
	return n
}

// paid creates an invoice, pays it at the sandbox, and returns the payment.
func paid(t testing.TB, srv *qpaytest.Server, opts ...qpaytest.PayOption) string {
	t.Helper()
	c := connect(t, srv)
	inv, err := c.CreateInvoice(t.Context(), invoice(srv.InvoiceCode(), "https://shop.example/paid"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := srv.Pay(inv.InvoiceID, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func connect(t testing.TB, srv *qpaytest.Server, opts ...pay.Option) *qpay.Client {
	t.Helper()
	c, err := qpay.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t))}, opts...)...)
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

func invoice(code, callbackURL string) qpay.CreateInvoiceRequest {
	return qpay.CreateInvoiceRequest{
		InvoiceCode: code, SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal", InvoiceDescription: "Two tickets",
		Amount: qpay.NewAmount(15_000), CallbackURL: callbackURL,
	}
}

func account(t testing.TB, c *qpay.Client, a liveQPay) harness.Account {
	existing := ""
	withKeys, err := qpay.New(qpay.Credentials{Username: "u", Password: "canary-pass", CallbackKey: callbackKey, OldCallbackKeys: []string{oldKey}})
	if err != nil {
		t.Fatal(err)
	}
	return harness.Account{
		Client: c,
		Read: func(ctx context.Context, opts ...pay.CallOption) error {
			if existing == "" {
				inv, err := c.CreateInvoice(t.Context(), invoice(a.invoiceCode, a.callbackURL))
				if err != nil {
					return err
				}
				existing = inv.InvoiceID
			}
			_, err := c.GetInvoice(ctx, existing, opts...)
			return err
		},
		Write: func(ctx context.Context, opts ...pay.CallOption) error {
			_, err := c.CreateInvoice(ctx, invoice(a.invoiceCode, a.callbackURL), opts...)
			return err
		},
		ReadID: func(ctx context.Context, id string) error {
			_, err := c.GetInvoice(ctx, id)
			return err
		},
		UnknownID: "00000000-0000-0000-0000-000000000000",
		Missing:   qpay.ErrInvoiceNotFound,
		WriteID:   "createInvoice",
		Webhook: func(handle func(context.Context) error) http.Handler {
			return c.Webhook(func(ctx context.Context, _ qpay.Event) error { return handle(ctx) })
		},
		Secrets: []string{"canary-pass", callbackKey, oldKey, a.creds.Password},
		Print: []any{c, *c, a.creds, &a.creds, withKeys, *withKeys, qpay.Credentials{
			Username: "u", Password: "canary-pass", CallbackKey: callbackKey, OldCallbackKeys: []string{oldKey},
		}},
	}
}

// exceptions gives, by contract test, the reason why it does not apply.
func exceptions() map[string]string {
	return map[string]string{
		"LostWriteIsRetriedUnderItsKey":            "QPay has no idempotency keys; its writes are never retried once sent",
		"IdempotencyKeyIsStable":                   "QPay has no idempotency keys",
		"RefusedRetriesAreSound":                   "QPay has no idempotency keys",
		"RetryKeepsItsBytes":                       "QPay has no idempotency keys; its writes are never retried once sent",
		"RetryRenewsTheSignature":                  "QPay requests are not signed",
		"RepeatedMembersInNotificationsAreRefused": unsigned,
		"UnknownValuesInNotificationsPassThrough":  unsigned,
		"TimesOutsideTheWindowAreRefused":          unsigned,
		"AlteredNotificationsAreRefused":           unsigned,
		"SecretRotation":                           unsigned,
		"UnknownEventTypeIsDelivered":              "a callback has no type: it is always about a payment",
		"ClockCorrection":                          "QPay requests are not signed and carry no time; TokenWithWrongClock covers a clock that is off",
		"RequestVectors":                           "QPay requests and callbacks are not signed",
		"ResultStatuses":                           "responses carry no result status: QPay refuses with a code",
		"Wait":                                     "there is nothing to wait for: QPay calls back, and checkPayment responds at once",
		"NotificationVectors":                      unsigned,
	}
}

const unsigned = "QPay callbacks are not signed and carry no time; ForgedCallbackFlood covers what replaces a signature"
