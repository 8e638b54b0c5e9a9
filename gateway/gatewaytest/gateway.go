package gatewaytest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest/internal/api"
	"github.com/specpay/specpay/internal/sandbox"
)

// gateway is the state of the sandbox: one app and its resources.
type gateway struct {
	core        *sandbox.Sandbox
	config      *sandbox.ConfigStore[Config]
	idempotency *sandbox.IdempotencyStore
	outbox      *sandbox.Outbox

	mu sync.Mutex
	state
}

// state is the state that Reset removes.
type state struct {
	payments []*payment
	refunds  []*refund
	invoices int // the last invoice number
	inbound  []api.InboundEvent
	outgoing []sandbox.Message // sent once no lock is held
}

func newGateway(o options) (*gateway, error) {
	g := &gateway{}
	var err error
	if g.config, err = sandbox.NewConfigStore(o.config, Config.check); err != nil {
		return nil, err
	}
	g.core, err = sandbox.New(sandbox.Provider{
		Name:          "gateway",
		Operations:    append(api.Operations(g), g.pages()...),
		Codes:         slices.Concat(errorCodes, inboundCodes),
		Guesses:       guesses,
		Before:        g.before,
		ErrorResponse: g.errorResponse,
		Pay:           g.controlPay,
		Config:        g.config,
		After:         func() { g.outbox.Run(context.Background()) },
		Reset:         g.reset,
		Routes: map[string]func(*http.Request, []byte) (any, error){
			"webhooks": sandbox.ReadOnly(func() any { return g.outbox.Log() }),
		},
	}, o.settings)
	if err != nil {
		return nil, err
	}
	g.idempotency = &sandbox.IdempotencyStore{
		Core: g.core, TTL: 24 * time.Hour, Wait: true,
		Keep: func(a sandbox.Response) bool { return a.Status < 300 },
	}
	g.outbox = sandbox.NewOutbox(g.core)
	return g, nil
}

// reset removes all state.
func (g *gateway) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state = state{}
	g.idempotency.Reset()
	g.outbox.Reset()
}

// withIdempotencyKey runs write once for its Idempotency-Key, one write at a time, and
// sends the resulting notifications before it returns.
func (g *gateway) withIdempotencyKey(r *http.Request, write func() (sandbox.Response, error)) (sandbox.Response, error) {
	key := r.Header.Get("Idempotency-Key")
	if key != "" {
		key = publicKey + " " + key
	}
	a, _, err := g.idempotency.Do(r.Context(), key, bodyHash(sandbox.Body(r)), func() sandbox.Response {
		g.mu.Lock()
		defer g.mu.Unlock()
		a, err := write()
		if err != nil {
			return g.errorResponse(r, err)
		}
		return a
	})
	if errors.Is(err, sandbox.ErrIdempotencyKeyReused) {
		return a, g.config.Get().conflict()
	}
	g.deliver(r.Context())
	return a, err
}

// deliver sends the enqueued notifications. The caller must hold no lock, because the
// receiver may call the API.
func (g *gateway) deliver(ctx context.Context) {
	g.mu.Lock()
	messages := g.outgoing
	g.outgoing = nil
	g.mu.Unlock()
	for _, message := range messages {
		g.outbox.Send(context.WithoutCancel(ctx), message)
	}
}

// now returns the time of the clock in whole seconds, as in the responses.
func (g *gateway) now() time.Time { return g.core.Clock().Now().Truncate(time.Second) }

func rfc3339(at time.Time) string { return at.UTC().Format(time.RFC3339) }
