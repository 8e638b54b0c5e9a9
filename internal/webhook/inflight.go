package webhook

import "sync"

// inFlight holds the notifications that are being confirmed or handled. Equal
// notifications that arrive meanwhile wait for the first one.
type inFlight struct {
	mu sync.Mutex
	m  map[string]*flight
}

type flight struct {
	lane  string // of the first notification
	done  chan struct{}
	reply Reply
}

// join returns the flight of a key and whether the caller is the first and has to
// do the work. It returns nil if there is none and admit refuses a new one.
func (g *inFlight) join(key, lane string, admit func() bool) (f *flight, first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f, ok := g.m[key]; ok {
		return f, false
	}
	if !admit() {
		return nil, false
	}
	if g.m == nil {
		g.m = map[string]*flight{}
	}
	f = &flight{lane: lane, done: make(chan struct{})}
	g.m[key] = f
	return f, true
}

// leave ends the flight of a key.
func (g *inFlight) leave(key string, f *flight) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.m, key)
	close(f.done)
}
