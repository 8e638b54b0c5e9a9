package catalog

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// many returns a catalog of n operations, as large APIs have them.
func many(n int) *Catalog {
	c := &Catalog{API: "many"}
	for i := range n {
		path := fmt.Sprintf("/v1/accounts/{account}/things%d/{thing}/parts/{part}", i/4)
		if i%2 == 1 {
			path = fmt.Sprintf("/v1/accounts/{account}/things%d", i/4)
		}
		c.Operations = append(c.Operations, Operation{ID: fmt.Sprint("op", i), Method: []string{http.MethodGet, http.MethodPost}[i/2%2], Path: path})
	}
	return c
}

// TestMatchingDoesNotDependOnTheNumberOfOperations: with 1,000 operations, a request is
// matched with at most 3 allocations, and at few templates.
func TestMatchingDoesNotDependOnTheNumberOfOperations(t *testing.T) {
	c := many(1000)
	for path, want := range map[string]string{
		"/v1/accounts/a%2Fb/things249/t%201/parts/p": "op998", "/api/v1/accounts/a/things249": "op999", "/v1/accounts/a/other": "",
	} {
		req := httptest.NewRequest(http.MethodPost, "http://many.test"+path, nil)
		found := c.match(req)
		if found == nil && want != "" || found != nil && found.ID != want {
			t.Errorf("%s: got %v, want %q", path, found, want)
		}
		if n := testing.AllocsPerRun(100, func() { c.match(req) }); n > 3 {
			t.Errorf("%s: %v allocations, want at most 3", path, n)
		}
	}
}

// TestIndexFindsWhatAScanFinds compares the tree with a scan of all templates, for
// random templates and paths of few words, so that many templates match.
func TestIndexFindsWhatAScanFinds(t *testing.T) {
	words := []string{"", "a", "b", "ab", "{x}", "{y}", "a{x}", "{x}b", "a{x}b", "{x}:go", "a b", "a%20b"}
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func(n int) string {
		var b strings.Builder
		for range 1 + rnd.IntN(n) {
			b.WriteString("/" + words[rnd.IntN(len(words))])
		}
		return b.String()
	}
	methods := []string{http.MethodGet, http.MethodPost, "get"}
	for range 300 {
		c := &Catalog{}
		for i := range 1 + rnd.IntN(12) {
			c.Operations = append(c.Operations, Operation{ID: fmt.Sprint(i), Method: methods[rnd.IntN(3)], Path: random(3)})
		}
		for range 10 {
			path := strings.NewReplacer("{x}", "ab", "{y}", "b").Replace(random(4))
			u, err := url.Parse("http://demo.test" + path)
			if err != nil {
				t.Fatal(err)
			}
			req := &http.Request{Method: http.MethodGet, URL: u}
			if got, want := c.match(req), c.scan(req); got != want {
				t.Fatalf("%s in %+v: got %+v, want %+v", path, c.Operations, got, want)
			}
		}
	}
}

// scan compares a request with one template after another.
func (c *Catalog) scan(req *http.Request) *Operation {
	path := strings.Split(req.URL.EscapedPath(), "/")
	var best *Operation
	var bestRank int
	for i := range c.Operations {
		op := &c.Operations[i]
		template := strings.Split(op.Path[1:], "/")
		if !strings.EqualFold(op.Method, req.Method) || len(template) >= len(path) || !matchSegments(template, path[len(path)-len(template):]) {
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

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := many(n)
			req := httptest.NewRequest(http.MethodPost, "http://many.test/v1/accounts/a/things1/t/parts/p", nil)
			b.ReportAllocs()
			for b.Loop() {
				c.match(req)
			}
		})
	}
}
