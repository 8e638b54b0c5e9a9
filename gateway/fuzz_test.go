package gateway_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/pay"
)

func FuzzError(f *testing.F)        { clientcontract.FuzzError(f, suite(f)) }
func FuzzModels(f *testing.F)       { clientcontract.FuzzModels(f, suite(f)) }
func FuzzNotification(f *testing.F) { webhookcontract.FuzzNotification(f, suite(f)) }
func FuzzSandbox(f *testing.F)      { sandboxcontract.FuzzSandbox(f, suite(f)) }
func FuzzWebhookHeader(f *testing.F) {
	webhookcontract.FuzzHeaders(f, suite(f), "X-PAY-Signature", "X-PAY-Timestamp")
}

// FuzzCanonical signs requests with any ID and text. The sandbox verifies them with
// its own code.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"0123456789abcdef0123456789abcdef", "a/b", "a b", "%2e%2e", "ä", "a?b=c#d", "~:@!$&'()*+,;=", "\xff"} {
		f.Add(s, s)
	}
	srv := gatewaytest.NewServer(f)
	c := connect(f, srv, pay.WithMaxAttempts(1))
	f.Fuzz(func(t *testing.T, id, text string) {
		order := qris()
		order.ExternalUserID, order.InvoicePrefix = text, ""
		_, err1 := c.GetPayment(t.Context(), id)
		_, err2 := c.CreatePayment(t.Context(), order)
		if errors.Is(err1, gateway.ErrBadSignature) || errors.Is(err2, gateway.ErrBadSignature) {
			t.Errorf("%q, %q: %v, %v", id, text, err1, err2)
		}
	})
}

// FuzzMoney parses any text as an amount of a currency. Formatting and parsing the
// amount again gives the same amount.
func FuzzMoney(f *testing.F) {
	for _, c := range []string{"IDR", "USD", "JPY"} {
		for _, s := range []string{"29.00", "29", "0.5", "500.50", "29.999", "-1", "92233720368547758.07", "99999999999999999999", ".5", "1.", "1e3"} {
			f.Add(c, s)
		}
	}
	f.Fuzz(func(t *testing.T, currency, text string) {
		c := gateway.Currency(currency)
		harness.Bounded(t, len(text), func() {
			minor, err := c.Parse(text)
			if err != nil {
				return
			}
			printed, _ := strings.CutSuffix(c.Format(minor), " "+currency)
			if again, err := c.Parse(printed); err != nil || again != minor || minor < 0 {
				t.Errorf("%q of %s: %d, printed %q, %d (%v)", text, currency, minor, printed, again, err)
			}
		})
	})
}

// FuzzMetadata decodes any object. Encoding and decoding it again gives the same JSON.
func FuzzMetadata(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":9007199254740993}`, `{"a":1.50}`, `{"a":[{"b":null}]}`, `null`, `[]`, `{"a":1e1000000000}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		harness.Bounded(t, len(in), func() {
			var a, b gateway.Metadata
			if json.Unmarshal(in, &a) != nil {
				return
			}
			once, err := json.Marshal(a, json.Deterministic(true))
			if err != nil || json.Unmarshal(once, &b) != nil {
				t.Fatalf("%q: %s, %v", in, once, err)
			}
			if twice, _ := json.Marshal(b, json.Deterministic(true)); string(once) != string(twice) {
				t.Errorf("%q: %s became %s", in, once, twice)
			}
		})
	})
}
