// Package webhook receives a provider's notifications. It reads the request within
// limits, lets the provider's package verify it, runs user code once per event and
// responds as the provider expects.
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

	"github.com/specpay/specpay/internal/redact"
	"github.com/specpay/specpay/pay"
)

const (
	maxBody       = 1 << 20          // bytes of a notification
	readTimeout   = 10 * time.Second // for the body of a notification
	handleTimeout = 50 * time.Second // for confirmation and user code together, by default
	storeTimeout  = 5 * time.Second  // to commit or release a claim
	claimTTL      = 2 * time.Minute  // after which an abandoned claim ends
	handledTTL    = 72 * time.Hour   // how long a handled event is remembered
	maxInFlight   = 64               // notifications that are confirmed or handled at the same time
)

// ErrForged is wrapped by the error of Confirm if the provider denies the
// notification.
var ErrForged = errors.New("the provider does not confirm this notification")

// ErrNotVerifiable is wrapped by the error of Read if a notification cannot be
// verified for a reason on this side, such as a missing secret. The provider is
// then asked to deliver it again.
var ErrNotVerifiable = errors.New("the notification cannot be verified with this configuration")

var errBusy = errors.New("another process is handling this event")

// Reply is a response to a notification.
type Reply struct {
	Status int
	Type   string // content type; "" = text/plain
	Body   string
}

// Replies are the responses that one provider expects.
type Replies struct {
	Accepted Reply // handled now or before
	Invalid  Reply // not a notification, or not genuine
	Failed   Reply // failed on this side; asks for another delivery
}

// Event is one verified event. Key is the same for every delivery of it.
type Event[E any] struct {
	Key   string
	Value E
}

// Notification is a notification that was read. Confirm returns its events; it may
// ask the provider whether they are genuine. Of the notifications with the same
// Key, one is confirmed at a time.
type Notification[E any] struct {
	Key     string
	Confirm func(context.Context) ([]Event[E], error)
}

// Handler is an http.Handler for the notifications of one provider.
type Handler[E any] struct {
	redact.Type[Handler[E]] // its functions hold the client

	Provider string
	Methods  []string
	Replies  Replies
	Read     func(r *http.Request, body []byte) (Notification[E], error)
	Handle   func(context.Context, E) error // user code
	Store    pay.EventStore
	Timeout  time.Duration // for confirmation and user code together; 0 = 50 s
	Logger   *slog.Logger  // nil = no log

	inFlight inFlight
}

// ServeHTTP implements http.Handler.
func (h *Handler[E]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(h.Methods, r.Method) {
		w.Header().Set("Allow", strings.Join(h.Methods, ", "))
		write(w, Reply{Status: http.StatusMethodNotAllowed, Body: "method not allowed"})
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout)) // some writers have no deadline
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
	n, err := h.Read(r, body)
	if errors.Is(err, ErrNotVerifiable) {
		h.warn(r.Context(), "notification cannot be verified", err)
		write(w, h.Replies.Failed)
		return
	}
	if err != nil {
		h.warn(r.Context(), "notification refused", err)
		write(w, h.Replies.Invalid)
		return
	}
	write(w, h.once(r.Context(), n))
}

// once processes a notification in one goroutine. The other goroutines with the
// same notification wait for its reply.
func (h *Handler[E]) once(ctx context.Context, n Notification[E]) Reply {
	f, first := h.inFlight.join(n.Key)
	if f == nil {
		return h.Replies.Failed
	}
	if first {
		// The others get a reply even if this sender hangs up or user code panics.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(h.Timeout, handleTimeout))
		defer cancel()
		f.reply = h.Replies.Failed
		defer h.inFlight.leave(n.Key, f)
		f.reply = h.process(ctx, n)
		return f.reply
	}
	select {
	case <-f.done:
		return f.reply
	case <-ctx.Done():
		return h.Replies.Failed
	}
}

func (h *Handler[E]) process(ctx context.Context, n Notification[E]) Reply {
	events, err := n.Confirm(ctx)
	switch {
	case errors.Is(err, ErrForged):
		h.warn(ctx, "notification not confirmed", err)
		return h.Replies.Invalid
	case err != nil:
		h.warn(ctx, "confirming a notification failed", err)
		return h.Replies.Failed
	}
	for _, e := range events {
		if err := h.handle(ctx, e); err != nil {
			h.warn(ctx, "handling an event failed", err)
			return h.Replies.Failed
		}
	}
	return h.Replies.Accepted
}

// handle runs user code for an event, unless it was handled before.
func (h *Handler[E]) handle(ctx context.Context, e Event[E]) error {
	if store, ok := h.Store.(pay.EventTransactor); ok {
		return h.transact(ctx, store, e)
	}
	owner, claim := rand.Text(), pay.ClaimBusy
	err := safely("the event store", func() (err error) {
		claim, err = h.Store.Claim(ctx, e.Key, owner, claimTTL)
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("event store: %w", err)
	case claim == pay.ClaimDone:
		return nil
	case claim != pay.ClaimGranted:
		return errBusy
	}
	failed := safely("user code", func() error { return h.Handle(ctx, e.Value) })
	// The result is stored even if user code used up the time.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if failed != nil {
		return errors.Join(failed, safely("the event store", func() error { return h.Store.Release(ctx, e.Key, owner) }))
	}
	if err := safely("the event store", func() error { return h.Store.Commit(ctx, e.Key, owner, handledTTL) }); err != nil {
		h.warn(ctx, "an event was handled, but storing that failed; it may be handled again", err)
	}
	return nil
}

// transact runs user code in a transaction with the record of the event, unless it was
// handled before.
func (h *Handler[E]) transact(ctx context.Context, store pay.EventTransactor, e Event[E]) error {
	claim := pay.ClaimBusy
	err := safely("the event store", func() (err error) {
		claim, err = store.HandleEvent(ctx, e.Key, handledTTL, func(ctx context.Context) error {
			return safely("user code", func() error { return h.Handle(ctx, e.Value) })
		})
		return err
	})
	if err == nil && claim != pay.ClaimGranted && claim != pay.ClaimDone {
		err = errBusy
	}
	return err
}

// safely calls f. A panic becomes an error without the value of the panic, which
// may contain secrets.
func safely(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked with a %T", what, p)
		}
	}()
	return f()
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
