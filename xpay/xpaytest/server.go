package xpaytest

import (
	"testing"

	"github.com/specpay/specpay/internal/sandbox"
)

// Server is a running sandbox. It has the methods of the embedded handle:
//
//	URL                            the base URL
//	FailNext(code, options...)     answer the next request with a code, such as
//	                               "insufficient_balance"
//	Fault(kind, options...)        let the next request meet a network fault: refuse,
//	                               reset-before-read, reset-before-commit, reset-after-commit,
//	                               reset-in-headers, reset-in-body, reset-after-body,
//	                               html, empty, truncated, slow, huge
//	Advance(d), Now()              the clock, forward only; what becomes due has happened
//	                               when it returns: sessions expire, events are sent again
//	Ledger(), Requests(), Deliveries()
//	Codes(), Guesses(), Handler(), Reset(), Close()
//
// In a test, a mistake in a call such as an unknown code fails the test and is
// returned too.
type Server struct {
	*sandbox.Handle
	merchant *merchant
}

// The parts of a sandbox's reports.
type (
	// Entry is one side effect in the ledger.
	Entry = sandbox.Entry
	// Request is one request that the sandbox met.
	Request = sandbox.Request
	// Delivery is one attempt to deliver an event.
	Delivery = sandbox.Delivery
	// Mail is one event on its way to one endpoint.
	Mail = sandbox.Mail
	// Code is one error that can be answered by name.
	Code = sandbox.Code
	// Guess is one rule of the sandbox and how sure it is.
	Guess = sandbox.Guess
	// ScenarioOption narrows or repeats what FailNext and Fault ask for.
	ScenarioOption = sandbox.ScenarioOption
)

// OnOperation waits for a request of one operation, such as "createRefund".
func OnOperation(name string) ScenarioOption { return sandbox.OnOperation(name) }

// Times repeats a code or fault for n requests instead of one.
func Times(n int) ScenarioOption { return sandbox.Times(n) }

// WithStatus changes the HTTP status of the faults html, empty and huge.
func WithStatus(status int) ScenarioOption { return sandbox.WithStatus(status) }

// NewServer starts a sandbox on a free port of 127.0.0.1. It ends with the test.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := start("127.0.0.1:0", t, opts)
	if err != nil {
		t.Fatalf("xpaytest: %v", err)
	}
	return s
}

// Start starts a sandbox on addr ("127.0.0.1:0" for a free port) for programs;
// call Close at the end. A wrong option or a busy port is an error.
func Start(addr string, opts ...Option) (*Server, error) { return start(addr, nil, opts) }

func start(addr string, test testing.TB, opts []Option) (*Server, error) {
	o := options{settings: sandbox.Settings{Seed: 1}, config: defaultConfig()}
	for _, option := range opts {
		option(&o)
	}
	m, err := newMerchant(o)
	if err != nil {
		return nil, err
	}
	handle, err := m.core.Open(addr, test)
	if err != nil {
		return nil, err
	}
	return &Server{Handle: handle, merchant: m}, nil
}

// Credentials are the secret test key of the sandbox's merchant and the webhook
// secret of WithEndpoint and Callback. The type fits xpay.Credentials.
func (s *Server) Credentials() struct {
	APIKey, WebhookSecret string
	OldWebhookSecrets     []string
} {
	return struct {
		APIKey, WebhookSecret string
		OldWebhookSecrets     []string
	}{APIKey: secretKey, WebhookSecret: webhookSecret}
}

// Keys are all keys of the merchant.
type Keys struct {
	Secret      string // test mode, may do everything
	Restricted  string // test mode, with the permissions of Config
	Publishable string // test mode, for browsers only
	Inactive    string // test mode, switched off
	Live        string // live mode, may do everything once Config.LivePayments is true
}

// Keys returns the merchant's keys.
func (s *Server) Keys() Keys {
	return Keys{secretKey, restrictedKey, publishableKey, inactiveKey, liveKey}
}

// Webhooks lists the events sent to endpoints and what became of them.
// Deliveries has the single attempts.
func (s *Server) Webhooks() []Mail { return s.merchant.outbox.All() }

// Config changes switches and returns what they are then. When the result has
// a value that a switch does not know, nothing changes and the error says so.
func (s *Server) Config(edits ...func(*Config)) (Config, error) {
	err := s.merchant.config.Edit(func(c *Config) {
		for _, edit := range edits {
			edit(c)
		}
	})
	return s.merchant.config.Get(), s.Report(err)
}
