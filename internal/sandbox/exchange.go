package sandbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	bodyLimit   = 1 << 20          // largest request body of the provider's operations
	bodyTimeout = 30 * time.Second // in which a request body must arrive
)

// controlPrefix begins the paths of the control routes. No provider uses it.
const controlPrefix = "/_sandbox/"

// Body returns the raw body of a request that was passed to a handler, or nil if
// there is none.
func Body(r *http.Request) []byte {
	if x, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		return x.raw
	}
	return nil
}

// exchange is a request while it is served.
type exchange struct {
	*Sandbox
	w   http.ResponseWriter
	r   *http.Request
	op  Operation
	seq int
	raw []byte
	// scenario applies to the request; its name is empty if there is none.
	scenario Scenario
	// response and err are the results of the operation.
	response Response
	err      error
}

// ServeHTTP serves the provider's operations and the control routes.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.running.Add(1)
	defer s.running.Done()
	if s.server.isDropped(connOf(r)) {
		abort(w)
		return
	}
	if status, refused := s.refusal(r); refused != nil {
		writeControl(w, status, refused)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		w.Header().Set("Connection", "close") // so that no idle connection remains for the fault refuse
		s.control.ServeHTTP(w, r)
		return
	}
	op, allow, problem := s.findOperation(r)
	x := &exchange{Sandbox: s, w: w, r: r, op: op, seq: s.logRequest(r, op.Name)}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
	}
	if err := x.takeScenario(problem == nil); err != nil {
		x.send(JSON(http.StatusBadRequest, controlError(err)))
		return
	}
	if problem != nil {
		x.sendError(problem)
		return
	}
	x.serve()
}

// takeScenario sets the scenario of the request. Without an operation it only checks
// the header and consumes nothing from the queue.
func (x *exchange) takeScenario(routed bool) error {
	header := x.r.Header.Get(ScenarioHeader)
	var err error
	if routed {
		x.scenario, err = x.scenarios.take(x.op, header)
	} else {
		err = x.scenarios.checkHeader(header)
	}
	x.requests.edit(x.seq, func(q *Request) { q.Scenario = x.scenario.Name })
	return err
}

func (x *exchange) serve() {
	kind := x.scenario.Name
	if kind == FaultRefuse || kind == FaultResetBeforeRead {
		abort(x.w)
		return
	}
	if problem := x.read(); problem != nil {
		x.sendError(problem)
		return
	}
	if code, found := x.scenarios.codes[kind]; found {
		x.send(x.modify(x.codeResponse(code)))
		return
	}
	switch kind {
	case FaultResetBeforeCommit:
		abort(x.w)
	case FaultHTML:
		x.send(proxyPage(x.scenario.Status))
	case FaultHuge:
		x.sendHuge()
	default:
		x.execute()
	}
}

// read reads the body.
func (x *exchange) read() *Problem {
	raw, err := readBody(x.w, x.r, bodyLimit)
	x.raw = raw
	kept := string(raw[:min(len(raw), bodyLogLimit)])
	x.requests.edit(x.seq, func(q *Request) { q.Body = kept })
	if err != nil {
		return &Problem{Kind: ProblemJSON, Detail: "cannot read the body: " + err.Error()}
	}
	if len(raw) > bodyLimit {
		return &Problem{Kind: ProblemSize, Detail: "the body is larger than 1 MiB"}
	}
	return nil
}

// readBody reads at most one byte more than limit from the body of a request. It gives
// up after bodyTimeout.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(bodyTimeout)) // fails on a recorder, whose body is in memory
	defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	return io.ReadAll(io.LimitReader(r.Body, limit+1))
}

// execute runs the operation and sends its response, with the fault if there is one.
func (x *exchange) execute() {
	r := x.r.WithContext(context.WithValue(x.r.Context(), exchangeKey{}, x))
	r.Body = io.NopCloser(bytes.NewReader(x.raw))
	r.ContentLength = int64(len(x.raw))
	if x.provider.Before != nil {
		if err := x.provider.Before(r, x.op); err != nil {
			x.send(x.modify(x.provider.ErrorResponse(r, err)))
			return
		}
	}
	if problem := checkBody(x.r.Header.Get("Content-Type"), x.raw); problem != nil && !x.op.Raw {
		x.sendError(problem)
		return
	}
	x.routes.ServeHTTP(x.w, r)
	if x.err != nil {
		x.response = x.provider.ErrorResponse(x.r, x.err)
	}
	if x.scenario.Name == FaultResetAfterCommit {
		abort(x.w) // no response is sent, so none is modified
		return
	}
	x.sendWithFault(x.modify(x.response))
}

func (x *exchange) sendError(problem *Problem) {
	x.send(x.modify(x.provider.ErrorResponse(x.r, problem)))
}

// modify calls the provider's ModifyResponse.
func (x *exchange) modify(a Response) Response {
	if x.provider.ModifyResponse == nil {
		return a
	}
	return x.provider.ModifyResponse(x.r.WithContext(context.WithValue(x.r.Context(), exchangeKey{}, x)), a)
}

// codeResponse returns the response of an error code: its first status and its body.
func (x *exchange) codeResponse(code Code) Response {
	status := x.provider.CodeStatus
	if status == 0 {
		status = http.StatusBadRequest
	}
	if len(code.Statuses) > 0 {
		status = code.Statuses[0]
	}
	kind := "application/json; charset=utf-8"
	if checkDocument([]byte(code.Body)) != nil {
		kind = "text/plain; charset=utf-8"
	}
	return Response{Status: status, Header: http.Header{"Content-Type": {kind}}, Body: []byte(code.Body)}
}
