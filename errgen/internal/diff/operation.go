package diff

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

// operations compares the retry classes of operations. Added and removed operations are left to tools that compare whole
// APIs.
func operations(before, after *model.Spec) []Change {
	var all []Change
	for _, old := range before.Operations {
		i := slices.IndexFunc(after.Operations, func(o *model.Operation) bool { return o.Name() == old.Name() })
		if i < 0 {
			continue
		}
		c := &changes{subject: Change{Operation: old.Name()}}
		c.operation(old, after.Operations[i])
		all = append(all, c.list...)
	}
	return all
}

func (c *changes) operation(before, after *model.Operation) {
	// A class that permits more retries is less conservative.
	freedom := func(class string) int { return slices.Index([]string{"keyless", "keyed", "safe"}, class) }
	riskier := before.Class.IsSet() && freedom(after.Class.Value) > freedom(before.Class.Value)
	c.compare(severity(riskier), "retry class", before.Class.Value, after.Class.Value)
	if before.Key != nil && after.Key != nil {
		c.compare(Breaking, "place of the idempotency key", place(before.Key), place(after.Key))
		// With stored, a client may report that a refused retry was not applied.
		c.compare(severity(after.Key.ReplaysStored()), "replays of the idempotency key", replays(before.Key), replays(after.Key))
	}
	c.echoes(before, after)
	c.unknown(before.Unknown, after.Unknown)
	c.inquiry(before.Inquiry, after.Inquiry)
}

// inquiry compares how clients settle calls that may have moved money. A further state that proves an outcome settles
// calls that a human settled before.
func (c *changes) inquiry(before, after *model.Inquiry) {
	proves := func(q *model.Inquiry) (states []string) {
		if q == nil {
			return nil
		}
		for _, t := range q.Applied {
			states = append(states, "applied "+t.Value)
		}
		for _, t := range q.NotApplied {
			states = append(states, "not applied "+t.Value)
		}
		return states
	}
	what := func(q *model.Inquiry) string {
		switch {
		case q == nil:
			return ""
		case q.Operation.IsSet():
			return q.Operation.Value
		}
		return "none"
	}
	c.compare(severity(after == nil), "inquiry", what(before), what(after))
	old, now := proves(before), proves(after)
	riskier := slices.ContainsFunc(now, func(s string) bool { return !slices.Contains(old, s) })
	c.compare(severity(riskier), "states of the inquiry", strings.Join(old, ", "), strings.Join(now, ", "))
}

// echoes compares which responses are refused. Without a documented echo, a client accepts more of them.
func (c *changes) echoes(before, after *model.Operation) {
	const what = "x-echo of"
	for i := range before.Echoes {
		old := &before.Echoes[i]
		now := kind(after.Echoes, old.Response.Value)
		c.compare(severity(now == "" || !old.Unverified.IsSet() && now == "unverified"), what+" "+old.Response.Value, kind(before.Echoes, old.Response.Value), now)
	}
	for i := range after.Echoes {
		if at := after.Echoes[i].Response.Value; kind(before.Echoes, at) == "" {
			c.add(Notice, what+" "+at, "", kind(after.Echoes, at))
		}
	}
}

// kind says how the echo of a member is treated; "" if it has none.
func kind(echoes []model.Echo, response string) string {
	for i := range echoes {
		switch e := &echoes[i]; {
		case e.Response.Value != response:
		case e.Unverified.IsSet():
			return "unverified"
		default:
			return "from " + e.Request.Value
		}
	}
	return ""
}

func place(k *model.Key) string {
	if k.Header.IsSet() {
		return "header " + k.Header.Value
	}
	return "body " + k.Body.Value
}

func replays(k *model.Key) string {
	if k.ReplaysStored() {
		return k.Replays.Value
	}
	return "unknown" // the default
}

// unknown compares the descriptions of an unknown outcome.
func (c *changes) unknown(before, after *model.Unknown) {
	const what = "unknown outcome"
	switch {
	case before == nil && after == nil:
		return
	case before == nil:
		c.add(Notice, what, "", after.Advice.Value)
		return
	case after == nil:
		c.add(Notice, what, before.Advice.Value, "")
		return
	}
	c.advice(what+", advice", before.Advice.Value, after.Advice.Value)
	c.compare(Notice, what+", advice_reason", before.AdviceReason.Line(), after.AdviceReason.Line())
	c.compare(Notice, what+", description", before.Description.Line(), after.Description.Line())
	c.compare(Notice, what+", resolution", before.Resolution.Line(), after.Resolution.Line())
	c.pairs(what+", customer message", before.Customer, after.Customer, Notice)
}
