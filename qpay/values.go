package qpay

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/specpay/specpay/internal/transport"
)

// Amount is an exact decimal number: money in whole units of its currency, a
// quantity or a price. QPay sends it as text, as a number, as null or as empty
// text; requests carry it as a JSON number. The zero Amount is not set, which is
// different from an amount of 0: it is null in JSON and left out of requests.
type Amount struct {
	value decimal.Decimal
	set   bool
}

// maxDigits limits the digits that are read, before and after the point.
const maxDigits = 30

// NewAmount returns an amount of whole units: NewAmount(1500) is 1500 tögrög.
func NewAmount(units int64) Amount { return Amount{decimal.NewFromInt(units), true} }

// AmountFromDecimal returns the amount of a decimal.
func AmountFromDecimal(d decimal.Decimal) Amount { return Amount{d, true} }

// ParseAmount reads a decimal number such as "1500" or "99.50", with at most 30
// digits before and after the point.
func ParseAmount(s string) (Amount, error) {
	d, err := decimal.NewFromString(s)
	if err != nil || len(s) > 2*maxDigits || d.Exponent() < -maxDigits || d.Exponent() > maxDigits || d.NumDigits() > 2*maxDigits {
		return Amount{}, fmt.Errorf("qpay: %.40q is not an amount; want a decimal number of at most %d digits on each side of the point", s, maxDigits)
	}
	return Amount{d, true}, nil
}

// IsSet reports whether there is an amount, which may be 0.
func (a Amount) IsSet() bool { return a.set }

// Decimal returns the amount as a decimal; 0 if it is not set.
func (a Amount) Decimal() decimal.Decimal { return a.value }

// Add returns a+b. The sum is set if a or b is.
func (a Amount) Add(b Amount) Amount { return Amount{a.value.Add(b.value), a.set || b.set} }

// Cmp returns -1 if a is less than b, 1 if it is greater, and 0 if they are equal:
// 1.0 equals 1. An amount that is not set compares as 0.
func (a Amount) Cmp(b Amount) int { return a.value.Cmp(b.value) }

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int { return a.value.Sign() }

// String returns the number with the decimals that it was made from, such as
// "1500.00"; "" if it is not set.
func (a Amount) String() string {
	if !a.set {
		return ""
	}
	return a.value.StringFixed(max(0, -a.value.Exponent()))
}

// MarshalJSON writes a number, or null if the amount is not set.
func (a Amount) MarshalJSON() ([]byte, error) {
	if !a.set {
		return []byte("null"), nil
	}
	return []byte(a.String()), nil
}

// UnmarshalJSON reads a number, a number as text, null and empty text.
func (a *Amount) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	if s = strings.TrimSpace(s); err != nil || s == "" {
		*a = Amount{}
		return err
	}
	*a, err = ParseAmount(s)
	return err
}

// DateTime is a date or a time as QPay sent it. Its form and time zone differ
// from field to field, so the text is kept; Time parses it.
type DateTime string

// FormatDate returns the date of t in t's own zone: 2025-10-31.
func FormatDate(t time.Time) DateTime { return DateTime(t.Format(time.DateOnly)) }

// FormatTime returns the date and time of t in t's own zone, without the zone:
// 2025-10-31 12:00:00. Which zone QPay assumes is not documented.
func FormatTime(t time.Time) DateTime { return DateTime(t.Format(time.DateTime)) }

// Time parses the text. A text without a time zone is read in loc, or in UTC if
// loc is nil.
func (d DateTime) Time(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, string(d), loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("qpay: %.40q is not a date or time; want a form such as 2025-10-31T12:00:00Z", string(d))
}

// UnmarshalJSON reads text, a number and null.
func (d *DateTime) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	*d = DateTime(s)
	return err
}

// Flag is a boolean that QPay sends as a boolean, as text, as 0 or 1, or as null,
// which is false.
type Flag bool

// UnmarshalJSON reads all of these forms.
func (f *Flag) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	if err != nil || s == "" {
		*f = false
		return err
	}
	v, err := strconv.ParseBool(strings.ToLower(s))
	*f = Flag(v)
	return err
}

// ExpiresIn says when a token expires. QPay's servers send it in Unix seconds; one
// of its documents defines it as seconds from now.
type ExpiresIn int64

// UnmarshalJSON reads a number, a number as text, null and empty text. A value
// that cannot be read becomes 0: the token then counts as expired and is used for
// one call only.
func (e *ExpiresIn) UnmarshalJSON(b []byte) error {
	*e = 0
	s, err := transport.Plain(b)
	if d, bad := decimal.NewFromString(s); err == nil && bad == nil && d.Exponent() < maxDigits {
		*e = ExpiresIn(min(d.IntPart(), 1<<40))
	}
	return nil
}

// lifetime returns how long a token is valid, by the server's clock: at most a
// day, and 0 if it has expired. A value of 1,000,000,000 or more is a point in
// time, a smaller one a number of seconds.
func (e ExpiresIn) lifetime(server time.Time) time.Duration {
	d := time.Duration(min(int64(e), int64(maxLifetime/time.Second))) * time.Second
	if e >= 1_000_000_000 {
		d = time.Unix(int64(e), 0).Sub(server)
	}
	return max(0, min(d, maxLifetime))
}

// Party is a branch, a member of staff or a terminal in a response. QPay sends it
// as an object, as null or as text.
type Party struct {
	Code     string  `json:"code"`
	Name     string  `json:"name"`
	Register string  `json:"register"`
	Email    string  `json:"email"`
	Phone    string  `json:"phone"`
	Address  Address `json:"address"`
}

// UnmarshalJSON reads all of these forms. A text is read as the name.
func (p *Party) UnmarshalJSON(b []byte) error {
	*p = Party{}
	if len(b) > 0 && b[0] == '{' {
		type plain Party
		return transport.DecodeText(b, (*plain)(p))
	}
	s, err := transport.Plain(b)
	p.Name = s
	return err
}
