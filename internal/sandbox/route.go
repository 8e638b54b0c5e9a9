package sandbox

import (
	"net/http"
	"path"
	"strings"
)

// Problem is why a request reaches no operation. It is an error.
type Problem struct {
	Kind ProblemKind
	// Detail says what was wrong, in English.
	Detail string
}

// Error gives the detail.
func (p *Problem) Error() string { return p.Detail }

// ProblemKind tells the problems apart; its number is the usual HTTP status.
type ProblemKind int

// The kinds of problems.
const (
	ProblemJSON   ProblemKind = http.StatusBadRequest            // the body is not one JSON document
	ProblemRoute  ProblemKind = http.StatusNotFound              // no such path
	ProblemMethod ProblemKind = http.StatusMethodNotAllowed      // the path has other methods
	ProblemSize   ProblemKind = http.StatusRequestEntityTooLarge // the body is above 1 MiB
	ProblemMedia  ProblemKind = http.StatusUnsupportedMediaType  // the body says it is not JSON
)

type exchangeKey struct{}

// mount registers the operations. The mux finds them and fills in the values
// of the path; what an operation returns goes into the exchange.
func (s *Sandbox) mount() {
	s.routes = http.NewServeMux()
	s.byRoute = make(map[string]Operation, len(s.provider.Operations))
	for _, op := range s.provider.Operations {
		s.routes.HandleFunc(op.Pattern, func(_ http.ResponseWriter, r *http.Request) {
			x, _ := r.Context().Value(exchangeKey{}).(*exchange)
			x.answer, x.err = op.Handler(r)
		})
		s.byRoute[op.Pattern] = op
		s.plan.operations[op.Name] = op
	}
}

// find returns the operation of a request, or why there is none, and the
// methods the path does have.
func (s *Sandbox) find(r *http.Request) (op Operation, allow []string, problem *Problem) {
	if op, found := s.lookup(r, r.Method); found && r.Method != http.MethodHead {
		return op, nil, nil
	}
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		if _, found := s.lookup(r, method); found {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		return Operation{}, nil, &Problem{Kind: ProblemRoute, Detail: "no operation has the path " + r.URL.Path}
	}
	return Operation{}, allow, &Problem{
		Kind:   ProblemMethod,
		Detail: r.Method + " is not allowed on " + r.URL.Path + "; allowed: " + strings.Join(allow, ", "),
	}
}

func (s *Sandbox) lookup(r *http.Request, method string) (Operation, bool) {
	// The mux would redirect an unclean path; a provider's router does not.
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path {
		return Operation{}, false
	}
	probe := *r
	probe.Method = method
	_, pattern := s.routes.Handler(&probe)
	op, found := s.byRoute[pattern]
	return op, found
}
