package sandbox

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Verdict is the result of a delivery attempt.
type Verdict int

// The values of Verdict.
const (
	Again Verdict = iota // retry after the next pause
	Taken                // delivered
	Dead                 // failed, never retried
)

// The states of a [Mail].
const (
	MailPending   = "pending"
	MailDelivered = "delivered"
	MailDead      = "dead"
)

// Message is one webhook to deliver.
type Message struct {
	// ID and Kind are the provider's ID and event type.
	ID, Kind string
	// Pauses are the delays before the attempts, including the first one. If the
	// last attempt fails, the message is dead.
	Pauses []time.Duration
	// Build returns the request of an attempt, counted from 1, with a new
	// timestamp and signature. After an error the message is dead.
	Build func(ctx context.Context, attempt int) (*http.Request, error)
	// Judge classifies a response. Without a response the result is Again.
	Judge func(status int, reply []byte) Verdict
	// Ended, if not nil, is called once the message is delivered or dead.
	Ended func(Mail)
}

// Mail is the state of a message, as control responses show it.
type Mail struct {
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

	mu   sync.Mutex
	mail []*queued
}

// queued is a message and its state. The outbox's mutex guards it.
type queued struct {
	Mail
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
	p := &queued{message: m, Mail: Mail{Seq: len(o.mail) + 1, ID: m.ID, Kind: m.Kind, State: MailDead}}
	if len(m.Pauses) > 0 {
		p.State, p.Next = MailPending, o.core.Clock().Now().Add(m.Pauses[0])
	}
	o.mail = append(o.mail, p)
	o.mu.Unlock()
	o.Run(ctx)
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
	for _, p := range o.mail {
		if p.State == MailPending && !p.inProgress && !p.Next.After(now) && (first == nil || p.Next.Before(first.Next)) {
			first = p
		}
	}
	if first != nil {
		first.inProgress = true
		first.Attempts++
	}
	return first
}

// attempt delivers a message once. The next pause starts when this attempt was due,
// so that advancing the clock far makes every attempt in between.
func (o *Outbox) attempt(ctx context.Context, p *queued) {
	verdict, problem := Again, ""
	r, err := p.message.Build(ctx, p.Attempts)
	if err != nil {
		verdict, problem = Dead, err.Error()
	} else {
		o.core.Deliver(r, func(status int, reply []byte) bool {
			verdict = p.message.Judge(status, reply)
			return verdict == Taken
		})
	}
	ended, last := o.settle(p, verdict, problem)
	if ended && p.message.Ended != nil {
		p.message.Ended(last)
	}
}

func (o *Outbox) settle(p *queued, verdict Verdict, problem string) (ended bool, last Mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.inProgress, p.Error = false, problem
	switch {
	case verdict == Taken:
		p.State = MailDelivered
	case verdict == Dead || p.Attempts >= len(p.message.Pauses):
		p.State = MailDead
	default:
		p.Next = p.Next.Add(p.message.Pauses[p.Attempts])
		return false, p.Mail
	}
	p.Next = time.Time{}
	return true, p.Mail
}

// All returns the messages, oldest first.
func (o *Outbox) All() []Mail {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]Mail, 0, len(o.mail))
	for _, p := range o.mail {
		all = append(all, p.Mail)
	}
	return all
}

// Reset removes all messages.
func (o *Outbox) Reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mail = nil
}
