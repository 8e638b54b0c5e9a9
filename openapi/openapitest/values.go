package openapitest

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// object is a JSON object. Responses write its members sorted by name.
type object map[string]any

// money is an amount in minor units of its currency.
type money struct {
	currency string
	value    int64
}

// String returns the amount as the ledger shows it, such as "EUR 2500".
func (m money) String() string { return m.currency + " " + strconv.FormatInt(m.value, 10) }

// maxDigits is the limit of a sister platform.
const maxDigits = 16

// parseMinorUnits parses a positive whole number from a JSON string or number.
func parseMinorUnits(v api.MinorUnits) (int64, bool) {
	text := strings.Trim(string(v), `"`)
	if k := v.Kind(); k != '"' && k != '0' || len(text) > maxDigits || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0
}

// amount returns an amount in the form that Config.Amounts selects.
func (c Config) amount(m money) object {
	digits := strconv.FormatInt(m.value, 10)
	if c.Amounts == "number" {
		return object{"currency": m.currency, "value": jsontext.Value(digits)}
	}
	return object{"currency": m.currency, "value": digits}
}

// formatTime formats a time in the form that Config.Times selects.
func (c Config) formatTime(at time.Time) string {
	if c.Times == "offset" {
		at = at.In(time.FixedZone("", 60*60))
	}
	return at.Format(time.RFC3339)
}

// headerTime formats a time of a signature in the form that Config.HeaderTimes selects.
func (c Config) headerTime(at time.Time) string {
	offset := at.In(time.FixedZone("", 60*60))
	switch c.HeaderTimes {
	case "offset":
		return offset.Format(time.RFC3339)
	case "offset-without-colon":
		return offset.Format("2006-01-02T15:04:05-0700")
	case "milliseconds":
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return at.UTC().Format(time.RFC3339)
}

// family returns members, with what related platforms add if Config.FamilyMembers is set.
func (c Config) family(members, added object) object {
	if c.FamilyMembers {
		maps.Copy(members, added)
	}
	return members
}

// success returns a response with result status S and these members.
func success(members object) sandbox.Response {
	members["result"] = object{"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}
	return sandbox.JSON(http.StatusOK, members)
}
