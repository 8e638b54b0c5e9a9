package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Provider is what one provider adds to the machinery. Name, Operations and
// Refuse are required.
type Provider struct {
	// Name stands in error texts, such as "acme".
	Name       string
	Operations []Operation
	Codes      []Code
	Guesses    []Guess
	// CodeStatus answers codes whose status is not known; 0 means 400.
	CodeStatus int
	// Refuse is the provider's answer to an error: a *Problem, a *BindError,
	// or what its own handlers return.
	Refuse func(*http.Request, error) Answer
	// Before is asked with the raw body at hand (Body), before its form is looked
	// at: signatures and keys. Its error goes to Refuse. nil: no question.
	Before func(*http.Request, Operation) error
	// Seal is the last touch to each answer of the provider, such as a signature
	// over its bytes. Faults spoil what was sealed. nil: none.
	Seal func(*http.Request, Answer) Answer
	// After is told that the clock was moved, so that what became due has
	// happened when the move returns. nil: nothing becomes due.
	After func()
	// Routes are further control routes, by path below /_sandbox/: POST with a
	// JSON body, which the function reads strictly with Decode.
	Routes map[string]func(r *http.Request, raw []byte) (any, error)
	// Pay is the buyer's side; nil when the provider has none. An *InputError
	// is answered with 400, any other error with 409.
	Pay func(context.Context, Payment) (any, error)
	// Config are the provider's switches; nil when there are none.
	Config Config
	// Reset forgets the provider's own state; nil when there is none.
	Reset func()
}

// Config are a provider's switches, shown and changed by control routes; see
// [Switches].
type Config interface {
	Show() any
	Merge(raw []byte) error
	Reset()
}

// Payment is what a buyer does, asked for by a test or a control call.
type Payment struct {
	// ID names what is paid, such as an invoice.
	ID string
	// Outcome, Method and Amount are the provider's words; empty means its default.
	Outcome, Method, Amount string
}

// Settings are what a sandbox needs besides its provider. The zero value works.
type Settings struct {
	// Seed decides all ids; 0 is a seed too.
	Seed uint64
	// Start is where the clock stands still; zero means the machine's clock.
	Start time.Time
	// Hold is how long the fault slow keeps a body back; 0 means 30 s.
	Hold time.Duration
	// AllowRemote lets webhooks leave this machine.
	AllowRemote bool
}

// Sandbox is one provider's sandbox: an http.Handler, and a server after Open.
// It is safe for use by many goroutines. Make one with [New].
type Sandbox struct {
	clock    *Clock
	ids      *IDs
	ledger   *Ledger
	sender   *sender
	requests journal[Request]
	plan     *plan

	provider Provider
	routes   *http.ServeMux
	byRoute  map[string]Operation
	control  http.Handler
	hold     time.Duration
	server   server
	url      string
	stop     func()        // closes stopped, once
	stopped  chan struct{} // closed when the sandbox closes
	busy     sync.WaitGroup
}

// New makes a sandbox; it opens nothing and starts nothing.
func New(provider Provider, settings Settings) (*Sandbox, error) {
	if provider.Name == "" || provider.Refuse == nil || len(provider.Operations) == 0 {
		return nil, fmt.Errorf("sandbox: provider %q needs a name, an answer to errors and operations", provider.Name)
	}
	clock := NewClock(settings.Start)
	s := &Sandbox{
		clock:    clock,
		ids:      NewIDs(settings.Seed),
		ledger:   &Ledger{clock: clock},
		sender:   newSender(clock, settings),
		provider: provider,
		hold:     settings.Hold,
		plan:     &plan{codes: indexCodes(provider.Codes), operations: map[string]Operation{}},
	}
	s.requests.limit = journalLimit
	s.stopped = make(chan struct{})
	s.stop = sync.OnceFunc(func() { close(s.stopped) })
	if s.hold == 0 {
		s.hold = 30 * time.Second
	}
	s.mount()
	s.control = s.controlRoutes()
	return s, nil
}

// Clock is the sandbox's time.
func (s *Sandbox) Clock() *Clock { return s.clock }

// IDs makes the sandbox's ids.
func (s *Sandbox) IDs() *IDs { return s.ids }

// Record writes a side effect into the ledger.
func (s *Sandbox) Record(kind, id, key, amount string) { s.ledger.Add(kind, id, key, amount) }

func (s *Sandbox) guesses() []Guess { return append([]Guess{}, s.provider.Guesses...) }

func (s *Sandbox) codes() []Code { return append([]Code{}, s.provider.Codes...) }

func (s *Sandbox) fail(scenario Scenario) error { return s.plan.fail(scenario) }

func (s *Sandbox) fault(scenario Scenario) error {
	if err := s.plan.fault(scenario); err != nil {
		return err
	}
	if scenario.Name == FaultRefuse {
		s.server.dropIdle()
	}
	return nil
}

// advance moves the clock and lets happen what became due.
func (s *Sandbox) advance(d time.Duration) error {
	if err := s.clock.Advance(d); err != nil {
		return err
	}
	if s.provider.After != nil {
		s.provider.After()
	}
	return nil
}

// Reset puts the sandbox back to its first moment: state, ledger, logs,
// scenarios, switches, ids and clock.
func (s *Sandbox) Reset() {
	s.plan.reset()
	s.clock.reset()
	s.ids.reset()
	s.ledger.list.reset()
	s.requests.reset()
	s.sender.log.reset()
	if s.provider.Config != nil {
		s.provider.Config.Reset()
	}
	if s.provider.Reset != nil {
		s.provider.Reset()
	}
}
