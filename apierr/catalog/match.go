package catalog

import (
	"net/http"
	"net/url"
	"strings"
)

// match returns the operation of a request; nil if it matches none. The server's
// base URL may have a path, so a template has to match the end of the request's
// path. The longest template wins, and then the one with the fewest parameters.
// A template that does not start with a slash matches nothing.
func (c *Catalog) match(req *http.Request) *Operation {
	if req.URL == nil { // the HTTP client reports it
		return nil
	}
	path := strings.Split(req.URL.EscapedPath(), "/")
	var best *Operation
	var bestRank int
	for i := range c.Operations {
		op := &c.Operations[i]
		if !strings.EqualFold(op.Method, req.Method) && (req.Method != "" || op.Method != http.MethodGet) {
			continue
		}
		relative, ok := strings.CutPrefix(op.Path, "/")
		if !ok {
			continue
		}
		template := strings.Split(relative, "/")
		if len(template) >= len(path) || !matchSegments(template, path[len(path)-len(template):]) {
			continue
		}
		if rank := 1000*len(template) - strings.Count(op.Path, "{"); rank > bestRank {
			best, bestRank = op, rank
		}
	}
	return best
}

func matchSegments(template, path []string) bool {
	for i, t := range template {
		start, end := strings.IndexByte(t, '{'), strings.LastIndexByte(t, '}')
		if start < 0 || end < start {
			if plain, _ := url.PathUnescape(path[i]); t != path[i] && t != plain {
				return false
			}
			continue
		}
		before, after := t[:start], t[end+1:]
		if len(path[i]) < len(before)+len(after) || !strings.HasPrefix(path[i], before) || !strings.HasSuffix(path[i], after) {
			return false
		}
	}
	return true
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
