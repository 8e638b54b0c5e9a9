package sandbox

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// IDs generates IDs that depend only on the seed and on the calls before. They are
// not secret. Make one with [NewIDs].
type IDs struct {
	mu     sync.Mutex
	seed   uint64
	source *rand.Rand
}

// NewIDs returns a generator with a seed.
func NewIDs(seed uint64) *IDs {
	ids := &IDs{seed: seed}
	ids.reset()
	return ids
}

// UUID returns an ID in the form of a version 4 UUID.
func (s *IDs) UUID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	hi, lo := s.source.Uint64(), s.source.Uint64()
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

// Digits returns n digits that do not start with 0.
func (s *IDs) Digits(n int) string {
	text := s.text(n, "0123456789")
	if n > 0 && text[0] == '0' {
		return "9" + text[1:]
	}
	return text
}

// Token returns n letters and digits.
func (s *IDs) Token(n int) string { return s.text(n, tokenLetters) }

func (s *IDs) text(n int, letters string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[s.source.IntN(len(letters))]
	}
	return string(out)
}

func (s *IDs) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source = rand.New(rand.NewPCG(s.seed, 0))
}
