package lint

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// operation checks the retry class of an operation and what belongs to it.
func (l *linter) operation(op *model.Operation) {
	for _, t := range []model.Text{op.ID, {Value: op.Path, Pos: op.Pos}} {
		if what := dirt(t.Value, false); what != "" {
			l.Errorf(t.Pos, finding.Hygiene, "the text %s contains %s; remove it", finding.Quote(t.Value), what)
		}
	}
	l.class(op)
	l.key(op)
	l.echoes(op)
	l.unknown(op)
	l.inquiry(op)
	for _, list := range op.Lists {
		for _, t := range list.Codes {
			if code := l.spec.Listed(t.Value); code != nil {
				l.listedStatus(op, list.Status, t, code)
			}
		}
	}
}

func (l *linter) class(op *model.Operation) {
	switch op.Class.Value {
	case "safe", "keyed", "keyless":
		return
	}
	const words = "safe (retries are harmless), keyed (an idempotency key protects a retry) or keyless (a retry may act twice)"
	switch {
	case op.Class.IsSet():
		l.Errorf(op.Class.Pos, finding.Class, "x-operation-class %s of %s is unknown; use %s", finding.Quote(op.Class.Value), finding.Quote(op.Name()), words)
	case l.classed:
		l.Errorf(op.Pos, finding.Class, "operation %s has no x-operation-class, but other operations have one; add %s", finding.Quote(op.Name()), words)
	}
}

func (l *linter) key(op *model.Operation) {
	switch keyed := op.Class.Value == "keyed"; {
	case op.Key == nil && keyed:
		l.Errorf(op.Pos, finding.Key, "the keyed operation %s has no x-idempotency-key; add {header: Idempotency-Key} or {body: /requestId}", finding.Quote(op.Name()))
		return
	case op.Key == nil:
		return
	case !keyed && op.Class.IsSet():
		l.Errorf(op.Key.Pos, finding.Key, "operation %s is %s and cannot have x-idempotency-key; make it keyed, or remove x-idempotency-key", finding.Quote(op.Name()), finding.Quote(op.Class.Value))
	}
	l.word(finding.Key, op.Key.Pos, op.Key.Replays, "replays", "x-idempotency-key of "+finding.Quote(op.Name()), model.Replays(), false)
	header, body := op.Key.Header, op.Key.Body
	switch {
	case header.IsSet() == body.IsSet():
		l.Errorf(op.Key.Pos, finding.Key, "x-idempotency-key of %s must have exactly one of header and body", finding.Quote(op.Name()))
	case header.IsSet() && !l.matches("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", header.Value):
		l.Errorf(header.Pos, finding.Key, "%s is not a header name; write it like Idempotency-Key", finding.Quote(header.Value))
	case header.IsSet() && !slices.Contains(op.HeaderParameters, strings.ToLower(header.Value)):
		l.Errorf(header.Pos, finding.Key, "operation %s declares no header parameter %s; declare it, so that servers get it too", finding.Quote(op.Name()), finding.Quote(header.Value))
	case body.IsSet():
		l.bodyKey(op, body)
	}
}

func (l *linter) bodyKey(op *model.Operation, body model.Text) {
	if !l.pointerSyntax(body, "body of x-idempotency-key") {
		return
	}
	if op.Body == nil || !model.MayBe(l.res.At(op.Body, body.Value), "string") {
		l.Errorf(body.Pos, finding.Key, "the JSON request body of %s has no string at %s; use the pointer of the idempotency key", finding.Quote(op.Name()), finding.Quote(body.Value))
	}
}

func (l *linter) unknown(op *model.Operation) {
	u := op.Unknown
	switch {
	case u == nil && op.Class.Value == "keyless":
		l.Errorf(op.Pos, finding.UnknownOutcome, "the keyless operation %s has no x-unknown-outcome; add advice, description and resolution for a call without a response", finding.Quote(op.Name()))
		return
	case u == nil:
		return
	case op.Class.Value == "safe":
		l.Errorf(u.Pos, finding.UnknownOutcome, "operation %s is safe and can be retried; remove x-unknown-outcome", finding.Quote(op.Name()))
	case !op.ID.IsSet():
		l.Errorf(u.Pos, finding.UnknownOutcome, "operation %s has x-unknown-outcome but no operationId; add one, because it identifies the outcome", finding.Quote(op.Name()))
	}
	l.word(finding.UnknownOutcome, u.Pos, u.Advice, "advice", "x-unknown-outcome of "+finding.Quote(op.Name()), model.Advices(), true)
	for _, f := range []struct {
		name string
		text model.Text
	}{{"description", u.Description}, {"resolution", u.Resolution}} {
		if f.text.Line() == "" {
			l.Errorf(u.Pos, finding.UnknownOutcome, "x-unknown-outcome of %s has no %s; add it", finding.Quote(op.Name()), f.name)
		}
	}
	l.customer(u.Customer)
	retry := u.Advice.Value == "same" || u.Advice.Value == "backoff"
	if retry && op.Class.Value == "keyless" && !u.AdviceReason.IsSet() {
		l.Warnf(u.Advice.Pos, finding.BlindRetry, "advice %s retries the keyless operation %s blindly, which may act twice; use inquire or change, or add advice_reason",
			u.Advice.Value, finding.Quote(op.Name()))
	}
}
