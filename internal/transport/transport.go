// Package transport makes calls to a payment provider: it builds, authorizes and
// sends a request, reads, verifies, classifies and decodes the response, and
// retries where the retry class of the operation permits it. A Profile holds what
// differs between providers.
package transport

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/settings"
	"github.com/specpay/specpay/pay"
)

// Limits of a response, in bytes.
const (
	maxBody   = 4 << 20   // body of a success, after decompression
	maxHeader = 256 << 10 // header
)

// The records that the options of package pay fill in.
type (
	clientSettings = settings.Client[pay.Observer, pay.TokenStore, pay.EventStore, pay.PendingStore]
	callSettings   = settings.Call[pay.Meta]
)

// Config is the configuration of one client: its options, checked and with the
// defaults applied.
type Config struct {
	clientSettings
	provider string
	base     *url.URL
	agent    []string // the User-Agent header
	budget   *budget
	silence  *silence
	own      bool // the transport is not the caller's
	closed   atomic.Bool
}

// NewConfig applies options. production is the base URL without WithBaseURL.
func NewConfig(provider, production string, opts []pay.Option) (*Config, error) {
	c := &Config{provider: provider, budget: &budget{tokens: budgetSize}, silence: &silence{}}
	for _, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("%s: an option is nil", provider)
		}
		if err := o(&c.clientSettings); err != nil {
			return nil, fmt.Errorf("%s: %w", provider, err)
		}
	}
	var err error
	if c.base, err = baseURL(cmp.Or(c.BaseURL, production), c.PlainHTTP); err != nil {
		return nil, fmt.Errorf("%s: WithBaseURL: %w", provider, err)
	}
	c.agent = []string{strings.TrimSpace("specpay-" + provider + " " + c.UserAgent)}
	c.AttemptTimeout = cmp.Or(c.AttemptTimeout, 30*time.Second)
	c.TotalTimeout = cmp.Or(c.TotalTimeout, 60*time.Second)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 3)
	c.protect()
	if c.Transport == nil {
		c.Transport, c.own = transport(), true
	}
	return c, nil
}

// protect guards against panics in what the application passed, and sets defaults.
func (c *Config) protect() {
	if c.Now == nil {
		c.Now = time.Now
	} else {
		c.Now = safeClock(c.Now)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	} else {
		c.Random = safeReader{c.Random}
	}
	if c.Logger != nil {
		c.Logger = slog.New(safeHandler{c.Logger.Handler()})
	}
}

// Host returns the host and port that calls are sent to.
func (c *Config) Host() string { return c.base.Host }

// Profile is what one provider does differently.
type Profile struct {
	Catalog *catalog.Catalog // how to read error responses
	Account string           // identifies the account at the provider; not a secret
	// Authorize adds credentials or a signature to each attempt. body is what is
	// sent.
	Authorize func(ctx context.Context, op *Operation, req *http.Request, body []byte) error
	// Headers are the headers that Authorize sets, other than Authorization.
	// pay.WithHeader refuses them.
	Headers []string
	// NumbersAsText reads numbers in a response into members of text, as the digits that
	// were received. It is for a provider that sends an ID as text at one time and as a
	// number at another.
	NumbersAsText bool
	// Verify checks a response before any of it is used. nil: no check.
	Verify func(req *http.Request, resp *http.Response, body []byte) error
	// Recover reports whether a failed attempt can be replayed at once under new
	// credentials, because a token was revoked or a clock was wrong. It is called
	// until it first returns true in a call. nil: never.
	Recover func(ctx context.Context, op *Operation, req *http.Request, e *apierr.Error) bool
	// Close ends what the provider's package does in the background. nil: nothing.
	Close func()
}

// Client makes the calls of one provider account. It is safe for concurrent use.
type Client struct {
	*Config
	profile Profile
	plans   plans
}

// New returns a client. Clients that share a config share its retry budget.
func New(c *Config, p Profile) *Client { return &Client{Config: c, profile: p} }

// Close closes the idle connections of the client's own transport. It always returns
// nil.
func (c *Client) Close() error {
	c.closed.Store(true)
	if c.profile.Close != nil {
		c.profile.Close()
	}
	if c.own {
		closeIdle(c.Transport)
	}
	return nil
}

// closeLater closes the connection of a call that ended after Close.
func (c *Client) closeLater() {
	if c.own && c.closed.Load() {
		time.AfterFunc(cleanup, func() { closeIdle(c.Transport) })
	}
}

// After pingAfter without a frame, the client asks over HTTP/2 whether the peer still
// has the connection, and closes it after another pingTimeout. A call on a dead
// connection then fails before the default timeout of an attempt, so that it can be
// retried. A shorter interval would look like a flood to some servers.
const (
	pingAfter   = 15 * time.Second
	pingTimeout = 5 * time.Second
)

// transport returns a transport for many calls to one host. http.DefaultTransport
// keeps two idle connections per host, so that every burst would dial again.
func transport() http.RoundTripper {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: d.DialContext, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 256, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		ReadBufferSize: 16 << 10, MaxResponseHeaderBytes: maxHeader,
		HTTP2: &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}
}

func baseURL(raw string, plain bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("the URL is invalid; want a URL such as https://host") // without the parser's text, which may contain a password
	}
	switch {
	case u.User != nil:
		return nil, errors.New("the URL contains a user or password; want them in Credentials")
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host; want a URL such as https://host") // without the text, which may be a secret in the wrong place
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, errors.New("the URL has a query or a fragment; want scheme, host and an optional path")
	case u.Scheme == "http" && !plain && !Loopback(u.Hostname()):
		return nil, fmt.Errorf("http://%s would send credentials unencrypted; want https, or WithPlainHTTP on a closed test network", u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the scheme is %q; want https", u.Scheme)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// Loopback reports whether a host is localhost or a loopback address.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip.IsLoopback() // false for nil
}
