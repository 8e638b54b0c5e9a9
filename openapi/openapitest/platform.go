package openapitest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// platform is the provider's side: one merchant, one user of the wallet, and
// what became of them.
type platform struct {
	core   *sandbox.Sandbox
	config *sandbox.Switches[Config]
	keys   *keyring
	once   *sandbox.Keys
	outbox *sandbox.Outbox

	mu sync.Mutex
	state
}

// state is what Reset forgets.
type state struct {
	customerID string
	payments   []*payment
	deeds      []*deed
	agreements []*agreement
	consents   []*consent
	tokens     []*token
	messages   []*message
	letters    []sandbox.Message // to be sent once the lock is free
}

func newPlatform(o options) (*platform, error) {
	p := &platform{}
	var err error
	if p.keys, err = loadKeys(); err != nil {
		return nil, err
	}
	if p.config, err = sandbox.NewSwitches(o.config, Config.check); err != nil {
		return nil, err
	}
	p.core, err = sandbox.New(sandbox.Provider{
		Name:       "openapi",
		Operations: api.Operations(p),
		Codes:      codesWithStatus(),
		CodeStatus: http.StatusOK,
		Guesses:    guesses(),
		Refuse:     p.refuse,
		Before:     p.before,
		Seal:       p.sealed,
		After:      p.moved,
		Routes: map[string]func(*http.Request, []byte) (any, error){
			"authcode": p.controlAuthCode, "contract": p.controlContract,
		},
		Pay:    p.controlPay,
		Config: p.config,
		Reset:  p.begin,
	}, o.settings)
	if err != nil {
		return nil, err
	}
	p.once = &sandbox.Keys{Clock: p.core.Clock(), Life: 10 * 365 * 24 * time.Hour, Keep: final}
	p.outbox = sandbox.NewOutbox(p.core)
	p.begin()
	return p, nil
}

// begin forgets everything and draws the user's id.
func (p *platform) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.once.Reset()
	p.outbox.Reset()
	p.state = state{customerID: p.core.IDs().Digits(21)}
}

func (p *platform) now() time.Time { return p.core.Clock().Now().Truncate(time.Second) }

// locked runs f alone and sends, when the lock is free again, the notifications
// that it wrote.
func (p *platform) locked(ctx context.Context, f func() (sandbox.Answer, error)) (sandbox.Answer, error) {
	p.mu.Lock()
	p.age()
	a, err := f()
	letters := p.letters
	p.letters = nil
	p.mu.Unlock()
	for _, letter := range letters {
		p.outbox.Send(context.WithoutCancel(ctx), letter)
	}
	return a, err
}

// moved lets happen what is due: ends of orders and of what is in process, and
// notifications that were not taken yet.
func (p *platform) moved() {
	_, _ = p.locked(context.Background(), func() (sandbox.Answer, error) { return sandbox.Answer{}, nil })
	p.outbox.Run(context.Background())
}
