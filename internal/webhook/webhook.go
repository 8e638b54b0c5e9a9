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
	"sync/atomic"
	"time"

	"github.com/specpay/specpay/internal/redact"
	"github.com/specpay/specpay/internal/settings"
	"github.com/specpay/specpay/pay"
)

const (
	maxBody       = 1 << 20          // bytes of a notification
	readTimeout   = 10 * time.Second // for the body of a notification
	handleTimeout = 50 * time.Second // for confirmation and user code together, by default
	storeTimeout  = 5 * time.Second  // to commit or release a claim
	claimTTL      = 2 * time.Minute  // after which an abandoned claim ends
	maxHandled    = 64               // notifications that user code of a handler handles at the same time
)

// HandledTTL is how long a handled event is remembered, unless a provider's Protocol
// says otherwise. A provider's package refuses an older notification, because it could be
// a replay that the event store has forgotten.
const HandledTTL = 72 * time.Hour

// ErrForged is wrapped by the error of Confirm if the provider denies the
// notification.
var ErrForged = errors.New("the provider does not confirm this notification")

// ErrNotYet is wrapped by the error of Confirm if the provider knows what a
// notification is about, but not that the event has happened. The provider is then
// asked to deliver it again.
var ErrNotYet = errors.New("the provider does not confirm this notification yet")

// errHandledBefore is returned for an event that was handled before.
var errHandledBefore = errors.New("the event was handled before")

// ErrNotVerifiable is wrapped by the error of Read if a notification cannot be
// verified for a reason on this side, such as a missing secret or a wrong clock. The
// provider is then asked to deliver it again.
var ErrNotVerifiable = errors.New("the notification cannot be verified with this configuration")

var errBusy = errors.New("another process is handling this event")

var errTooLarge = fmt.Errorf("its body is larger than %d bytes", maxBody)

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

// Event is one verified event. ID is the same for every delivery of it. It consists
// of the provider's own IDs and needs neither the provider's name nor the account.
type Event[E any] struct {
	ID    []string
	Value E
}

// Notification is a notification that was read. Confirm returns its events. Of the
// notifications with the same ID, one is confirmed at a time.
type Notification[E any] struct {
	ID      []string
	Confirm func(context.Context) ([]Event[E], error)

	// Asks reports that Confirm asks the provider, because nothing in the notification
	// proves that it is genuine. Such questions are limited.
	Asks bool
	// Lane is what a notification that asks proves about its origin, such as an order ID
	// with a MAC; "" if it proves nothing. Each lane has limits of its own.
	Lane string
}

// Client is what the handlers of one provider client share.
type Client struct {
	Provider, Account string
	Store             pay.EventStore
	Logger            *slog.Logger

	questions questions
}

// NewClient returns what the handlers of one client share. account identifies the
// account without a secret, and stays the same when keys are replaced. store may be
// nil for one in memory, and logger for no log.
func NewClient(provider, account string, store pay.EventStore, now func() time.Time, logger *slog.Logger) *Client {
	return &Client{Provider: provider, Account: account, Store: storeOrMemory(store, now), Logger: logger, questions: questions{now: now}}
}

// Protocol is how one provider notifies.
type Protocol[E any] struct {
	Methods []string
	Replies Replies
	Timeout time.Duration // for confirmation and user code together; 0 = 50 s
	// Remember is how long a handled event is remembered; 0 = HandledTTL. It is longer
	// where nothing in a notification says when it was sent.
	Remember time.Duration
	Read     func(r *http.Request, body []byte) (Notification[E], error)
}

// Handler is an http.Handler for the notifications of one provider.
type Handler[E any] struct {
	redact.Type[Handler[E]] // its functions hold the client

	*Client
	Protocol[E]
	Handle func(context.Context, E) error // user code

	name     string // in keys
	invalid  error  // an option is invalid
	inFlight inFlight
	handling atomic.Int32 // notifications that user code handles
}

// New returns a handler that calls handle once for each event.
func New[E any](c *Client, p Protocol[E], handle func(context.Context, E) error, opts []pay.WebhookOption) *Handler[E] {
	h := &Handler[E]{Client: c, Protocol: p, Handle: handle}
	var s settings.Webhook
	for _, o := range opts {
		if o == nil {
			h.invalid = errors.New("an option is nil")
		} else if err := o(&s); err != nil {
			h.invalid = err
		}
	}
	h.name = cmp.Or(s.HandlerName, defaultHandler)
	if h.invalid != nil {
		h.warn(context.Background(), invalidHandler, h.invalid)
	}
	return h
}

const invalidHandler = "an option of Webhook is invalid; all notifications are refused"

// ServeHTTP implements http.Handler.
func (h *Handler[E]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(h.Methods, r.Method) {
		w.Header().Set("Allow", strings.Join(h.Methods, ", "))
		write(w, Reply{Status: http.StatusMethodNotAllowed, Body: "method not allowed"})
		return
	}
	if h.invalid != nil {
		h.warn(r.Context(), invalidHandler, h.invalid)
		write(w, h.Replies.Failed)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTimeout)) // some writers have no deadline
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil { // it may be genuine, and after a 4xx some providers never deliver again
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			h.warn(r.Context(), "notification not read", errTooLarge)
		}
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
	key := h.key(n.ID)
	for {
		f, first := h.inFlight.join(key, n.Lane, func() bool { return !n.Asks || h.questions.admit(n.Lane, key) })
		switch {
		case f == nil:
			h.warn(ctx, "notification not confirmed", errUnasked)
			return h.Replies.Failed
		case first:
			return h.lead(ctx, n, key, f)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return h.Replies.Failed
		}
		if f.reply == h.Replies.Accepted || f.lane == n.Lane {
			return f.reply
		}
		// Another origin may be why it was refused.
	}
}

// lead processes a notification for all goroutines that wait for its reply.
func (h *Handler[E]) lead(ctx context.Context, n Notification[E], key string, f *flight) Reply {
	// The others get a reply even if this sender hangs up or user code panics.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(h.Timeout, handleTimeout))
	defer cancel()
	f.reply = h.Replies.Failed
	defer h.inFlight.leave(key, f)
	f.reply = h.process(ctx, n, key)
	return f.reply
}

var errUnasked = errors.New("the provider was not asked: it denied this notification a moment ago, or too many others were forged")

func (h *Handler[E]) process(ctx context.Context, n Notification[E], key string) Reply {
	v := unanswered
	if n.Asks {
		defer func() { h.questions.settle(n.Lane, key, v) }()
	}
	var events []Event[E]
	err := safely("confirming", func() (err error) {
		events, err = n.Confirm(ctx)
		return err
	})
	if errors.Is(err, ErrForged) || errors.Is(err, ErrNotYet) {
		v = denied
	}
	switch {
	case errors.Is(err, ErrForged):
		h.warn(ctx, "notification not confirmed", err)
		return h.Replies.Invalid
	case err != nil:
		h.warn(ctx, "confirming a notification failed", err)
		return h.Replies.Failed
	}
	defer h.handling.Add(-1)
	if h.handling.Add(1) > maxHandled {
		h.warn(ctx, "handling an event failed", errCrowded)
		return h.Replies.Failed
	}
	for _, e := range events {
		switch err := h.handle(ctx, keyed[E]{h.key(e.ID), e.Value}); {
		case err == nil:
			v = handled
		case !errors.Is(err, errHandledBefore):
			h.warn(ctx, "handling an event failed", err)
			return h.Replies.Failed
		}
	}
	return h.Replies.Accepted
}

var errCrowded = fmt.Errorf("%d other notifications are being handled", maxHandled)

// key returns the key of an event or a notification.
func (h *Handler[E]) key(id []string) string { return eventKey(h.Provider, h.Account, h.name, id) }

// keyed is an event with its key in the event store.
type keyed[E any] struct {
	Key   string
	Value E
}

// handle runs user code for an event. It returns errHandledBefore if that was done before.
func (h *Handler[E]) handle(ctx context.Context, e keyed[E]) error {
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
		return errHandledBefore
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
	if err := safely("the event store", func() error { return h.Store.Commit(ctx, e.Key, owner, h.remember()) }); err != nil {
		h.warn(ctx, "an event was handled, but storing that failed; it may be handled again", err)
	}
	return nil
}

// transact is handle with a store that runs user code in a transaction.
func (h *Handler[E]) transact(ctx context.Context, store pay.EventTransactor, e keyed[E]) error {
	claim := pay.ClaimBusy
	err := safely("the event store", func() (err error) {
		claim, err = store.HandleEvent(ctx, e.Key, h.remember(), func(ctx context.Context) error {
			return safely("user code", func() error { return h.Handle(ctx, e.Value) })
		})
		return err
	})
	switch {
	case err != nil || claim == pay.ClaimGranted:
		return err
	case claim == pay.ClaimDone:
		return errHandledBefore
	}
	return errBusy
}

func (h *Handler[E]) remember() time.Duration { return cmp.Or(h.Remember, HandledTTL) }

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
