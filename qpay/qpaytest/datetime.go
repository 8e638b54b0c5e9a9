package qpaytest

import (
	"strings"
	"time"

	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// parseDateTime parses a date, a date with time, or ISO 8601. Without a zone the time
// is in Ulaanbaatar's zone. A date without time is the start of the day or, if
// endOfDay is set, its end. An absent value is valid and not given.
func parseDateTime(v api.DateTime, endOfDay bool) (at time.Time, given, ok bool) {
	if isAbsent(v) {
		return time.Time{}, false, true
	}
	text, zone := strings.Trim(string(v), `"`), time.FixedZone("", 8*60*60)
	if v.Kind() != '"' {
		return time.Time{}, false, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, true, true
		}
	}
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err == nil && endOfDay {
		at = at.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	return at, err == nil, err == nil
}
