package openapitest

import (
	"context"
	"net/http"
	"testing"

	"github.com/specpay/specpay/internal/sandbox"
)

// Server is a running sandbox. It has the methods of the embedded handle:
//
//	URL                            the base URL, paths start with /api/open/v2
//	FailNext(code, options...)     answer the next request with a code
//	Fault(kind, options...)        let the next request meet a network fault: refuse,
//	                               reset-before-read, reset-before-commit, reset-after-commit,
//	                               reset-in-headers, reset-in-body, reset-after-body,
//	                               html, empty, truncated, slow, huge
//	Advance(d), Now()              the clock, forward only
//	Ledger(), Requests(), Deliveries()
//	Codes(), Guesses(), Handler(), Reset(), Close()
//
// In a test, a mistake in a call such as an unknown code fails the test and is
// returned too.
type Server struct {
	*sandbox.Handle
	platform *platform
}

// The parts of a sandbox's reports.
type (
	// Entry is one side effect in the ledger.
	Entry = sandbox.Entry
	// Request is one request that the sandbox met.
	Request = sandbox.Request
	// Delivery is one notification that the sandbox sent.
	Delivery = sandbox.Delivery
	// Mail is a notification on its way.
	Mail = sandbox.Mail
	// Code is one error that can be answered by name.
	Code = sandbox.Code
	// Guess is one rule of the sandbox and how sure it is.
	Guess = sandbox.Guess
	// ScenarioOption narrows or repeats what FailNext and Fault ask for.
	ScenarioOption = sandbox.ScenarioOption
)

// OnOperation waits for a request of one operation, such as "refundApply".
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
		t.Fatalf("openapitest: %v", err)
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
	p, err := newPlatform(o)
	if err != nil {
		return nil, err
	}
	handle, err := p.core.Open(addr, test)
	if err != nil {
		return nil, err
	}
	return &Server{Handle: handle, platform: p}, nil
}

// Credentials are the merchant's client id and test-only private key, and the
// platform's public keys by version, the next one included. The type fits
// openapi.Credentials.
func (s *Server) Credentials() struct {
	ClientID           string
	PrivateKey         string
	KeyVersion         string
	PlatformPublicKeys map[string]string
} {
	keys := map[string]string{}
	for version, key := range s.platform.keys.platform {
		keys[version] = publicPEM(key)
	}
	return struct {
		ClientID           string
		PrivateKey         string
		KeyVersion         string
		PlatformPublicKeys map[string]string
	}{clientID, privatePEM(s.platform.keys.merchant), merchantKeyVersion, keys}
}

// ProductCode is the product that was assigned to the merchant.
func (s *Server) ProductCode() string { return productCode }

// ReferenceClientID is the id that prepare wants.
func (s *Server) ReferenceClientID() string { return referenceClientID }

// CustomerID is the wallet's user: the receiver of messages.
func (s *Server) CustomerID() string {
	s.platform.mu.Lock()
	defer s.platform.mu.Unlock()
	return s.platform.customerID
}

// Config changes switches and returns what they are then. When the result has
// a value that a switch does not know, nothing changes and the error says so.
func (s *Server) Config(edits ...func(*Config)) (Config, error) {
	err := s.platform.config.Edit(func(c *Config) {
		for _, edit := range edits {
			edit(c)
		}
	})
	return s.platform.config.Get(), s.Report(err)
}

// Mail lists the notifications and what became of each, retries included.
func (s *Server) Mail() []Mail { return s.platform.outbox.All() }

// Sign signs a request to a merchant's own handler as the platform would: it
// sets Client-Id, Request-Time and Signature for these bytes of its body.
func (s *Server) Sign(r *http.Request, body []byte) { s.platform.signNotification(r, body) }

// Seal signs an answer to a request as the platform would, in its header, for
// the test of a client against a server of your own.
func (s *Server) Seal(r *http.Request, header http.Header, body []byte) {
	s.platform.sealed(r, sandbox.Answer{Header: header, Body: body})
}

// Notification makes the notification that the platform would send to url about
// a payment or refund, signed, for the test of a handler of your own. One that
// has not reached its end has none, which is an error.
func (s *Server) Notification(id, url string) (*http.Request, error) {
	r, err := s.platform.notification(context.Background(), id, url)
	return r, s.Report(err)
}
