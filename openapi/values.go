package openapi

import (
	"bytes"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/redact"
)

// NewAmount returns an amount of minor units: NewAmount(2500, "EUR") is 25.00 EUR.
func NewAmount(minor int64, currency string) Amount {
	return Amount{Currency: currency, Value: MinorUnits(minor)}
}

// String returns the amount as text. The decimals of EUR are known, "25.00 EUR";
// for another currency the text is "2500 minor units of XXX".
func (a Amount) String() string {
	if a.Currency != "EUR" {
		return a.Value.String() + " of " + a.Currency
	}
	digits, sign := strconv.FormatInt(int64(a.Value), 10), ""
	if a.Value < 0 {
		digits, sign = digits[1:], "-"
	}
	digits = strings.Repeat("0", max(0, 3-len(digits))) + digits
	return sign + digits[:len(digits)-2] + "." + digits[len(digits)-2:] + " EUR"
}

// MinorUnits is a whole number of minor units of a currency, such as cents.
// Requests carry it as text; responses may have text or a number.
type MinorUnits int64

// String returns the number with its unit: "2500 minor units".
func (m MinorUnits) String() string { return strconv.FormatInt(int64(m), 10) + " minor units" }

// maxDigits is the number of digits that always fit an int64.
const maxDigits = 18

// MarshalJSON writes text: "2500". A negative amount is an error.
func (m MinorUnits) MarshalJSON() ([]byte, error) {
	if m < 0 {
		return nil, fmt.Errorf("openapi: the amount %d is negative; want 0 or more minor units", int64(m))
	}
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(m), 10)), nil
}

// UnmarshalJSON reads "2500" and 2500. A sign, a decimal point or an exponent is
// an error.
func (m *MinorUnits) UnmarshalJSON(b []byte) error {
	digits := string(b)
	if len(digits) > 1 && digits[0] == '"' {
		digits = digits[1 : len(digits)-1]
	}
	if digits == "" || len(digits) > maxDigits || strings.Trim(digits, "0123456789") != "" {
		return fmt.Errorf("openapi: %.30q is not an amount; want a whole number of minor units with at most %d digits", string(b), maxDigits)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	*m = MinorUnits(n)
	return err
}

// Secret is a user's token. It is redacted when printed, logged or encoded, except
// in JSON, the form in which it is sent: do not log JSON of structs that have one.
// string(s) returns the token.
type Secret string

var redactedSecret redact.Type[Secret]

// Format keeps the token out of the output of package fmt.
func (Secret) Format(f fmt.State, verb rune) { redactedSecret.Format(f, verb) }

// LogValue keeps the token out of logs.
func (Secret) LogValue() slog.Value { return redactedSecret.LogValue() }

// MarshalText keeps the token out of XML, YAML and other encodings.
func (Secret) MarshalText() ([]byte, error) { return redactedSecret.MarshalText() }

// GobEncode returns an error: gob would write the token as it is.
func (Secret) GobEncode() ([]byte, error) { return redactedSecret.GobEncode() }

// MarshalJSON writes the token as it is.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(string(s)) }

// DateTime is a time as the provider sent it. Time parses it.
type DateTime string

// FormatTime returns t in UTC with seconds: 2024-01-10T13:30:45Z.
func FormatTime(t time.Time) DateTime { return DateTime(t.UTC().Format(time.RFC3339)) }

// Time parses a time with an offset, a date (2024-01-10, midnight UTC), Unix seconds of
// ten digits, which ContractNotification has, or Unix milliseconds of 13.
func (d DateTime) Time() (time.Time, error) {
	if t, err := parseTime(string(d)); err == nil {
		return t, nil
	}
	if t, err := time.Parse(time.DateOnly, string(d)); err == nil {
		return t, nil
	}
	if seconds, ok := parseDigits(string(d), 10); ok {
		return time.Unix(seconds, 0).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("openapi: %.40q is not a time; want ISO 8601 with an offset, a date or Unix seconds", string(d))
}

// parseTime parses ISO 8601 with an offset, with or without a colon, and Unix
// milliseconds.
func parseTime(text string) (time.Time, error) {
	if ms, ok := parseDigits(text, 13); ok {
		return time.UnixMilli(ms).UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	return time.Parse("2006-01-02T15:04:05Z0700", text)
}

// parseDigits parses a number of n digits.
func parseDigits(text string, n int) (int64, bool) {
	if len(text) != n || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	number, err := strconv.ParseInt(text, 10, 64)
	return number, err == nil
}

// RawJSON is JSON as the provider sent it, of a member whose form is not documented.
type RawJSON []byte

// MarshalJSON writes the JSON unchanged.
func (v RawJSON) MarshalJSON() ([]byte, error) {
	if len(v) == 0 {
		return []byte("null"), nil
	}
	return v, nil
}

// UnmarshalJSON keeps a copy of the JSON.
func (v *RawJSON) UnmarshalJSON(b []byte) error { *v = bytes.Clone(b); return nil }

// Text is the text of a member that no page of this API documents. Another value than
// text is kept as JSON, so that an unexpected form never makes a response unreadable.
// DateTime(t).Time() parses a time.
type Text string

// UnmarshalJSON reads text, and keeps another value as JSON. null is "".
func (t *Text) UnmarshalJSON(b []byte) error {
	var text *string
	switch err := json.Unmarshal(b, &text); {
	case err != nil:
		*t = Text(b)
	case text == nil:
		*t = ""
	default:
		*t = Text(*text)
	}
	return nil
}

// UnmarshalJSON reads an object, or one in a string. Any other value is ignored.
func (f *RedirectActionForm) UnmarshalJSON(b []byte) error {
	var inner string
	if json.Unmarshal(b, &inner) == nil {
		b = []byte(inner)
	}
	type plain RedirectActionForm // without this method
	var form plain
	if json.Unmarshal(b, &form) == nil {
		*f = RedirectActionForm(form)
	}
	return nil
}
