package sandbox

import (
	"maps"
	"slices"
	"sync"
)

// How many entries the lists of a sandbox keep by default. Assertions about money rest
// on the ledger and on the idempotency keys.
const (
	defaultHistory      = 10_000
	defaultMoneyHistory = 100_000
)

// history is how many entries the lists of a sandbox keep, and how many they dropped.
type history struct {
	money, other int

	mu      sync.Mutex
	dropped map[string]int // by the name of the list
}

func newHistory(limit int) (*history, error) {
	switch {
	case limit < 0:
		return nil, inputErrorf("the history is limited to %d entries; the limit must be 1 or more, or 0 for the default", limit)
	case limit > 0:
		return &history{money: limit, other: limit}, nil
	}
	return &history{money: defaultMoneyHistory, other: defaultHistory}, nil
}

func (h *history) add(name string, n int) {
	if n == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.dropped == nil {
		h.dropped = map[string]int{}
	}
	h.dropped[name] += n
}

func (h *history) all() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.dropped)
}

func (h *history) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dropped = nil
}

// excess returns how many of n entries to drop before one is added. It is a tenth of
// the limit at a time, so that adding stays cheap.
func excess(n, limit int) int {
	if n < limit {
		return 0
	}
	return min(n, limit/10+1)
}

// Keep makes room for one entry in a provider's list. If the list is full, Keep drops
// its oldest entries and counts them under the list's name.
func Keep[T any](s *Sandbox, name string, list []T) []T {
	n := excess(len(list), s.history.other)
	s.history.add(name, n)
	return slices.Delete(list, 0, n)
}

// Log is a list in a control response.
type Log[T any] struct {
	// Dropped is how many older entries are missing.
	Dropped int `json:"dropped"`
	Entries []T `json:"entries"`
}

// NewLog returns a provider's list for a control response.
func NewLog[T any](s *Sandbox, name string, entries []T) Log[T] {
	return Log[T]{Dropped: s.Dropped()[name], Entries: append([]T{}, entries...)}
}

// Dropped returns how many entries each list has dropped, by its name. Lists that are
// complete are absent.
func (s *Sandbox) Dropped() map[string]int {
	all := map[string]int{"ledger": s.ledger.list.log().Dropped, "requests": s.requests.log().Dropped, "deliveries": s.sender.log.log().Dropped}
	maps.Copy(all, s.history.all())
	maps.DeleteFunc(all, func(_ string, n int) bool { return n == 0 })
	return all
}
