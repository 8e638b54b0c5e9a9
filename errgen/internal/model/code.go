package model

import (
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

func (f *fields) byStatus() []StatusAdvice {
	n := f.get("advice_by_status")
	if n == nil {
		return nil
	}
	if n.Kind != load.Map {
		f.wrong(n, "advice_by_status", "a map from status to advice")
		return nil
	}
	if len(n.Keys) > maxStatuses {
		f.found.Errorf(n.Pos(), finding.Limit, "advice_by_status of %s has %d entries; at most %d are allowed", f.what, len(n.Keys), maxStatuses)
		return nil
	}
	var out []StatusAdvice
	for i, k := range n.Keys {
		status, ok := numberOf(k)
		if !ok {
			f.found.Errorf(k.Pos(), finding.Shape, "a key of advice_by_status must be an HTTP status, not %s", k.Describe())
			continue
		}
		v := n.Items[i]
		if v.Kind != load.Scalar || v.Tag != load.Str {
			f.wrong(v, "advice_by_status", "a map from status to advice")
			continue
		}
		out = append(out, StatusAdvice{status, textOf(v)})
	}
	return out
}

// params reads the parameters of a code: a list of names, or a map from name to explanation.
func (f *fields) params() []Pair {
	if n := f.node.Get("params"); n == nil || n.Kind == load.Map {
		return f.pairs("params")
	}
	var out []Pair
	for _, t := range f.texts("params") {
		out = append(out, Pair{Key: t})
	}
	return out
}

// members reads a list of maps.
func (f *fields) members(key string) []*load.Node {
	n := f.get(key)
	if n == nil {
		return nil
	}
	if n.Kind != load.List {
		f.wrong(n, key, "a list of maps")
		return nil
	}
	return n.Items
}

func (f *fields) matches() []Match {
	var out []Match
	for _, n := range f.members("match") {
		mf := newFields(f.found, "a match rule of "+f.what, n, nil)
		m := Match{Pos: n.Pos(), Capture: mf.text("capture"), AnyStatus: mf.flag("any_status")}
		kinds := 0
		for _, kind := range []string{"exact", "prefix", "pattern"} {
			if t := mf.text(kind); t.IsSet() {
				m.Kind, m.Value = kind, t
				kinds++
			}
		}
		if m.Status = mf.number("status"); m.Status.Pos.IsSet() {
			m.Kind = "status"
			kinds++
		}
		mf.done()
		if kinds != 1 && n.Kind == load.Map {
			f.found.Errorf(n.Pos(), finding.Shape, "a match rule must have exactly one of exact, prefix, pattern and status; this one has %d", kinds)
		}
		if kinds != 1 {
			continue
		}
		out = append(out, m)
	}
	return out
}

func (f *fields) examples() []Example {
	var out []Example
	for _, n := range f.members("examples") {
		ef := newFields(f.found, "an example of "+f.what, n, nil)
		e := Example{Pos: n.Pos(), Body: ef.text("body"), Status: ef.number("status"), Captures: ef.pairs("captures")}
		ef.done()
		if !e.Body.IsSet() {
			f.found.Errorf(n.Pos(), finding.Shape, "an example has no body; add the text as it appears on the wire")
			continue
		}
		out = append(out, e)
	}
	return out
}
