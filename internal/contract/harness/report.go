package harness

import (
	"context"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/sample"
)

// Allocated returns how many bytes f allocates, including those of all other
// goroutines of the process.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Bounded fails the test if f takes more than a second, or allocates more than a
// mebibyte and 64 times its input.
func Bounded(t *testing.T, input int, f func()) {
	t.Helper()
	start := time.Now()
	cost := Allocated(f)
	if took := time.Since(start); took > time.Second {
		t.Errorf("%d bytes of input took %v, want at most 1s", input, took)
	}
	limit := uint64(64*input + 1<<20)
	if sample.Race {
		limit *= 13
	}
	if cost > limit {
		t.Errorf("%d bytes of input allocated %d bytes, want at most %d", input, cost, limit)
	}
}

// LogCounter is a slog.Handler that counts the records above debug level.
type LogCounter struct{ Records atomic.Int32 }

// Enabled implements slog.Handler.
func (*LogCounter) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (n *LogCounter) Handle(_ context.Context, r slog.Record) error {
	if r.Level > slog.LevelDebug {
		n.Records.Add(1)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (n *LogCounter) WithAttrs([]slog.Attr) slog.Handler { return n }

// WithGroup implements slog.Handler.
func (n *LogCounter) WithGroup(string) slog.Handler { return n }
