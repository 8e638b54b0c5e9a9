package xpay_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/encodings"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
)

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

func typeName(v any) string { return fmt.Sprintf("%T", v) }

func TestAmountJSON(t *testing.T) {
	for text, want := range map[string]xpay.Amount{
		`10000`: 10000, `10000.0`: 10000, `10000.00`: 10000, `"10000"`: 10000, `"10000.0"`: 10000, `-5`: -5, `0`: 0, `null`: 0, `""`: 0,
		`9223372036854775807`: 9223372036854775807, `"-9223372036854775808"`: -9223372036854775808, `9007199254740993`: 9007199254740993,
	} {
		var got xpay.Amount
		var n xpay.Int
		if err := jsonv2.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
		if err := jsonv2.Unmarshal([]byte(text), &n); err != nil || int64(n) != int64(want) {
			t.Errorf("%s as Int: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{`1.5`, `"1.5"`, `"x"`, `"1,000"`, `true`, `{}`, `[]`, `1e4`, `9223372036854775808`, `" 1"`, `"0x10"`, `"."`} {
		var got xpay.Amount
		if err := jsonv2.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: decoded as %d", text, got)
		}
	}
	if b, err := jsonv2.Marshal(xpay.Amount(10_000)); err != nil || string(b) != "10000" {
		t.Errorf("encoded as %s, %v", b, err)
	}
}

func TestCurrencyFormat(t *testing.T) {
	for _, tt := range []struct {
		currency xpay.Currency
		amount   xpay.Amount
		want     string
	}{
		{"EGP", 10_000, "100.00 EGP"}, {"EGP", 5, "0.05 EGP"}, {"EGP", 0, "0.00 EGP"}, {"EGP", -1234, "-12.34 EGP"}, {"KWD", 1500, "1.500 KWD"}, {"KWD", -5, "-0.005 KWD"},
		{"EGP", math.MaxInt64, "92233720368547758.07 EGP"}, {"EGP", math.MinInt64, "-92233720368547758.08 EGP"}, {"XXX", 7, "7 minor units of XXX"},
	} {
		if got := tt.currency.Format(tt.amount); got != tt.want {
			t.Errorf("%s %d: %q, want %q", tt.currency, tt.amount, got, tt.want)
		}
	}
	if got := fmt.Sprint(xpay.NewAmount(10_000)); got != "10000 minor units" {
		t.Errorf("without a currency: %q", got)
	}
}

func TestConvert(t *testing.T) {
	for _, tt := range []struct {
		amount   xpay.Amount
		rate     xpay.Number
		from, to xpay.Currency
		want     xpay.Amount
	}{
		{500, "50.25", xpay.CurrencyUSD, xpay.CurrencyEGP, 25125},
		{333, "50.251", xpay.CurrencyUSD, xpay.CurrencyEGP, 16733}, // 16733.583, truncated
		{1000, "163.905", xpay.CurrencyKWD, xpay.CurrencyEGP, 16390},
		{100, "0.0061", xpay.CurrencyEGP, xpay.CurrencyKWD, 6},
		{1, "1", xpay.CurrencyEGP, xpay.CurrencyEGP, 1},
		{-500, "50.25", xpay.CurrencyUSD, xpay.CurrencyEGP, -25125},
	} {
		if got, err := tt.amount.Convert(tt.rate, tt.from, tt.to); err != nil || got != tt.want {
			t.Errorf("%d %s at %s: %d, %v; want %d", tt.amount, tt.from, tt.rate, got, err, tt.want)
		}
	}
	for _, rate := range []xpay.Number{"", "0", "-1", "1e9", "x", "1/3", xpay.Number(strings.Repeat("9", 65))} {
		if got, err := xpay.Amount(1).Convert(rate, xpay.CurrencyUSD, xpay.CurrencyEGP); err == nil {
			t.Errorf("rate %q: %d", rate, got)
		}
	}
	if _, err := xpay.Amount(1<<62).Convert("1000", xpay.CurrencyUSD, xpay.CurrencyEGP); err == nil {
		t.Error("an overflow was accepted")
	}
}

func TestMetadataJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"order":"1001","n":9007199254740993}`: `{"n":"9007199254740993","order":"1001"}`,
		`["a","b"]`:                             `{"0":"a","1":"b"}`, `[]`: `{}`, `null`: `null`, `{}`: `{}`,
	} {
		var m xpay.Metadata
		if err := jsonv2.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(text, err)
		}
		if got, _ := json.Marshal(m); string(got) != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if m := (xpay.Metadata{"a": 1, "b": "x"}); m.Get("a") != "" || m.Get("b") != "x" || m.Get("c") != "" {
		t.Error("Get")
	}
}

func TestDateTime(t *testing.T) {
	at := time.Date(2026, 5, 9, 14, 34, 56, 789_000_000, time.FixedZone("", 2*60*60))
	if got := xpay.FormatTime(at); got != "2026-05-09T12:34:56.789Z" {
		t.Error(got)
	}
	for _, text := range []xpay.DateTime{"2026-05-09T12:34:56.789Z", "2026-05-09T14:34:56.789+02:00"} {
		if got, err := text.Time(); err != nil || !got.Equal(at) {
			t.Error(text, got, err)
		}
	}
	if _, err := xpay.DateTime("").Time(); err == nil {
		t.Error("an empty text was parsed as a time")
	}
}

// TestNullable checks the JSON of updates: absent, a value and null.
func TestNullable(t *testing.T) {
	for _, tt := range []struct {
		body any
		want string
	}{
		{xpay.UpdateCheckoutSessionRequest{}, `{}`},
		{xpay.UpdateCheckoutSessionRequest{CancelURL: xpay.Null[string](), AllowPromotionCodes: new(false)}, `{"allowPromotionCodes":false,"cancelUrl":null}`},
		{xpay.UpdateCheckoutSessionRequest{CancelURL: xpay.Set(""), Metadata: xpay.Set(xpay.Metadata{})}, `{"cancelUrl":"","metadata":{}}`},
		{xpay.UpdatePaymentLinkRequest{CustomFields: xpay.Set([]xpay.LinkCustomFieldInput{}), ExpiresAt: xpay.Null[xpay.DateTime](), Active: new(false)}, `{"active":false,"customFields":[],"expiresAt":null}`},
		{xpay.UpdatePriceRequest{Stock: xpay.Set(0), UnitAmount: xpay.Set(xpay.Amount(0))}, `{"stock":0,"unitAmount":0}`},
		{xpay.UpdatePriceRequest{Stock: xpay.Null[int]()}, `{"stock":null}`},
		{xpay.UpdateProductRequest{DefaultPrice: xpay.Null[string]()}, `{"defaultPrice":null}`},
		{xpay.UpdateWebhookEndpointRequest{EnabledEvents: xpay.Set([]xpay.EventType{})}, `{"enabledEvents":[]}`},
		{xpay.CreateRefundRequest{ChargeID: "ch"}, `{"chargeId":"ch"}`},
		{xpay.CreateRefundRequest{ChargeID: "ch", Amount: new(xpay.Amount(0))}, `{"amount":0,"chargeId":"ch"}`},
		{xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(0)), Stock: new(0)}, `{"stock":0,"unitAmount":0}`},
	} {
		got, err := jsonv2.Marshal(tt.body)
		if err != nil || string(got) != tt.want {
			t.Errorf("%T: %s, %v; want %s", tt.body, got, err, tt.want)
		}
	}
}

func TestPaymentFailures(t *testing.T) {
	var none *xpay.LastPaymentError
	if none.Err() != nil || (*xpay.Refund)(nil).Err() != nil || (&xpay.Refund{Status: xpay.RefundStatusPending}).Err() != nil {
		t.Error("there is an error without a failure")
	}
	declined := &xpay.LastPaymentError{Type: xpay.PaymentErrorTypeCard, Code: xpay.PaymentErrCardDeclined, DeclineCode: xpay.DeclineInsufficientFunds, Message: "private"}
	err := declined.Err()
	var e *apierr.Error
	for _, target := range []error{xpay.DeclineInsufficientFunds, apierr.ErrDeclined} {
		if !errors.Is(err, target) {
			t.Errorf("declined: got error %v, want one that is %v", err, target)
		}
	}
	if errors.Is(err, xpay.PaymentErrInsufficientFunds) {
		t.Errorf("declined: got error %v, want one that is not the payment error of the same value", err)
	}
	if !errors.As(err, &e) {
		t.Fatalf("declined: got error %v, want an *apierr.Error", err)
	}
	if got, want := e.DocURL(), "https://docs.xpay.app/integrate/errors/decline-codes#insufficient_funds"; got != want {
		t.Errorf("declined: DocURL: got %s, want %s", got, want)
	}
	if e.CustomerMessage("en") == "" {
		t.Error("declined: CustomerMessage is empty")
	}
	if e.Outcome() != apierr.OutcomeNotApplied {
		t.Errorf("declined: Outcome: got %s, want %s", e.Outcome(), apierr.OutcomeNotApplied)
	}
	if strings.Contains(err.Error(), "private") {
		t.Error("declined: the error contains XPay's message")
	}
	err = (&xpay.LastPaymentError{Code: xpay.PaymentErrAuthenticationRequired}).Err()
	if !errors.Is(err, xpay.PaymentErrAuthenticationRequired) || errors.Is(err, xpay.ErrAuthenticationRequired) || errors.Is(err, apierr.ErrAuth) {
		t.Errorf("3-D Secure: %v", err)
	}
	err = (&xpay.LastPaymentError{DeclineCode: "new_in_2027", AdviceCode: xpay.AdviceCodeDoNotTryAgain}).Err()
	if !errors.Is(err, apierr.ErrDeclined) {
		t.Errorf("unknown code: got error %v, want one that is %v", err, apierr.ErrDeclined)
	}
	if !errors.As(err, &e) {
		t.Fatalf("unknown code: got error %v, want an *apierr.Error", err)
	}
	if e.Known() {
		t.Error("unknown code: Known: got true, want false")
	}
	if e.RawCode != "new_in_2027" {
		t.Errorf("unknown code: RawCode: got %q, want %q", e.RawCode, "new_in_2027")
	}
	if e.Advice() != apierr.AdviceNever {
		t.Errorf("unknown code: Advice: got %s, want %s", e.Advice(), apierr.AdviceNever)
	}
	err = (&xpay.Refund{Status: xpay.RefundStatusFailed, FailureReason: xpay.RefundFailureReasonExpiredOrCanceledCard, FailureMessage: "x"}).Err()
	if !errors.Is(err, xpay.RefundFailureReasonExpiredOrCanceledCard) || errors.Is(err, xpay.RefundFailureReasonDeclined) || !errors.Is(err, apierr.ErrDeclined) {
		t.Errorf("refund: %v", err)
	}
}

// TestLenientResponse decodes a session with numbers in all forms.
func TestLenientResponse(t *testing.T) {
	body := `{"id":"cs_test_1","status":"complete","paymentStatus":"paid","livemode":false,"amountTotal":"20000","amountSubtotal":20000.0,"newMember":{"x":[1]},
		"metadata":[],"lineItems":[{"id":"li_1","quantity":2.0,"price":{"id":"price_1","unitAmount":"10000","stock":null}}],"discounts":[{"id":"pending","coupon":{"id":"c","amountOff":"10.50"}}],
		"paymentIntent":{"id":"pi_1","amount":20000.00,"currency":"EGP","status":"SOMETHING_NEW","lastPaymentError":{"code":null,"paymentMethod":{"card":{"brand":"visa","last4":"4242","funding":"credit"},"billingDetails":{"name":"Mona","email":null}}},
		"charges":[{"id":"ch_1","amount":"20000","currency":"EGP","status":"SUCCEEDED","config":{"merchantFeeDeduction":12.50},"balanceTransaction":{"id":"txn_1","amount":-5,"currency":"EGP"}}]}}`
	c, err := xpay.New(xpay.Credentials{APIKey: "rk_test_0123456789"}, pay.WithBaseURL("http://localhost"), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"X-Request-Id": {"req_1"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	var m pay.Meta
	s, err := c.GetCheckoutSession(t.Context(), "cs_test_1", pay.WithMeta(&m))
	if err != nil {
		t.Fatal(err)
	}
	if s.AmountTotal != 20_000 {
		t.Errorf("AmountTotal: got %d, want 20000", s.AmountTotal)
	}
	if s.AmountSubtotal != 20_000 {
		t.Errorf("AmountSubtotal: got %d, want 20000", s.AmountSubtotal)
	}
	if got := s.LineItems[0].Quantity; got != 2 {
		t.Errorf("Quantity: got %v, want 2", got)
	}
	if got := s.LineItems[0].Price.Stock; got != nil {
		t.Errorf("Stock: got %v, want nil", *got)
	}
	if got := s.Discounts[0].Coupon.AmountOff; got != "10.50" {
		t.Errorf("AmountOff: got %s, want 10.50", got)
	}
	intent := s.PaymentIntent
	if intent.Amount != 20_000 {
		t.Errorf("Amount: got %d, want 20000", intent.Amount)
	}
	if intent.Status != "SOMETHING_NEW" {
		t.Errorf("Status: got %s, want SOMETHING_NEW", intent.Status)
	}
	if got := intent.Charges[0].Config.MerchantFeeDeduction; got != "12.50" {
		t.Errorf("MerchantFeeDeduction: got %s, want 12.50", got)
	}
	if got := intent.Charges[0].BalanceTransaction.Amount; got != -5 {
		t.Errorf("Amount of the balance transaction: got %d, want -5", got)
	}
	if got := intent.LastPaymentError.PaymentMethod.Card.Last4; got != "4242" {
		t.Errorf("Last4: got %s, want 4242", got)
	}
	if got := intent.LastPaymentError.PaymentMethod; got.Card.Funding != "credit" || got.BillingDetails.Name != "Mona" || got.BillingDetails.Email != "" {
		t.Errorf("payment method: got %+v, want a credit card of Mona", got)
	}
	if m.RequestID != "req_1" {
		t.Errorf("RequestID: got %q, want %q", m.RequestID, "req_1")
	}
	if !s.Paid() {
		t.Error("Paid: got false, want true")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestClientSecretsAreRedacted: the client secret of a session is read by name only.
func TestClientSecretsAreRedacted(t *testing.T) {
	var session xpay.CheckoutSession
	if err := json.Unmarshal([]byte(`{"id":"cs_1","clientSecret":"canary"}`), &session); err != nil || string(session.ClientSecret) != "canary" {
		t.Fatalf("got %q, %v, want the client secret", string(session.ClientSecret), err)
	}
	event := xpay.Event{ID: "evt_1", Object: &session, Raw: xpay.Raw(`{"clientSecret":"canary"}`)}
	for _, v := range []any{session, &session, xpay.PaymentIntent{ClientSecret: "canary"}, event, &event} {
		for o := range encodings.Of(v) {
			way, holder, _ := strings.Cut(o.Way, ", ")
			if _, isEvent := v.(fmt.Formatter); isEvent && (strings.HasPrefix(way, "json") || way == "xml" || way == "yaml" || way == "gob" || way == "slog json" && holder != "value") {
				continue // they encode Raw
			}
			for _, form := range []string{"canary", "63616e617279", "63616E617279", "99 97 110 97 114 121", "Y2FuYXJ5"} {
				if strings.Contains(o.Text, form) {
					t.Errorf("%T, %s: got %.300s", v, o.Way, o.Text)
				}
			}
		}
	}
	if got, want := fmt.Sprint(event), "xpay.Event[ID=evt_1 "; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want prefix %s", got, want)
	}
}
