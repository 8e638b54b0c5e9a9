package sandbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
)

// bodyLimit is the largest request body that is read.
const bodyLimit = 1 << 20

// controlPrefix is the part of the path space that no provider uses.
const controlPrefix = "/_sandbox/"

// Body is the raw body of a request that a handler was given; nil when there
// is none.
func Body(r *http.Request) []byte {
	if x, ok := r.Context().Value(exchangeKey{}).(*exchange); ok {
		return x.raw
	}
	return nil
}

// exchange is one request on its way to its answer.
type exchange struct {
	*Sandbox
	w   http.ResponseWriter
	r   *http.Request
	op  Operation
	seq int
	raw []byte
	// met is the scenario of the request; its name is empty for the normal answer.
	met Scenario
	// answer and err are what the operation returned.
	answer Answer
	err    error
}

// ServeHTTP serves the provider's operations and the control routes.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.busy.Add(1)
	defer s.busy.Done()
	if s.server.isDropped(peerOf(r)) {
		abort(w)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		w.Header().Set("Connection", "close") // so that refuse leaves no idle connection behind
		s.control.ServeHTTP(w, r)
		return
	}
	op, allow, problem := s.find(r)
	x := &exchange{Sandbox: s, w: w, r: r, op: op, seq: s.begin(r, op.Name)}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
	}
	if err := x.meet(problem == nil); err != nil {
		x.send(JSON(http.StatusBadRequest, controlError(err)))
		return
	}
	if problem != nil {
		x.refuse(problem)
		return
	}
	x.serve()
}

// meet finds the scenario of the request. Where there is no operation only the
// header is looked at, so that nothing of the queue is used up.
func (x *exchange) meet(routed bool) error {
	header := x.r.Header.Get(ScenarioHeader)
	var err error
	if routed {
		x.met, err = x.plan.take(x.op, header)
	} else {
		err = x.plan.checkHeader(header)
	}
	x.requests.edit(x.seq, func(q *Request) { q.Scenario = x.met.Name })
	return err
}

func (x *exchange) serve() {
	kind := x.met.Name
	if kind == FaultRefuse || kind == FaultResetBeforeRead {
		abort(x.w)
		return
	}
	if problem := x.read(); problem != nil {
		x.refuse(problem)
		return
	}
	if code, found := x.plan.codes[kind]; found {
		x.send(x.seal(x.codeAnswer(code)))
		return
	}
	switch kind {
	case FaultResetBeforeCommit:
		abort(x.w)
	case FaultHTML:
		x.send(htmlAnswer(x.met.Status))
	case FaultHuge:
		x.sendHuge()
	default:
		x.execute()
	}
}

// read takes in the body.
func (x *exchange) read() *Problem {
	raw, err := io.ReadAll(io.LimitReader(x.r.Body, bodyLimit+1))
	x.raw = raw
	kept := string(raw[:min(len(raw), bodyKept)])
	x.requests.edit(x.seq, func(q *Request) { q.Body = kept })
	if err != nil {
		return &Problem{Kind: ProblemJSON, Detail: "the body could not be read: " + err.Error()}
	}
	if len(raw) > bodyLimit {
		return &Problem{Kind: ProblemSize, Detail: "the body is above 1 MiB"}
	}
	return nil
}

// execute runs the operation and sends, or spoils, its answer.
func (x *exchange) execute() {
	r := x.r.WithContext(context.WithValue(x.r.Context(), exchangeKey{}, x))
	r.Body = io.NopCloser(bytes.NewReader(x.raw))
	r.ContentLength = int64(len(x.raw))
	if x.provider.Before != nil {
		if err := x.provider.Before(r, x.op); err != nil {
			x.send(x.seal(x.provider.Refuse(r, err)))
			return
		}
	}
	if problem := checkBody(x.r.Header.Get("Content-Type"), x.raw); problem != nil && !x.op.Raw {
		x.refuse(problem)
		return
	}
	x.routes.ServeHTTP(x.w, r)
	if x.err != nil {
		x.answer = x.provider.Refuse(x.r, x.err)
	}
	if x.met.Name == FaultResetAfterCommit {
		abort(x.w) // nobody will see the answer, so it need not be signed
		return
	}
	x.spoil(x.seal(x.answer))
}

func (x *exchange) refuse(problem *Problem) { x.send(x.seal(x.provider.Refuse(x.r, problem))) }

// seal lets the provider sign its answer.
func (x *exchange) seal(a Answer) Answer {
	if x.provider.Seal == nil {
		return a
	}
	return x.provider.Seal(x.r.WithContext(context.WithValue(x.r.Context(), exchangeKey{}, x)), a)
}

// codeAnswer is a code by name: its first status and its body.
func (x *exchange) codeAnswer(code Code) Answer {
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
	return Answer{Status: status, Header: http.Header{"Content-Type": {kind}}, Body: []byte(code.Body)}
}
