package openapi

import (
	"bytes"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/transport"
)

// MinorUnits is a whole number of minor units of a currency, such as cents. It
// is written as text; text and number are read.
type MinorUnits int64

// maxDigits keeps every sum that is read within an int64.
const maxDigits = 18

// MarshalJSON writes text: "2500".
func (m MinorUnits) MarshalJSON() ([]byte, error) {
	if m < 0 {
		return nil, fmt.Errorf("openapi: the amount %d is below zero", int64(m))
	}
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(m), 10)), nil
}

// UnmarshalJSON reads "2500" and 2500. A sign, a point and an exponent are
// errors: a sum that is not whole is no sum of minor units.
func (m *MinorUnits) UnmarshalJSON(b []byte) error {
	digits := string(b)
	if len(digits) > 1 && digits[0] == '"' {
		digits = digits[1 : len(digits)-1]
	}
	if digits == "" || len(digits) > maxDigits || strings.Trim(digits, "0123456789") != "" {
		return fmt.Errorf("openapi: not a whole number of minor units with at most %d digits: %.30q", maxDigits, string(b))
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	*m = MinorUnits(n)
	return err
}

// Secret is a user's token. It travels as it is and prints as nothing; string(s)
// is for a store. JSON holds it in plain, so keep structs with one out of logs.
type Secret string

const redactedSecret = transport.Redacted("openapi.Secret")

// Format keeps the token out of every fmt verb.
func (Secret) Format(f fmt.State, verb rune) { redactedSecret.Format(f, verb) }

// LogValue keeps the token out of logs.
func (Secret) LogValue() slog.Value { return redactedSecret.LogValue() }

// DateTime is a moment as the provider wrote it. Time reads it.
type DateTime string

// Moment returns t in UTC with seconds: 2024-01-10T13:30:45Z.
func Moment(t time.Time) DateTime { return DateTime(t.UTC().Format(time.RFC3339)) }

// Time reads a moment with an offset, a day (2024-01-10, its first moment in
// UTC) and Unix seconds in ten digits, as ContractNotification has them.
func (d DateTime) Time() (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, string(d)); err == nil {
			return t, nil
		}
	}
	if len(d) == 10 && strings.Trim(string(d), "0123456789") == "" {
		seconds, err := strconv.ParseInt(string(d), 10, 64)
		return time.Unix(seconds, 0).UTC(), err
	}
	return time.Time{}, fmt.Errorf("openapi: not a moment, a day or Unix seconds: %.40q", string(d))
}

// VoidDetail is one void of a payment as JSON, because its members are not
// documented.
type VoidDetail []byte

// MarshalJSON writes it as it came.
func (v VoidDetail) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("null"), nil
	}
	return v, nil
}

// UnmarshalJSON keeps a copy.
func (v *VoidDetail) UnmarshalJSON(b []byte) error { *v = bytes.Clone(b); return nil }
