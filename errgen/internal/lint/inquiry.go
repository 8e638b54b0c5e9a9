package lint

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// inquiry checks how a spec says to find out whether an operation moved money.
func (l *linter) inquiry(op *model.Operation) {
	q := op.Inquiry
	if q == nil {
		return
	}
	name := finding.Quote(op.Name())
	if op.Class.Value == "safe" {
		l.Errorf(q.Pos, finding.Inquiry, "operation %s is safe and moves no money; remove x-inquiry", name)
	}
	asks := q.Operation.IsSet() || q.State.IsSet() || len(q.With)+len(q.Same)+len(q.Applied)+len(q.NotApplied) > 0
	for _, t := range q.Record {
		l.inquiryPlace(op.Request, t, op, noPlace)
	}
	switch {
	case q.None.IsSet() == asks:
		l.Errorf(q.Pos, finding.Inquiry, "x-inquiry of %s must have either none, with the reason, or operation, with, state and applied", name)
	case q.None.IsSet():
		l.notEmpty(q.None, "none", "give the reason why no operation tells whether the call took effect")
	case q.Asked == nil:
		l.Errorf(q.Pos, finding.Inquiry, "x-inquiry of %s names the operation %s, which the spec does not have; use the operationId of one that reads the state", name, finding.Quote(q.Operation.Value))
	case q.Asked.Class.Value != "safe":
		l.Errorf(q.Operation.Pos, finding.Inquiry, "x-inquiry of %s names %s, which is not safe; name an operation that only reads", name, finding.Quote(q.Operation.Value))
	case len(q.With) == 0 || !q.State.IsSet() || len(q.Applied) == 0:
		l.Errorf(q.Pos, finding.Inquiry, "x-inquiry of %s needs with, state and applied", name)
	default:
		l.inquiryMembers(op, q)
		l.inquiryStates(q)
	}
}

const (
	noPlace  = "the request of %s has no %s; use path:name, or a JSON pointer into the body"
	noMember = "a success of %s has no %s; use a JSON pointer into the body"
)

// inquiryPlace checks that a message of an operation has a place.
func (l *linter) inquiryPlace(m model.Message, t model.Text, op *model.Operation, text string) {
	if !slices.Contains(m.Path, t.Value) && !l.has(m.Body, t.Value) {
		l.Errorf(t.Pos, finding.Inquiry, text, finding.Quote(op.Name()), finding.Quote(t.Value))
	}
}

func (l *linter) inquiryMembers(op *model.Operation, q *model.Inquiry) {
	for _, p := range q.With {
		l.inquiryPlace(op.Request, p.Key, op, noPlace)
		l.inquiryPlace(q.Asked.Request, p.Text, q.Asked, noPlace)
		if strings.Count(p.Text.Value, "/") > 1 {
			l.Errorf(p.Text.Pos, finding.Inquiry, "%s of with is inside another member; only top-level members of the inquiry can be set", finding.Quote(p.Text.Value))
		}
	}
	for _, p := range q.Same {
		l.inquiryPlace(op.Request, p.Key, op, noPlace)
		l.inquiryPlace(model.Message{Body: q.Asked.Success}, p.Text, q.Asked, noMember)
	}
}

func (l *linter) inquiryStates(q *model.Inquiry) {
	if !l.has(q.Asked.Success, q.State.Value) {
		l.Errorf(q.State.Pos, finding.Inquiry, "a success of %s has no %s; use the JSON pointer of the state", finding.Quote(q.Asked.Name()), finding.Quote(q.State.Value))
		return
	}
	known := l.res.Values(q.Asked.Success, q.State.Value)
	seen := map[string]bool{}
	for _, t := range slices.Concat(q.Applied, q.NotApplied) {
		if len(known) > 0 && !slices.Contains(known, t.Value) {
			l.Errorf(t.Pos, finding.Inquiry, "the state %s is not a value of %s; use one of %s", finding.Quote(t.Value), finding.Quote(q.State.Value), finding.Quotes(known))
		}
		if seen[t.Value] {
			l.Errorf(t.Pos, finding.Inquiry, "the state %s is listed twice; a state has one meaning", finding.Quote(t.Value))
		}
		seen[t.Value] = true
	}
}

// has reports whether the values of a schema can have a member at a pointer.
func (l *linter) has(body *load.Node, pointer string) bool {
	return body != nil && strings.HasPrefix(pointer, "/") && len(l.res.At(body, pointer)) > 0
}
