package lint

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// meaning checks category, outcome, advice and texts of a code.
func (l *linter) meaning(c *model.Code) {
	l.word(finding.Category, c.Pos, c.Category, "category", "code "+finding.Quote(c.Value), model.Categories(), c.Outcome.Value != "ok" && !c.Meant("category"))
	l.word(finding.Contradiction, c.Pos, c.Advice, "advice", "code "+finding.Quote(c.Value), model.Advices(), c.Outcome.Value != "ok" && !c.Meant("advice"))
	l.word(finding.Contradiction, c.Pos, c.Outcome, "outcome", "code "+finding.Quote(c.Value), model.Outcomes(), false)
	for _, s := range c.ByStatus {
		l.word(finding.Contradiction, c.Pos, s.Advice, "advice_by_status", "code "+finding.Quote(c.Value), model.Advices(), true)
	}
	l.explained(c)
	l.notEmpty(c.Unverified, "x-unverified", "give the reason why it is not verified")
	l.notEmpty(c.Deprecated, "deprecated", "name what to use instead")
	l.notEmpty(c.AdviceReason, "advice_reason", "give the reason for the advice")
	l.contradictions(c)
}

func (l *linter) word(rule finding.Rule, pos finding.Pos, t model.Text, field, who string, words []model.Word, required bool) {
	if !t.IsSet() {
		if required {
			l.Errorf(pos, rule, "%s has no %s; add one of %s", who, field, list(words))
		}
		return
	}
	if _, ok := model.Lookup(words, t.Value); !ok {
		l.Errorf(t.Pos, rule, "%s %s of %s is unknown; use one of %s", field, finding.Quote(t.Value), who, list(words))
	}
}

func list(words []model.Word) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Wire
	}
	return strings.Join(out, ", ")
}

// explained requires description and resolution, or x-unverified with the reason why they are missing.
func (l *linter) explained(c *model.Code) {
	for _, f := range []struct {
		name string
		text model.Text
	}{{"description", c.Description}, {"resolution", c.Resolution}} {
		switch {
		case !f.text.IsSet() && !c.Unverified.IsSet() && !c.Meant(f.name):
			l.Errorf(c.Pos, finding.Shape, "code %s has no %s; add it, or add x-unverified with the reason why it is missing", finding.Quote(c.Value), f.name)
		case f.text.IsSet() && f.text.Line() == "":
			l.Errorf(f.text.Pos, finding.Shape, "%s of code %s is empty", f.name, finding.Quote(c.Value))
		}
	}
}

func (l *linter) notEmpty(t model.Text, field, why string) {
	if t.IsSet() && t.Line() == "" {
		l.Errorf(t.Pos, finding.Shape, "%s is empty; %s", field, why)
	}
}

// contradictions reports advice that could move money twice. No advice_reason permits it.
func (l *linter) contradictions(c *model.Code) {
	for _, a := range append([]model.StatusAdvice{{Advice: c.Advice}}, c.ByStatus...) {
		retry := a.Advice.Value == "same" || a.Advice.Value == "backoff"
		switch {
		case retry && c.Outcome.Value == "unknown" && !c.Idempotent:
			l.Errorf(a.Advice.Pos, finding.Contradiction,
				"code %s has outcome unknown and advice %s: a blind retry may act twice; use inquire, or idempotent: true if the idempotency key protects the retry",
				finding.Quote(c.Value), a.Advice.Value)
		case c.Outcome.Value == "ok" && a.Advice.IsSet() && a.Advice.Value != "never":
			l.Errorf(a.Advice.Pos, finding.Contradiction, "code %s has outcome ok and advice %s: a call that succeeded needs no advice; remove it", finding.Quote(c.Value), a.Advice.Value)
		}
	}
}

// advice warns about pairs of status and advice that are rarely intended.
func (l *linter) advice(c *model.Code) {
	if c.AdviceReason.IsSet() || c.Outcome.Value == "ok" {
		return
	}
	pos := c.Advice.Pos
	if !pos.IsSet() {
		pos = c.Pos
	}
	odd := map[string][]int{}
	for _, status := range c.Statuses() {
		if advice := c.AdviceFor(status); unusual(status, advice) {
			odd[advice] = append(odd[advice], status)
		}
	}
	for _, w := range model.Advices() {
		if statuses := odd[w.Wire]; len(statuses) > 0 {
			l.Warnf(pos, finding.UnusualAdvice, "advice %s is unusual for status %s (code %s); correct it, or add advice_reason",
				w.Wire, numbers(statuses), finding.Quote(c.Value))
		}
	}
	if c.Category.Value == "rate_limit" && len(c.HTTP) > 0 && !c.HasStatus(429) {
		l.Warnf(c.Category.Pos, finding.UnusualAdvice, "category rate_limit is unusual without status 429 (code %s has %s); correct it, or add advice_reason",
			finding.Quote(c.Value), numbers(c.Statuses()))
	}
}

func unusual(status int, advice string) bool {
	switch advice {
	case "same", "backoff":
		return status >= 400 && status < 500 && status != 408 && status != 409 && status != 425 && status != 429
	case "never":
		return status == 429 || status == 503
	}
	return false
}
