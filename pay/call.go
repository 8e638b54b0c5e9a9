package pay

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/settings"
)

// CallOption configures one call. The With functions of this package that set
// something of one call return call options; an application cannot define
// others. If an option is invalid or nil, the call fails with
// apierr.ErrInvalidRequest and nothing is sent.
type CallOption func(*callSettings) error

type callSettings = settings.Call[Meta]

// Meta describes how a call went; see WithMeta. Fields are zero if there was no
// response or if the provider did not send them. Header may contain personal data,
// and IdempotencyKey whatever the caller chose. Both are reached by name only:
// printed, logged or encoded, a Meta is the other fields.
type Meta struct {
	RequestID      string      // the provider's ID of the last request
	IdempotencyKey string      // shared by all attempts; "" if the operation has none
	Attempts       int         // requests that were sent
	StatusCode     int         // of the last response
	Header         http.Header // of the last response, without cookies
}

func (m Meta) text() string {
	return fmt.Sprintf("pay.Meta(request %.64q, HTTP %d, attempts %d)", m.RequestID, m.StatusCode, m.Attempts)
}

// Format keeps the header out of the output of package fmt.
func (m Meta) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.text()) }

// LogValue returns the request ID, cut to 64 bytes, the status and the attempts.
func (m Meta) LogValue() slog.Value {
	return slog.GroupValue(slog.String("request_id", fmt.Sprintf("%.64s", m.RequestID)), slog.Int("status", m.StatusCode), slog.Int("attempts", m.Attempts))
}

// MarshalText keeps the header out of JSON, XML, YAML and other encodings.
func (m Meta) MarshalText() ([]byte, error) { return []byte(m.text()), nil }

// GobEncode returns an error, because gob would write the header.
func (Meta) GobEncode() ([]byte, error) {
	return nil, errors.New("pay.Meta holds the header of a response and cannot be encoded with gob; encode its other fields")
}

// WithIdempotencyKey sends the caller's own idempotency key, which must be 1 to
// 255 bytes of visible ASCII without spaces. Use one key per purchase, not one
// per request: the provider then recognizes a repeated call. Without this option
// the client generates a key for each call. An operation that takes no
// idempotency key fails with this option.
func WithIdempotencyKey(key string) CallOption {
	return func(c *callSettings) error {
		if key == "" || len(key) > 255 || !visible(key, false) {
			return fmt.Errorf("WithIdempotencyKey: the key has %d bytes or contains other characters than visible ASCII; want 1 to 255 bytes of visible ASCII without spaces", len(key))
		}
		c.IdempotencyKey = key
		return nil
	}
}

// WithHeader adds a header to every attempt, for example for tracing; a repeated
// name replaces the value. The value is at most 4096 bytes of visible ASCII and
// spaces. Headers that the client sets itself, and headers that change how a request
// is sent or what a response means, are refused:
//
//   - credentials, signatures and keys: Authorization, Cookie, Idempotency-Key,
//     X-Idempotency-Key, and the headers that the provider's signature consists of
//   - the connection: Connection, Early-Data, Expect, Host, HTTP2-Settings,
//     Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade
//   - what is sent and wanted: Accept*, Content-*, If-*, Prefer, Range, User-Agent
//     (see WithUserAgent), X-HTTP-Method*, X-Method-Override
func WithHeader(name, value string) CallOption {
	name = textproto.CanonicalMIMEHeaderKey(name) // not in the option, which concurrent calls may share
	return func(c *callSettings) error {
		if name == "" || !token(name) {
			return fmt.Errorf("WithHeader: the name has %d bytes or contains other characters than letters, digits, hyphens and underscores; want a header name", len(name))
		}
		if reserved(name) {
			return fmt.Errorf("WithHeader: %s is set by the client or changes how a request is sent; want another header", name)
		}
		if len(value) > 4096 || !visible(value, true) {
			return fmt.Errorf("WithHeader: the value of %s has %d bytes or contains other characters than visible ASCII; want at most 4096 bytes of visible ASCII and spaces", name, len(value))
		}
		if c.Header == nil {
			c.Header = http.Header{}
		}
		c.Header.Set(name, value)
		return nil
	}
}

// reserved reports whether WithHeader refuses a header, except those of a signature.
func reserved(name string) bool {
	for _, prefix := range []string{"Accept", "Content-", "Cookie", "If-", "Proxy-", "X-Http-Method"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "Authorization", "Connection", "Early-Data", "Expect", "Host", "Http2-Settings", "Idempotency-Key", "Keep-Alive", "Prefer", "Range", "Te",
		"Trailer", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Idempotency-Key", "X-Method-Override":
		return true
	}
	return false
}

// WithCallTimeout replaces the client's total timeout for this call, see
// WithTotalTimeout. d must be positive.
func WithCallTimeout(d time.Duration) CallOption {
	return func(c *callSettings) error { c.Timeout = d; return positive("WithCallTimeout", d) }
}

// WithCallAttemptTimeout replaces the client's timeout of one attempt for this
// call, see WithAttemptTimeout. d must be positive.
func WithCallAttemptTimeout(d time.Duration) CallOption {
	return func(c *callSettings) error {
		c.AttemptTimeout = d
		return positive("WithCallAttemptTimeout", d)
	}
}

// WithMeta fills in m when the call returns, whether it succeeds or fails. m must
// not be nil.
func WithMeta(m *Meta) CallOption {
	return func(c *callSettings) error {
		if m == nil {
			return errors.New("WithMeta: the pointer is nil; want a *pay.Meta to fill in")
		}
		c.Meta = m
		return nil
	}
}

// token reports whether s consists of the characters of common header names.
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
