package pay

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"time"

	"github.com/specpay/specpay/internal/settings"
)

// CallOption sets one option of one call. When it is wrong, the call fails
// before anything is sent.
type CallOption func(*callSettings) error

type callSettings = settings.Call[Meta]

// Meta is what a call came with beside its result. It is filled on success and
// on failure.
type Meta struct {
	RequestID      string
	IdempotencyKey string
	Attempts       int
	StatusCode     int
	Header         http.Header // without cookies
}

// WithIdempotencyKey sends the call under the caller's own key: one per
// purchase, not one per request. 1 to 255 bytes of visible ASCII. An operation
// that has no key refuses it.
func WithIdempotencyKey(key string) CallOption {
	return func(c *callSettings) error {
		if key == "" || len(key) > 255 || !visible(key, false) {
			return fmt.Errorf("WithIdempotencyKey: want 1 to 255 bytes of visible ASCII without spaces, got %d bytes", len(key))
		}
		c.IdempotencyKey = key
		return nil
	}
}

// WithHeader adds a header to every attempt. Headers that the client sets itself
// (Authorization, Content-Type, Content-Length, Host, Cookie and the like) are
// refused.
func WithHeader(name, value string) CallOption {
	return func(c *callSettings) error {
		name = textproto.CanonicalMIMEHeaderKey(name)
		switch name {
		case "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Host",
			"Idempotency-Key", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
			return fmt.Errorf("WithHeader: %s is set by the client", name)
		}
		if name == "" || !token(name) {
			return fmt.Errorf("WithHeader: %.64q is not a header name", name)
		}
		if len(value) > 4096 || !visible(value, true) {
			return fmt.Errorf("WithHeader: the value of %s is not up to 4096 bytes of visible ASCII", name)
		}
		if c.Header == nil {
			c.Header = http.Header{}
		}
		c.Header.Set(name, value)
		return nil
	}
}

// WithCallTimeout replaces the client's total timeout for this call.
func WithCallTimeout(d time.Duration) CallOption {
	return func(c *callSettings) error { c.Timeout = d; return positive("WithCallTimeout", d) }
}

// WithCallAttemptTimeout replaces the client's timeout of one attempt for this
// call.
func WithCallAttemptTimeout(d time.Duration) CallOption {
	return func(c *callSettings) error {
		c.AttemptTimeout = d
		return positive("WithCallAttemptTimeout", d)
	}
}

// WithMeta fills m with what the call came with, whether it succeeds or fails.
func WithMeta(m *Meta) CallOption {
	return func(c *callSettings) error {
		if m == nil {
			return errors.New("WithMeta: the pointer is nil")
		}
		c.Meta = m
		return nil
	}
}

// token reports whether s can be a header name.
func token(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case b >= '0' && b <= '9', b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b == '-', b == '_':
		default:
			return false
		}
	}
	return true
}
