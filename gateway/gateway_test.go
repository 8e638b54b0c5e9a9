package gateway_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
)

// qris is a payment of Rp 50,000.
func qris() gateway.CreatePaymentRequest {
	return gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", Email: "buyer@example.com", AmountMinor: 50_000, Currency: gateway.CurrencyIDR, Method: gateway.MethodQRIS,
		ReturnURL: "https://shop.example.com/return", Metadata: gateway.Metadata{"order": "1001", "a": "1", "b": "2", "c": "3"},
	}
}

// plan is a payment of 29 dollars through Polar.
func plan() gateway.CreatePaymentRequest {
	return gateway.CreatePaymentRequest{
		ExternalUserID: "user-1001", AmountMinor: 2900, Currency: gateway.CurrencyUSD, Method: gateway.MethodPolar,
		ReturnURL: "https://shop.example.com/return", Metadata: gateway.Metadata{"polar_product_id": "6f1c2f34-0000-4000-8000-000000000001"},
	}
}

func connect(t testing.TB, srv *gatewaytest.Server, opts ...pay.Option) *gateway.Client {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	c, err := gateway.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL), pay.WithTransport(tr)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// paid creates a payment that has succeeded.
func paid(t testing.TB, srv *gatewaytest.Server, req gateway.CreatePaymentRequest) string {
	t.Helper()
	p, err := connect(t, srv).CreatePayment(t.Context(), req)
	if err == nil {
		err = srv.Pay(p.PaymentID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p.PaymentID
}

func callback(t testing.TB, srv *gatewaytest.Server, id string) *http.Request {
	t.Helper()
	r, err := srv.Callback(id, hookURL)
	if err != nil {
		t.Fatal(err)
	}
	return r.WithContext(t.Context())
}

func replaceBody(r *http.Request, text string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
}

// resign signs a delivery like the sandbox, with another time.
func resign(r *http.Request, at time.Time) {
	body, _ := io.ReadAll(r.Body)
	stamp := strconv.FormatInt(at.Unix(), 10)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Set("X-PAY-Timestamp", stamp)
	r.Header.Set("X-PAY-Signature", mac(strings.Repeat("fedcba9876543210", 4), stamp+"."+string(body)))
}

// signAsRequest signs with the scheme and the secret of requests.
func signAsRequest(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	text := r.Header.Get("X-PAY-Timestamp") + ".POST." + r.URL.Path + "." + hex.EncodeToString(sum[:])
	r.Header.Set("X-PAY-Signature", mac(strings.Repeat("0123456789abcdef", 4), text))
}

func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(h, text)
	return hex.EncodeToString(h.Sum(nil))
}

// vectors are signatures made with OpenSSL.
type vectors struct {
	PublicKey     string `json:"public_key"`
	Secret        string `json:"secret"`
	WebhookSecret string `json:"webhook_secret"`
	Timestamp     string `json:"timestamp"`
	Requests      []struct{ Name, Method, Path, Body, Signature string }
	Deliveries    []struct {
		Name, Body, Signature string
		WithRequestSecret     string `json:"with_request_secret"`
	}
}

func readVectors(t *testing.T) (v vectors, creds gateway.Credentials, at time.Time) {
	t.Helper()
	data, err := os.ReadFile("../specs/vectors/gateway.json")
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil || len(v.Requests) != 3 || len(v.Deliveries) != 1 {
		t.Fatalf("%v: %+v", err, v)
	}
	seconds, err := strconv.ParseInt(v.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v, gateway.Credentials{PublicKey: v.PublicKey, Secret: v.Secret, WebhookSecret: v.WebhookSecret}, time.Unix(seconds, 0)
}

func TestNewInvalid(t *testing.T) {
	hex64, other := strings.Repeat("ca4a47", 11)[:64], strings.Repeat("beef", 16)
	key := "pk_0123456789abcdef01234567"
	for want, creds := range map[string]gateway.Credentials{
		"PublicKey is empty":                                {Secret: hex64},
		"PublicKey is not pk_":                              {PublicKey: "pk_0123", Secret: hex64},
		"the value looks like a secret":                     {PublicKey: hex64, Secret: hex64},
		"24 hexadecimal":                                    {PublicKey: "sk_0123456789abcdef01234567", Secret: hex64},
		"Secret is empty":                                   {PublicKey: key},
		"Secret has 32 characters":                          {PublicKey: key, Secret: hex64[:32]},
		"the value begins like a public key":                {PublicKey: key, Secret: key},
		"Secret has 65 characters":                          {PublicKey: key, Secret: hex64 + "\n"},
		"Secret has 64 characters":                          {PublicKey: key, Secret: "x" + hex64[1:]},
		"WebhookSecret has 10":                              {PublicKey: key, Secret: hex64, WebhookSecret: "ca4a47ca4a"},
		"WebhookSecret is the same":                         {PublicKey: key, Secret: hex64, WebhookSecret: hex64},
		"OldWebhookSecrets[1] has 3":                        {PublicKey: key, Secret: hex64, WebhookSecret: other, OldWebhookSecrets: []string{other, "ca4"}},
		"OldWebhookSecrets are set, but WebhookSecret is e": {PublicKey: key, Secret: hex64, OldWebhookSecrets: []string{other}},
	} {
		c, err := gateway.New(creds)
		if c != nil {
			t.Errorf("%s: got a client, want none", want)
		}
		if err == nil {
			t.Errorf("got no error, want one that contains %q", want)
			continue
		}
		if strings.Contains(err.Error(), "ca4a") {
			t.Errorf("%s: the error contains a part of a secret", want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "gateway: ") {
			t.Errorf("got error %q, want one that begins with %q", err, "gateway: ")
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, want one that contains %q", err, want)
		}
	}
	good := gateway.Credentials{PublicKey: key, Secret: hex64}
	for want, opt := range map[string]pay.Option{
		"WithBaseURL: http://": pay.WithBaseURL("http://payment.uncle-z.com"), "WithMaxAttempts: 0": pay.WithMaxAttempts(0), "an option is nil": nil,
	} {
		if _, err := gateway.New(good, opt); err == nil || !strings.HasPrefix(err.Error(), "gateway: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	reached := false
	if _, err := gateway.New(good, pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		reached = true
		return nil, errors.New("unreachable")
	}))); err != nil || reached {
		t.Errorf("New: %v, reached the network: %v", err, reached)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// lifecycle does everything that an app does with a payment.
func lifecycle(t *testing.T, srv *gatewaytest.Server) {
	t.Helper()
	c, ctx := connect(t, srv), t.Context()
	req := qris()
	req.InvoicePrefix = "POS"
	made, err := c.CreatePayment(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	if made.Status != gateway.PaymentStatusInitiated {
		t.Errorf("Status of a new payment: got %s, want %s", made.Status, gateway.PaymentStatusInitiated)
	}
	if made.CheckoutURL == "" {
		t.Error("CheckoutURL is empty")
	}
	if made.InvoiceNumber != "POS-000001" {
		t.Errorf("InvoiceNumber: got %s, want POS-000001", made.InvoiceNumber)
	}
	if err := srv.Pay(made.PaymentID); err != nil {
		t.Fatal(err)
	}
	p, err := c.GetPayment(ctx, made.PaymentID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != gateway.PaymentStatusSucceeded {
		t.Errorf("Status of a paid payment: got %s, want %s", p.Status, gateway.PaymentStatusSucceeded)
	}
	if p.AmountMinor != 50_000 {
		t.Errorf("AmountMinor: got %d, want 50000", p.AmountMinor)
	}
	if got := p.Currency.Format(p.AmountMinor); got != "50000 IDR" {
		t.Errorf("formatted amount: got %q, want %q", got, "50000 IDR")
	}
	if got := p.Metadata.Get("order"); got != "1001" {
		t.Errorf("metadata order: got %q, want %q", got, "1001")
	}
	if at, err := p.CreatedAt.Time(); err != nil || at.IsZero() {
		t.Errorf("CreatedAt: got %v and error %v, want a time", at, err)
	}
	part := int64(1500)
	refund, err := c.CreateRefund(ctx, gateway.CreateRefundRequest{PaymentID: made.PaymentID, AmountMinor: &part, Reason: "returned"})
	if err != nil {
		t.Fatal(err)
	}
	if refund.RefundID == "" {
		t.Error("RefundID is empty")
	}
	if refund.AmountMinor != part {
		t.Errorf("AmountMinor of the refund: got %d, want %d", refund.AmountMinor, part)
	}
	if _, err = c.CreateRefund(ctx, gateway.CreateRefundRequest{PaymentID: made.PaymentID}); !errors.Is(err, gateway.ErrRefundAlreadyExists) || !errors.Is(err, apierr.ErrConflict) {
		t.Errorf("second refund: %v", err)
	}
}

// TestEveryConfig runs a lifecycle for everything that the documentation leaves open.
func TestEveryConfig(t *testing.T) {
	for name, edit := range map[string]func(*gatewaytest.Config){
		"default":                func(*gatewaytest.Config) {},
		"test mode":              func(c *gatewaytest.Config) { c.Mode = "test" },
		"live mode":              func(c *gatewaytest.Config) { c.Mode = "live" },
		"the direct flow":        func(c *gatewaytest.Config) { c.NicepayDirect = true },
		"short refunds":          func(c *gatewaytest.Config) { c.RefundFields = "short" },
		"refunds that wait":      func(c *gatewaytest.Config) { c.Refunds = "wait" },
		"no bare number":         func(c *gatewaytest.Config) { c.BareInvoiceNumber = "absent" },
		"short conflicts":        func(c *gatewaytest.Config) { c.ConflictText = "short" },
		"texts without line end": func(c *gatewaytest.Config) { c.LineEnd = false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lifecycle(t, gatewaytest.NewServer(t, gatewaytest.WithConfig(edit)))
		})
	}
}

func TestZeroRefund(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	id, zero := paid(t, srv, qris()), int64(0)
	before := len(srv.Ledger())
	if _, err := connect(t, srv).CreateRefund(t.Context(), gateway.CreateRefundRequest{PaymentID: id, AmountMinor: &zero}); !errors.Is(err, gateway.ErrMissingRequiredFields) || len(srv.Ledger()) != before {
		t.Errorf("refund of 0: %v, %d side effects", err, len(srv.Ledger())-before)
	}
}

func TestIdempotencyKeyInAnotherCall(t *testing.T) {
	srv := gatewaytest.NewServer(t)
	var first string
	for range 20 { // a map with four elements has 24 orders
		p, err := connect(t, srv).CreatePayment(t.Context(), qris(), pay.WithIdempotencyKey("order-1001"))
		if err != nil || first != "" && p.PaymentID != first {
			t.Fatalf("%+v, %v; want payment %s again", p, err, first)
		}
		first = p.PaymentID
	}
	other := qris()
	other.AmountMinor++
	_, err := connect(t, srv).CreatePayment(t.Context(), other, pay.WithIdempotencyKey("order-1001"))
	var e *apierr.Error
	if !errors.Is(err, gateway.ErrIdempotencyConflict) {
		t.Errorf("another body: got error %v, want one that is %v", err, gateway.ErrIdempotencyConflict)
	}
	if !errors.As(err, &e) {
		t.Fatalf("another body: got error %v, want an *apierr.Error", err)
	}
	if e.Advice() != apierr.AdviceChange {
		t.Errorf("another body: Advice: got %s, want %s", e.Advice(), apierr.AdviceChange)
	}
	if e.IdempotencyKey != "order-1001" {
		t.Errorf("another body: IdempotencyKey: got %q, want %q", e.IdempotencyKey, "order-1001")
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var status atomic.Value
		var calls atomic.Int32
		status.Store("initiated")
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			if strings.HasSuffix(r.URL.Path, "nothing") {
				http.Error(w, "payment not found", http.StatusNotFound)
				return
			}
			_, _ = io.WriteString(w, `{"payment_id":"p","status":"`+status.Load().(string)+`","amount_minor":1,"currency":"IDR"}`)
		})
		_, creds, _ := readVectors(t)
		c, err := gateway.New(creds, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, h)))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(4500*time.Millisecond, func() { status.Store("something new") })
		time.AfterFunc(9500*time.Millisecond, func() { status.Store("canceled") })
		start := time.Now()
		p, err := c.Wait(t.Context(), "p")
		if err != nil {
			t.Fatal(err)
		}
		if p.Status != gateway.PaymentStatusCanceled {
			t.Errorf("Status: got %s, want %s", p.Status, gateway.PaymentStatusCanceled)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("duration: got %v, want 10s", took)
		}
		if n := calls.Load(); n != 11 {
			t.Errorf("calls: got %d, want 11", n)
		}
		status.Store("initiated")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		p, err = c.Wait(ctx, "p")
		var w *pay.WaitError
		if !errors.As(err, &w) {
			t.Fatalf("out of time: got error %v, want a *pay.WaitError", err)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: got error %v, want one that is %v", err, context.DeadlineExceeded)
		}
		if p == nil {
			t.Fatal("out of time: got no payment, want the last one")
		}
		if w.Last != any(p) {
			t.Error("out of time: Last of the error is not the payment that Wait returned")
		}
		if p.Status != gateway.PaymentStatusInitiated {
			t.Errorf("out of time: Status: got %s, want %s", p.Status, gateway.PaymentStatusInitiated)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err = c.Wait(ctx, "nothing"); !errors.Is(err, gateway.ErrPaymentNotFound) || errors.As(err, &w) {
			t.Errorf("no such payment: %v", err)
		}
	})
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
