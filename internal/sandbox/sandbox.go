package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Provider describes a provider. Name, Operations and ErrorResponse are required.
type Provider struct {
	// Name is the provider's name in error messages, such as "acme".
	Name       string
	Operations []Operation
	Codes      []Code
	// Guesses is Markdown with the rules of the sandbox, the certainty of each one and
	// the config fields that change it; empty if there are none.
	Guesses string
	// CodeStatus is the status of codes whose status is unknown; 0 means 400.
	CodeStatus int
	// ErrorResponse converts an error to a response: a *Problem, a *BindError or an
	// error of the provider's handlers.
	ErrorResponse func(*http.Request, error) Response
	// Before, if not nil, is called before the body is parsed and checks
	// signatures and API keys; [Body] returns the raw body. Its error goes to
	// ErrorResponse.
	Before func(*http.Request, Operation) error
	// ModifyResponse, if not nil, modifies each response of the provider, for
	// example to sign it. Faults apply to the modified response.
	ModifyResponse func(*http.Request, Response) Response
	// After, if not nil, is called after the clock was advanced and does what
	// became due.
	After func()
	// Routes are additional control routes by path below /_sandbox/. They accept
	// POST with a JSON body, which the function decodes with [Decode].
	Routes map[string]func(r *http.Request, raw []byte) (any, error)
	// Pay simulates the buyer; nil if the provider has none. The status of an
	// *InputError is 400, that of any other error 409.
	Pay func(context.Context, Payment) (any, error)
	// Config is the provider's config; nil if there is none.
	Config Config
	// Reset, if not nil, removes the provider's own state.
	Reset func()
}

// Config is a provider's config, shown and changed by control routes. [ConfigStore]
// implements it.
type Config interface {
	Show() any
	Merge(raw []byte) error
	Reset()
}

// Payment is an action of the buyer, requested by a test or a control call.
type Payment struct {
	// ID identifies what is paid, such as an invoice.
	ID string
	// Outcome, Method and Amount have the provider's values; empty means its
	// default.
	Outcome, Method, Amount string
}

// Settings are the settings of a sandbox that do not depend on the provider. The zero
// value is valid.
type Settings struct {
	// Seed determines all IDs. 0 is a valid seed.
	Seed uint64
	// Start is the time at which the clock stops; zero means the system clock.
	Start time.Time
	// SlowDelay is how long the fault slow delays the body; 0 means 30 s.
	SlowDelay time.Duration
	// AllowedHosts are the hosts, without ports, that requests may name besides
	// loopback and the listen address. With at least one, the sandbox may listen on
	// an address that other machines reach.
	AllowedHosts []string
	// CallbackHosts are the hosts, without ports, to which webhooks may go besides
	// loopback.
	CallbackHosts []string
	// History is how many entries each list keeps; 0 means 100,000 for the ledger and
	// for idempotency keys, and 10,000 for every other list.
	History int
}

// Sandbox is the sandbox of one provider. It is an http.Handler, and after Open also
// a server. It is safe for concurrent use. Make one with [New].
type Sandbox struct {
	clock     *Clock
	ids       *IDs
	ledger    *Ledger
	sender    *sender
	requests  journal[Request]
	scenarios *scenarioQueue
	history   *history
	hosts     []string // that requests may name

	provider  Provider
	rules     []Guess
	routes    *http.ServeMux
	byPattern map[string]Operation
	control   http.Handler
	slowDelay time.Duration
	server    server
	url       string
	stop      func()        // closes stopped, once
	stopped   chan struct{} // closed when the sandbox closes
	running   sync.WaitGroup
}

// New returns a sandbox. It opens no connection and starts no goroutine.
func New(provider Provider, settings Settings) (*Sandbox, error) {
	if provider.Name == "" || provider.ErrorResponse == nil || len(provider.Operations) == 0 {
		return nil, fmt.Errorf("sandbox: provider %q is incomplete: Name, ErrorResponse and Operations are required", provider.Name)
	}
	history, err := newHistory(settings.History)
	if err != nil {
		return nil, err
	}
	hosts, err := checkHosts("allowed hosts", settings.AllowedHosts)
	if err != nil {
		return nil, err
	}
	callbackHosts, err := checkHosts("callback hosts", settings.CallbackHosts)
	if err != nil {
		return nil, err
	}
	rules, err := parseGuesses(provider.Guesses)
	if err != nil {
		return nil, err
	}
	clock := NewClock(settings.Start)
	s := &Sandbox{
		clock:     clock,
		ids:       NewIDs(settings.Seed),
		ledger:    &Ledger{clock: clock},
		sender:    newSender(clock, callbackHosts),
		history:   history,
		hosts:     hosts,
		provider:  provider,
		rules:     rules,
		slowDelay: settings.SlowDelay,
		scenarios: &scenarioQueue{codes: indexCodes(provider.Codes), operations: map[string]Operation{}},
	}
	s.ledger.list.limit, s.requests.limit, s.sender.log.limit = history.money, history.other, history.other
	s.server.limit = connLimit
	s.stopped = make(chan struct{})
	s.stop = sync.OnceFunc(func() { close(s.stopped) })
	if s.slowDelay == 0 {
		s.slowDelay = 30 * time.Second
	}
	s.registerOperations()
	s.control = s.controlRoutes()
	return s, nil
}

// Clock returns the sandbox's clock.
func (s *Sandbox) Clock() *Clock { return s.clock }

// IDs returns the sandbox's ID generator.
func (s *Sandbox) IDs() *IDs { return s.ids }

// Record adds a side effect to the ledger.
func (s *Sandbox) Record(kind, id, key, amount string) { s.ledger.Add(kind, id, key, amount) }

func (s *Sandbox) codes() []Code { return append([]Code{}, s.provider.Codes...) }

func (s *Sandbox) fail(scenario Scenario) error { return s.scenarios.fail(scenario) }

func (s *Sandbox) fault(scenario Scenario) error {
	if err := s.scenarios.fault(scenario); err != nil {
		return err
	}
	if scenario.Name == FaultRefuse {
		s.server.dropIdle()
	}
	return nil
}

// advance moves the clock forward and does what became due.
func (s *Sandbox) advance(d time.Duration) error {
	if err := s.clock.Advance(d); err != nil {
		return err
	}
	if s.provider.After != nil {
		s.provider.After()
	}
	return nil
}

// Reset returns the sandbox to its initial state: the provider's state, ledger, logs,
// scenarios, config, IDs and clock.
func (s *Sandbox) Reset() {
	s.scenarios.reset()
	s.clock.reset()
	s.ids.reset()
	s.ledger.list.reset()
	s.requests.reset()
	s.sender.log.reset()
	s.history.reset()
	if s.provider.Config != nil {
		s.provider.Config.Reset()
	}
	if s.provider.Reset != nil {
		s.provider.Reset()
	}
}
