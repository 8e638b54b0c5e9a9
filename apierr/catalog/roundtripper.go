package catalog

import "net/http"

// RoundTripper is the transport of an HTTP client and returns failures as
// *apierr.Error. It is safe for concurrent use as long as its fields are not
// changed. [Catalog.RoundTripper] returns one; the zero value cannot be used.
type RoundTripper struct {
	Next      http.RoundTripper // sends the requests; nil is http.DefaultTransport
	MaxBody   int64             // as in Doer
	Unchecked bool              // as in Doer

	catalog *Catalog
}

// RoundTripper returns a transport for net/http and for other HTTP clients that are
// built on it:
//
//	client := &http.Client{Transport: api.ErrorRoundTripper(nil)}
//
// It returns failures as [Catalog.Doer] does. An http.Client wraps them in a
// *url.Error, so that errors.Is and errors.As work on what it returns. The client
// follows the redirects that the spec declares; any other is a failure.
//
// Limit a call by the deadline of its context. If http.Client.Timeout ends a call, the
// client replaces the error with one of its own.
//
// next sends the requests; nil is http.DefaultTransport.
func (c *Catalog) RoundTripper(next http.RoundTripper) *RoundTripper {
	return &RoundTripper{Next: next, catalog: c}
}

// RoundTrip sends a request. It returns either an *apierr.Error or a successful
// response, whose body the caller has to close.
func (t *RoundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	d := Doer{Next: doerFunc(t.next().RoundTrip), MaxBody: t.MaxBody, Unchecked: t.Unchecked, catalog: t.catalog}
	return d.Do(req)
}

// CloseIdleConnections closes the idle connections of Next. An http.Client calls it
// in its method of the same name.
func (t *RoundTripper) CloseIdleConnections() {
	if c, ok := t.next().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *RoundTripper) next() http.RoundTripper {
	if t.Next == nil {
		return http.DefaultTransport
	}
	return t.Next
}

type doerFunc func(*http.Request) (*http.Response, error)

func (f doerFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }
