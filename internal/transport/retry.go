package transport

import (
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/specpay/specpay/apierr"
)

// Pauses between attempts. After a 429 they are longer and never very short.
const (
	basePause      = 200 * time.Millisecond
	throttledPause = time.Second
	maxPause       = 10 * time.Second
	maxRetryAfter  = 30 * time.Second
)

// The retry budget of one client: 35 retries in succession, refilled by successes,
// so that retries do not triple the load of a provider that is down.
const (
	budgetSize, retryCost, throttledCost, successRefund = 500, 14, 5, 1
)

type budget struct {
	mu     sync.Mutex
	tokens int
}

func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

func (b *budget) refund() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+successRefund, budgetSize)
}

// again decides whether a failed call is retried, and after which pause.
func (c *Client) again(ctx context.Context, k *call, f *failure) (time.Duration, bool) {
	if f.replay {
		return 0, ctx.Err() == nil
	}
	limit := c.MaxAttempts
	if k.recovered {
		limit++ // the attempt with the old credentials does not count
	}
	if ctx.Err() != nil || k.attempts >= limit || !repeatable(k.op, f) {
		return 0, false
	}
	throttled, cost := f.err.StatusCode == http.StatusTooManyRequests, retryCost
	if throttled {
		cost = throttledCost
	}
	wait := f.err.RetryAfter()
	if wait == 0 {
		wait = c.pause(k.attempts, throttled)
	}
	deadline, _ := ctx.Deadline()
	if wait > maxRetryAfter || time.Until(deadline) <= wait || !c.budget.take(cost) {
		return 0, false
	}
	return wait, true
}

// repeatable applies the operation's retry class, then the code's advice, then
// the status. An operation of any other class than Safe and Keyed could act
// twice.
func repeatable(op *Operation, f *failure) bool {
	if f.final || f.sent && op.RetryClass != Safe && op.RetryClass != Keyed {
		return false
	}
	if f.broken {
		return true
	}
	if info, known := meaning(f.err); known {
		return info.AdviceAt(f.err.StatusCode).Retryable()
	}
	return apierr.OfStatus(f.err.StatusCode).Advice.Retryable()
}

// pause returns a random pause after attempt n, up to a limit that doubles with each
// attempt. After a 429 it is at least half the limit.
func (c *Client) pause(n int, throttled bool) time.Duration {
	if !throttled {
		return c.random(min(basePause<<(n-1), maxPause))
	}
	half := min(throttledPause<<(n-1), maxPause) / 2
	return half + c.random(half)
}

// random returns a random duration up to limit.
func (c *Client) random(limit time.Duration) time.Duration {
	var raw [8]byte
	if _, err := io.ReadFull(c.Random, raw[:]); err != nil {
		return limit // the longest pause is the safe one
	}
	return time.Duration(float64(limit) * (float64(binary.LittleEndian.Uint64(raw[:])>>11) / (1 << 53)))
}

// limit cuts a string after n bytes, at the end of a character.
func limit(s string, n int) string {
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
