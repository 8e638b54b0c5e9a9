package qpaytest

import (
	"testing"

	"github.com/specpay/specpay/internal/sandbox"
)

// What the sandbox's only merchant was given.
const (
	username         = "TEST_MERCHANT"
	password         = "sandbox-password"
	invoiceCode      = "TEST_INVOICE"
	taxedInvoiceCode = "TEST_EB_INVOICE"
)

// Server is a running sandbox. It has the methods of the embedded handle:
//
//	URL                            the base URL, paths start with /v2
//	FailNext(code, options...)     answer the next request with a code
//	Fault(kind, options...)        let the next request meet a network fault: refuse,
//	                               reset-before-read, reset-before-commit, reset-after-commit,
//	                               reset-in-headers, reset-in-body, reset-after-body,
//	                               html, empty, truncated, slow, huge
//	Advance(d), Now()              the clock, forward only
//	Ledger(), Requests(), Deliveries()
//	Codes(), Guesses(), Handler(), Reset(), Close()
//
// A code or fault without an operation passes the token calls by, since a
// client makes those by itself. In a test, a mistake in a call such as an
// unknown code fails the test and is returned too.
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
	// Delivery is one callback that the sandbox sent.
	Delivery = sandbox.Delivery
	// Code is one error that can be answered by name.
	Code = sandbox.Code
	// Guess is one rule of the sandbox and how sure it is.
	Guess = sandbox.Guess
	// ScenarioOption narrows or repeats what FailNext and Fault ask for.
	ScenarioOption = sandbox.ScenarioOption
)

// OnOperation waits for a request of one operation, such as "createInvoice".
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
		t.Fatalf("qpaytest: %v", err)
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

// Credentials are the user name and password of the sandbox's merchant. The
// type fits qpay.Credentials.
func (s *Server) Credentials() struct{ Username, Password string } {
	return struct{ Username, Password string }{username, password}
}

// InvoiceCode is the merchant's code for ordinary invoices.
func (s *Server) InvoiceCode() string { return invoiceCode }

// EbarimtInvoiceCode is the merchant's code for invoices with a tax receipt.
func (s *Server) EbarimtInvoiceCode() string { return taxedInvoiceCode }

// MerchantID is the merchant_id claim of the access tokens; listPayments wants
// it for MERCHANT.
func (s *Server) MerchantID() string {
	s.merchant.mu.Lock()
	defer s.merchant.mu.Unlock()
	return s.merchant.id
}

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
