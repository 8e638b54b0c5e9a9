package webhook

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/specpay/specpay/pay"
)

// storeOrMemory returns s, or an event store in memory if s is nil.
func storeOrMemory(s pay.EventStore, now func() time.Time) pay.EventStore {
	if s != nil {
		return s
	}
	return &Memory{Now: now}
}

// Memory is an event store in the memory of one process.
type Memory struct {
	Now func() time.Time

	mu sync.Mutex
	m  map[string]entry
	n  int // claims since the last deletion of expired entries
}

type entry struct {
	owner string // of a claim
	done  bool   // the event was handled
	until time.Time
}

// Claim implements pay.EventStore.
func (s *Memory) Claim(_ context.Context, key, owner string, ttl time.Duration) (pay.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	switch e, ok := s.get(key); {
	case ok && e.done:
		return pay.ClaimDone, nil
	case ok && e.owner != owner:
		return pay.ClaimBusy, nil
	}
	s.set(key, entry{owner: owner, until: s.Now().Add(ttl)})
	return pay.ClaimGranted, nil
}

// Commit implements pay.EventStore.
func (s *Memory) Commit(_ context.Context, key, owner string, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.get(key); ok && !e.done && e.owner != owner {
		return errors.New("the claim has expired and another owner has a claim; the event is not recorded as handled")
	}
	s.set(key, entry{done: true, until: s.Now().Add(ttl)})
	return nil
}

// Release implements pay.EventStore.
func (s *Memory) Release(_ context.Context, key, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.get(key); ok && !e.done && e.owner == owner {
		delete(s.m, key)
	}
	return nil
}

// get returns the entry of a key and whether there is a valid one.
func (s *Memory) get(key string) (entry, bool) {
	e := s.m[key]
	return e, s.Now().Before(e.until)
}

func (s *Memory) set(key string, e entry) {
	if s.m == nil {
		s.m = map[string]entry{}
	}
	s.m[key] = e
}

// sweep deletes expired entries at every 1024th claim, so that the map does not
// grow without limit.
func (s *Memory) sweep() {
	if s.n++; s.n < 1024 {
		return
	}
	s.n = 0
	for k, e := range s.m {
		if !s.Now().Before(e.until) {
			delete(s.m, k)
		}
	}
}
