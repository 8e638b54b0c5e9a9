package wirehash

import "math/bits"

// wireTable is a perfect hash over the codes and aliases of a catalog: static data that leads from a wire value to the
// one place where it can stand.
type wireTable struct {
	seed    uint64   // of the hash
	shift   uint8    // of the hash, for the index into steps
	longest int      // length of the longest key when the hash reads all of a value; 0 when it reads three words
	steps   []uint16 // keep two hashes out of one slot
	slots   []uint16 // where in keys; the length is a power of two
	keys    []string // the codes in the order of the catalog, then the aliases
	aliases []uint16 // the place of each alias's code
}

// index returns the place of a code or alias in the catalog, or -1. It is one function without a call, and compares
// texts word by word: calls, and the runtime's compare with its jumps by length, cost more than all the rest.
func (t *wireTable) index(wire string) int {
	n, h := len(wire), uint64(0)
	switch {
	case n < 8:
		h = wireMix(wireTail(wire)^t.seed, uint64(n))
	case t.longest == 0: // three words are all there is of a text up to 24 bytes long
		h = wireMix(wireWord(wire, 0)^t.seed, wireWord(wire, n-8)^uint64(n)) ^ wireMix(wireWord(wire, n/2-4), t.seed)
	case n > t.longest:
		return -1
	default:
		h = wireMix(wireWord(wire, n-8)^t.seed, uint64(n))
		for i := 0; i < n-8; i += 8 {
			h = wireMix(h^wireWord(wire, i), t.seed)
		}
	}
	slot := uint32(h) + uint32(t.steps[h>>(t.shift&63)])
	i := int(t.slots[int(slot)&(len(t.slots)-1)])
	key := t.keys[i]
	if len(key) != n {
		return -1
	}
	differ := uint64(0)
	if n < 8 {
		differ = wireTail(key) ^ wireTail(wire)
	} else {
		differ = wireWord(key, n-8) ^ wireWord(wire, n-8)
		for i := 0; i < n-8; i += 8 {
			differ |= wireWord(key, i) ^ wireWord(wire, i)
		}
	}
	if differ != 0 {
		return -1
	}
	if first := len(t.keys) - len(t.aliases); i >= first {
		return int(t.aliases[i-first])
	}
	return i
}

// wireMix makes one word of two in which every bit depends on every bit of both.
func wireMix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd6e8feb86659fd93)
	return high ^ low
}

// wireWord reads eight bytes of a text; the compiler makes one load of it.
func wireWord(s string, at int) uint64 {
	s = s[at : at+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// wireTail reads a text of less than eight bytes.
func wireTail(s string) uint64 {
	var w uint64
	for i := range len(s) {
		w = w<<8 | uint64(s[i])
	}
	return w
}
