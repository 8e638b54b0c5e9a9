package catalog

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// match returns the operation of a request; nil if it matches none. The server's
// base URL may have a path, so a template has to match the end of the request's
// path. The longest template wins, and then the one with the fewest parameters.
// A template that does not start with a slash matches nothing. A HEAD request for a
// path without a HEAD operation is one of the GET operation, as RFC 9110 says.
func (c *Catalog) match(req *http.Request) *Operation {
	if req.URL == nil { // the HTTP client reports it
		return nil
	}
	c.once.Do(c.index)
	path, method := req.URL.EscapedPath(), req.Method
	if method == "" {
		method = http.MethodGet
	}
	found := c.root.find(path, method)
	if found == nil && strings.EqualFold(method, http.MethodHead) {
		found = c.root.find(path, http.MethodGet)
	}
	if found == nil {
		return nil
	}
	return found.op
}

// step is a node of the tree of path templates. A path is followed from its last
// segment to its first, because a template matches the end of a path.
type step struct {
	literals map[string]*step
	patterns []pattern
	ends     []route // of the templates that begin here
}

// pattern is a segment with parameters: what stands before the first and after the
// last one.
type pattern struct {
	before, after string
	next          *step
}

// route is an operation. Its rank is higher for longer templates, and for those with
// fewer parameters. Of equal ones, the first wins.
type route struct {
	op    *Operation
	rank  int
	order int
}

// index builds the tree of templates. The first request does it, so that the import
// of generated code costs nothing.
func (c *Catalog) index() {
	for i := range c.Operations {
		op := &c.Operations[i]
		relative, ok := strings.CutPrefix(op.Path, "/")
		if !ok {
			continue
		}
		segments := strings.Split(relative, "/")
		at := &c.root
		for _, segment := range slices.Backward(segments) {
			at = at.add(segment)
		}
		at.ends = append(at.ends, route{op, 1000*len(segments) - strings.Count(op.Path, "{"), i})
	}
}

// add returns the node that a segment of a template leads to.
func (s *step) add(segment string) *step {
	start, end := strings.IndexByte(segment, '{'), strings.LastIndexByte(segment, '}')
	if start < 0 || end < start {
		next := s.literals[segment]
		if next == nil {
			next = &step{}
			if s.literals == nil {
				s.literals = map[string]*step{}
			}
			s.literals[segment] = next
		}
		return next
	}
	before, after := segment[:start], segment[end+1:]
	for _, p := range s.patterns {
		if p.before == before && p.after == after {
			return p.next
		}
	}
	next := &step{}
	s.patterns = append(s.patterns, pattern{before, after, next})
	return next
}

// find returns the best route for the end of an escaped path; nil if there is none.
func (s *step) find(path, method string) (best *route) {
	for i := range s.ends {
		best = better(best, &s.ends[i], method)
	}
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 {
		return best
	}
	rest, segment := path[:slash], path[slash+1:]
	if next := s.literals[segment]; next != nil {
		best = better(best, next.find(rest, method), method)
	}
	if plain, _ := url.PathUnescape(segment); plain != segment && s.literals[plain] != nil {
		best = better(best, s.literals[plain].find(rest, method), method)
	}
	for _, p := range s.patterns {
		if len(segment) >= len(p.before)+len(p.after) && strings.HasPrefix(segment, p.before) && strings.HasSuffix(segment, p.after) {
			best = better(best, p.next.find(rest, method), method)
		}
	}
	return best
}

// better returns the better of two routes, which may be nil; b only if it has the
// method.
func better(a, b *route, method string) *route {
	switch {
	case b == nil || !strings.EqualFold(b.op.Method, method):
		return a
	case a == nil || b.rank > a.rank || b.rank == a.rank && b.order < a.order:
		return b
	}
	return a
}

// success returns what is declared for a 2xx status. The receiver may be nil.
func (op *Operation) success(status int) Success {
	if op == nil {
		return Success{}
	}
	var other Success
	for _, s := range op.Successes {
		switch s.Status {
		case status:
			return s
		case 0:
			other = s
		}
	}
	return other
}

// passes reports whether the spec declares a 3xx of an operation, which may be nil,
// and no error body for it.
func (c *Catalog) passes(op *Operation, status int) bool {
	if op == nil || status < 300 || status > 399 {
		return false
	}
	for i := range op.Shapes {
		if s := &op.Shapes[i]; c.envelopeOf(s) != nil && s.rank(status) > 1 {
			return false
		}
	}
	return slices.ContainsFunc(op.Successes, func(s Success) bool { return s.Status == status || s.Status == 3 })
}
