package transport

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/specpay/specpay/apierr"
)

// The pauses between attempts. A provider that throttles gets longer ones, and
// never a very short one.
const (
	basePause      = 200 * time.Millisecond
	throttledPause = time.Second
	maxPause       = 10 * time.Second
	maxRetryAfter  = 30 * time.Second
)

// The budget of repetitions of one client: 35 in a row, refilled by successes,
// so that a provider that is down is not loaded three times over.
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

// again decides whether a failed call gets another attempt, and after what
// pause.
func (c *Client) again(ctx context.Context, k *call, f *failure) (time.Duration, bool) {
	if f.replay {
		return 0, ctx.Err() == nil
	}
	limit := c.MaxAttempts
	if k.recovered {
		limit++ // the refused attempt under old credentials does not count
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
	if info, known := codeInfo(f.err.Code); known && info.Category != apierr.ErrUnknown {
		advice := info.Advice
		for _, a := range info.AdviceByStatus {
			if a.Status == f.err.StatusCode {
				advice = a.Advice
			}
		}
		return advice.Retryable()
	}
	return apierr.OfStatus(f.err.StatusCode).Advice.Retryable()
}

func codeInfo(c apierr.Code) (apierr.CodeInfo, bool) {
	if c == nil {
		return apierr.CodeInfo{}, false
	}
	return c.Info()
}

// pause draws the wait after attempt n: anything up to a limit that doubles; for
// a throttled call at least half of it.
func (c *Client) pause(n int, throttled bool) time.Duration {
	if !throttled {
		return c.draw(min(basePause<<(n-1), maxPause))
	}
	half := min(throttledPause<<(n-1), maxPause) / 2
	return half + c.draw(half)
}

func (c *Client) draw(limit time.Duration) time.Duration {
	var raw [8]byte
	if _, err := io.ReadFull(c.Random, raw[:]); err != nil {
		return limit // no randomness: the longest pause is the safe one
	}
	return time.Duration(float64(limit) * (float64(binary.LittleEndian.Uint64(raw[:])>>11) / (1 << 53)))
}

// retryAfter reads seconds, fractions and the HTTP dates, a date against the
// answer's own clock; 0 when there is nothing usable.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0 // as nearly always; to fail at reading it would cost more than the rest of an answer
	}
	if secs, err := strconv.ParseFloat(v, 64); err == nil {
		if !(secs > 0) {
			return 0
		}
		return time.Duration(math.Min(secs, 1e9) * float64(time.Second))
	}
	until, err1 := http.ParseTime(v)
	now, err2 := http.ParseTime(h.Get("Date"))
	if err1 != nil || err2 != nil {
		return 0
	}
	return max(until.Sub(now), 0)
}
