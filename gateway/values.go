package gateway

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decimals returns the number of decimals of a currency: 0 for IDR, 2 for USD, EUR
// and GBP. For any other currency it is not known.
func (c Currency) Decimals() (n int, known bool) {
	switch c {
	case CurrencyIDR:
		return 0, true
	case CurrencyUSD, CurrencyEUR, CurrencyGBP:
		return 2, true
	}
	return 0, false
}

// Format returns an amount in the smallest unit as text: 2900 USD is "29.00 USD",
// 50000 IDR is "50000 IDR". If the decimals of the currency are not known, the
// text is "7 minor units of XXX".
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

// Parse returns a decimal amount of the currency, such as "29.00" or "29", in its
// smallest unit. It does not round: "29.999" is an error, as is "500.50" for IDR.
func (c Currency) Parse(text string) (minor int64, err error) {
	n, known := c.Decimals()
	if !known {
		return 0, fmt.Errorf("gateway: the decimals of currency %q are not known; want IDR, USD, EUR or GBP", string(c))
	}
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || point && fraction == "" || len(fraction) > n || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, fmt.Errorf("gateway: %.40q is not an amount of %s; want digits with at most %d decimals", text, string(c), n)
	}
	minor, err = strconv.ParseInt(whole+fraction+strings.Repeat("0", n-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("gateway: the amount %.40q is too large; want at most %d minor units", text, int64(math.MaxInt64))
	}
	return minor, nil
}

// Timestamp is a time as the gateway sends it: RFC 3339 in UTC.
type Timestamp string

// FormatTime returns t in the gateway's form: 2026-05-09T12:34:56Z.
func FormatTime(t time.Time) Timestamp { return Timestamp(t.UTC().Format(time.RFC3339)) }

// Time parses the text.
func (t Timestamp) Time() (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, string(t))
	if err != nil {
		return time.Time{}, fmt.Errorf("gateway: %.40q is not a time; want RFC 3339, such as 2026-05-09T12:34:56Z", string(t))
	}
	return at, nil
}

// Metadata is any JSON object. In a response, its values are string, bool, nil,
// int64, Metadata or []any. A number that does not fit an int64 is a
// jsontext.Value with the original text, because a float could change it.
type Metadata map[string]any

// Get returns the text under a name; "" if there is none or if it is not text.
func (m Metadata) Get(name string) string {
	s, _ := m[name].(string)
	return s
}

// exact reads any value without converting numbers to floats.
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

// UnmarshalJSON reads an object or null.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	if kind := jsontext.Value(b).Kind(); kind != '{' && kind != 'n' {
		return errors.New("gateway: metadata is not a JSON object or null")
	}
	return json.Unmarshal(b, (*map[string]any)(m), exact)
}
