package sandbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// The errors of [Keys.Do].
var (
	// ErrKeyReused means that the idempotency key was used with a different request.
	ErrKeyReused = errors.New("the idempotency key was used for a different request")
	// ErrKeyBusy means that the first request with the idempotency key is in progress.
	ErrKeyBusy = errors.New("a request with this idempotency key is in progress")
)

// Keys stores the request and the response of each idempotency key. Set the fields
// before the first use.
type Keys struct {
	Clock *Clock
	// Life is how long an idempotency key is valid, from its first request on.
	Life time.Duration
	// Keep reports whether to store a response and replay it. If it does not, the
	// idempotency key can be used again. A nil Keep stores all.
	Keep func(Answer) bool
	// Wait makes a request wait for one in progress with the same idempotency
	// key. If it is not set, the request fails with ErrKeyBusy.
	Wait bool

	mu   sync.Mutex
	keys map[string]*keyEntry
}

// keyEntry is the state of one idempotency key. The mutex guards it until done is
// closed.
type keyEntry struct {
	request string
	ends    time.Time
	done    chan struct{}
	answer  Answer
	kept    bool
}

// Do calls run once for an idempotency key and replays its response to later
// requests. The key includes its scope, such as an account. Two requests are the
// same if request, such as a hash of the body, is equal. With an empty key, Do
// always calls run.
//
// The caller must not hold a lock that run needs. The result replayed reports
// whether the response is a stored one. The error is ErrKeyReused, ErrKeyBusy or
// the error of ctx.
func (k *Keys) Do(ctx context.Context, key, request string, run func() Answer) (a Answer, replayed bool, err error) {
	if key == "" {
		return run(), false, nil
	}
	for {
		e, claimed := k.claim(key, request)
		switch {
		case claimed:
			return k.runFirst(key, e, run), false, nil
		case e.request != request:
			return Answer{}, false, ErrKeyReused
		}
		if !k.Wait && !isClosed(e.done) {
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

// claim returns the valid entry of a key, or adds one.
func (k *Keys) claim(key, request string) (e *keyEntry, claimed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.Clock.Now()
	if e := k.keys[key]; e != nil && (!isClosed(e.done) || now.Before(e.ends)) {
		return e, false
	}
	e = &keyEntry{request: request, ends: now.Add(k.Life), done: make(chan struct{})}
	if k.keys == nil {
		k.keys = map[string]*keyEntry{}
	}
	k.keys[key] = e
	return e, true
}

// runFirst runs the request that claimed the key. If run panics, the key can be
// used again.
func (k *Keys) runFirst(key string, e *keyEntry, run func() Answer) Answer {
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

// Reset removes all idempotency keys.
func (k *Keys) Reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = nil
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
