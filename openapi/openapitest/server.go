package openapitest

import (
	"context"
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Server is a running sandbox. Its methods are safe for concurrent use.
//
// On a server made by [NewServer], a method that returns an error also fails the
// test.
type Server struct {
	// URL is the base URL, such as "http://127.0.0.1:4012". API paths start with
	// /api/open/v2.
	URL string

	handle   *sandbox.Handle
	platform *platform
}

// TB is the part of testing.TB that [NewServer] uses. A *testing.T implements it.
type TB interface {
	Helper()
	Cleanup(f func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// NewServer starts a sandbox on a free port of 127.0.0.1 and closes it when the
// test ends. An invalid option fails the test.
func NewServer(t TB, opts ...Option) *Server {
	t.Helper()
	s, err := start("127.0.0.1:0", t, opts)
	if err != nil {
		t.Fatalf("openapitest: %v", err)
	}
	return s
}

// Start starts a sandbox on addr, for programs. The address "127.0.0.1:0" chooses
// a free port. The caller must call Close. An invalid option and an address that
// cannot be listened on are errors, and so is an address that other machines reach,
// unless [WithAllowedHosts] names the hosts by which they do: the credentials are public.
func Start(addr string, opts ...Option) (*Server, error) { return start(addr, nil, opts) }

func start(addr string, t TB, opts []Option) (*Server, error) {
	o := options{settings: sandbox.Settings{Seed: 1}, config: defaultConfig()}
	for _, option := range opts {
		option(&o)
	}
	p, err := newPlatform(o)
	if err != nil {
		return nil, err
	}
	handle, err := p.core.Open(addr, t)
	if err != nil {
		return nil, err
	}
	return &Server{URL: handle.URL, handle: handle, platform: p}, nil
}

// Close stops the server, closes its connections and waits for running requests.
// Further calls do nothing.
func (s *Server) Close() { s.handle.Close() }

// Handler returns the sandbox as an http.Handler, for use with another server. The
// fault refuse has no effect there.
func (s *Server) Handler() http.Handler { return s.handle.Handler() }

// FailNext makes the next request fail with an error code such as
// "ORDER_NOT_EXIST". [Server.Codes] lists the codes. The response is signed and has
// the code's HTTP status and body; the operation is not executed.
//
// By default FailNext applies to one request of any operation. [OnOperation] and
// [Times] change this. An unknown code or operation and [WithStatus] are errors.
func (s *Server) FailNext(code string, options ...ScenarioOption) error {
	return s.handle.FailNext(code, options...)
}

// Fault makes the next request fail with a network fault. The kinds are:
//
//	refuse               reset the next connection before reading from it; idle
//	                     connections are reset too
//	reset-before-read    reset the connection without reading the body
//	reset-before-commit  read the request, then reset the connection
//	reset-after-commit   execute the operation, then reset without a response
//	reset-in-headers     execute, then reset in the middle of the response header
//	reset-in-body        execute, then reset in the middle of the response body
//	reset-after-body     execute, send the whole response, then reset
//	html                 respond with a proxy's HTML page, status 502
//	empty                execute, then send the status without a body
//	truncated            execute, then send half of the body with a matching length
//	slow                 execute, send the header, then delay the body; see [WithSlowDelay]
//	huge                 respond with 64 MiB of JSON, status 502
//
// The operation is executed only where the list says so.
//
// By default Fault applies to one request of any operation; refuse applies to any
// connection. [OnOperation] and [Times] change this, and [WithStatus] sets the
// status of html, empty and huge. An unknown kind or operation is an error.
func (s *Server) Fault(kind string, options ...ScenarioOption) error {
	return s.handle.Fault(kind, options...)
}

// Now returns the time of the sandbox's clock, in UTC.
func (s *Server) Now() time.Time { return s.handle.Now() }

// Advance moves the sandbox's clock forward by d, for example to let an order
// expire. Before it returns, payments expire, operations complete, and notifications are
// sent as they become due. A negative d is an error.
func (s *Server) Advance(d time.Duration) error { return s.handle.Advance(d) }

// Ledger returns the side effects of all operations, oldest first. If it had to drop
// entries, which [WithHistory] limits, it also fails the test, because what is missing
// may have moved money; [Server.Dropped] says so to a program.
func (s *Server) Ledger() []Entry { return s.handle.Ledger() }

// Requests returns the received requests, oldest first, as many as [WithHistory] keeps.
func (s *Server) Requests() []Request { return s.handle.Requests() }

// Deliveries returns the attempts to deliver notifications, oldest first, as
// many as [WithHistory] keeps. [Server.Webhooks] returns the notifications.
func (s *Server) Deliveries() []Delivery { return s.handle.Deliveries() }

// Dropped returns how many entries each list has dropped since the start or the last
// Reset, by the name of the list, such as "ledger" or "requests". It is empty if every
// list is complete.
func (s *Server) Dropped() map[string]int { return s.handle.Dropped() }

// Webhooks returns the notifications and the state of their delivery, oldest first.
// [Server.Deliveries] returns the single attempts.
func (s *Server) Webhooks() []Webhook { return s.platform.outbox.All() }

// Codes returns the error codes that [Server.FailNext] accepts.
func (s *Server) Codes() []Code { return s.handle.Codes() }

// Guesses returns the rules that the sandbox follows and how certain each one is.
func (s *Server) Guesses() []Guess { return s.handle.Guesses() }

// Reset returns the sandbox to its initial state: data, ledger, requests,
// deliveries, pending codes and faults, config, IDs and clock. Tokens issued
// before are invalid.
func (s *Server) Reset() { s.handle.Reset() }

// Credentials returns the merchant's client ID and private key, which is for tests
// only, and the platform's public keys by version, including the next one. The
// result is assignable to openapi.Credentials.
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

// ProductCode returns the product code that is assigned to the merchant.
func (s *Server) ProductCode() string { return productCode }

// ReferenceClientID returns the reference client ID that prepare requires.
func (s *Server) ReferenceClientID() string { return referenceClientID }

// CustomerID returns the ID of the wallet's only user, which is also the target
// user of messages.
func (s *Server) CustomerID() string {
	s.platform.mu.Lock()
	defer s.platform.mu.Unlock()
	return s.platform.customerID
}

// Config applies edits to the config and returns the result. If the result has an
// invalid value, nothing changes and Config returns an error that names the valid
// values. Without edits, Config returns the current config.
func (s *Server) Config(edits ...func(*Config)) (Config, error) {
	err := s.platform.config.Edit(func(c *Config) {
		for _, edit := range edits {
			edit(c)
		}
	})
	return s.platform.config.Get(), s.handle.Report(err)
}

// Callback returns the notification that the provider sends to url about a completed
// payment or refund, for testing a notification handler. It is signed with the current
// time and not sent. An unknown ID, a payment or refund that is not completed, and an
// invalid URL are errors.
func (s *Server) Callback(id, url string) (*http.Request, error) {
	r, err := s.platform.callback(context.Background(), id, url)
	return r, s.handle.Report(err)
}

// SignCallback returns a signed notification to url with any body, such as one that the
// sandbox does not send. It is not sent. An invalid URL is an error.
func (s *Server) SignCallback(url string, body []byte) (*http.Request, error) {
	r, err := s.platform.notificationRequest(context.Background(), url, body)
	return r, s.handle.Report(err)
}

// SignResponse signs the provider's response to r, for testing a client against another
// server. By default it sets Client-Id, Response-Time and Signature in header; body is
// the body of the response.
func (s *Server) SignResponse(r *http.Request, header http.Header, body []byte) {
	s.platform.signResponse(r, sandbox.Response{Header: header, Body: body})
}
