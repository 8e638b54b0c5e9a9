package webhook

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/specpay/specpay/pay"
)

// flights joins equal notices that arrive together, and bounds how many are
// worked on.
type flights struct {
	mu sync.Mutex
	m  map[string]*flight
}

type flight struct {
	done  chan struct{}
	reply Reply
}

// join returns the flight of a key and whether the caller leads it; nil when
// too many are under way.
func (g *flights) join(key string) (*flight, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f, ok := g.m[key]; ok {
		return f, false
	}
	if len(g.m) >= maxAtOnce {
		return nil, false
	}
	if g.m == nil {
		g.m = map[string]*flight{}
	}
	f := &flight{done: make(chan struct{})}
	g.m[key] = f
	return f, true
}

func (g *flights) leave(key string, f *flight) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.m, key)
	close(f.done)
}

// StoreOrMemory returns s, or an event store in memory if s is nil.
func StoreOrMemory(s pay.EventStore, now func() time.Time) pay.EventStore {
	if s != nil {
		return s
	}
	return &Memory{Now: now}
}

// Memory is an event store for one process.
type Memory struct {
	Now func() time.Time

	mu sync.Mutex
	m  map[string]entry
	n  int // claims since the last sweep
}

type entry struct {
	owner string // of a claim
	done  bool
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
		return errors.New("the claim ran out, and somebody else is at this event now")
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

// get returns what holds now.
func (s *Memory) get(key string) (entry, bool) {
	e, ok := s.m[key]
	return e, ok && s.Now().Before(e.until)
}

func (s *Memory) set(key string, e entry) {
	if s.m == nil {
		s.m = map[string]entry{}
	}
	s.m[key] = e
}

// sweep forgets what is over, now and then, so that the map stays as large as
// the traffic of some days.
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
