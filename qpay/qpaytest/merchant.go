package qpaytest

import (
	"sync"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// merchant is the state of the sandbox: one merchant account and its resources.
type merchant struct {
	core   *sandbox.Sandbox
	config *sandbox.ConfigStore[Config]

	mu sync.Mutex
	state
}

// state is the state that Reset removes.
type state struct {
	id, clientID, account string
	sessions              []*session
	invoices              []*invoice
	payments              []*payment
	receipts              []*receipt
}

func newMerchant(o options) (*merchant, error) {
	m := &merchant{}
	var err error
	if m.config, err = sandbox.NewConfigStore(o.config, Config.check); err != nil {
		return nil, err
	}
	m.core, err = sandbox.New(sandbox.Provider{
		Name:          "qpay",
		Operations:    m.withAuth(api.Operations(m)),
		Codes:         errorCodes,
		Guesses:       guesses,
		ErrorResponse: m.errorResponse,
		Pay:           m.controlPay,
		Config:        m.config,
		Reset:         m.reset,
	}, o.settings)
	if err != nil {
		return nil, err
	}
	m.reset()
	return m, nil
}

// reset removes all state and generates the merchant's own IDs.
func (m *merchant) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := m.core.IDs()
	m.state = state{id: ids.UUID(), clientID: ids.UUID(), account: ids.Digits(31)}
}
