// Package wirehash finds a perfect hash for the codes of a catalog: a table that leads from a wire value to the one
// place where it can stand, without code at start, allocation or search. The file with the lookup is the very text that
// goes into generated files, so the generator and what it made cannot disagree.
package wirehash

import (
	"cmp"
	_ "embed" // the text of lookup.go
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Source is the Go file with the type of the tables and its method index.
//
//go:embed lookup.go
var Source string

// Table is a perfect hash.
type Table struct {
	t      wireTable
	hashes []uint64 // of the keys, while the table is made
}

// New returns a table for codes and for their aliases, each with the index of its code in places. It depends on nothing
// but its arguments. The error is for values that stand twice, and for more of them than a table holds.
func New(codes, aliases []string, places []int) (*Table, error) {
	t := &Table{t: wireTable{keys: slices.Concat(codes, aliases)}}
	for _, p := range places {
		t.t.aliases = append(t.t.aliases, uint16(p))
	}
	size := 8
	for size*7 < len(t.t.keys)*8 { // leaves an eighth of the slots empty, or more
		size *= 2
	}
	if size > math.MaxUint16 {
		return nil, fmt.Errorf("%d codes and aliases are more than a table holds", len(t.t.keys))
	}
	if !apart(t.t.keys) {
		for _, k := range t.t.keys {
			t.t.longest = max(t.t.longest, len(k))
		}
	}
	seeds := sequence(1)
	for ; size <= math.MaxUint16; size *= 2 {
		for range 64 { // a seed fails when two keys hash alike or a bucket finds no room, both a matter of chance
			if t.t.seed = seeds(); t.fill(size) {
				return t, nil
			}
		}
		if size > 64*len(t.t.keys) {
			break
		}
	}
	return nil, errors.New("no table can be made: a wire value stands twice")
}

// Go returns the table as a Go literal.
func (t *Table) Go() string {
	quoted := make([]string, len(t.t.keys))
	for i, k := range t.t.keys {
		quoted[i] = strconv.Quote(k)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "wireTable{\nseed: %#x, shift: %d,\n", t.t.seed, t.t.shift)
	if t.t.longest > 0 {
		fmt.Fprintf(&b, "longest: %d,\n", t.t.longest)
	}
	fmt.Fprintf(&b, "steps: []uint16{\n%s},\nslots: []uint16{\n%s},\n", numbers(t.t.steps), numbers(t.t.slots))
	fmt.Fprintf(&b, "keys: []string{\n%s,\n},\n", strings.Join(quoted, ",\n"))
	if len(t.t.aliases) > 0 {
		fmt.Fprintf(&b, "aliases: []uint16{\n%s},\n", numbers(t.t.aliases))
	}
	return b.String() + "}"
}

// numbers writes a list over lines of even length.
func numbers(list []uint16) string {
	var b strings.Builder
	for row := range slices.Chunk(list, 24) {
		for _, n := range row {
			fmt.Fprintf(&b, "%d, ", n)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// apart reports whether length and three words tell all keys from each other.
func apart(keys []string) bool {
	type sample struct {
		n                   int
		first, last, middle string
	}
	seen := make(map[sample]bool, len(keys))
	for _, k := range keys {
		s := sample{n: len(k), first: k}
		if len(k) >= 8 {
			s.first, s.last, s.middle = k[:8], k[len(k)-8:], k[len(k)/2-4:len(k)/2+4]
		}
		if seen[s] {
			return false
		}
		seen[s] = true
	}
	return true
}

// sequence returns numbers without a pattern, the same ones every time.
func sequence(state uint64) func() uint64 {
	return func() uint64 {
		state += 0x9e3779b97f4a7c15
		z := (state ^ state>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
}

// fill places the keys, those of the fullest bucket first, and reports whether each found a slot of its own.
func (t *Table) fill(size int) bool {
	t.t.steps, t.t.slots = make([]uint16, size/4), make([]uint16, size)
	t.t.shift = uint8(64 - bits.TrailingZeros(uint(size/4)))
	t.hashes = t.hashes[:0]
	buckets := make([][]int, len(t.t.steps))
	for i, k := range t.t.keys {
		h := t.t.hash(k)
		t.hashes = append(t.hashes, h)
		buckets[h>>t.t.shift] = append(buckets[h>>t.t.shift], i)
	}
	order := make([]int, len(buckets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(buckets[b]), len(buckets[a])) })
	taken := make([]bool, size)
	for _, b := range order {
		if !t.place(b, buckets[b], taken) {
			return false
		}
	}
	return true
}

// hash is what index begins with, which has no call in it.
func (t *wireTable) hash(wire string) uint64 {
	n := len(wire)
	if n < 8 {
		return wireMix(wireTail(wire)^t.seed, uint64(n))
	}
	if t.longest == 0 {
		return wireMix(wireWord(wire, 0)^t.seed, wireWord(wire, n-8)^uint64(n)) ^ wireMix(wireWord(wire, n/2-4), t.seed)
	}
	h := wireMix(wireWord(wire, n-8)^t.seed, uint64(n))
	for i := 0; i < n-8; i += 8 {
		h = wireMix(h^wireWord(wire, i), t.seed)
	}
	return h
}

// place finds the step that leads the keys of a bucket to free slots.
func (t *Table) place(bucket int, keys []int, taken []bool) bool {
	for step := range len(taken) {
		var slots []int
		for _, k := range keys {
			slot := int(uint32(t.hashes[k])+uint32(step)) % len(taken)
			if taken[slot] || slices.Contains(slots, slot) {
				break
			}
			slots = append(slots, slot)
		}
		if len(slots) < len(keys) {
			continue
		}
		t.t.steps[bucket] = uint16(step)
		for i, slot := range slots {
			taken[slot], t.t.slots[slot] = true, uint16(keys[i])
		}
		return true
	}
	return false
}
