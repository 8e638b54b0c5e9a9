package transport

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// A panic in something that the application passed to the client must not replace the
// outcome of a payment, keep a lock held, or end the process from a goroutine of the
// client. The value of a panic is not kept, because it may hold anything.

// Recovered turns a panic into an error. It must be deferred directly.
func Recovered(what string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s panicked: %T", what, p)
	}
}

// closeBody closes the body of a response. Its error says nothing about the call.
func closeBody(body io.Closer) (err error) {
	defer Recovered("the transport", &err)
	return body.Close()
}

// safeClock returns the real time if now panics.
func safeClock(now func() time.Time) func() time.Time {
	return func() (t time.Time) {
		defer func() {
			if recover() != nil {
				t = time.Now()
			}
		}()
		return now()
	}
}

// safeReader returns an error if the reader panics.
type safeReader struct{ io.Reader }

// Read implements io.Reader.
func (r safeReader) Read(p []byte) (n int, err error) {
	defer Recovered("the source of random numbers", &err)
	return r.Reader.Read(p)
}

// safeHandler drops what a handler panics on. The client derives no logger from it.
type safeHandler struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h safeHandler) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	defer func() { _ = recover() }()
	return h.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h safeHandler) Handle(ctx context.Context, r slog.Record) (err error) {
	defer Recovered("the handler", &err)
	return h.Handler.Handle(ctx, r)
}
