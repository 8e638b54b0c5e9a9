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

// Option sets one option of a client. The With functions of this package return
// options; an application cannot define others. New returns an option's error.
type Option func(*clientSettings) error

type clientSettings = settings.Client[Observer, TokenStore, EventStore]

// WithBaseURL sends calls to another server, such as a sandbox. It must be
// https, or http on a loopback address; no query, no fragment, no user part.
func WithBaseURL(url string) Option {
	return func(s *clientSettings) error {
		if url == "" {
			return errors.New("WithBaseURL: the URL is empty; leave the option out for production")
		}
		s.BaseURL = url
		return nil
	}
}

// WithPlainHTTP allows an http:// base URL on any host. Credentials and payment
// data then travel unprotected: for closed test networks only.
func WithPlainHTTP() Option {
	return func(s *clientSettings) error { s.PlainHTTP = true; return nil }
}

// WithHTTPClient takes the client's transport, and its timeout as the timeout
// of one attempt when it has one. Its redirect policy and cookie jar are not
// used: redirects are refused, cookies are not kept.
func WithHTTPClient(c *http.Client) Option {
	return func(s *clientSettings) error {
		if c == nil {
			return errors.New("WithHTTPClient: the client is nil")
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

// WithTransport sends each attempt through rt, below the retry loop. The limit of
// 256 KiB on an answer's header is then rt's own affair.
func WithTransport(rt http.RoundTripper) Option {
	return func(s *clientSettings) error {
		if rt == nil {
			return errors.New("WithTransport: the round tripper is nil")
		}
		s.Transport = rt
		return nil
	}
}

// WithAttemptTimeout limits one attempt, reading its answer included. Default
// 30 s.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *clientSettings) error { s.AttemptTimeout = d; return positive("WithAttemptTimeout", d) }
}

// WithTotalTimeout limits a call with all its attempts and pauses. Default 60 s;
// a nearer deadline of the context wins.
func WithTotalTimeout(d time.Duration) Option {
	return func(s *clientSettings) error { s.TotalTimeout = d; return positive("WithTotalTimeout", d) }
}

// WithMaxAttempts limits the requests of a call. Default 3, 1 never repeats, at
// most 10.
func WithMaxAttempts(n int) Option {
	return func(s *clientSettings) error {
		if n < 1 || n > 10 {
			return fmt.Errorf("WithMaxAttempts: %d is not between 1 and 10", n)
		}
		s.MaxAttempts = n
		return nil
	}
}

// WithLogger logs one line per attempt at debug level: names, numbers and codes,
// never a header, a body or a URL. nil turns it off, which is the default.
func WithLogger(l *slog.Logger) Option {
	return func(s *clientSettings) error { s.Logger = l; return nil }
}

// WithObserver sends the start and the end of calls and attempts to o. nil turns
// it off, which is the default.
func WithObserver(o Observer) Option {
	return func(s *clientSettings) error { s.Observer = o; return nil }
}

// WithUserAgent adds an application's name to the User-Agent header: visible
// ASCII, at most 64 bytes.
func WithUserAgent(suffix string) Option {
	return func(s *clientSettings) error {
		if len(suffix) > 64 || strings.Trim(suffix, " ") != suffix || !visible(suffix, true) {
			return fmt.Errorf("WithUserAgent: want at most 64 bytes of visible ASCII, got %d bytes", len(suffix))
		}
		s.UserAgent = suffix
		return nil
	}
}

// WithTokenStore shares access tokens between processes.
func WithTokenStore(st TokenStore) Option {
	return func(s *clientSettings) error { s.TokenStore = st; return nil }
}

// WithEventStore shares the record of handled webhook events between processes.
func WithEventStore(st EventStore) Option {
	return func(s *clientSettings) error { s.EventStore = st; return nil }
}

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option {
	return func(s *clientSettings) error {
		if now == nil {
			return errors.New("WithClock: the function is nil")
		}
		s.Now = now
		return nil
	}
}

// WithRandom replaces crypto/rand as the source of idempotency keys and of the
// jitter of pauses. For tests.
func WithRandom(r io.Reader) Option {
	return func(s *clientSettings) error {
		if r == nil {
			return errors.New("WithRandom: the reader is nil")
		}
		s.Random = r
		return nil
	}
}

func positive(option string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s: %v is not a positive duration", option, d)
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
