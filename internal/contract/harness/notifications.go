package harness

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// deliver hands one notification to a handler.
func Deliver(h http.Handler, r *http.Request) (status int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// Notices is how a provider notifies, for the rows about webhooks. Nothing in it
// needs a network, so that it works in a synctest bubble too.
type Notifications struct {
	Signing *Signing // how notifications are signed
	// Handler is the webhook of a fresh client of a provider without a Seal.
	Handler func(t *testing.T, handle func(context.Context) error, opts ...pay.Option) http.Handler

	Body    func(id string) []byte // a genuine body; another id is another event
	History [][]byte               // bodies about one thing, the oldest first
	Unknown []byte                 // a genuine body of a kind that nobody knows

	Accepted Reply         // to a genuine notification
	Forged   Reply         // to one that is not the provider's
	Failed   Reply         // when our side fails
	Within   time.Duration // in which the provider wants its answer
}

// Reply is an answer to a notification.
type Reply struct {
	Status int
	Body   string
}

// Seal is how a provider signs its notifications, written without the client's
// code.
type Signing struct {
	Secrets [2]string  // two that are good
	Bad     [][]string // lists that New must refuse
	// Client makes a client that believes these secrets, the newest first.
	Client func(t *testing.T, secrets []string, opts ...pay.Option) (Verifier, error)
	// Stamp writes the time of a notification.
	Stamp func(time.Time) string
	// Sign returns the text of the signature.
	Sign func(t *testing.T, secret, stamp string, body []byte) (mac string)
	// Header puts both where they belong; "" and no mac leave them out.
	Header func(secret, stamp string, macs ...string) http.Header
	// Spellings are the forms of a signature that are documented.
	Spellings     func(mac string) []string
	Forged, Stale error
}

// Prover is what a client does to notifications. They come to hookPath.
type Verifier struct {
	Verify  func(now time.Time, header http.Header, body []byte) error
	Webhook func(handle func(context.Context) error) http.Handler
}

// HookPath is where the notifications of the rows arrive.
const NotificationPath = "/hooks/payment"

// client is one that believes the first secret.
func (s *Signing) NewVerifier(t *testing.T, opts ...pay.Option) Verifier {
	t.Helper()
	p, err := s.Client(t, s.Secrets[:1], opts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sealed is the header of a body that the first secret signed.
func (s *Signing) SignedHeader(t *testing.T, stamp string, body []byte) http.Header {
	t.Helper()
	return s.Header(s.Secrets[0], stamp, s.Sign(t, s.Secrets[0], stamp, body))
}

// webhook is the handler of a fresh client.
func (n *Notifications) NewHandler(t *testing.T, handle func(context.Context) error, opts ...pay.Option) http.Handler {
	t.Helper()
	if n.Signing == nil {
		return n.Handler(t, handle, opts...)
	}
	return n.Signing.NewVerifier(t, opts...).Webhook(handle)
}

// request is a notification of now with any body, signed if the provider signs.
func (n *Notifications) NewRequest(t *testing.T, body []byte) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, NotificationPath, bytes.NewReader(body))
	if n.Signing != nil {
		for name, values := range n.Signing.SignedHeader(t, n.Signing.Stamp(time.Now()), body) {
			r.Header[name] = values
		}
	}
	return r
}

// answered is what a handler says to a request.
func ReplyOf(h http.Handler, r *http.Request) Reply {
	status, body := Deliver(h, r)
	return Reply{status, body}
}
