package qpaytest

import (
	"strings"
	"time"

	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// parseMoment reads a date, a date with time, or ISO 8601. Without a zone it
// is Ulaanbaatar's time. A bare date is its first moment, or its last one. An
// absent value is fine and not given.
func parseMoment(v api.DateTime, last bool) (at time.Time, given, ok bool) {
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
	if err == nil && last {
		at = at.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	return at, err == nil, err == nil
}
