package sandbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// What can be wrong with an idempotency key.
var (
	// ErrKeyReused is a key that came with another request before.
	ErrKeyReused = errors.New("the idempotency key was used for another request")
	// ErrKeyBusy is a key whose first request is still under way.
	ErrKeyBusy = errors.New("a request with this idempotency key is under way")
)

// Keys is an idempotency store: what was asked under a key and what was
// answered. Set the fields before the first use.
type Keys struct {
	Clock *Clock
	// Life is how long a key is known, from its first request on.
	Life time.Duration
	// Keep says which answers are given again; an answer that is not kept frees
	// the key. nil keeps all.
	Keep func(Answer) bool
	// Wait lets a request wait for the one under way with its key; otherwise it
	// gets ErrKeyBusy.
	Wait bool

	mu   sync.Mutex
	keys map[string]*keyed
}

// keyed is one key. The mutex guards it until done is closed.
type keyed struct {
	request string
	ends    time.Time
	done    chan struct{}
	answer  Answer
	kept    bool
}

// Do runs a request once for its key and gives later ones the same answer. The
// key includes whatever scopes it, such as an account; request is what makes two
// requests the same, such as a hash of the body. An empty key runs every time.
//
// run must not be called with a lock held that another run needs. replayed tells
// that the answer is an earlier one. The error is ErrKeyReused, ErrKeyBusy or
// that of ctx.
func (k *Keys) Do(ctx context.Context, key, request string, run func() Answer) (a Answer, replayed bool, err error) {
	if key == "" {
		return run(), false, nil
	}
	for {
		e, mine := k.claim(key, request)
		switch {
		case mine:
			return k.first(key, e, run), false, nil
		case e.request != request:
			return Answer{}, false, ErrKeyReused
		}
		if !k.Wait && !closed(e.done) {
			return Answer{}, false, ErrKeyBusy
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			return Answer{}, false, ctx.Err()
		}
		if e.kept {
			a := e.answer
			a.Header = a.Header.Clone()
			return a, true, nil
		}
	}
}

// claim finds a key that is known, or takes it.
func (k *Keys) claim(key, request string) (e *keyed, mine bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.Clock.Now()
	if e := k.keys[key]; e != nil && (!closed(e.done) || now.Before(e.ends)) {
		return e, false
	}
	e = &keyed{request: request, ends: now.Add(k.Life), done: make(chan struct{})}
	if k.keys == nil {
		k.keys = map[string]*keyed{}
	}
	k.keys[key] = e
	return e, true
}

// first runs the request that took the key. A run that panics frees it.
func (k *Keys) first(key string, e *keyed, run func() Answer) Answer {
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if !e.kept && k.keys[key] == e {
			delete(k.keys, key)
		}
		close(e.done)
	}()
	a := run()
	if k.Keep == nil || k.Keep(a) {
		e.answer, e.kept = a, true
		e.answer.Header = a.Header.Clone()
	}
	return a
}

// Reset forgets all keys.
func (k *Keys) Reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = nil
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
