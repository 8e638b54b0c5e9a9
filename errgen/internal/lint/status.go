package lint

import (
	"net/http"
	"slices"
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
			l.Errorf(n.Pos, finding.Status, "code %s has the status %d twice; remove one", finding.Quote(code.Value), n.Value)
		case http.StatusText(n.Value) == "":
			l.Errorf(n.Pos, finding.Status, "%d is not a registered HTTP status; use a registered one, or http: [] if none is known", n.Value)
		case n.Value < 200 || n.Value >= 300 && n.Value < 400:
			l.Errorf(n.Pos, finding.Status, "%d %s is not an error status; use 4xx or 5xx", n.Value, http.StatusText(n.Value))
		case n.Value < 300 && !looksInside(c):
			l.Errorf(n.Pos, finding.Status, "%d is a success status; add outcome or success: scan to the envelope, or use 4xx or 5xx", n.Value)
		}
		seen[n.Value] = true
	}
	for _, s := range code.ByStatus {
		if !code.HasStatus(s.Status.Value) {
			l.Errorf(s.Status.Pos, finding.AdviceByStatus, "advice_by_status has %d, but http of code %s has only %s; correct one of them",
				s.Status.Value, finding.Quote(code.Value), numbers(code.Statuses()))
		}
	}
}

// looksInside reports whether 2xx responses are searched for codes of a catalog.
func looksInside(c *model.Catalog) bool {
	e := c.Envelope
	return e != nil && (e.Outcome != nil || e.Success.IsSet())
}

// listedStatus compares the statuses of a code with the response that lists it. A code without statuses passes.
func (l *linter) listedStatus(op *model.Operation, status string, t model.Text, code *model.Code) {
	if len(code.HTTP) == 0 || status == "" || status == "default" {
		return
	}
	if slices.ContainsFunc(code.Statuses(), func(n int) bool { return covers(status, n) }) {
		return
	}
	l.Errorf(t.Pos, finding.ListedStatus, "code %s is listed on the %s response of %s, but its http has only %s; correct one of them",
		finding.Quote(t.Value), finding.Quote(status), finding.Quote(op.Name()), numbers(code.Statuses()))
}

// covers reports whether the key of a response, such as 404 or 4XX, names a status. The key default names none.
func covers(key string, status int) bool {
	have := strconv.Itoa(status)
	return have == key || len(key) == 3 && strings.EqualFold(key[1:], "xx") && key[0] == have[0]
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
