package lint

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// statuses checks the HTTP statuses of a code.
func (l *linter) statuses(c *model.Catalog, code *model.Code) {
	seen := map[int]bool{}
	for _, n := range code.HTTP {
		switch {
		case seen[n.Value]:
			l.Errorf(n.Pos, finding.Status, "code %s has the status %d twice", finding.Quote(code.Value), n.Value)
		case http.StatusText(n.Value) == "":
			l.Errorf(n.Pos, finding.Status, "%d is no HTTP status; write one that is registered, or http: [] when none is known", n.Value)
		case n.Value < 200 || n.Value >= 300 && n.Value < 400:
			l.Errorf(n.Pos, finding.Status, "%d %s is not the status of an error answer; expected 4xx or 5xx", n.Value, http.StatusText(n.Value))
		case n.Value < 300 && !looksInside(c):
			l.Errorf(n.Pos, finding.Status, "%d is a success: a code can only arrive with it when its envelope has outcome or success: scan", n.Value)
		}
		seen[n.Value] = true
	}
	for _, s := range code.ByStatus {
		if !code.HasStatus(s.Status.Value) {
			l.Errorf(s.Status.Pos, finding.AdviceByStatus, "advice_by_status speaks of %d, but http of code %s has %s",
				s.Status.Value, finding.Quote(code.Value), numbers(code.Statuses()))
		}
	}
}

// looksInside reports whether the answers of a catalog are searched for codes in spite of a 2xx status.
func looksInside(c *model.Catalog) bool {
	e := c.Envelope
	return e != nil && (e.Outcome != nil || e.Success.IsSet())
}

// listedStatus compares a code with the response that lists it. Without any known status there is nothing to compare.
func (l *linter) listedStatus(op *model.Operation, status string, t model.Text, code *model.Code) {
	if len(code.HTTP) == 0 || status == "" || status == "default" {
		return
	}
	for _, n := range code.Statuses() {
		have := strconv.Itoa(n)
		if have == status || len(status) == 3 && strings.EqualFold(status[1:], "xx") && status[0] == have[0] {
			return
		}
	}
	l.Errorf(t.Pos, finding.ListedStatus, "code %s is listed on the %s response of %s, but its http has only %s",
		finding.Quote(t.Value), finding.Quote(status), finding.Quote(op.Name()), numbers(code.Statuses()))
}

func numbers(list []int) string {
	if len(list) == 0 {
		return "none"
	}
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}
