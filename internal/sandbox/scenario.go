package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ScenarioHeader is the request header that asks for one code or fault.
const ScenarioHeader = "Sandbox-Scenario"

// Scenario says what the next fitting requests meet instead of the normal
// answer.
type Scenario struct {
	// Name is the wire value of a code, or a fault kind.
	Name string
	// Operation is an operationId. Empty: any operation, except that the
	// calls a client makes by itself (see Operation.Internal) are passed by,
	// unless nothing else can answer the code.
	Operation string
	// Times is how many requests meet it; 0 means 1.
	Times int
	// Status replaces the status of the faults html, empty and huge; 0 keeps it.
	Status int
	// Cut is after how many bytes of the head reset-in-headers resets, or of the
	// body reset-in-body, counted round where there are fewer. 0: in the middle.
	Cut int
}

// headerScenario reads what a header asks for: a name, and behind an "@" a cut
// ("reset-in-body@17").
func headerScenario(header string) Scenario {
	name, cut, found := strings.Cut(header, "@")
	if n, err := strconv.Atoi(cut); found && err == nil && n > 0 && (name == FaultResetInHeaders || name == FaultResetInBody) {
		return Scenario{Name: name, Cut: n}
	}
	return Scenario{Name: header}
}

// plan is the queue of scenarios that tests and control calls have set.
type plan struct {
	codes      codeIndex
	operations map[string]Operation

	mu       sync.Mutex
	queue    []Scenario
	refusals int
}

// fail queues a code.
func (p *plan) fail(s Scenario) error {
	if _, known := p.codes[s.Name]; !known {
		return &InputError{Detail: fmt.Sprintf("unknown code %q", s.Name), Known: p.codes.names()}
	}
	if s.Status != 0 {
		return inputErrorf("code %s cannot have status %d: a code is answered with its own status", s.Name, s.Status)
	}
	return p.push(s)
}

// fault queues a fault.
func (p *plan) fault(s Scenario) error {
	if !isFault(s.Name) {
		known := faultKinds()
		slices.Sort(known)
		return &InputError{Detail: fmt.Sprintf("unknown fault kind %q", s.Name), Known: known}
	}
	if s.Status != 0 && (!takesStatus(s.Name) || s.Status < 200 || s.Status > 599) {
		return inputErrorf("fault %s cannot have status %d: only html, empty and huge take one, from 200 to 599", s.Name, s.Status)
	}
	return p.push(s)
}

func (p *plan) push(s Scenario) error {
	if err := p.checkOperation(s.Operation); err != nil {
		return err
	}
	if s.Times < 0 {
		return inputErrorf("times is %d: give 1 or more, or leave it out for once", s.Times)
	}
	s.Times = max(s.Times, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Name == FaultRefuse {
		p.refusals += s.Times
		return nil
	}
	p.queue = append(p.queue, s)
	return nil
}

func (p *plan) checkOperation(name string) error {
	if _, known := p.operations[name]; known || name == "" {
		return nil
	}
	return &InputError{Detail: fmt.Sprintf("unknown operation %q", name), Known: sortedKeys(p.operations)}
}

// checkHeader wants a scenario header that names a code or a fault.
func (p *plan) checkHeader(header string) error {
	if _, known := p.codes[header]; known || header == "" || isFault(headerScenario(header).Name) {
		return nil
	}
	names := append(p.codes.names(), faultKinds()...)
	slices.Sort(names)
	return &InputError{Detail: fmt.Sprintf("%s names %q, which is no code and no fault", ScenarioHeader, header), Known: names}
}

// take returns what a request of op meets: the first fitting scenario of the
// queue, else the header's. An unknown header is an error in any case.
func (p *plan) take(op Operation, header string) (Scenario, error) {
	if err := p.checkHeader(header); err != nil {
		return Scenario{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.queue {
		if !p.fits(p.queue[i], op) {
			continue
		}
		found := p.queue[i]
		if p.queue[i].Times--; p.queue[i].Times == 0 {
			p.queue = slices.Delete(p.queue, i, i+1)
		}
		return found, nil
	}
	return headerScenario(header), nil
}

func (p *plan) fits(s Scenario, op Operation) bool {
	if s.Operation != "" {
		return s.Operation == op.Name
	}
	return !op.Internal || p.onlyInternal(s.Name)
}

// onlyInternal tells whether no operation that a caller can name answers the code.
func (p *plan) onlyInternal(code string) bool {
	operations := p.codes[code].Operations
	for _, name := range operations {
		if !p.operations[name].Internal {
			return false
		}
	}
	return len(operations) > 0
}

// takeRefusal tells whether the connection that just came in is refused.
func (p *plan) takeRefusal() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refusals == 0 {
		return false
	}
	p.refusals--
	return true
}

func (p *plan) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue, p.refusals = nil, 0
}
