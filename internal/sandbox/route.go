package sandbox

import (
	"net/http"
	"path"
	"strings"
)

// Problem is the error of a request that reaches no operation.
type Problem struct {
	Kind ProblemKind
	// Detail says what is wrong, in English.
	Detail string
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// ProblemKind is the kind of a problem. Its value is the usual HTTP status.
type ProblemKind int

// The kinds of problems.
const (
	ProblemJSON   ProblemKind = http.StatusBadRequest            // the body is not one JSON document
	ProblemRoute  ProblemKind = http.StatusNotFound              // unknown path
	ProblemMethod ProblemKind = http.StatusMethodNotAllowed      // the path has only other methods
	ProblemSize   ProblemKind = http.StatusRequestEntityTooLarge // the body is larger than 1 MiB
	ProblemMedia  ProblemKind = http.StatusUnsupportedMediaType  // the Content-Type is not JSON
)

type exchangeKey struct{}

// registerOperations registers the operations with the mux, which sets the path
// values. The results of an operation go into the exchange.
func (s *Sandbox) registerOperations() {
	s.routes = http.NewServeMux()
	s.byPattern = make(map[string]Operation, len(s.provider.Operations))
	for _, op := range s.provider.Operations {
		s.routes.HandleFunc(op.Pattern, func(_ http.ResponseWriter, r *http.Request) {
			x, _ := r.Context().Value(exchangeKey{}).(*exchange)
			x.response, x.err = op.Handler(r)
		})
		s.byPattern[op.Pattern] = op
		s.scenarios.operations[op.Name] = op
	}
}

// findOperation returns the operation of a request, or the problem if there is none
// and the methods that the path allows.
func (s *Sandbox) findOperation(r *http.Request) (op Operation, allow []string, problem *Problem) {
	if op, found := s.lookup(r, r.Method); found && r.Method != http.MethodHead {
		return op, nil, nil
	}
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		if _, found := s.lookup(r, method); found {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		return Operation{}, nil, &Problem{Kind: ProblemRoute, Detail: "unknown path " + r.URL.Path}
	}
	return Operation{}, allow, &Problem{
		Kind:   ProblemMethod,
		Detail: r.Method + " is not allowed on " + r.URL.Path + "; allowed: " + strings.Join(allow, ", "),
	}
}

func (s *Sandbox) lookup(r *http.Request, method string) (Operation, bool) {
	// The mux would redirect a path that is not clean; a provider does not.
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path {
		return Operation{}, false
	}
	probe := *r
	probe.Method = method
	_, pattern := s.routes.Handler(&probe)
	op, found := s.byPattern[pattern]
	return op, found
}
