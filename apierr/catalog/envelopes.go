package catalog

import (
	"cmp"
	"slices"
)

// envelopes appends the envelopes that a response of an operation may have, the
// most specific declaration first. Without an operation, or if it declares none,
// these are all envelopes.
func (c *Catalog) envelopes(out []*Envelope, op *Operation, status int) []*Envelope {
	if op == nil || len(op.Shapes) == 0 {
		for i := range c.Envelopes {
			out = append(out, &c.Envelopes[i])
		}
		return out
	}
	for rank := 3; rank >= 0; rank-- {
		for i := range op.Shapes {
			v := c.envelopeOf(&op.Shapes[i])
			if v != nil && op.Shapes[i].rank(status) == rank && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// candidate is an envelope that an error body may have. rank says how specific its
// declaration is: see Shape.rank.
type candidate struct {
	*Envelope
	rank int
}

// undeclared is the rank of an envelope that only other operations declare.
const undeclared = -1

// candidates returns the envelopes that a response may have, the most specific
// declaration first. If the operation is not known or declares none, the declarations
// of all operations count.
func (c *Catalog) candidates(op *Operation, r Response) []candidate {
	var order []int // of envelopes with equal ranks
	ranks := make([]int, len(c.Envelopes))
	if op != nil && len(op.Shapes) > 0 {
		for i := range ranks {
			if !c.Envelopes[i].Anywhere {
				ranks[i] = undeclared
			}
		}
		c.rank(ranks, op, r.StatusCode)
		for i := range op.Shapes {
			if s := &op.Shapes[i]; c.envelopeOf(s) != nil {
				order = append(order, s.Envelope)
			}
		}
	} else {
		for i := range c.Operations {
			c.rank(ranks, &c.Operations[i], r.StatusCode)
		}
	}
	for i := range c.Envelopes {
		order = append(order, i)
	}
	media := mediaType(r.Header)
	out := make([]candidate, 0, len(c.Envelopes))
	added := make([]bool, len(c.Envelopes))
	for _, i := range order {
		if v := &c.Envelopes[i]; !added[i] && (v.Media == "" || v.Media == media) {
			added[i] = true
			out = append(out, candidate{&c.Envelopes[i], ranks[i]})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.rank, a.rank) })
	return out
}

// rank raises the ranks of the envelopes that an operation declares.
func (c *Catalog) rank(ranks []int, op *Operation, status int) {
	for i := range op.Shapes {
		if s := &op.Shapes[i]; c.envelopeOf(s) != nil {
			ranks[s.Envelope] = max(ranks[s.Envelope], s.rank(status))
		}
	}
}

// declaredOnly returns the candidates that the operation declares.
func declaredOnly(candidates []candidate) []candidate {
	n := slices.IndexFunc(candidates, func(v candidate) bool { return v.rank == undeclared })
	if n < 0 {
		return candidates
	}
	return candidates[:n]
}

// envelopeOf returns the envelope of a shape; nil if its index is out of range.
func (c *Catalog) envelopeOf(s *Shape) *Envelope {
	if s.Envelope < 0 || s.Envelope >= len(c.Envelopes) {
		return nil
	}
	return &c.Envelopes[s.Envelope]
}

// rank says how specific a declaration is for a status; 0 if it is for another.
func (s *Shape) rank(status int) int { return rank(s.Status, status) }

func rank(declared, status int) int {
	switch declared {
	case status:
		return 3
	case status / 100:
		return 2
	case 0:
		return 1
	}
	return 0
}

// bestJSON reads the body with the envelope whose catalog has the code; of several
// ones, with the most specific declaration, then with the one whose code occurs with
// the status, then with the first. If no catalog has the code, it reads the body
// with the first envelope that finds a code or a status word. An envelope that only
// other operations declare is used if the operation's own envelopes find the same
// code and do not know it.
func bestJSON(candidates []candidate, status int, doc source) (best content, ok bool) {
	bestScore := -1
	for _, v := range candidates {
		if v.Text != nil {
			continue
		}
		found := readCode(v.Envelope, v.Levels, doc.at(v.At))
		info, known := infoOf(found.code)
		if found.rawCode == "" && found.word == "" || v.rank == undeclared && !(known && ok && found.rawCode == best.rawCode) {
			continue
		}
		score := 2 * v.rank // at most 6
		if known {
			score += 100
		}
		if known && slices.Contains(info.Statuses, status) {
			score++
		}
		if score > bestScore {
			best, bestScore, ok = found, score, true
		}
	}
	if ok {
		best.addDetails(best.envelope, doc.at(best.envelope.At))
	}
	return best, ok
}
