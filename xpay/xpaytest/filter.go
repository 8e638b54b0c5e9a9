package xpaytest

import (
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// filters parses the filters of a list of payment links. An absent filter matches
// everything.
func filters(params api.ListPaymentLinksParams, now time.Time) (amount func(int64) bool, date func(time.Time) bool, err error) {
	zone := time.UTC
	if params.Timezone != "" {
		if zone, err = time.LoadLocation(params.Timezone); err != nil {
			return nil, nil, errorf(codeParameterInvalid, "timezone", "Unknown timezone: %s", params.Timezone)
		}
	}
	if amount = amountFilter(params.Amount); amount == nil {
		return nil, nil, errorf(codeParameterInvalid, "amount", "amount must be eq:n, gt:n, lt:n or bt:n,n")
	}
	if date = dateFilter(params.Date, now, zone); date == nil {
		return nil, nil, errorf(codeParameterInvalid, "date", "date must be last:n,days, eq:yyyy-mm-dd or bt:yyyy-mm-dd,yyyy-mm-dd")
	}
	return amount, date, nil
}

// amountFilter parses eq:100, gt:50, lt:200 or bt:10,100. It returns nil if text has
// another form.
func amountFilter(text string) func(int64) bool {
	if text == "" {
		return func(int64) bool { return true }
	}
	word, rest, _ := strings.Cut(text, ":")
	first, second, two := strings.Cut(rest, ",")
	low, err := strconv.ParseInt(first, 10, 64)
	high := low
	if two && err == nil {
		high, err = strconv.ParseInt(second, 10, 64)
	}
	if err != nil || two != (word == "bt") {
		return nil
	}
	switch word {
	case "eq", "bt":
		return func(n int64) bool { return n >= low && n <= high }
	case "gt":
		return func(n int64) bool { return n > low }
	case "lt":
		return func(n int64) bool { return n < low }
	}
	return nil
}

// dateFilter parses last:7,days, eq:2024-01-01 or bt:2024-01-01,2024-12-31. It returns
// nil if text has another form.
func dateFilter(text string, now time.Time, zone *time.Location) func(time.Time) bool {
	if text == "" {
		return func(time.Time) bool { return true }
	}
	word, rest, _ := strings.Cut(text, ":")
	first, second, two := strings.Cut(rest, ",")
	if days, err := strconv.Atoi(first); word == "last" && second == "days" && err == nil {
		since := now.AddDate(0, 0, -days)
		return func(at time.Time) bool { return !at.Before(since) }
	}
	if !two {
		second = first
	}
	low, err := time.ParseInLocation(time.DateOnly, first, zone)
	high, err2 := time.ParseInLocation(time.DateOnly, second, zone)
	if err != nil || err2 != nil || two != (word == "bt") || word != "bt" && word != "eq" {
		return nil
	}
	high = high.AddDate(0, 0, 1)
	return func(at time.Time) bool { return !at.Before(low) && at.Before(high) }
}
