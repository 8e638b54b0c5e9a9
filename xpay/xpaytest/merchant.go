package xpaytest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// keyLife is about how long XPay's plugins say that an idempotency key lives.
const keyLife = 24 * time.Hour

// merchant is the provider's side: one account with its two modes.
type merchant struct {
	core     *sandbox.Sandbox
	config   *sandbox.Switches[Config]
	keys     *sandbox.Keys
	outbox   *sandbox.Outbox
	endpoint string // of WithEndpoint

	mu sync.Mutex
	state
}

// state is what Reset forgets.
type state struct {
	id         string
	test, live *book
	letters    []sandbox.Message // made, and sent as soon as no lock is held
}

// book is what an account owns in one mode. Neither mode sees the other's.
type book struct {
	live      bool
	sessions  []*session
	customers []*customer
	products  []*product
	prices    []*price
	links     []*link
	refunds   []*refund
	endpoints []*endpoint
	coupons   []*coupon
	codes     []*promotion
	events    []*event
	spent     int64 // what payments and refunds did to the balance
}

func newMerchant(o options) (*merchant, error) {
	m := &merchant{endpoint: o.endpoint}
	var err error
	if m.config, err = sandbox.NewSwitches(o.config, Config.check); err != nil {
		return nil, err
	}
	m.core, err = sandbox.New(sandbox.Provider{
		Name:       "xpay",
		Operations: m.keyed(api.Operations(m)),
		Codes:      errorCodes,
		Guesses:    guesses(),
		Before:     m.admit,
		Refuse:     m.refuse,
		Seal:       m.seal,
		After:      func() { m.pass(context.Background()) },
		Pay:        m.controlPay,
		Config:     m.config,
		Reset:      m.begin,
		Routes: map[string]func(*http.Request, []byte) (any, error){
			"webhooks": func(*http.Request, []byte) (any, error) { return m.outbox.All(), nil },
			"events":   func(*http.Request, []byte) (any, error) { return m.eventList(), nil },
		},
	}, o.settings)
	if err != nil {
		return nil, err
	}
	m.keys = &sandbox.Keys{Clock: m.core.Clock(), Life: keyLife, Keep: isKept}
	m.outbox = sandbox.NewOutbox(m.core)
	m.begin()
	return m, nil
}

// isKept tells which answers are given again under their key.
func isKept(a sandbox.Answer) bool {
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return false
	}
	return true
}

// begin forgets everything and draws the account's own id.
func (m *merchant) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys.Reset()
	m.outbox.Reset()
	m.state = state{id: "mer_" + m.core.IDs().Token(16), test: &book{}, live: &book{live: true}}
	if m.endpoint != "" {
		at := m.now()
		m.test.endpoints = []*endpoint{{
			id: "we_" + m.core.IDs().Token(16), url: m.endpoint, secret: webhookSecret, status: "enabled",
			events: []string{"*"}, created: at, updated: at,
		}}
	}
}

// now is the sandbox's time in milliseconds, as XPay shows it.
func (m *merchant) now() time.Time { return m.core.Clock().Now().Truncate(time.Millisecond) }

// newID draws an id. Some kinds carry the mode.
func (m *merchant) newID(prefix string) string { return prefix + "_" + m.core.IDs().Token(16) }

func (b *book) infix(prefix string) string {
	if b.live {
		return prefix + "_live"
	}
	return prefix + "_test"
}

// pass does what has become due: sessions and vouchers end, events are sent.
func (m *merchant) pass(ctx context.Context) {
	m.mu.Lock()
	m.expire()
	m.mu.Unlock()
	m.deliver(ctx)
	m.outbox.Run(context.WithoutCancel(ctx))
}

// deliver sends the events that were made. No lock may be held: the receiver may
// call back.
func (m *merchant) deliver(ctx context.Context) {
	m.mu.Lock()
	letters := m.letters
	m.letters = nil
	m.mu.Unlock()
	for _, letter := range letters {
		m.outbox.Send(context.WithoutCancel(ctx), letter)
	}
}

// find returns the first thing that fits; nil when none does.
func find[T any](list []*T, fits func(*T) bool) *T {
	for _, one := range list {
		if fits(one) {
			return one
		}
	}
	return nil
}

// remove returns a list without one thing.
func remove[T any](list []*T, gone *T) []*T {
	var left []*T
	for _, one := range list {
		if one != gone {
			left = append(left, one)
		}
	}
	return left
}
