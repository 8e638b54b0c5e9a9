package sandbox

import (
	"math"
	"sync"
	"time"
)

// Clock is the time of one sandbox. It can be moved forward and never back,
// and what a move makes due has happened when the move returns. Make one with
// [NewClock].
type Clock struct {
	mu     sync.Mutex
	fixed  time.Time
	offset time.Duration
}

// NewClock makes a clock that stands still at fixed and moves only by Advance.
// The zero time means the machine's clock.
func NewClock(fixed time.Time) *Clock { return &Clock{fixed: fixed} }

// Now is the sandbox's time, in UTC and without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	base := c.fixed
	if base.IsZero() {
		base = time.Now()
	}
	return base.Add(c.offset).UTC().Round(0)
}

// Advance moves the clock forward by d. A negative d and a sum above 290 years
// are errors.
func (c *Clock) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d < 0 {
		return inputErrorf("cannot advance the clock by %v: it only goes forward; give a positive duration such as 10m or 25h", d)
	}
	if d > math.MaxInt64-c.offset {
		return inputErrorf("cannot advance the clock by %v: together with the %v before that is more than 290 years", d, c.offset)
	}
	c.offset += d
	return nil
}

func (c *Clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = 0
}
