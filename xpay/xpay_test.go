package xpay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

func TestNewInvalid(t *testing.T) {
	const key = "sk_test_0123456789"
	creds := func(key string) xpay.Credentials { return xpay.Credentials{APIKey: key} }
	for _, tt := range []struct {
		want  string
		creds xpay.Credentials
	}{
		{"APIKey is empty", xpay.Credentials{}},
		{"is a publishable key", creds("pk_test_canary-canary")},
		{"has an unknown prefix", creds("whsec_canary-canary")},
		{"has an unknown prefix", creds("canary")},
		{"has an unknown prefix", creds("sk_canary")},
		{"has an unknown prefix", creds("ak_test_canary-canary")},
		{"has an unknown prefix", creds("SK_TEST_canary-canary")},
		{"has an unknown prefix", creds(" sk_test_canary-canary")},
		{"has 14 characters after", creds("sk_test_canary-canary\n")},
		{"has 13 characters after", creds("sk_live_canary canary")},
		{"has 6 characters after", creds("rk_live_canary")},
		{"has 7 characters after", creds("rk_live_canary1")},
		{"has 0 characters after", creds("sk_test_")},
		{"has 13 characters after", creds("sk_test_canary-canar\x7f")},
		{"has 15 characters after", creds("sk_test_canary-canaré1")},
		{"AccountID contains a space", xpay.Credentials{APIKey: key, AccountID: "canary "}},
		{"AccountID contains a space", xpay.Credentials{APIKey: key, AccountID: "canary\x7f"}},
		{"AccountID contains a space", xpay.Credentials{APIKey: key, AccountID: "canaré"}},
		{"WebhookSecret is not a webhook secret", xpay.Credentials{APIKey: key, WebhookSecret: "canary-canary"}},
		{"WebhookSecret is not a webhook secret", xpay.Credentials{APIKey: key, WebhookSecret: "whsec_canary"}},
		{"WebhookSecret is not a webhook secret", xpay.Credentials{APIKey: key, WebhookSecret: "whsec_canary canary"}},
		{"OldWebhookSecrets[1] is not a webhook secret", xpay.Credentials{APIKey: key, WebhookSecret: "whsec_0123456789", OldWebhookSecrets: []string{"whsec_0123456789", "canary"}}},
		{"OldWebhookSecrets are set", xpay.Credentials{APIKey: key, OldWebhookSecrets: []string{"whsec_canary-canary"}}},
	} {
		client, err := xpay.New(tt.creds)
		if client != nil {
			t.Errorf("%s: got a client, want none", tt.want)
		}
		if err == nil {
			t.Errorf("got no error, want one that contains %q", tt.want)
			continue
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error contains a credential", tt.want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "xpay: Credentials.") {
			t.Errorf("got error %q, want one that begins with %q", err, "xpay: Credentials.")
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got error %q, want one that contains %q", err, tt.want)
		}
	}
	for _, o := range []pay.Option{pay.WithBaseURL("http://api.xpay.app"), pay.WithBaseURL(""), pay.WithMaxAttempts(0), pay.WithTransport(nil), nil} {
		if c, err := xpay.New(creds(key), o); err == nil || c != nil || !strings.HasPrefix(err.Error(), "xpay: ") {
			t.Errorf("an invalid option was accepted: %v", err)
		}
	}
	for key, want := range map[string]xpay.Mode{
		"sk_test_0123456789": xpay.ModeTest, "rk_test_0123456789": xpay.ModeTest, "sk_live_0123456789": xpay.ModeLive, "rk_live_01234567": xpay.ModeLive,
	} {
		if c, err := xpay.New(creds(key)); err != nil || c.Mode() != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestNewDoesNoIO(t *testing.T) {
	reached := false
	_, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789"}, pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		reached = true
		return nil, errors.New("unreachable")
	})))
	if err != nil || reached {
		t.Errorf("New: %v, reached the network: %v", err, reached)
	}
}

// TestSessionLifecycle does everything that a shop does with a session.
func TestSessionLifecycle(t *testing.T) {
	srv := xpaytest.NewServer(t)
	c, ctx := connect(t, srv), t.Context()
	s := opened(t, c)
	if want := "https://checkout.xpay.app/c/" + s.ID; s.URL != want {
		t.Errorf("open session: URL: got %s, want %s", s.URL, want)
	}
	if s.AmountTotal != 20_000 {
		t.Errorf("open session: AmountTotal: got %d, want 20000", s.AmountTotal)
	}
	if s.Paid() {
		t.Error("open session: Paid: got true, want false")
	}
	if s.PaymentIntent != nil {
		t.Error("open session: PaymentIntent is set, want nil")
	}
	if s.Livemode {
		t.Error("open session: Livemode: got true, want false")
	}
	s, err := c.UpdateMerchantCheckoutSession(ctx, s.ID, xpay.UpdateCheckoutSessionRequest{
		LineItems: xpay.Set([]xpay.LineItemInput{{Quantity: 3, PriceData: &xpay.PriceData{Currency: xpay.CurrencyEGP, UnitAmount: 10_000, ProductData: xpay.ProductData{Name: "Ticket"}}}}),
		CancelURL: xpay.Set("https://shop.example/back?s={CHECKOUT_SESSION_ID}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.AmountTotal != 30_000 {
		t.Errorf("changed session: AmountTotal: got %d, want 30000", s.AmountTotal)
	}
	if want := "https://shop.example/back?s=" + s.ID; s.CancelURL != want {
		t.Errorf("changed session: CancelURL: got %s, want %s", s.CancelURL, want)
	}
	s, err = c.UpdateMerchantCheckoutSession(ctx, s.ID, xpay.UpdateCheckoutSessionRequest{CancelURL: xpay.Null[string]()})
	if err != nil {
		t.Fatal(err)
	}
	if s.CancelURL != "" {
		t.Errorf("cleared session: CancelURL: got %s, want none", s.CancelURL)
	}
	if s.AmountTotal != 30_000 {
		t.Errorf("cleared session: AmountTotal: got %d, want 30000", s.AmountTotal)
	}
	if _, err := srv.Pay(s.ID, xpaytest.PayDeclined("stolen_card")); err != nil {
		t.Fatal(err)
	}
	paid, err := srv.Pay(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	s, err = c.GetCheckoutSession(ctx, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Paid() {
		t.Error("paid session: Paid: got false, want true")
	}
	if s.Status != xpay.SessionStatusComplete {
		t.Errorf("paid session: Status: got %s, want %s", s.Status, xpay.SessionStatusComplete)
	}
	if s.PaymentIntent == nil {
		t.Fatal("paid session: PaymentIntent is nil")
	}
	if n := len(s.PaymentIntent.Charges); n != 2 {
		t.Errorf("paid session: Charges: got %d, want 2", n)
	}
	if err := s.PaymentIntent.LastPaymentError.Err(); !errors.Is(err, xpay.DeclineStolenCard) {
		t.Errorf("paid session: got error %v of the first payment, want one that is %v", err, xpay.DeclineStolenCard)
	}
	part, err := c.CreateRefund(ctx, xpay.CreateRefundRequest{PaymentIntentID: paid.PaymentIntentID, Amount: new(xpay.Amount(5_000)), Reason: xpay.RefundReasonRequestedByCustomer})
	if err != nil {
		t.Fatal(err)
	}
	if part.Amount != 5_000 {
		t.Errorf("partial refund: Amount: got %d, want 5000", part.Amount)
	}
	if err := part.Err(); err != nil {
		t.Errorf("partial refund: got error %v, want none", err)
	}
	rest, err := c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: paid.ChargeID})
	if err != nil {
		t.Fatal(err)
	}
	if rest.Amount != 25_000 {
		t.Errorf("second refund: Amount: got %d, want 25000", rest.Amount)
	}
	_, err = c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: paid.ChargeID})
	if !errors.Is(err, xpay.ErrResourceInvalidState) || !errors.Is(err, apierr.ErrConflict) || xpay.TypeOf(err) != xpay.ErrorTypeInvalidRequest {
		t.Errorf("a third refund: %v", err)
	}
	if _, err := c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: paid.ChargeID, Amount: new(xpay.Amount(0))}); !errors.Is(err, xpay.ErrParameterOutOfRange) {
		t.Errorf("a refund of 0: %v", err)
	}
	if _, err := c.ExpireCheckoutSession(ctx, s.ID); !errors.Is(err, xpay.ErrResourceInvalidState) {
		t.Errorf("expiring a paid session: %v", err)
	}
}

// TestFailedRefund: the call succeeds, and the refund has an error.
func TestFailedRefund(t *testing.T) {
	srv := xpaytest.NewServer(t, xpaytest.WithConfig(func(c *xpaytest.Config) { c.RefundOutcome, c.RefundFailure = "FAILED", "insufficient_funds" }))
	c := connect(t, srv)
	paid, err := srv.Pay(opened(t, c).ID)
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.CreateRefund(t.Context(), xpay.CreateRefundRequest{ChargeID: paid.ChargeID})
	if err != nil || !errors.Is(f.Err(), xpay.RefundFailureReasonInsufficientFunds) {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestIdempotencyKeys: a key is generated for each write, kept for its attempts, or
// set by the caller.
func TestIdempotencyKeys(t *testing.T) {
	srv := xpaytest.NewServer(t)
	c := connect(t, srv)
	if err := srv.Fault("reset-after-commit"); err != nil {
		t.Fatal(err)
	}
	var m pay.Meta
	s, err := c.CreateCheckoutSession(t.Context(), order(), pay.WithMeta(&m))
	if err != nil {
		t.Fatal(err)
	}
	if m.Attempts != 2 {
		t.Errorf("Attempts: got %d, want 2", m.Attempts)
	}
	if n := len(m.IdempotencyKey); n < 16 {
		t.Errorf("IdempotencyKey: got %d bytes, want at least 16", n)
	}
	if m.RequestID == "" {
		t.Error("RequestID is empty")
	}
	if m.StatusCode != 201 {
		t.Errorf("StatusCode: got %d, want 201", m.StatusCode)
	}
	sent := srv.Requests()
	if sent[0].Header["Idempotency-Key"] != m.IdempotencyKey || sent[1].Header["Idempotency-Key"] != m.IdempotencyKey {
		t.Errorf("keys %q and %q, want %q", sent[0].Header["Idempotency-Key"], sent[1].Header["Idempotency-Key"], m.IdempotencyKey)
	}
	again, err := c.CreateCheckoutSession(t.Context(), order(), pay.WithIdempotencyKey(m.IdempotencyKey))
	if err != nil || again.ID != s.ID {
		t.Errorf("the same idempotency key created %s and %s: %v", s.ID, again.ID, err)
	}
	// A 409 may mean that the first request is still running, so it is retried.
	if err := srv.FailNext("idempotency_key_in_use"); err != nil {
		t.Fatal(err)
	}
	if again, err = c.CreateCheckoutSession(t.Context(), order(), pay.WithIdempotencyKey(m.IdempotencyKey), pay.WithMeta(&m)); err != nil || again.ID != s.ID || m.Attempts != 2 {
		t.Errorf("in use, then free: %v after %d attempts", err, m.Attempts)
	}
	other := order()
	other.Metadata["order"] = "1002"
	_, err = c.CreateCheckoutSession(t.Context(), other, pay.WithIdempotencyKey(m.IdempotencyKey))
	var e *apierr.Error
	for _, target := range []error{xpay.ErrIdempotencyKeyInUse, apierr.ErrOutcomeUnknown} {
		if !errors.Is(err, target) {
			t.Errorf("another body: got error %v, want one that is %v", err, target)
		}
	}
	if got := xpay.TypeOf(err); got != xpay.ErrorTypeIdempotency {
		t.Errorf("another body: TypeOf: got %q, want %q", got, xpay.ErrorTypeIdempotency)
	}
	if !errors.As(err, &e) {
		t.Fatalf("another body: got error %v, want an *apierr.Error", err)
	}
	if e.IdempotencyKey != m.IdempotencyKey {
		t.Errorf("another body: IdempotencyKey: got %q, want %q", e.IdempotencyKey, m.IdempotencyKey)
	}
	if _, err := c.UpdateMerchantCheckoutSession(t.Context(), s.ID, xpay.UpdateCheckoutSessionRequest{AllowPromotionCodes: new(true)}, pay.WithMeta(&m)); err != nil || m.IdempotencyKey == "" {
		t.Errorf("PATCH: %v, key %q", err, m.IdempotencyKey)
	}
	if _, err := c.GetCheckoutSession(t.Context(), s.ID, pay.WithIdempotencyKey("x")); err == nil {
		t.Error("GET accepted an idempotency key")
	}
	if err := c.DeleteProduct(t.Context(), "prod_1", pay.WithIdempotencyKey("x")); err == nil {
		t.Error("DELETE accepted an idempotency key")
	}
}

func TestAPIKeys(t *testing.T) {
	srv := xpaytest.NewServer(t)
	with := func(key string) *xpay.Client {
		c, err := xpay.New(xpay.Credentials{APIKey: key}, pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t)))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	keys := srv.APIKeys()
	a, err := with(keys.Restricted).GetAccount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.APIKey.Type != xpay.KeyTypeRestricted {
		t.Errorf("restricted: Type: got %s, want %s", a.APIKey.Type, xpay.KeyTypeRestricted)
	}
	if n := len(a.APIKey.Permissions); n != 3 {
		t.Errorf("restricted: Permissions: got %d, want 3", n)
	}
	if a.APIKey.Mode != xpay.ModeTest {
		t.Errorf("restricted: Mode: got %s, want %s", a.APIKey.Mode, xpay.ModeTest)
	}
	if _, err := with(keys.Restricted).ListCustomers(t.Context(), nil); !errors.Is(err, xpay.ErrPermissionDenied) || !errors.Is(err, apierr.ErrPermission) {
		t.Errorf("restricted: %v", err)
	}
	if _, err := with(keys.Inactive).GetAccount(t.Context()); !errors.Is(err, xpay.ErrAPIKeyInactive) || !errors.Is(err, apierr.ErrAuth) {
		t.Errorf("inactive: %v", err)
	}
	if _, err := with("sk_test_0123456789").GetAccount(t.Context()); !errors.Is(err, xpay.ErrInvalidAPIKey) {
		t.Errorf("unknown: %v", err)
	}
	live := with(keys.Live)
	if live.Mode() != xpay.ModeLive {
		t.Errorf("live: Mode: got %s, want %s", live.Mode(), xpay.ModeLive)
	}
	a, err = live.GetAccount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.LivePaymentsEnabled {
		t.Error("live: LivePaymentsEnabled: got true, want false")
	}
	if !a.Livemode {
		t.Error("live: Livemode: got false, want true")
	}
	if _, err := live.CreateCheckoutSession(t.Context(), order()); !errors.Is(err, xpay.ErrMerchantNotActivated) || xpay.TypeOf(err) != xpay.ErrorTypeInvalidRequest {
		t.Errorf("live: %v", err)
	}
}

// TestIterators iterates over lists of all four kinds.
func TestIterators(t *testing.T) {
	srv := xpaytest.NewServer(t)
	c, ctx := connect(t, srv), t.Context()
	for i := range 7 {
		if _, err := c.CreateCustomer(ctx, xpay.CreateCustomerRequest{Email: fmt.Sprintf("c%d@shop.example", i)}); err != nil {
			t.Fatal(err)
		}
		p, err := c.CreateProduct(ctx, xpay.CreateProductRequest{Name: fmt.Sprint("Product ", i), Active: new(i < 5), DefaultPrice: &xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(100))}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreatePaymentLink(ctx, xpay.CreatePaymentLinkRequest{
			LineItems: []xpay.LinkLineItemInput{{PriceID: p.Prices[0].ID, Quantity: 1}}, AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeHostedConfirmation},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateWebhookEndpoint(ctx, xpay.CreateWebhookEndpointRequest{URL: "https://shop.example/xpay", EnabledEvents: []xpay.EventType{}}); err != nil {
			t.Fatal(err)
		}
	}
	paid, err := srv.Pay(opened(t, c).ID)
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		if _, err := c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: paid.ChargeID, Amount: new(xpay.Amount(1))}); err != nil {
			t.Fatal(err)
		}
	}
	for _, limit := range []int{0, 1, 3, 7, 8} {
		want := map[string]int{
			"customers": count(t, c.Customers(ctx, &xpay.ListCustomersParams{Limit: limit, Type: xpay.CustomerTypeRegistered})),
			"links":     count(t, c.PaymentLinks(ctx, &xpay.ListPaymentLinksParams{Limit: limit})),
			"products":  count(t, c.Products(ctx, &xpay.ListProductsParams{Limit: limit, Search: "product"})),
			"refunds":   count(t, c.Refunds(ctx, &xpay.ListRefundsParams{Limit: limit, ChargeID: paid.ChargeID})),
			"endpoints": count(t, c.WebhookEndpoints(ctx)),
		}
		for what, n := range want {
			if n != 7 {
				t.Errorf("limit %d: %d %s, want 7", limit, n, what)
			}
		}
	}
	if n := count(t, c.Products(ctx, &xpay.ListProductsParams{Active: new(false)})); n != 2 {
		t.Errorf("%d products are not active", n)
	}
	if n := count(t, c.Customers(ctx, nil)); n != 8 { // including the guest who paid
		t.Errorf("%d customers", n)
	}
	for l, err := range c.PaymentLinks(ctx, nil) {
		if err != nil || l.URL() != "https://checkout.xpay.app/p/"+l.ID {
			t.Errorf("link %s, %v", l.URL(), err)
		}
		break
	}
}

func count[T any](t *testing.T, rows iter.Seq2[T, error]) int {
	t.Helper()
	n := 0
	for _, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// TestIteratorErrors: an iteration ends at an error and at a repeated page.
func TestIteratorErrors(t *testing.T) {
	calls, body := 0, `{"data":[{"id":"cus_1"}],"totalCount":1000}`
	c, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		calls++
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, err = range c.Customers(t.Context(), nil) {
		rows++
	}
	if err == nil || rows != 2 || calls != 2 {
		t.Errorf("%v after %d rows and %d calls", err, rows, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err = range c.Refunds(ctx, nil) {
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// TestSessionExpiry: a session expires by the sandbox's clock.
func TestSessionExpiry(t *testing.T) {
	srv := xpaytest.NewServer(t, xpaytest.WithTime(time.Date(2026, 5, 9, 12, 0, 0, 0, time.UTC)))
	c := connect(t, srv)
	s := opened(t, c)
	if at, err := s.ExpiresAt.Time(); err != nil || !at.Equal(srv.Now().Add(24*time.Hour)) {
		t.Errorf("expires at %v, %v", at, err)
	}
	if err := srv.Advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	s, err := c.GetCheckoutSession(t.Context(), s.ID)
	if err != nil || s.Status != xpay.SessionStatusExpired || !s.IsExpired {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestSecretsAreRedacted: the webhook secret in a response is not printed.
func TestSecretsAreRedacted(t *testing.T) {
	srv := xpaytest.NewServer(t)
	ep, err := connect(t, srv).CreateWebhookEndpoint(t.Context(), xpay.CreateWebhookEndpointRequest{URL: "https://shop.example/xpay", EnabledEvents: []xpay.EventType{"*"}})
	if err != nil || !strings.HasPrefix(string(ep.Secret), "whsec_") {
		t.Fatal(err)
	}
	j, _ := json.Marshal(ep)
	if text := fmt.Sprintf("%v %+v %#v %s %s", ep, *ep, ep, ep.Secret, j); strings.Contains(text, string(ep.Secret)) || strings.Contains(text, "whsec_") {
		t.Errorf("printed: %s", text)
	}
}
