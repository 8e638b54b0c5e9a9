package sandbox

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// The errors of [IdempotencyStore.Do].
var (
	// ErrIdempotencyKeyReused means that the idempotency key was used with a different request.
	ErrIdempotencyKeyReused = errors.New("the idempotency key was used for a different request")
	// ErrIdempotencyKeyInUse means that the first request with the idempotency key is in progress.
	ErrIdempotencyKeyInUse = errors.New("a request with this idempotency key is in progress")
)

// IdempotencyStore stores the request and the response of each idempotency key. Set the fields
// before the first use.
type IdempotencyStore struct {
	Core *Sandbox
	// TTL is how long an idempotency key is valid, from its first request on.
	TTL time.Duration
	// Keep reports whether to store a response and replay it. If it does not, the
	// idempotency key can be used again. A nil Keep stores all.
	Keep func(Response) bool
	// Wait makes a request wait for one in progress with the same idempotency
	// key. If it is not set, the request fails with ErrIdempotencyKeyInUse.
	Wait bool

	mu      sync.Mutex
	keys    map[string]*keyEntry
	claimed int // number of claims so far
}

// keyEntry is the state of one idempotency key. The mutex guards it until done is
// closed.
type keyEntry struct {
	seq      int // position among the claims
	request  string
	ends     time.Time
	done     chan struct{}
	response Response
	stored   bool
}

// Do calls run once for an idempotency key and replays its response to later
// requests. The key includes its scope, such as an account. Two requests are the
// same if request, such as a hash of the body, is equal. With an empty key, Do
// always calls run.
//
// The caller must not hold a lock that run needs. The result replayed reports
// whether the response is a stored one. The error is ErrIdempotencyKeyReused,
// ErrIdempotencyKeyInUse or the error of ctx.
func (k *IdempotencyStore) Do(ctx context.Context, key, request string, run func() Response) (a Response, replayed bool, err error) {
	if key == "" {
		return run(), false, nil
	}
	for {
		e, claimed := k.claim(key, request)
		switch {
		case claimed:
			return k.runFirst(key, e, run), false, nil
		case e.request != request:
			return Response{}, false, ErrIdempotencyKeyReused
		}
		if !k.Wait && !isClosed(e.done) {
			return Response{}, false, ErrIdempotencyKeyInUse
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			return Response{}, false, ctx.Err()
		}
		if e.stored {
			a := e.response
			a.Header = a.Header.Clone()
			return a, true, nil
		}
	}
}

// claim returns the valid entry of a key, or adds one.
func (k *IdempotencyStore) claim(key, request string) (e *keyEntry, claimed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.Core.Clock().Now()
	if e := k.keys[key]; e != nil && (!isClosed(e.done) || now.Before(e.ends)) {
		return e, false
	}
	k.makeRoom(now)
	k.claimed++
	e = &keyEntry{seq: k.claimed, request: request, ends: now.Add(k.TTL), done: make(chan struct{})}
	if k.keys == nil {
		k.keys = map[string]*keyEntry{}
	}
	k.keys[key] = e
	return e, true
}

// makeRoom drops the oldest keys if there are too many. A key in progress stays.
func (k *IdempotencyStore) makeRoom(now time.Time) {
	n := excess(len(k.keys), k.Core.history.money)
	if n == 0 {
		return
	}
	done := slices.SortedFunc(maps.Keys(k.keys), func(a, b string) int { return k.keys[a].seq - k.keys[b].seq })
	done = slices.DeleteFunc(done, func(key string) bool { return !isClosed(k.keys[key].done) })
	valid := 0
	for _, key := range done[:min(n, len(done))] {
		if now.Before(k.keys[key].ends) {
			valid++
		}
		delete(k.keys, key)
	}
	k.Core.history.add("idempotency_keys", valid)
}

// runFirst runs the request that claimed the key. If run panics, the key can be
// used again.
func (k *IdempotencyStore) runFirst(key string, e *keyEntry, run func() Response) Response {
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if !e.stored && k.keys[key] == e {
			delete(k.keys, key)
		}
		close(e.done)
	}()
	a := run()
	if k.Keep == nil || k.Keep(a) {
		e.response, e.stored = a, true
		e.response.Header = a.Header.Clone()
	}
	return a
}

// Reset removes all idempotency keys.
func (k *IdempotencyStore) Reset() {
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
