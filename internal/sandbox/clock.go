package sandbox

import (
	"math"
	"sync"
	"time"
)

// Clock is the clock of one sandbox. It can be advanced but not set back. Make one
// with [NewClock].
type Clock struct {
	mu     sync.Mutex
	fixed  time.Time
	offset time.Duration
}

// NewClock returns a clock that stops at fixed and moves only by Advance. If fixed
// is zero, the clock follows the system clock.
func NewClock(fixed time.Time) *Clock { return &Clock{fixed: fixed} }

// Now returns the time in UTC, without a monotonic reading.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	base := c.fixed
	if base.IsZero() {
		base = time.Now()
	}
	return base.Add(c.offset).UTC().Round(0)
}

// Advance moves the clock forward by d. A negative d and a total of more than 290
// years are errors.
func (c *Clock) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d < 0 {
		return inputErrorf("cannot advance the clock by %v: it only moves forward; use a positive duration such as 10m or 25h", d)
	}
	if d > math.MaxInt64-c.offset {
		return inputErrorf("cannot advance the clock by %v: with the %v so far, that is more than 290 years", d, c.offset)
	}
	c.offset += d
	return nil
}

func (c *Clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = 0
}
