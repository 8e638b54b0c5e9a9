// Package wire makes one call to a payment provider: build, authorise, send,
// read, verify, classify, decode, and repeat where the spec's operation class
// allows it. What differs between providers is a Profile.
package transport

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/settings"
	"github.com/specpay/specpay/pay"
)

// Limits of what is read from the other side.
const (
	maxBody   = 4 << 20   // of a success, after decompression
	maxError  = 64 << 10  // of a failure
	maxHeader = 256 << 10 // of the answer's header
)

// Profile is what one provider does differently.
type Profile struct {
	Provider string
	BaseURL  string // production
	Envelope *catalog.Envelope
	// Authorize puts credentials or a signature on each attempt. body is what
	// will be sent.
	Authorize func(ctx context.Context, op *Operation, req *http.Request, body []byte) error
	// Verify checks an answer before any of it is believed. nil: no check.
	Verify func(req *http.Request, resp *http.Response, body []byte) error
	// Recover is asked once per call whether a failed attempt can be replayed at
	// once under new credentials (a revoked token, a wrong clock). nil: never.
	Recover func(ctx context.Context, op *Operation, req *http.Request, e *apierr.Error) bool
}

// The records that the options of package pay fill in.
type (
	clientSettings = settings.Client[pay.Observer, pay.TokenStore, pay.EventStore]
	callSettings   = settings.Call[pay.Meta]
)

// Client makes the calls of one provider account. Safe for concurrent use.
type Client struct {
	profile Profile
	clientSettings
	base   *url.URL
	agent  []string // the User-Agent header
	budget budget
	plans  plans
}

// New checks the options and applies the defaults. It does no I/O.
func New(p Profile, opts ...pay.Option) (*Client, error) {
	var s clientSettings
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("%s: an option is nil", p.Provider)
		}
		if err := o(&s); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Provider, err)
		}
	}
	base, err := baseURL(cmp.Or(s.BaseURL, p.BaseURL), s.PlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("%s: WithBaseURL: %w", p.Provider, err)
	}
	s.AttemptTimeout = cmp.Or(s.AttemptTimeout, 30*time.Second)
	s.TotalTimeout = cmp.Or(s.TotalTimeout, 60*time.Second)
	s.MaxAttempts = cmp.Or(s.MaxAttempts, 3)
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Random == nil {
		s.Random = rand.Reader
	}
	if s.Transport == nil {
		s.Transport = transport()
	}
	return &Client{profile: p, clientSettings: s, base: base, budget: budget{tokens: budgetSize},
		agent: []string{strings.TrimSpace("specpay-" + p.Provider + " " + s.UserAgent)}}, nil
}

// transport suits many calls to one host; it is never http.DefaultTransport,
// whose two idle connections make every burst dial anew.
func transport() http.RoundTripper {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: d.DialContext, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 256, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		ReadBufferSize: 16 << 10, MaxResponseHeaderBytes: maxHeader,
	}
}

func baseURL(raw string, plain bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("not a URL") // the parser's text repeats its input, which may hold a password
	}
	switch {
	case u.User != nil:
		return nil, errors.New("the URL carries a user or password; credentials belong in Credentials")
	case u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("%q has no host; want something like https://host", raw)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, errors.New("the URL has a query or a fragment; want scheme, host and perhaps a path")
	case u.Scheme == "http" && !plain && !Loopback(u.Hostname()):
		return nil, fmt.Errorf("http://%s would send credentials unprotected; want https (WithPlainHTTP overrides)", u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("scheme %q; want https", u.Scheme)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// Loopback reports whether a host name or address is this machine's own.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Host is the host and port that calls go to.
func (c *Client) Host() string { return c.base.Host }
