package xpay

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/redact"
	"github.com/specpay/specpay/internal/transport"
)

// Amount is money in minor units of its currency: 10000 is EGP 100.00. The currency
// is in another member of the same struct; Currency.Format prints both.
type Amount int64

// NewAmount returns an amount of minor units: NewAmount(10000) is EGP 100.00.
func NewAmount(minor int64) Amount { return Amount(minor) }

// String returns the number with its unit: "10000 minor units".
func (a Amount) String() string { return strconv.FormatInt(int64(a), 10) + " minor units" }

// UnmarshalJSON reads 10000, 10000.0 and "10000", all of which XPay may send; null
// and empty text are 0. A fraction is an error.
func (a *Amount) UnmarshalJSON(b []byte) error {
	n, err := integer(b)
	*a = Amount(n)
	return err
}

// Decimals returns the number of decimals of a currency: 3 for KWD, JOD, OMR, BHD
// and LYD, 2 for the other Currency constants. For any other currency it is not
// known.
func (c Currency) Decimals() (n int, known bool) {
	switch c {
	case CurrencyKWD, CurrencyJOD, CurrencyOMR, CurrencyBHD, CurrencyLYD:
		return 3, true
	case CurrencyEGP, CurrencyUSD, CurrencyEUR, CurrencyGBP, CurrencySAR, CurrencyAED, CurrencyQAR, CurrencyAUD, CurrencyCAD, CurrencyCNY:
		return 2, true
	}
	return 0, false
}

// Format returns an amount as text: 10000 EGP is "100.00 EGP". If the decimals of
// the currency are not known, the text is "10000 minor units of XXX".
func (c Currency) Format(a Amount) string {
	n, known := c.Decimals()
	if !known {
		return a.String() + " of " + string(c)
	}
	digits, sign := strconv.FormatInt(int64(a), 10), ""
	if a < 0 {
		digits, sign = digits[1:], "-"
	}
	digits = strings.Repeat("0", max(0, n+1-len(digits))) + digits
	return sign + digits[:len(digits)-n] + "." + digits[len(digits)-n:] + " " + string(c)
}

// Convert converts an amount at an exchange rate between major units and truncates
// to whole minor units. Refunds need it: the amount of createRefund is in the
// processing currency, EGP, whatever the customer paid in.
//
//	p := session.PresentmentDetails
//	amount, err := xpay.NewAmount(500).Convert(p.ExchangeRate, p.Currency, xpay.CurrencyEGP)
func (a Amount) Convert(rate Number, from, to Currency) (Amount, error) {
	r, ok := rate.Rat()
	if !ok || r.Sign() <= 0 {
		return 0, fmt.Errorf("xpay: %.40q is not an exchange rate; want a decimal number above 0", string(rate))
	}
	r.Mul(r, new(big.Rat).SetInt64(int64(a))).Mul(r, big.NewRat(minor(to), minor(from)))
	q := new(big.Int).Quo(r.Num(), r.Denom())
	if !q.IsInt64() {
		return 0, fmt.Errorf("xpay: %d minor units at the rate %.40q are too many; want at most %d", int64(a), string(rate), int64(math.MaxInt64))
	}
	return Amount(q.Int64()), nil
}

// minor returns how many minor units a major unit of c has; 100 if the decimals are
// not known.
func minor(c Currency) int64 {
	if n, _ := c.Decimals(); n == 3 {
		return 1000
	}
	return 100
}

// Int is a whole number that XPay specifies as a number.
type Int int64

// UnmarshalJSON reads 3, 3.0 and "3"; null and empty text are 0.
func (i *Int) UnmarshalJSON(b []byte) error {
	n, err := integer(b)
	*i = Int(n)
	return err
}

// Number is an exact decimal number, such as an exchange rate or a percentage, with
// its original digits; "" if there is none.
type Number string

// Rat returns the number for exact arithmetic; false if the text is not a decimal
// number of at most 64 characters.
func (n Number) Rat() (*big.Rat, bool) {
	if len(n) > 64 || strings.ContainsAny(string(n), "eEpP/xX_") {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}

// UnmarshalJSON reads a number, text or null.
func (n *Number) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	*n = Number(s)
	return err
}

// DateTime is a time as XPay sent it; "" if there is none. Time parses it.
type DateTime string

// FormatTime returns t in UTC with milliseconds: 2026-05-09T12:34:56.000Z.
func FormatTime(t time.Time) DateTime {
	return DateTime(t.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
}

// Time parses the text.
func (d DateTime) Time() (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("xpay: %.40q is not a time; want RFC 3339, such as 2026-05-09T12:34:56.000Z", string(d))
	}
	return t, nil
}

// CustomerAddress is the address of a [Customer].
type CustomerAddress = Address

// Flag is a boolean that XPay also accepts as text.
type Flag = bool

// Metadata is any JSON object of the merchant.
type Metadata map[string]any

// Get returns the text under a name; "" if there is none or if it is not text.
func (m Metadata) Get(name string) string {
	s, _ := m[name].(string)
	return s
}

// UnmarshalJSON reads an object, null or an array; the elements of an array get
// the names 0, 1 and so on. A number is a Number with its original digits.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	numbers := json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *any) error {
		if d.PeekKind() != '0' {
			return errors.ErrUnsupported
		}
		literal, err := d.ReadValue()
		*v = Number(literal)
		return err
	}))
	if *m = nil; jsontext.Value(b).Kind() != '[' {
		return json.Unmarshal(b, (*map[string]any)(m), numbers)
	}
	var list []any
	err := json.Unmarshal(b, &list, numbers)
	*m = make(Metadata, len(list))
	for i, v := range list {
		(*m)[strconv.Itoa(i)] = v
	}
	return err
}

// Nullable is a member of an update. The zero value leaves the member unchanged;
// Set changes it, Null clears it.
type Nullable[T any] struct {
	value T
	state byte // 0 absent, 1 set, 2 null
}

// Set returns an update to a value.
func Set[T any](value T) Nullable[T] { return Nullable[T]{value, 1} }

// Null returns an update that clears a member.
func Null[T any]() Nullable[T] { return Nullable[T]{state: 2} }

// IsZero reports whether the member is left unchanged, in which case it is not
// sent.
func (n Nullable[T]) IsZero() bool { return n.state == 0 }

// MarshalJSON writes the value, or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != 1 {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// Raw is JSON as received.
type Raw = jsontext.Value

// Secret is a webhook secret, or the client secret of a session or a payment. It is
// redacted when printed, logged or encoded, also in JSON; string(s) returns it.
type Secret string

var redactedSecret redact.Type[Secret]

// Format keeps the secret out of the output of package fmt.
func (Secret) Format(f fmt.State, verb rune) { redactedSecret.Format(f, verb) }

// LogValue keeps the secret out of logs.
func (Secret) LogValue() slog.Value { return redactedSecret.LogValue() }

// MarshalText keeps the secret out of JSON and other encodings.
func (Secret) MarshalText() ([]byte, error) { return redactedSecret.MarshalText() }

// GobEncode returns an error: gob would write the secret as it is.
func (Secret) GobEncode() ([]byte, error) { return redactedSecret.GobEncode() }

// UnmarshalText reads the secret of a response.
func (s *Secret) UnmarshalText(b []byte) error { *s = Secret(b); return nil }

// Err returns the reason why the last attempt to pay failed, as an error that
// matches the decline code if there is one, otherwise the payment error code, and
// the category of that code. It returns nil if e is nil. A payment that was paid
// later keeps its LastPaymentError, so check the status first.
func (e *LastPaymentError) Err() error {
	if e == nil {
		return nil
	}
	pe := apierr.Error{Provider: "xpay", Operation: "payment", Type: string(e.Type), Message: e.Message, Param: e.Param, Code: e.Code, RawCode: string(e.Code)}
	if e.DeclineCode != "" {
		pe.Code, pe.RawCode = e.DeclineCode, string(e.DeclineCode)
	}
	d := apierr.Details{Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrDeclined, Advice: apierr.AdviceChange}
	if e.AdviceCode == AdviceCodeDoNotTryAgain {
		d.Advice = apierr.AdviceNever
	}
	return apierr.New(pe, d)
}

// Err returns the reason why a refund did not reach the customer, as an error that
// matches its FailureReason and apierr.ErrDeclined; nil if the refund has not failed
// and is not canceled.
func (r *Refund) Err() error {
	if r == nil || r.Status != RefundStatusFailed && r.Status != RefundStatusCanceled {
		return nil
	}
	return apierr.New(apierr.Error{Provider: "xpay", Operation: "refund", Code: r.FailureReason, RawCode: string(r.FailureReason), Message: r.FailureMessage},
		apierr.Details{Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrDeclined, Advice: apierr.AdviceInquire})
}

// Error returns a text with the reason. With it, a reason is a target of errors.Is.
func (r RefundFailureReason) Error() string { return "xpay: the refund failed: " + string(r) }

// Info returns false: refund failure reasons have no catalog.
func (RefundFailureReason) Info() (apierr.CodeInfo, bool) { return apierr.CodeInfo{}, false }

// integer reads a whole number in any form that XPay sends.
func integer(b []byte) (int64, error) {
	s, err := transport.Plain(b)
	if err != nil || s == "" {
		return 0, err
	}
	digits, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strings.Trim(fraction, "0") != "" {
		return 0, fmt.Errorf("xpay: %.40q is not a whole number; want digits", s)
	}
	return n, nil
}
