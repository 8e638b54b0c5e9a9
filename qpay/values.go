package qpay

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/shopspring/decimal"

	"github.com/specpay/specpay/internal/transport"
)

// Amount is an exact decimal number: money in whole units of its currency, a
// quantity or a price. QPay writes it as text, as a number, as null or as empty
// text; requests carry it as a JSON number. The zero Amount is "not there",
// which is not the same as an amount of 0.
type Amount struct {
	value decimal.Decimal
	set   bool
}

// maxDigits bounds what is read as a number, before and after the point.
const maxDigits = 30

// Whole returns an amount of n whole units.
func Whole(n int64) Amount { return Amount{decimal.NewFromInt(n), true} }

// Exactly returns the amount of a decimal.
func Exactly(d decimal.Decimal) Amount { return Amount{d, true} }

// ParseAmount reads a plain decimal number such as "1500" or "99.50".
func ParseAmount(s string) (Amount, error) {
	d, err := decimal.NewFromString(s)
	if err != nil || len(s) > 2*maxDigits || d.Exponent() < -maxDigits || d.Exponent() > maxDigits || d.NumDigits() > 2*maxDigits {
		return Amount{}, fmt.Errorf("qpay: not a decimal number of at most %d digits on each side: %.40q", maxDigits, s)
	}
	return Amount{d, true}, nil
}

// Set reports whether there is an amount at all.
func (a Amount) Set() bool { return a.set }

// Decimal returns the amount for exact arithmetic; 0 when it is not set.
func (a Amount) Decimal() decimal.Decimal { return a.value }

// Add returns a+b, which is set when either is.
func (a Amount) Add(b Amount) Amount { return Amount{a.value.Add(b.value), a.set || b.set} }

// Cmp returns -1, 0 or 1 as a is less than, equal to or more than b; 1.0 equals
// 1. Not set compares as 0.
func (a Amount) Cmp(b Amount) int { return a.value.Cmp(b.value) }

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int { return a.value.Sign() }

// String returns the number as text with the digits it came with; "" when it is
// not set.
func (a Amount) String() string {
	if !a.set {
		return ""
	}
	return a.value.StringFixed(max(0, -a.value.Exponent()))
}

// MarshalJSON writes a number; null when it is not set.
func (a Amount) MarshalJSON() ([]byte, error) {
	if !a.set {
		return []byte("null"), nil
	}
	return []byte(a.String()), nil
}

// UnmarshalJSON reads a number, a number in text, null and "".
func (a *Amount) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	if s = strings.TrimSpace(s); err != nil || s == "" {
		*a = Amount{}
		return err
	}
	*a, err = ParseAmount(s)
	return err
}

// DateTime is a date or a moment as QPay wrote it. Zone and form differ from
// field to field, so the text is kept; Time reads it.
type DateTime string

// Day returns the form 2025-10-31.
func Day(t time.Time) DateTime { return DateTime(t.Format(time.DateOnly)) }

// Moment returns the form 2025-10-31 12:00:00, in t's own zone. Which zone QPay
// assumes is not documented.
func Moment(t time.Time) DateTime { return DateTime(t.Format(time.DateTime)) }

// Time reads the text. A text without a zone is read in loc; nil means UTC.
func (d DateTime) Time(loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, string(d), loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("qpay: not a date or moment: %.40q", string(d))
}

// UnmarshalJSON reads text, a number and null.
func (d *DateTime) UnmarshalJSON(b []byte) error {
	s, err := transport.Plain(b)
	*d = DateTime(s)
	return err
}

// Flag is a yes or no that QPay writes as a boolean, as text, as 0 or 1, or as
// null, which is no.
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

// ExpiresIn is when a token ends. QPay's servers send Unix seconds, one of its
// documents says seconds from now; see life.
type ExpiresIn int64

// UnmarshalJSON reads a number, a number in text, null and "". What cannot be
// read counts as over: the token then serves the call it was fetched for.
func (e *ExpiresIn) UnmarshalJSON(b []byte) error {
	*e = 0
	s, err := transport.Plain(b)
	if d, bad := decimal.NewFromString(s); err == nil && bad == nil && d.Exponent() < maxDigits {
		*e = ExpiresIn(min(d.IntPart(), 1<<40))
	}
	return nil
}

// life is how long a token lives from now on, by the server's clock: from
// 1,000,000,000 on the number is a point in time, below it a duration, and what
// is not above 0 is over. At most a day.
func (e ExpiresIn) life(server time.Time) time.Duration {
	d := time.Duration(min(int64(e), int64(maxLife/time.Second))) * time.Second
	if e >= 1_000_000_000 {
		d = time.Unix(int64(e), 0).Sub(server)
	}
	return max(0, min(d, maxLife))
}

// Party is a branch, a member of staff or a terminal in an answer. QPay writes
// it as an object, as null or as empty text.
type Party struct {
	Code     string  `json:"code"`
	Name     string  `json:"name"`
	Register string  `json:"register"`
	Email    string  `json:"email"`
	Phone    string  `json:"phone"`
	Address  Address `json:"address"`
}

// UnmarshalJSON reads all of these forms. A text that is not empty is a name.
func (p *Party) UnmarshalJSON(b []byte) error {
	*p = Party{}
	if len(b) > 0 && b[0] == '{' {
		type plain Party
		return json.Unmarshal(b, (*plain)(p))
	}
	s, err := transport.Plain(b)
	p.Name = s
	return err
}
