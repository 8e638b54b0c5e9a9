package xpaytest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// keyLife is how long an idempotency key is remembered, according to XPay's plugins.
const keyLife = 24 * time.Hour

// merchant is the provider: one account with its two modes.
type merchant struct {
	core        *sandbox.Sandbox
	config      *sandbox.ConfigStore[Config]
	idempotency *sandbox.IdempotencyStore
	outbox      *sandbox.Outbox
	endpoint    string // set by WithWebhookURL

	mu sync.Mutex
	state
}

// state is the part of a merchant that Reset clears.
type state struct {
	id         string
	test, live *store
	queued     []sandbox.Message // sent after the lock is released
}

// store holds the objects of one mode. The modes are independent of each other.
type store struct {
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
	balance   int64 // change of the balance by payments and refunds
}

func newMerchant(o options) (*merchant, error) {
	m := &merchant{endpoint: o.endpoint}
	var err error
	if m.config, err = sandbox.NewConfigStore(o.config, Config.check); err != nil {
		return nil, err
	}
	m.core, err = sandbox.New(sandbox.Provider{
		Name:           "xpay",
		Operations:     m.idempotent(api.Operations(m)),
		Codes:          errorCodes,
		Guesses:        guesses,
		Before:         m.authenticate,
		ErrorResponse:  m.errorResponse,
		ModifyResponse: m.addRequestID,
		After:          func() { m.runDue(context.Background()) },
		Pay:            m.controlPay,
		Config:         m.config,
		Reset:          m.reset,
		Routes: map[string]func(*http.Request, []byte) (any, error){
			"webhooks": sandbox.ReadOnly(func() any { return m.outbox.Log() }),
			"events":   sandbox.ReadOnly(func() any { return sandbox.NewLog(m.core, "events", m.eventList()) }),
		},
	}, o.settings)
	if err != nil {
		return nil, err
	}
	m.idempotency = &sandbox.IdempotencyStore{Core: m.core, TTL: keyLife, Keep: isReplayed}
	m.outbox = sandbox.NewOutbox(m.core)
	m.reset()
	return m, nil
}

// isReplayed reports whether a response is replayed for its idempotency key.
func isReplayed(a sandbox.Response) bool {
	switch a.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return false
	}
	return true
}

// reset clears the state and generates the account's ID.
func (m *merchant) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.idempotency.Reset()
	m.outbox.Reset()
	m.state = state{id: "mer_" + m.core.IDs().Token(16), test: &store{}, live: &store{live: true}}
	if m.endpoint != "" {
		at := m.now()
		m.test.endpoints = []*endpoint{{
			id: "we_" + m.core.IDs().Token(16), url: m.endpoint, secret: webhookSecret, status: "enabled",
			events: []string{"*"}, created: at, updated: at,
		}}
	}
}

// now returns the time of the sandbox's clock in milliseconds, the precision of XPay.
func (m *merchant) now() time.Time { return m.core.Clock().Now().Truncate(time.Millisecond) }

// newID generates an ID with a prefix.
func (m *merchant) newID(prefix string) string { return prefix + "_" + m.core.IDs().Token(16) }

// idPrefix adds the mode to the prefix of an ID. Only some kinds of IDs have it.
func (st *store) idPrefix(prefix string) string {
	if st.live {
		return prefix + "_live"
	}
	return prefix + "_test"
}

// runDue does what is due: it expires sessions and payment references, and retries
// deliveries.
func (m *merchant) runDue(ctx context.Context) {
	m.mu.Lock()
	m.expireDue()
	m.mu.Unlock()
	m.sendQueued(ctx)
	m.outbox.Run(context.WithoutCancel(ctx))
}

// sendQueued sends the queued events. The lock must not be held, since the receiver may
// call the sandbox.
func (m *merchant) sendQueued(ctx context.Context) {
	m.mu.Lock()
	queued := m.queued
	m.queued = nil
	m.mu.Unlock()
	for _, message := range queued {
		m.outbox.Send(context.WithoutCancel(ctx), message)
	}
}

// find returns the first element for which match is true, or nil.
func find[T any](list []*T, match func(*T) bool) *T {
	for _, one := range list {
		if match(one) {
			return one
		}
	}
	return nil
}

// remove returns a list without one element.
func remove[T any](list []*T, gone *T) []*T {
	var left []*T
	for _, one := range list {
		if one != gone {
			left = append(left, one)
		}
	}
	return left
}
