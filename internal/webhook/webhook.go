// Package hook receives a provider's notifications: it bounds and reads the
// request, lets the provider's package prove it, runs user code once per event,
// and answers what the provider wants to hear.
package webhook

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/specpay/specpay/pay"
)

const (
	maxBody     = 1 << 20          // bytes of a notification
	readTime    = 10 * time.Second // for its body
	handleTime  = 50 * time.Second // for proof and user code together, by default
	settleTime  = 5 * time.Second  // to tell the store how it went
	claimTime   = 2 * time.Minute  // after which a lost claim is free again
	rememberFor = 72 * time.Hour   // how long a handled event is known
	maxAtOnce   = 64               // notices proved or handled at the same time
)

// ErrForged is returned by Confirm for a notice that the provider does not
// stand by.
var ErrForged = errors.New("the provider does not confirm this notification")

// ErrOurFault is wrapped by Read when a notification cannot be judged because
// of our own settings; the answer then asks for another delivery.
var ErrOurFault = errors.New("our own settings are wrong")

// Reply is an answer as data, because each provider wants another one.
type Reply struct {
	Status int
	Type   string // content type; "" = text/plain
	Body   string
}

// Replies are the answers of one provider.
type Replies struct {
	Accepted Reply // handled now or before
	Invalid  Reply // not a notification, or not proven
	Failed   Reply // our side failed: deliver again
}

// Event is one proven event. Key is the same for each delivery of it.
type Event[E any] struct {
	Key   string
	Value E
}

// Notice is a notification that was read. Confirm proves it, perhaps by asking
// the provider; notices with the same Key are confirmed once at a time.
type Notice[E any] struct {
	Key     string
	Confirm func(context.Context) ([]Event[E], error)
}

// Handler is an http.Handler for the notifications of one provider.
type Handler[E any] struct {
	Provider string
	Methods  []string
	Replies  Replies
	Read     func(r *http.Request, body []byte) (Notice[E], error)
	Handle   func(context.Context, E) error // user code
	Store    pay.EventStore
	Timeout  time.Duration // for proof and user code together; 0 = 50 s
	Logger   *slog.Logger

	flights flights
}

// ServeHTTP implements http.Handler.
func (h *Handler[E]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(h.Methods, r.Method) {
		w.Header().Set("Allow", strings.Join(h.Methods, ", "))
		write(w, Reply{Status: http.StatusMethodNotAllowed, Body: "method not allowed"})
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime)) // not every writer has one
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		write(w, Reply{Status: http.StatusRequestEntityTooLarge, Body: "too large"})
		return
	}
	if err != nil {
		write(w, h.Replies.Failed)
		return
	}
	notice, err := h.Read(r, body)
	if errors.Is(err, ErrOurFault) {
		h.warn(r.Context(), "webhook cannot be judged", err)
		write(w, h.Replies.Failed)
		return
	}
	if err != nil {
		h.warn(r.Context(), "webhook refused", err)
		write(w, h.Replies.Invalid)
		return
	}
	write(w, h.once(r.Context(), notice))
}

// once lets one goroutine work on a notice; the others answer what it answers.
func (h *Handler[E]) once(ctx context.Context, n Notice[E]) Reply {
	f, first := h.flights.join(n.Key)
	if f == nil {
		return h.Replies.Failed
	}
	if first {
		// Neither a sender that hangs up nor a panic may leave the others without
		// an answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(h.Timeout, handleTime))
		defer cancel()
		f.reply = h.Replies.Failed
		defer h.flights.leave(n.Key, f)
		f.reply = h.work(ctx, n)
		return f.reply
	}
	select {
	case <-f.done:
		return f.reply
	case <-ctx.Done():
		return h.Replies.Failed
	}
}

func (h *Handler[E]) work(ctx context.Context, n Notice[E]) Reply {
	events, err := n.Confirm(ctx)
	switch {
	case errors.Is(err, ErrForged):
		h.warn(ctx, "webhook not confirmed", err)
		return h.Replies.Invalid
	case err != nil:
		h.warn(ctx, "webhook cannot be confirmed now", err)
		return h.Replies.Failed
	}
	for _, e := range events {
		if err := h.event(ctx, e); err != nil {
			h.warn(ctx, "webhook event failed", err)
			return h.Replies.Failed
		}
	}
	return h.Replies.Accepted
}

// event runs user code for an event that nobody has handled yet.
func (h *Handler[E]) event(ctx context.Context, e Event[E]) error {
	owner := rand.Text()
	claim, err := h.Store.Claim(ctx, e.Key, owner, claimTime)
	switch {
	case err != nil:
		return fmt.Errorf("event store: %w", err)
	case claim == pay.ClaimDone:
		return nil
	case claim != pay.ClaimGranted:
		return errors.New("another process is at this event")
	}
	failed := guard(ctx, h.Handle, e.Value)
	// Whether it went well is written down even when user code used up all time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if failed != nil {
		return errors.Join(failed, h.Store.Release(ctx, e.Key, owner))
	}
	if err := h.Store.Commit(ctx, e.Key, owner, rememberFor); err != nil {
		h.warn(ctx, "webhook event was handled, but the event store cannot remember it", err)
	}
	return nil
}

// guard turns a panic of user code into an error without its value, which may
// hold anything.
func guard[E any](ctx context.Context, f func(context.Context, E) error, v E) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("user code panicked with a %T", p)
		}
	}()
	return f(ctx, v)
}

func (h *Handler[E]) warn(ctx context.Context, msg string, err error) {
	if h.Logger != nil {
		h.Logger.LogAttrs(ctx, slog.LevelWarn, msg, slog.String("provider", h.Provider), slog.Any("error", err))
	}
}

func write(w http.ResponseWriter, r Reply) {
	if r.Type == "" {
		r.Type = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", r.Type)
	w.WriteHeader(r.Status)
	_, _ = io.WriteString(w, r.Body)
}
