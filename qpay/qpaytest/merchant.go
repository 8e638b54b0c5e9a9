package qpaytest

import (
	"sync"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// merchant is the provider's side: one merchant account and what it owns.
type merchant struct {
	core   *sandbox.Sandbox
	config *sandbox.Switches[Config]

	mu sync.Mutex
	state
}

// state is what Reset forgets.
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
	if m.config, err = sandbox.NewSwitches(o.config, Config.check); err != nil {
		return nil, err
	}
	m.core, err = sandbox.New(sandbox.Provider{
		Name:       "qpay",
		Operations: m.guarded(api.Operations(m)),
		Codes:      errorCodes,
		Guesses:    guesses(),
		Refuse:     m.refuse,
		Pay:        m.controlPay,
		Config:     m.config,
		Reset:      m.begin,
	}, o.settings)
	if err != nil {
		return nil, err
	}
	m.begin()
	return m, nil
}

// begin forgets everything and draws the merchant's own ids.
func (m *merchant) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids := m.core.IDs()
	m.state = state{id: ids.UUID(), clientID: ids.UUID(), account: ids.Digits(31)}
}
