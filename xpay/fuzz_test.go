package xpay_test

import (
	"math/big"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/clientcontract"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sandboxcontract"
	"github.com/specpay/specpay/internal/contract/webhookcontract"
	"github.com/specpay/specpay/xpay"
)

func FuzzError(f *testing.F)         { clientcontract.FuzzError(f, suite(f)) }
func FuzzModels(f *testing.F)        { clientcontract.FuzzModels(f, suite(f)) }
func FuzzNotification(f *testing.F)  { webhookcontract.FuzzNotification(f, suite(f)) }
func FuzzSandbox(f *testing.F)       { sandboxcontract.FuzzSandbox(f, suite(f)) }
func FuzzWebhookHeader(f *testing.F) { webhookcontract.FuzzHeaders(f, suite(f), "XPay-Signature") }

// FuzzMoney decodes any JSON as an amount. It is exact, and encoding and decoding it
// again gives the same amount.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{`10000`, `10000.0`, `"10000"`, `null`, `""`, `1.5`, `-0`, `9007199254740993`, `9223372036854775808`, `1e2`, `"-0.0"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		harness.Bounded(t, len(in), func() {
			var a, b xpay.Amount
			if json.Unmarshal(in, &a) != nil {
				return
			}
			out, err := json.Marshal(a)
			if err != nil || json.Unmarshal(out, &b) != nil || a != b {
				t.Errorf("%q: %d became %s, %d (%v)", in, a, out, b, err)
			}
			var n xpay.Number
			if json.Unmarshal(in, &n) != nil {
				t.Errorf("%q is an amount but not a Number", in)
			}
			if r, ok := n.Rat(); ok && r.Cmp(new(big.Rat).SetInt64(int64(a))) != 0 {
				t.Errorf("%q is %s and became %d", in, r, a)
			}
		})
	})
}

// FuzzConversion converts any amount at any rate.
func FuzzConversion(f *testing.F) {
	f.Add(int64(500), "48.5", "USD", "EGP")
	f.Add(int64(-1), "0.0001", "KWD", "EGP")
	f.Add(int64(9223372036854775807), "1e9", "EGP", "KWD")
	f.Add(int64(1), "1/3", "EGP", "EGP")
	f.Fuzz(func(t *testing.T, amount int64, rate, from, to string) {
		harness.Bounded(t, len(rate), func() {
			got, err := xpay.Amount(amount).Convert(xpay.Number(rate), xpay.Currency(from), xpay.Currency(to))
			if err == nil && from == to && rate == "1" && got != xpay.Amount(amount) {
				t.Errorf("%d at 1 is %d", amount, got)
			}
			if err == nil && (got < 0) != (amount < 0) && got != 0 {
				t.Errorf("%d at %q is %d", amount, rate, got)
			}
		})
	})
}
