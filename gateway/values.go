package gateway

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decimals returns how many decimals the amounts of a currency have: none for
// IDR, two for USD, EUR and GBP. It is not known for any other.
func (c Currency) Decimals() (n int, known bool) {
	switch c {
	case CurrencyIDR:
		return 0, true
	case CurrencyUSD, CurrencyEUR, CurrencyGBP:
		return 2, true
	}
	return 0, false
}

// Format writes an amount in the smallest unit as people read it: 2900 USD is
// "29.00 USD", 50000 IDR is "50000 IDR". For a currency whose unit is not known
// it says so: "7 minor units of XXX".
func (c Currency) Format(minor int64) string {
	n, known := c.Decimals()
	if !known {
		return fmt.Sprintf("%d minor units of %s", minor, string(c))
	}
	digits, sign := strconv.FormatInt(minor, 10), ""
	if minor < 0 {
		digits, sign = digits[1:], "-"
	}
	if n > 0 {
		if len(digits) <= n {
			digits = strings.Repeat("0", n+1-len(digits)) + digits
		}
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	return sign + digits + " " + string(c)
}

// Parse reads a plain decimal amount of the currency, such as "29.00" or "29",
// into its smallest unit, without rounding: "29.999" is an error, and so is
// "500.50" for IDR.
func (c Currency) Parse(text string) (minor int64, err error) {
	n, known := c.Decimals()
	if !known {
		return 0, fmt.Errorf("gateway: how many decimals %q has is not known", string(c))
	}
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || point && fraction == "" || len(fraction) > n || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, fmt.Errorf("gateway: %.40q is not an amount of %s with at most %d decimals", text, string(c), n)
	}
	minor, err = strconv.ParseInt(whole+fraction+strings.Repeat("0", n-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("gateway: %.40q is too large an amount", text)
	}
	return minor, nil
}

// Timestamp is a moment as the gateway writes it: RFC 3339, in UTC.
type Timestamp string

// Time reads the text.
func (t Timestamp) Time() (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, string(t))
	if err != nil {
		return time.Time{}, fmt.Errorf("gateway: not a moment in RFC 3339: %.40q", string(t))
	}
	return at, nil
}

// Metadata is a free JSON object. Read from an answer its values are string,
// bool, nil, int64, Metadata or []any; a number that is no int64 stays as it was
// written, a jsontext.Value, since a float could change it.
type Metadata map[string]any

// Text returns a value that is text; "" when it is absent or something else.
func (m Metadata) Text(name string) string {
	s, _ := m[name].(string)
	return s
}

// exact reads any value in one pass, without passing a number through a float.
var exact = json.JoinOptions(jsontext.AllowInvalidUTF8(true), json.WithUnmarshalers(json.UnmarshalFromFunc(
	func(d *jsontext.Decoder, v *any) error {
		switch d.PeekKind() {
		case '0':
			literal, err := d.ReadValue()
			if n, tooLarge := strconv.ParseInt(string(literal), 10, 64); tooLarge == nil {
				*v = n
			} else {
				*v = literal.Clone()
			}
			return err
		case '{':
			var m map[string]any
			err := json.UnmarshalDecode(d, &m)
			*v = Metadata(m)
			return err
		}
		return errors.ErrUnsupported
	})))

// UnmarshalJSON reads an object and null.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	if kind := jsontext.Value(b).Kind(); kind != '{' && kind != 'n' {
		return errors.New("gateway: metadata is not a JSON object")
	}
	return json.Unmarshal(b, (*map[string]any)(m), exact)
}
