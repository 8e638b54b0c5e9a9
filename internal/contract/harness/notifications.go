package harness

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// Deliver passes a notification to a handler and returns its response.
func Deliver(h http.Handler, r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// Notifications describes how a provider notifies. It needs no network and works in
// a synctest bubble.
type Notifications struct {
	Signing *Signing // how notifications are signed; nil if they are not
	// Client makes a client of a provider that does not sign.
	Client       func(t *testing.T, opts ...pay.Option) Webhook
	OtherAccount func(t *testing.T, opts ...pay.Option) Consumer // of another account
	NewSecrets   func(t *testing.T, opts ...pay.Option) Consumer // of the same account, with all keys and secrets replaced

	Body    func(id string) []byte // a genuine body; each id is another event
	History [][]byte               // bodies about one resource, oldest first
	Unknown []byte                 // a genuine body of an unknown event type; nil if events have no type

	Accepted Reply         // to a genuine notification
	Forged   Reply         // to a forged one
	Failed   Reply         // when the handler fails
	Within   time.Duration // the time in which the provider expects a reply
}

// Webhook makes a handler of one client.
type Webhook func(handle func(context.Context) error, opts ...pay.WebhookOption) http.Handler

// Consumer is a client with the notifications that its provider sends to it.
type Consumer struct {
	Webhook Webhook
	Request func(body []byte) *http.Request // with a body and the current time
}

// Reply is a response to a notification.
type Reply struct {
	Status int
	Body   string
}

// Signing describes how a provider signs its notifications, without the client's
// code.
type Signing struct {
	Secrets [2]string  // two valid secrets
	Bad     [][]string // lists of secrets that New must refuse
	// Client makes a client that accepts these secrets, newest first.
	Client func(t *testing.T, secrets []string, opts ...pay.Option) (Verifier, error)
	// Window is how far in the future a notification may be, and how old if MaxAge is 0.
	// It is 0 if there is no limit.
	Window time.Duration
	// MaxAge is how old a notification may be if the provider documents no window for
	// notifications.
	MaxAge time.Duration
	// Stamp formats the time of a notification.
	Stamp func(time.Time) string
	// Sign returns the text of the signature.
	Sign func(t *testing.T, secret, stamp string, body []byte) (mac string)
	// Header returns the headers with time and signatures. An empty stamp and no mac
	// leave them out.
	Header func(secret, stamp string, macs ...string) http.Header
	// Spellings returns the documented forms of a signature.
	Spellings     func(mac string) []string
	Forged, Stale error
}

// Verifier is a client that verifies and handles notifications to NotificationPath.
type Verifier struct {
	Verify  func(now time.Time, header http.Header, body []byte) error
	Webhook Webhook
}

// NotificationPath is the path of the notifications in the tests.
const NotificationPath = "/hooks/payment"

// Oldest returns how old a notification may be.
func (s *Signing) Oldest() time.Duration { return cmp.Or(s.MaxAge, s.Window) }

// NewVerifier makes a client that accepts the first secret.
func (s *Signing) NewVerifier(t *testing.T, opts ...pay.Option) Verifier {
	t.Helper()
	p, err := s.Client(t, s.Secrets[:1], opts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// SignedHeader returns the headers of a body that is signed with the first secret.
func (s *Signing) SignedHeader(t *testing.T, stamp string, body []byte) http.Header {
	t.Helper()
	return s.Header(s.Secrets[0], stamp, s.Sign(t, s.Secrets[0], stamp, body))
}

// NewClient makes a client.
func (n *Notifications) NewClient(t *testing.T, opts ...pay.Option) Webhook {
	t.Helper()
	if n.Signing == nil {
		return n.Client(t, opts...)
	}
	return n.Signing.NewVerifier(t, opts...).Webhook
}

// NewHandler makes the handler of a new client.
func (n *Notifications) NewHandler(t *testing.T, handle func(context.Context) error, opts ...pay.Option) http.Handler {
	t.Helper()
	return n.NewClient(t, opts...)(handle)
}

// NewRequest makes a notification with a body and the current time, signed if the
// provider signs.
func (n *Notifications) NewRequest(t *testing.T, body []byte) *http.Request {
	t.Helper()
	return n.RequestAt(t, time.Now(), body)
}

// RequestAt makes a notification with a body and a time, signed if the provider signs.
func (n *Notifications) RequestAt(t *testing.T, at time.Time, body []byte) *http.Request {
	t.Helper()
	r := n.Unsigned(t, body)
	if n.Signing != nil {
		for name, values := range n.Signing.SignedHeader(t, n.Signing.Stamp(at), body) {
			r.Header[name] = values
		}
	}
	return r
}

// Unsigned makes a notification with a body and without a signature.
func (n *Notifications) Unsigned(t *testing.T, body []byte) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodPost, NotificationPath, bytes.NewReader(body))
}

// ReplyOf passes a request to a handler and returns its reply.
func ReplyOf(h http.Handler, r *http.Request) Reply {
	status, body := Deliver(h, r)
	return Reply{status, body}
}
