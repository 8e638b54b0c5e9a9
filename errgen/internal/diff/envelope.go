package diff

import (
	"strconv"

	"github.com/specpay/specpay/errgen/internal/model"
)

// envelopes compares the envelopes of two specs.
func envelopes(before, after *model.Spec) []Change {
	var all []Change
	find := func(s *model.Spec, schema string) *model.Envelope {
		for _, e := range s.Envelopes {
			if e.Schema == schema {
				return e
			}
		}
		return nil
	}
	for _, old := range before.Envelopes {
		c := &changes{}
		if len(old.Catalogs) > 0 {
			c.subject.Catalog = old.Catalogs[0].ID.Value
		}
		if next := find(after, old.Schema); next != nil {
			c.envelope(old, next)
		} else {
			c.add(Breaking, "envelope", old.Schema, "")
		}
		all = append(all, c.list...)
	}
	for _, e := range after.Envelopes {
		if find(before, e.Schema) == nil {
			all = append(all, Change{Class: Additive, What: "envelope", To: e.Schema})
		}
	}
	return all
}

func (c *changes) envelope(before, after *model.Envelope) {
	in := " of envelope " + before.Schema
	c.compare(Breaking, "at"+in, before.At.Value, after.At.Value)
	c.compare(Breaking, "text"+in, before.Text.Value, after.Text.Value)
	c.compare(Breaking, "max_bytes"+in, strconv.Itoa(before.MaxBytes.Value), strconv.Itoa(after.MaxBytes.Value))
	c.compare(Breaking, "success"+in, before.Success.Value, after.Success.Value)
	c.set("code"+in, model.Values(before.Code), model.Values(after.Code), Breaking)
	c.set("levels"+in, model.Values(before.Levels), model.Values(after.Levels), Breaking)
	for _, p := range []struct {
		what     string
		from, to []model.Text
	}{
		{"type", before.Type, after.Type},
		{"message", before.Message, after.Message},
		{"param", before.Param, after.Param},
		{"request_id", before.RequestID, after.RequestID},
		{"doc_url", before.DocURL, after.DocURL},
		{"doc_hosts", before.DocHosts, after.DocHosts},
	} {
		c.set(p.what+in, model.Values(p.from), model.Values(p.to), Notice)
	}
	c.fields(before.Fields, after.Fields, in)
	c.words(before.Outcome, after.Outcome, in)
}

func (c *changes) fields(before, after *model.Fields, in string) {
	if before == nil {
		before = &model.Fields{}
	}
	if after == nil {
		after = &model.Fields{}
	}
	for _, f := range []struct{ what, from, to string }{
		{"fields.at", before.At.Value, after.At.Value},
		{"fields.name", before.Name.Value, after.Name.Value},
		{"fields.type", before.Type.Value, after.Type.Value},
		{"fields.message", before.Message.Value, after.Message.Value},
	} {
		class := Notice
		if f.from == "" {
			class = Additive
		}
		c.compare(class, f.what+in, f.from, f.to)
	}
}

// words compares the meanings of outcome values.
func (c *changes) words(before, after *model.Outcome, in string) {
	if before == nil {
		before = &model.Outcome{}
	}
	if after == nil {
		after = &model.Outcome{}
	}
	c.compare(Breaking, "outcome.from"+in, before.From.Value, after.From.Value)
	for _, p := range before.Map {
		to, ok := lookup(after.Map, p.Key.Value)
		if !ok {
			to = "unknown" // the runtime treats an unknown value as an unknown outcome
		}
		c.outcome("outcome "+p.Key.Value+in, p.Text.Value, to)
	}
	for _, p := range after.Map {
		if _, ok := lookup(before.Map, p.Key.Value); !ok {
			c.add(Additive, "outcome "+p.Key.Value+in, "", p.Text.Value)
		}
	}
}
