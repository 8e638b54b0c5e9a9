package sandbox

import (
	"net/http"
	"testing"
	"time"
)

// Handle is what a test or a program holds of a running sandbox. The packages
// of the providers embed it. All methods can be called by many goroutines.
type Handle struct {
	// URL is the base URL, "http://127.0.0.1:port".
	URL string

	core *Sandbox
	test testing.TB
}

// Open listens on addr ("127.0.0.1:0" for a free port) and returns the handle.
// With a test, mistakes in later calls fail it and its end closes the sandbox;
// without one (nil) the caller closes.
func (s *Sandbox) Open(addr string, test testing.TB) (*Handle, error) {
	if err := s.listen(addr); err != nil {
		return nil, err
	}
	h := &Handle{URL: s.url, core: s, test: test}
	if test != nil {
		test.Cleanup(h.Close)
	}
	return h, nil
}

// Close stops the sandbox, cuts its connections and waits for what is under
// way. It can be called again.
func (h *Handle) Close() { h.core.Close() }

// Handler is the sandbox as an http.Handler, for a server of your own. The
// fault refuse needs the sandbox's own listener and does nothing there.
func (h *Handle) Handler() http.Handler { return h.core }

// FailNext answers the next request with a code, given as it stands on the
// wire. Nothing is executed then. An unknown name is an error.
func (h *Handle) FailNext(code string, options ...ScenarioOption) error {
	return h.Report(h.core.fail(scenario(code, options)))
}

// Fault lets the next request meet a network fault. An unknown name is an
// error. The request is not executed by refuse, reset-before-read,
// reset-before-commit, html and huge; it is by reset-after-commit,
// reset-in-headers, reset-in-body, reset-after-body, empty, truncated and slow.
func (h *Handle) Fault(kind string, options ...ScenarioOption) error {
	return h.Report(h.core.fault(scenario(kind, options)))
}

// Now is the sandbox's time.
func (h *Handle) Now() time.Time { return h.core.clock.Now() }

// Advance moves the sandbox's time forward; a negative d is an error.
func (h *Handle) Advance(d time.Duration) error { return h.Report(h.core.advance(d)) }

// Ledger lists the side effects, oldest first.
func (h *Handle) Ledger() []Entry { return h.core.ledger.All() }

// Requests lists the requests met, oldest first; the last 10,000 at most.
func (h *Handle) Requests() []Request { return h.core.requests.all() }

// Deliveries lists the webhooks sent, oldest first; the last 10,000 at most.
func (h *Handle) Deliveries() []Delivery { return h.core.sender.log.all() }

// Codes lists the codes that FailNext takes.
func (h *Handle) Codes() []Code { return h.core.codes() }

// Guesses lists the sandbox's rules and how sure each is.
func (h *Handle) Guesses() []Guess { return h.core.guesses() }

// Reset puts the sandbox back to its first moment: state, ledger, logs,
// scenarios, switches, ids and clock. Tokens given out before are dead.
func (h *Handle) Reset() { h.core.Reset() }

// Report fails the test, if there is one, when err is not nil, and returns err.
func (h *Handle) Report(err error) error {
	if err != nil && h.test != nil {
		h.test.Helper()
		h.test.Errorf("sandbox: %v", err)
	}
	return err
}

// ScenarioOption narrows or repeats what FailNext and Fault ask for.
type ScenarioOption func(*Scenario)

// OnOperation waits for a request of one operation, named by its operationId.
func OnOperation(name string) ScenarioOption {
	return func(s *Scenario) { s.Operation = name }
}

// Times repeats it for n requests instead of one.
func Times(n int) ScenarioOption { return func(s *Scenario) { s.Times = n } }

// WithStatus changes the HTTP status of the faults html, empty and huge.
func WithStatus(status int) ScenarioOption { return func(s *Scenario) { s.Status = status } }

func scenario(name string, options []ScenarioOption) Scenario {
	s := Scenario{Name: name, Times: 1}
	for _, option := range options {
		option(&s)
	}
	return s
}
