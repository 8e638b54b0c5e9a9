package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	scenarioLimit = 1_000     // codes and faults that wait for a request, and connections to refuse
	timesLimit    = 1_000_000 // requests to which one of them applies
)

// ScenarioHeader is the request header that selects a code or fault.
const ScenarioHeader = "Sandbox-Scenario"

// Scenario is a code or fault that applies to the next matching requests.
type Scenario struct {
	// Name is the wire value of a code, or a fault kind.
	Name string
	// Operation is an operationId. If empty, the scenario applies to any
	// operation, but skips internal operations (see Operation.Internal) unless
	// only those can return the code.
	Operation string
	// Times is the number of requests, at most 1,000,000, or of connections that
	// refuse resets, at most 1,000; 0 means 1.
	Times int
	// Status is the status of the faults html, empty and huge; 0 means the default.
	Status int
	// Cut is after how many bytes of the header or body reset-in-headers and
	// reset-in-body reset the connection, modulo its length; 0 means the middle.
	Cut int
}

// headerScenario parses the value of a scenario header: a name, optionally with a
// cut after "@", such as "reset-in-body@17".
func headerScenario(header string) Scenario {
	name, cut, found := strings.Cut(header, "@")
	if n, err := strconv.Atoi(cut); found && err == nil && n > 0 && (name == FaultResetInHeaders || name == FaultResetInBody) {
		return Scenario{Name: name, Cut: n}
	}
	return Scenario{Name: header}
}

// scenarioQueue holds the scenarios that tests and control calls have set.
type scenarioQueue struct {
	codes      codeIndex
	operations map[string]Operation

	mu       sync.Mutex
	queue    []Scenario
	refusals int
}

// fail queues a code.
func (q *scenarioQueue) fail(s Scenario) error {
	if _, known := q.codes[s.Name]; !known {
		return &InputError{Detail: fmt.Sprintf("unknown code %q", s.Name), Known: q.codes.names()}
	}
	if s.Status != 0 {
		return inputErrorf("code %s cannot have status %d: a code has its own status", s.Name, s.Status)
	}
	return q.push(s)
}

// fault queues a fault.
func (q *scenarioQueue) fault(s Scenario) error {
	if !isFault(s.Name) {
		known := faultKinds()
		slices.Sort(known)
		return &InputError{Detail: fmt.Sprintf("unknown fault kind %q", s.Name), Known: known}
	}
	if s.Status != 0 && (!takesStatus(s.Name) || s.Status < 200 || s.Status > 599) {
		return inputErrorf("fault %s cannot have status %d: only html, empty and huge accept one, from 200 to 599", s.Name, s.Status)
	}
	return q.push(s)
}

func (q *scenarioQueue) push(s Scenario) error {
	if err := q.checkOperation(s.Operation); err != nil {
		return err
	}
	if s.Times < 0 || s.Times > timesLimit {
		return inputErrorf("times is %d; it must be 1 to %d, or be left out, which means 1", s.Times, timesLimit)
	}
	s.Times = max(s.Times, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.Name == FaultRefuse {
		if q.refusals+s.Times > scenarioLimit {
			return inputErrorf("refuse would apply to %d connections; it can apply to %d, because it also refuses control calls", q.refusals+s.Times, scenarioLimit)
		}
		q.refusals += s.Times
		return nil
	}
	// The oldest one is not dropped: the test that set it expects its effect.
	if len(q.queue) >= scenarioLimit {
		return inputErrorf("%d codes and faults wait for a request, which is the limit; make the requests, use times, or reset the sandbox", scenarioLimit)
	}
	q.queue = append(q.queue, s)
	return nil
}

func (q *scenarioQueue) checkOperation(name string) error {
	if _, known := q.operations[name]; known || name == "" {
		return nil
	}
	return &InputError{Detail: fmt.Sprintf("unknown operation %q", name), Known: sortedKeys(q.operations)}
}

// checkHeader checks that a scenario header is empty or names a code or fault.
func (q *scenarioQueue) checkHeader(header string) error {
	if _, known := q.codes[header]; known || header == "" || isFault(headerScenario(header).Name) {
		return nil
	}
	names := append(q.codes.names(), faultKinds()...)
	slices.Sort(names)
	return &InputError{Detail: fmt.Sprintf("header %s is %q, which is not a code or fault", ScenarioHeader, header), Known: names}
}

// take returns the scenario for a request of op: the first match in the queue, or
// else that of the header. An unknown header is always an error.
func (q *scenarioQueue) take(op Operation, header string) (Scenario, error) {
	if err := q.checkHeader(header); err != nil {
		return Scenario{}, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.queue {
		if !q.matches(q.queue[i], op) {
			continue
		}
		found := q.queue[i]
		if q.queue[i].Times--; q.queue[i].Times == 0 {
			q.queue = slices.Delete(q.queue, i, i+1)
		}
		return found, nil
	}
	return headerScenario(header), nil
}

func (q *scenarioQueue) matches(s Scenario, op Operation) bool {
	if s.Operation != "" {
		return s.Operation == op.Name
	}
	return !op.Internal || q.onlyInternal(s.Name)
}

// onlyInternal reports whether only internal operations can return the code.
func (q *scenarioQueue) onlyInternal(code string) bool {
	operations := q.codes[code].Operations
	for _, name := range operations {
		if !q.operations[name].Internal {
			return false
		}
	}
	return len(operations) > 0
}

// takeRefusal reports whether to refuse a new connection.
func (q *scenarioQueue) takeRefusal() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refusals == 0 {
		return false
	}
	q.refusals--
	return true
}

func (q *scenarioQueue) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue, q.refusals = nil, 0
}
