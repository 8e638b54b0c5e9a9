package harness

import (
	"github.com/specpay/specpay/internal/sandbox"
)

// Till is a merchant that makes one kind of payment at a local sandbox, which the test
// closes when it ends.
type Till struct {
	URL string // of the sandbox
	TillServer
	// Pay makes a payment, whose notification goes to TillOptions.Callback.
	Pay func() error
}

// TillServer is the part of a provider's sandbox that keeps lists.
type TillServer interface {
	Ledger() []sandbox.Entry
	Requests() []sandbox.Request
	Deliveries() []sandbox.Delivery
	Dropped() map[string]int
	Reset()
}

// TillOptions are the options that every sandbox has, and where the merchant receives
// notifications.
type TillOptions struct {
	AllowedHosts, CallbackHosts []string
	History                     int
	Callback                    string
}
