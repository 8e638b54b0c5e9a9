package sandbox

import (
	"net/http"
	"time"
)

// TB is the part of testing.TB that a sandbox uses. It keeps the testing package
// out of programs that serve a sandbox.
type TB interface {
	Helper()
	Cleanup(f func())
	Errorf(format string, args ...any)
}

// Handle controls a running sandbox. The Server of each provider package wraps
// one. Its methods are safe for concurrent use.
type Handle struct {
	// URL is the base URL, "http://127.0.0.1:port". If the sandbox listens on all
	// addresses, it has the first of Settings.AllowedHosts.
	URL string

	core *Sandbox
	t    TB
}

// Open listens on addr and returns a handle; the address "127.0.0.1:0" chooses a
// free port. An address that other machines reach is an error, unless
// Settings.AllowedHosts names at least one host. If t is not nil, errors of later calls also fail the test, and the
// sandbox is closed when the test ends. If t is nil, the caller must call Close.
func (s *Sandbox) Open(addr string, t TB) (*Handle, error) {
	if err := s.listen(addr); err != nil {
		return nil, err
	}
	h := &Handle{URL: s.url, core: s, t: t}
	if t != nil {
		t.Cleanup(h.Close)
	}
	return h, nil
}

// Close stops the sandbox, closes its connections and waits for running requests.
// Later calls do nothing.
func (h *Handle) Close() { h.core.Close() }

// Handler returns the sandbox as an http.Handler for use with another server. The
// fault refuse works only on the sandbox's own listener.
func (h *Handle) Handler() http.Handler { return h.core }

// FailNext makes the next request fail with an error code, given as on the wire.
// The operation is not executed. An unknown code is an error.
func (h *Handle) FailNext(code string, options ...ScenarioOption) error {
	return h.Report(h.core.fail(scenario(code, options)))
}

// Fault makes the next request fail with a network fault, one of the Fault
// constants. An unknown kind is an error.
func (h *Handle) Fault(kind string, options ...ScenarioOption) error {
	return h.Report(h.core.fault(scenario(kind, options)))
}

// Now returns the time of the sandbox's clock.
func (h *Handle) Now() time.Time { return h.core.clock.Now() }

// Advance moves the clock forward by d. A negative d is an error.
func (h *Handle) Advance(d time.Duration) error { return h.Report(h.core.advance(d)) }

// Ledger returns the side effects, oldest first. A ledger that is incomplete fails the
// test, if there is one, because what is missing may have moved money.
func (h *Handle) Ledger() []Entry {
	log := h.core.ledger.log()
	if log.Dropped > 0 && h.t != nil {
		h.t.Helper()
		h.t.Errorf("sandbox: the ledger is incomplete: it dropped its %d oldest entries; keep more with WithHistory", log.Dropped)
	}
	return log.Entries
}

// Requests returns the received requests, oldest first.
func (h *Handle) Requests() []Request { return h.core.requests.all() }

// Deliveries returns the webhook deliveries, oldest first.
func (h *Handle) Deliveries() []Delivery { return h.core.sender.log.all() }

// Dropped returns how many entries each list has dropped, by its name, such as
// "ledger". It is empty if every list is complete.
func (h *Handle) Dropped() map[string]int { return h.core.Dropped() }

// Codes returns the error codes that FailNext accepts.
func (h *Handle) Codes() []Code { return h.core.codes() }

// Guesses returns the rules of the sandbox and how certain each one is.
func (h *Handle) Guesses() []Guess { return h.core.guesses() }

// Reset returns the sandbox to its initial state: the provider's state, ledger,
// logs, scenarios, config, IDs and clock. Tokens issued before are invalid.
func (h *Handle) Reset() { h.core.Reset() }

// Report fails the test, if there is one, when err is not nil, and returns err.
func (h *Handle) Report(err error) error {
	if err != nil && h.t != nil {
		h.t.Helper()
		h.t.Errorf("sandbox: %v", err)
	}
	return err
}

// ScenarioOption changes which requests FailNext and Fault apply to, and how.
type ScenarioOption func(*Scenario)

// OnOperation applies the scenario to requests of one operation, given by its
// operationId.
func OnOperation(name string) ScenarioOption {
	return func(s *Scenario) { s.Operation = name }
}

// Times applies the scenario to n requests instead of one.
func Times(n int) ScenarioOption { return func(s *Scenario) { s.Times = n } }

// WithStatus sets the HTTP status of the faults html, empty and huge.
func WithStatus(status int) ScenarioOption { return func(s *Scenario) { s.Status = status } }

func scenario(name string, options []ScenarioOption) Scenario {
	s := Scenario{Name: name, Times: 1}
	for _, option := range options {
		option(&s)
	}
	return s
}
