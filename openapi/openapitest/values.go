package openapitest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// object is a JSON object; answers write its members in the order of their names.
type object map[string]any

// money is a sum in minor units.
type money struct {
	currency string
	value    int64
}

func (m money) text() string { return m.currency + " " + strconv.FormatInt(m.value, 10) }

// maxDigits is the length that a sister platform allows.
const maxDigits = 16

// minor reads a positive whole number, from text or from a number.
func minor(v api.MinorUnits) (int64, bool) {
	text := strings.Trim(string(v), `"`)
	if k := v.Kind(); k != '"' && k != '0' || len(text) > maxDigits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0
}

// amount is a sum in the form that the switch asks for.
func (c Config) amount(m money) object {
	digits := strconv.FormatInt(m.value, 10)
	if c.Amounts == "number" {
		return object{"currency": m.currency, "value": jsontext.Value(digits)}
	}
	return object{"currency": m.currency, "value": digits}
}

// moment is a time in the form that the switch asks for.
func (c Config) moment(at time.Time) string {
	if c.Times == "offset" {
		at = at.In(time.FixedZone("", 60*60))
	}
	return at.Format(time.RFC3339)
}

// success is the answer S with these members.
func success(members object) sandbox.Answer {
	members["result"] = object{"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}
	return sandbox.JSON(http.StatusOK, members)
}
