package sandbox

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Verdict is what becomes of a webhook after an attempt.
type Verdict int

// The verdicts.
const (
	Again Verdict = iota // not taken: try again after the next pause
	Taken                // delivered
	Dead                 // refused for good
)

// The states of a [Mail].
const (
	MailPending   = "pending"
	MailDelivered = "delivered"
	MailDead      = "dead"
)

// Message is one webhook to deliver.
type Message struct {
	// ID and Kind are the provider's words for it.
	ID, Kind string
	// Pauses are the waits before the attempts, the first one's included; when
	// they are used up the message is dead.
	Pauses []time.Duration
	// Build makes the request of one attempt, counted from 1, with a fresh
	// timestamp and signature. An error ends the message.
	Build func(ctx context.Context, attempt int) (*http.Request, error)
	// Judge decides after an answer; no answer is always Again.
	Judge func(status int, reply []byte) Verdict
	// Ended hears of the end, delivered or not; nil: nobody wants to know.
	Ended func(Mail)
}

// Mail is a message on its way, as control answers show it.
type Mail struct {
	Seq      int    `json:"seq"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	State    string `json:"state"`
	Attempts int    `json:"attempts"`
	// Next is when the next attempt is due; zero when there is none.
	Next time.Time `json:"next,omitzero"`
	// Error is why the last request could not be made; may be empty.
	Error string `json:"error,omitempty"`
}

// Outbox delivers webhooks again and again until they are taken. It has no
// goroutine: what is due is sent by [Outbox.Send] and [Outbox.Run], which return
// when that has been answered. Make one with [NewOutbox].
type Outbox struct {
	core *Sandbox

	mu   sync.Mutex
	mail []*posted
}

// posted is one message and its state. The mutex guards it.
type posted struct {
	Mail
	message  Message
	underWay bool
}

// NewOutbox makes an outbox that sends through a sandbox. The provider's After
// and Reset have to call its Run and Reset.
func NewOutbox(core *Sandbox) *Outbox { return &Outbox{core: core} }

// Send takes a message and sends what is due. It can be called from the
// receiver's own handler, but not with a lock held that Build needs.
func (o *Outbox) Send(ctx context.Context, m Message) {
	o.mu.Lock()
	p := &posted{message: m, Mail: Mail{Seq: len(o.mail) + 1, ID: m.ID, Kind: m.Kind, State: MailDead}}
	if len(m.Pauses) > 0 {
		p.State, p.Next = MailPending, o.core.Clock().Now().Add(m.Pauses[0])
	}
	o.mail = append(o.mail, p)
	o.mu.Unlock()
	o.Run(ctx)
}

// Run sends all that is due, what becomes due by that included.
func (o *Outbox) Run(ctx context.Context) {
	for p := o.due(); p != nil && ctx.Err() == nil; p = o.due() {
		o.attempt(ctx, p)
	}
}

// due takes the message that has been due for longest; nil when there is none.
func (o *Outbox) due() *posted {
	o.mu.Lock()
	defer o.mu.Unlock()
	var first *posted
	now := o.core.Clock().Now()
	for _, p := range o.mail {
		if p.State == MailPending && !p.underWay && !p.Next.After(now) && (first == nil || p.Next.Before(first.Next)) {
			first = p
		}
	}
	if first != nil {
		first.underWay = true
		first.Attempts++
	}
	return first
}

// attempt delivers once. The next pause counts from when this attempt was due,
// so that a long jump of the clock meets every attempt in between.
func (o *Outbox) attempt(ctx context.Context, p *posted) {
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

func (o *Outbox) settle(p *posted, verdict Verdict, problem string) (ended bool, last Mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.underWay, p.Error = false, problem
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

// All lists the messages in the order they came.
func (o *Outbox) All() []Mail {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]Mail, 0, len(o.mail))
	for _, p := range o.mail {
		all = append(all, p.Mail)
	}
	return all
}

// Reset forgets all messages.
func (o *Outbox) Reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mail = nil
}
