package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// silence makes a client dial again after a timeout. net/http closes a connection of
// HTTP/1 whose request timed out, but continues to use one of HTTP/2, because other
// requests may be in flight on it, even if the peer has long lost the connection.
//
// Only idle connections are closed: a request in flight would have an unknown outcome.
// If a dead connection is never idle, the pings of transport end it.
type silence struct {
	responses atomic.Int64 // that were read to their end
	since     atomic.Int64 // 1 + the number of responses when an attempt began that timed out
}

// cleanup is more than net/http needs to take a request that timed out off its
// connection, which it does in the background.
const cleanup = 10 * time.Millisecond

// before an attempt, closes idle connections if there was no response since the
// beginning of an attempt that timed out.
func (s *silence) before(ctx context.Context, rt http.RoundTripper) (responses int64) {
	responses = s.responses.Load()
	if s.since.Load() == responses+1 {
		sleep(ctx, cleanup)
		closeIdle(rt)
	}
	return responses
}

// after an attempt, notes whether it timed out.
func (s *silence) after(ctx context.Context, f *failure, responses int64) {
	if f == nil {
		return
	}
	timeout, _ := errors.AsType[net.Error](f.err)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) || timeout != nil && timeout.Timeout() {
		s.since.Store(responses + 1)
	}
}

// closeIdle closes the idle connections of a transport.
func closeIdle(rt http.RoundTripper) {
	if t, ok := rt.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
