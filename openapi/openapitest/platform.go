package openapitest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// platform is the provider: one merchant and one user of the wallet, with their
// payments.
type platform struct {
	core        *sandbox.Sandbox
	config      *sandbox.ConfigStore[Config]
	keys        *keyring
	idempotency *sandbox.IdempotencyStore
	outbox      *sandbox.Outbox

	mu sync.Mutex
	state
}

// state is the part of a platform that Reset clears.
type state struct {
	customerID    string
	payments      []*payment
	operations    []*operation
	agreements    []*agreement
	codes         []*authCode
	tokens        []*token
	messages      []*message
	notifications []sandbox.Message // sent after the lock is released
}

func newPlatform(o options) (*platform, error) {
	p := &platform{}
	var err error
	if p.keys, err = loadKeys(); err != nil {
		return nil, err
	}
	if p.config, err = sandbox.NewConfigStore(o.config, Config.check); err != nil {
		return nil, err
	}
	p.core, err = sandbox.New(sandbox.Provider{
		Name:           "openapi",
		Operations:     api.Operations(p),
		Codes:          codesWithStatus(),
		CodeStatus:     http.StatusOK,
		Guesses:        guesses,
		ErrorResponse:  p.errorResponse,
		Before:         p.authenticate,
		ModifyResponse: p.modifyResponse,
		After:          p.runDue,
		Routes: map[string]func(*http.Request, []byte) (any, error){
			"authcode": p.controlAuthCode, "contract": p.controlContract,
		},
		Pay:    p.controlPay,
		Config: p.config,
		Reset:  p.reset,
	}, o.settings)
	if err != nil {
		return nil, err
	}
	p.idempotency = &sandbox.IdempotencyStore{Core: p.core, TTL: 10 * 365 * 24 * time.Hour, Keep: isFinal}
	p.outbox = sandbox.NewOutbox(p.core)
	p.reset()
	return p, nil
}

// reset clears the state and generates the user's ID.
func (p *platform) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idempotency.Reset()
	p.outbox.Reset()
	p.state = state{customerID: p.core.IDs().Digits(21)}
}

func (p *platform) now() time.Time { return p.core.Clock().Now().Truncate(time.Second) }

// locked runs f with the lock held. After releasing it, locked sends the
// notifications that f queued: the receiver may call the sandbox again.
func (p *platform) locked(ctx context.Context, f func() (sandbox.Response, error)) (sandbox.Response, error) {
	p.mu.Lock()
	p.expire()
	resp, err := f()
	notifications := p.notifications
	p.notifications = nil
	p.mu.Unlock()
	for _, n := range notifications {
		p.outbox.Send(context.WithoutCancel(ctx), n)
	}
	return resp, err
}

// runDue does what is due: it expires payments, completes operations and retries
// notifications.
func (p *platform) runDue() {
	_, _ = p.locked(context.Background(), func() (sandbox.Response, error) { return sandbox.Response{}, nil })
	p.outbox.Run(context.Background())
}
