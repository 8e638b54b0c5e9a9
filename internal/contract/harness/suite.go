package harness

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// Suite is one provider under test.
type Suite struct {
	Provider string
	Spec     string                                 // path of its spec, relative to the test's folder
	Codes    []apierr.Code                          // all codes of its catalog
	Fallback apierr.Code                            // the code of an unknown text; nil if unknown codes pass through
	Sandbox  func(t testing.TB) Sandbox             // starts a local sandbox
	Live     string                                 // base URL of a remote sandbox; "" for the local one
	Shop     func(t *testing.T) Shop                // starts a local sandbox with a merchant
	Till     func(t *testing.T, o TillOptions) Till // starts a local sandbox with limits
	Connect  func(t testing.TB, baseURL string, opts ...pay.Option) Account
	// NoInquiry gives, by operation, the reason why no call can find out whether it
	// took effect.
	NoInquiry     map[string]string
	New           func(t *testing.T, opts ...pay.Option) (client any, err error) // makes a client with invented credentials that makes no call
	Notifications Notifications
	Rules         Rules
	Deviations    []Deviation // ten, of different kinds
	Recording     *Recording  // of all sessions; may be nil
	// Exceptions gives, by test, the reason why it does not apply to the provider.
	Exceptions map[string]string
}

// Rules is where the rules of a sandbox are, and what their sources can be.
type Rules struct {
	Markdown  string   // path, relative to the test's folder
	Documents []string // sources of documented rules
	Live      []string // sources of rules that were seen live
	Others    []string // sources of guesses
}

// Sandbox controls a local server.
type Sandbox struct {
	URL    string
	Rules  func() []sandbox.Guess // the rules that the Go API returns
	Ledger func() int             // number of side effects
	Fault  func(kind string)      // makes the next request fail
	// Genuine signs the responses of another server as this one does; nil if they are
	// not signed.
	Genuine func(http.Handler) http.Handler
	Logins  func() int // number of token requests; nil if there are no tokens
	Expire  func()     // ends every token; nil if there are no tokens
	Advance func(time.Duration)
	// Notification makes a payment and returns a function that makes the notification
	// about it, the same each time.
	Notification func(t testing.TB) func() *http.Request
	// Signed makes a notification with any body, signed as the provider signs; nil if
	// it does not.
	Signed    func(t testing.TB, body []byte) *http.Request
	Accepted  string                         // the reply that the provider expects
	Forgeries map[string]func(*http.Request) // changes after which the handler must not run
}

// Account is one client of the provider and the calls that scenarios make with it.
// Read and Write use resources that exist.
type Account struct {
	Client    any // the client itself, for tests that call each of its methods
	Read      func(context.Context, ...pay.CallOption) error
	Write     func(context.Context, ...pay.CallOption) error
	ReadID    func(context.Context, string) error // a read with an id in its path
	UnknownID string                              // a valid id of no resource
	Missing   apierr.Code                         // the code for UnknownID; nil for any
	WriteID   string                              // operation id of Write
	Keyed     bool                                // Write has an idempotency key
	Signed    []string                            // headers that each attempt renews; nil if requests are not signed
	Webhook   func(handle func(context.Context) error) http.Handler
	// Sign and Check sign a request and verify a response with crypto alone; nil for a
	// provider without signatures.
	Sign    func(r *http.Request, body []byte)
	Check   func(resp *http.Response, body []byte) error
	Secrets []string // values that must never be printed
	Print   []any    // values that contain secrets: credentials, the client
}
