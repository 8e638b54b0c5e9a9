package pay

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/settings"
)

// Option configures a client. The With functions of this package that set
// something of a client return options; an application cannot define others.
// New returns an error if an option is invalid or nil. Of two options that set
// the same thing, the later one wins.
type Option func(*clientSettings) error

type clientSettings = settings.Client[Observer, TokenStore, EventStore, PendingStore]

// WithBaseURL sends calls to another server than production, such as a sandbox.
// url is a scheme, a host and an optional path prefix, without user information,
// query and fragment. The scheme must be https; http is allowed for loopback
// addresses, and for any host with WithPlainHTTP.
func WithBaseURL(url string) Option {
	return func(s *clientSettings) error {
		if url == "" {
			return errors.New("WithBaseURL: the URL is empty; want a URL such as https://host, or no option for production")
		}
		s.BaseURL = url
		return nil
	}
}

// WithPlainHTTP allows an http base URL on any host. Credentials and payment data
// are then sent unencrypted; use it in closed test networks only.
func WithPlainHTTP() Option {
	return func(s *clientSettings) error { s.PlainHTTP = true; return nil }
}

// WithHTTPClient uses the transport of c, or http.DefaultTransport if it has
// none. A positive timeout of c becomes the timeout of one attempt. Its redirect
// policy and cookie jar are ignored: redirects fail, cookies are not kept. c must
// not be nil. What WithTransport says about transports holds here too.
func WithHTTPClient(c *http.Client) Option {
	return func(s *clientSettings) error {
		if c == nil {
			return errors.New("WithHTTPClient: the client is nil; want an *http.Client, or no option for the default")
		}
		if s.Transport = c.Transport; s.Transport == nil {
			s.Transport = http.DefaultTransport
		}
		if c.Timeout > 0 {
			s.AttemptTimeout = c.Timeout
		}
		return nil
	}
}

// WithTransport sends each attempt through rt, below the retry loop. rt must not
// be nil. If it panics, the attempt fails and may have been sent. The text of an
// error of rt is part of the text of the call's error, so keep secrets and personal
// data out of it. The default transport limits the header of a response to 256 KiB; rt has
// to set a limit of its own.
//
// After an attempt that timed out without any response to the client meanwhile, the
// client closes the idle connections of rt, because a network that has lost a
// connection does not always say so. It calls CloseIdleConnections, if rt has that
// method, and never closes a connection with a request in flight. The default
// transport also sends pings over HTTP/2, which end a lost connection that is never
// idle. Set them in rt as well, for example with http.Transport.HTTP2:
//
//	&http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second}
func WithTransport(rt http.RoundTripper) Option {
	return func(s *clientSettings) error {
		if rt == nil {
			return errors.New("WithTransport: the round tripper is nil; want an http.RoundTripper, or no option for the default")
		}
		s.Transport = rt
		return nil
	}
}

// WithAttemptTimeout limits one attempt, including reading the response. The
// default is 30 s. d must be positive.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *clientSettings) error { s.AttemptTimeout = d; return positive("WithAttemptTimeout", d) }
}

// WithTotalTimeout limits a call with all its attempts and pauses. The default is
// 60 s. An earlier deadline of the context takes precedence. d must be positive.
func WithTotalTimeout(d time.Duration) Option {
	return func(s *clientSettings) error { s.TotalTimeout = d; return positive("WithTotalTimeout", d) }
}

// WithMaxAttempts limits the number of requests of one call, from 1 to 10. The
// default is 3; 1 turns retries off.
func WithMaxAttempts(n int) Option {
	return func(s *clientSettings) error {
		if n < 1 || n > 10 {
			return fmt.Errorf("WithMaxAttempts: %d attempts; want 1 to 10", n)
		}
		s.MaxAttempts = n
		return nil
	}
}

// WithLogger logs one line per attempt at debug level: names, numbers and codes,
// never a header, a body or a URL. Failures of a store, an observer or a
// notification are logged as warnings. They contain the text of the error that a
// store or the function of a webhook returned, so keep personal data out of it.
// The default, nil, logs nothing.
func WithLogger(l *slog.Logger) Option {
	return func(s *clientSettings) error { s.Logger = l; return nil }
}

// WithObserver passes the start and the end of calls and attempts to o. The
// default, nil, is no observer.
func WithObserver(o Observer) Option {
	return func(s *clientSettings) error { s.Observer = o; return nil }
}

// WithMaxResponseAge refuses a signed response whose time is more than d before or after
// the clock, so that whoever controls the connection cannot replay an older one. The
// default is no limit, because a refused response leaves the outcome of a call unknown.
// Clients of providers that do not sign responses ignore it. d must be positive.
func WithMaxResponseAge(d time.Duration) Option {
	return func(s *clientSettings) error { s.MaxResponseAge = d; return positive("WithMaxResponseAge", d) }
}

// WithUserAgent appends an application's name to the User-Agent header. suffix is
// at most 64 bytes of visible ASCII, with spaces inside only.
func WithUserAgent(suffix string) Option {
	return func(s *clientSettings) error {
		if len(suffix) > 64 || strings.Trim(suffix, " ") != suffix || !visible(suffix, true) {
			return fmt.Errorf("WithUserAgent: the suffix has %d bytes, other characters than visible ASCII, or spaces around it; want at most 64 bytes of visible ASCII", len(suffix))
		}
		s.UserAgent = suffix
		return nil
	}
}

// WithTokenStore shares access tokens between processes. The default, nil, keeps
// them in the memory of the client. Clients of providers without tokens ignore
// it.
func WithTokenStore(st TokenStore) Option {
	return func(s *clientSettings) error { s.TokenStore = st; return nil }
}

// WithEventStore shares the record of handled notifications between processes.
// The default, nil, keeps it in the memory of the client.
func WithEventStore(st EventStore) Option {
	return func(s *clientSettings) error { s.EventStore = st; return nil }
}

// WithPendingStore records each call that may move money before its first byte is
// sent, and deletes the record when the outcome is known. A call whose outcome
// stays unknown, or whose process ended, is left to a Reconciler; in the latter case
// only after the call's total timeout, so do not make that very long. If the record
// cannot be stored, the call fails with apierr.ErrUnavailable, and nothing is sent.
// The default, nil, records nothing.
func WithPendingStore(st PendingStore) Option {
	return func(s *clientSettings) error { s.PendingStore = st; return nil }
}

// WithClock replaces time.Now, for tests. now must not be nil and must be safe
// for concurrent use. If it panics, the client uses time.Now.
func WithClock(now func() time.Time) Option {
	return func(s *clientSettings) error {
		if now == nil {
			return errors.New("WithClock: the function is nil; want a function such as time.Now")
		}
		s.Now = now
		return nil
	}
}

// WithRandom replaces crypto/rand as the source of idempotency keys and of the
// jitter of pauses, for tests. r must not be nil and must be safe for concurrent
// use. If it fails or panics, a call that needs a key is not sent, and pauses are the
// longest ones.
func WithRandom(r io.Reader) Option {
	return func(s *clientSettings) error {
		if r == nil {
			return errors.New("WithRandom: the reader is nil; want a reader such as crypto/rand.Reader")
		}
		s.Random = r
		return nil
	}
}

func positive(option string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s: the duration is %v; want more than 0", option, d)
	}
	return nil
}

// visible reports whether s is printable ASCII, with or without spaces.
func visible(s string, spaces bool) bool {
	for i := range len(s) {
		if s[i] > '~' || s[i] < ' ' || s[i] == ' ' && !spaces {
			return false
		}
	}
	return true
}
