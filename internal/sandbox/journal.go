package sandbox

import (
	"slices"
	"sync"
	"time"
)

// journal is a list whose entries can be changed after they were added. Entries are
// numbered from 1. If the list reaches its limit, the oldest entries are dropped.
type journal[T any] struct {
	mu    sync.Mutex
	limit int
	first int // number of entries dropped; the first one left is first + 1
	items []T
}

// add appends the entry that fill returns for its number, and returns the number.
func (j *journal[T]) add(fill func(seq int) T) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	drop := excess(len(j.items), j.limit)
	j.items = slices.Delete(j.items, 0, drop)
	j.first += drop
	seq := j.first + len(j.items) + 1
	j.items = append(j.items, fill(seq))
	return seq
}

// edit changes entry seq, unless it was dropped.
func (j *journal[T]) edit(seq int, change func(*T)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := seq - 1 - j.first; i >= 0 && i < len(j.items) {
		change(&j.items[i])
	}
}

// all returns a copy of the entries, oldest first.
func (j *journal[T]) all() []T { return j.log().Entries }

// log returns a copy of the entries, oldest first, and how many were dropped.
func (j *journal[T]) log() Log[T] {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Log[T]{Dropped: j.first, Entries: append(make([]T, 0, len(j.items)), j.items...)}
}

func (j *journal[T]) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.items, j.first = nil, 0
}

// Entry is one side effect: a lasting change that a real provider would have made,
// such as creating an invoice or moving money.
type Entry struct {
	Seq int `json:"seq"`
	// Kind is what happened, "<resource>.<past participle>".
	Kind string `json:"kind"`
	// ID is the provider's ID of the resource.
	ID string `json:"id"`
	// Key is the caller's reference or idempotency key; may be empty.
	Key string `json:"key,omitempty"`
	// Amount is an exact decimal in the provider's unit; may be empty.
	Amount string    `json:"amount,omitempty"`
	Time   time.Time `json:"time"`
}

// Ledger is the list of side effects in order.
type Ledger struct {
	clock *Clock
	list  journal[Entry]
}

// Add appends a side effect.
func (l *Ledger) Add(kind, id, key, amount string) {
	now := l.clock.Now()
	l.list.add(func(seq int) Entry {
		return Entry{Seq: seq, Kind: kind, ID: id, Key: key, Amount: amount, Time: now}
	})
}

// log returns a copy of the entries, oldest first, and how many were dropped.
func (l *Ledger) log() Log[Entry] { return l.list.log() }
