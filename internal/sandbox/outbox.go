package sandbox

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// DeliveryResult is the result of a delivery attempt.
type DeliveryResult int

// The values of DeliveryResult.
const (
	DeliveryRetry     DeliveryResult = iota // retry after the next delay
	DeliverySucceeded                       // delivered
	DeliveryFailed                          // failed, never retried
)

// The states of a [Webhook].
const (
	WebhookPending   = "pending"
	WebhookDelivered = "delivered"
	WebhookFailed    = "failed"
)

// Message is one webhook to deliver.
type Message struct {
	// ID and Kind are the provider's ID and event type.
	ID, Kind string
	// Delays are the delays before the attempts, including the first one. If the
	// last attempt fails, the webhook fails.
	Delays []time.Duration
	// Build returns the request of an attempt, counted from 1, with a new
	// timestamp and signature. After an error the webhook fails.
	Build func(ctx context.Context, attempt int) (*http.Request, error)
	// Classify classifies a response. Without a response the result is
	// DeliveryRetry.
	Classify func(status int, reply []byte) DeliveryResult
	// Done, if not nil, is called once the webhook is delivered or has failed.
	Done func(Webhook)
}

// Webhook is a webhook and the state of its delivery, as control responses show it.
type Webhook struct {
	Seq      int    `json:"seq"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	// Next is when the next attempt is due; zero if there is none.
	Next time.Time `json:"next,omitzero"`
	// Error is why the last request could not be built; may be empty.
	Error string `json:"error,omitempty"`
}

// Outbox delivers webhooks and retries them. It has no goroutine: [Outbox.Send] and
// [Outbox.Run] send the messages that are due and return after the responses. Make
// one with [NewOutbox].
type Outbox struct {
	core *Sandbox

	mu       sync.Mutex
	webhooks []*queued
	sent     int // number of messages so far
}

// queued is a message and its state. The outbox's mutex guards it.
type queued struct {
	Webhook
	message    Message
	inProgress bool
}

// NewOutbox returns an outbox that sends through a sandbox. The provider's After and
// Reset functions must call its Run and Reset methods.
func NewOutbox(core *Sandbox) *Outbox { return &Outbox{core: core} }

// Send adds a message and sends all messages that are due. A webhook handler may
// call it. The caller must not hold a lock that Build needs.
func (o *Outbox) Send(ctx context.Context, m Message) {
	o.mu.Lock()
	o.makeRoom()
	o.sent++
	p := &queued{message: m, Webhook: Webhook{Seq: o.sent, ID: m.ID, Kind: m.Kind, State: WebhookFailed}}
	if len(m.Delays) > 0 {
		p.State, p.Next = WebhookPending, o.core.Clock().Now().Add(m.Delays[0])
	}
	o.webhooks = append(o.webhooks, p)
	o.mu.Unlock()
	o.Run(ctx)
}

// makeRoom drops the oldest messages if there are too many: those that have ended, then
// those that wait for a retry.
func (o *Outbox) makeRoom() {
	n := excess(len(o.webhooks), o.core.history.other)
	before := len(o.webhooks)
	for _, pending := range []bool{false, true} {
		o.webhooks = slices.DeleteFunc(o.webhooks, func(p *queued) bool {
			if n == 0 || p.inProgress || (p.State == WebhookPending) != pending {
				return false
			}
			n--
			return true
		})
	}
	o.core.history.add("webhooks", before-len(o.webhooks))
}

// Run sends all messages that are due, including those that become due meanwhile.
func (o *Outbox) Run(ctx context.Context) {
	for p := o.due(); p != nil && ctx.Err() == nil; p = o.due() {
		o.attempt(ctx, p)
	}
}

// due claims the message that has been due for longest. It returns nil if there is
// none.
func (o *Outbox) due() *queued {
	o.mu.Lock()
	defer o.mu.Unlock()
	var first *queued
	now := o.core.Clock().Now()
	for _, p := range o.webhooks {
		if p.State == WebhookPending && !p.inProgress && !p.Next.After(now) && (first == nil || p.Next.Before(first.Next)) {
			first = p
		}
	}
	if first != nil {
		first.inProgress = true
		first.Attempts++
	}
	return first
}

// attempt delivers a message once. The next delay starts when this attempt was due,
// so that advancing the clock far makes every attempt in between.
func (o *Outbox) attempt(ctx context.Context, p *queued) {
	result, problem := DeliveryRetry, ""
	r, err := p.message.Build(ctx, p.Attempts)
	if err != nil {
		result, problem = DeliveryFailed, err.Error()
	} else {
		o.core.Deliver(r, func(status int, reply []byte) bool {
			result = p.message.Classify(status, reply)
			return result == DeliverySucceeded
		})
	}
	ended, last := o.settle(p, result, problem)
	if ended && p.message.Done != nil {
		p.message.Done(last)
	}
}

func (o *Outbox) settle(p *queued, result DeliveryResult, problem string) (ended bool, last Webhook) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.inProgress, p.Error = false, problem
	switch {
	case result == DeliverySucceeded:
		p.State = WebhookDelivered
	case result == DeliveryFailed || p.Attempts >= len(p.message.Delays):
		p.State = WebhookFailed
	default:
		p.Next = p.Next.Add(p.message.Delays[p.Attempts])
		return false, p.Webhook
	}
	p.Next = time.Time{}
	return true, p.Webhook
}

// Log returns the messages, oldest first, and how many were dropped.
func (o *Outbox) Log() Log[Webhook] { return NewLog(o.core, "webhooks", o.All()) }

// All returns the messages, oldest first.
func (o *Outbox) All() []Webhook {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]Webhook, 0, len(o.webhooks))
	for _, p := range o.webhooks {
		all = append(all, p.Webhook)
	}
	return all
}

// Reset removes all messages.
func (o *Outbox) Reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.webhooks, o.sent = nil, 0
}
