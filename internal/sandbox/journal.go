package sandbox

import (
	"slices"
	"sync"
	"time"
)

// journalLimit is how many requests and deliveries are kept; older ones go.
const journalLimit = 10_000

// journal is an ordered list whose entries can be completed after they were
// begun. Entries are numbered from 1; the oldest go when limit is reached
// (0: none go).
type journal[T any] struct {
	mu    sync.Mutex
	limit int
	first int // number of entries dropped
	items []T
}

// add appends what fill makes of its number, and returns the number.
func (j *journal[T]) add(fill func(seq int) T) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.limit > 0 && len(j.items) >= j.limit {
		drop := j.limit/10 + 1
		j.items = slices.Delete(j.items, 0, drop)
		j.first += drop
	}
	seq := j.first + len(j.items) + 1
	j.items = append(j.items, fill(seq))
	return seq
}

// edit changes entry seq; it does nothing when the entry is gone.
func (j *journal[T]) edit(seq int, change func(*T)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := seq - 1 - j.first; i >= 0 && i < len(j.items) {
		change(&j.items[i])
	}
}

// all is a copy in order.
func (j *journal[T]) all() []T {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append(make([]T, 0, len(j.items)), j.items...)
}

func (j *journal[T]) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.items, j.first = nil, 0
}

// Entry is one side effect: something that a real provider would have done
// for good, such as making an invoice or moving money.
type Entry struct {
	Seq int `json:"seq"`
	// Kind is what happened, "<thing>.<past participle>".
	Kind string `json:"kind"`
	// ID is the provider's id of the thing.
	ID string `json:"id"`
	// Key is the caller's own number or idempotency key; may be empty.
	Key string `json:"key,omitempty"`
	// Amount is exact decimal text in the provider's unit; may be empty.
	Amount string    `json:"amount,omitempty"`
	Time   time.Time `json:"time"`
}

// Ledger is the list of side effects, in the order they happened.
type Ledger struct {
	clock *Clock
	list  journal[Entry]
}

// Add writes one side effect down.
func (l *Ledger) Add(kind, id, key, amount string) {
	now := l.clock.Now()
	l.list.add(func(seq int) Entry {
		return Entry{Seq: seq, Kind: kind, ID: id, Key: key, Amount: amount, Time: now}
	})
}

// All is a copy of the entries, oldest first.
func (l *Ledger) All() []Entry { return l.list.all() }
