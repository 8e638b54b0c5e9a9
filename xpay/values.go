package xpay

import (
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
)

// Amount is money in minor units of its currency: 10000 is EGP 100.00.
type Amount int64

// UnmarshalJSON reads 10000, 10000.0 and "10000", all of which XPay's answers
// may hold; null and "" are 0. A fraction is an error.
func (a *Amount) UnmarshalJSON(b []byte) error {
	n, err := integer(b)
	*a = Amount(n)
	return err
}

// At converts an amount at a rate between major units, and drops what is less
// than a minor unit. Refunds need it: createRefund takes the processing currency,
// EGP, whatever the customer saw.
//
//	p := session.PresentmentDetails
//	amount, err := xpay.Amount(500).At(p.ExchangeRate, p.Currency, xpay.CurrencyEGP)
func (a Amount) At(rate Number, from, to Currency) (Amount, error) {
	r, ok := rate.Rat()
	if !ok || r.Sign() <= 0 {
		return 0, fmt.Errorf("xpay: not an exchange rate: %.40q", string(rate))
	}
	r.Mul(r, new(big.Rat).SetInt64(int64(a))).Mul(r, big.NewRat(minor(to), minor(from)))
	q := new(big.Int).Quo(r.Num(), r.Denom())
	if !q.IsInt64() {
		return 0, fmt.Errorf("xpay: %d at %.40q is more than an amount can be", a, string(rate))
	}
	return Amount(q.Int64()), nil
}

// minor is how many minor units make a major one.
func minor(c Currency) int64 {
	if slices.Contains([]Currency{CurrencyKWD, CurrencyJOD, CurrencyOMR, CurrencyBHD, CurrencyLYD}, c) {
		return 1000
	}
	return 100
}

// Int is a whole number that XPay types as a number.
type Int int64

// UnmarshalJSON reads 3, 3.0 and "3"; null and "" are 0.
func (i *Int) UnmarshalJSON(b []byte) error {
	n, err := integer(b)
	*i = Int(n)
	return err
}

// Number is an exact decimal, such as an exchange rate or a percentage, with the
// digits that it came with; "" when there is none.
type Number string

// Rat returns the number for exact arithmetic; false when it is not one.
func (n Number) Rat() (*big.Rat, bool) {
	if len(n) > 64 || strings.ContainsAny(string(n), "eEpP/xX_") {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}

// UnmarshalJSON reads a number, text and null.
func (n *Number) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	*n = Number(s)
	return err
}

// DateTime is a moment as XPay wrote it; "" when there is none.
type DateTime string

// Moment returns the form that XPay reads, 2026-05-09T12:34:56.000Z.
func Moment(t time.Time) DateTime {
	return DateTime(t.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
}

// Time reads the moment.
func (d DateTime) Time() (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("xpay: not a moment: %.40q", string(d))
	}
	return t, nil
}

// Metadata is free JSON of the shop's own.
type Metadata map[string]any

// Get returns the text under a name; "" when there is none or it is no text.
func (m Metadata) Get(name string) string {
	s, _ := m[name].(string)
	return s
}

// UnmarshalJSON reads an object, null, and an array, whose elements get the names
// 0, 1 and so on. Numbers keep their digits, as a Number.
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

// Nullable is a member of a change: the zero value leaves what is there alone,
// Set gives it a value, Null clears it.
type Nullable[T any] struct {
	value T
	state byte // 0 absent, 1 set, 2 null
}

// Set changes a member to a value.
func Set[T any](value T) Nullable[T] { return Nullable[T]{value, 1} }

// Null clears a member.
func Null[T any]() Nullable[T] { return Nullable[T]{state: 2} }

// IsZero reports whether the member stays as it is and is not sent.
func (n Nullable[T]) IsZero() bool { return n.state == 0 }

// MarshalJSON writes the value, or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != 1 {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// Raw is JSON as it came.
type Raw = jsontext.Value

// Secret is a webhook secret. It prints as nothing; string(s) is the text.
type Secret string

const redactedSecret = transport.Redacted("xpay.Secret")

// Format keeps the secret out of every fmt verb.
func (Secret) Format(f fmt.State, verb rune) { redactedSecret.Format(f, verb) }

// LogValue keeps the secret out of logs.
func (Secret) LogValue() slog.Value { return redactedSecret.LogValue() }

// MarshalText keeps the secret out of JSON and other encodings.
func (Secret) MarshalText() ([]byte, error) { return redactedSecret.MarshalText() }

// GobEncode fails: gob would write the secret as it is.
func (Secret) GobEncode() ([]byte, error) { return redactedSecret.GobEncode() }

// UnmarshalText takes the secret from an answer.
func (s *Secret) UnmarshalText(b []byte) error { *s = Secret(b); return nil }

// Err returns why the last attempt failed, as an error that matches its decline
// code, else its payment error code, and the code's class; nil when e is. It stays
// on a payment that was paid later, so look at the state first.
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

// Err returns why a refund did not reach the customer, as an error that matches
// its FailureReason and apierr.ErrDeclined; nil while it has not failed.
func (r *Refund) Err() error {
	if r == nil || r.Status != RefundStatusFailed && r.Status != RefundStatusCanceled {
		return nil
	}
	return apierr.New(apierr.Error{Provider: "xpay", Operation: "refund", Code: r.FailureReason, RawCode: string(r.FailureReason), Message: r.FailureMessage},
		apierr.Details{Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrDeclined, Advice: apierr.AdviceInquire})
}

// Error makes a reason a target of errors.Is.
func (r RefundFailureReason) Error() string { return "xpay: the refund failed: " + string(r) }

// Info says that refund reasons have no catalog.
func (RefundFailureReason) Info() (apierr.CodeInfo, bool) { return apierr.CodeInfo{}, false }

// integer reads a whole number in any of XPay's forms.
func integer(b []byte) (int64, error) {
	s, err := transport.Plain(b)
	if err != nil || s == "" {
		return 0, err
	}
	digits, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || strings.Trim(fraction, "0") != "" {
		return 0, fmt.Errorf("xpay: not a whole number: %.40q", s)
	}
	return n, nil
}
