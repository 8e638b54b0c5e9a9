package harness

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// Suite is one provider under test.
type Suite struct {
	Provider string
	Spec     string                     // path of its spec, from the test's folder
	Codes    []apierr.Code              // all that its catalog knows
	Fallback apierr.Code                // what an unknown text is; nil when unknown codes pass through
	Sandbox  func(t testing.TB) Sandbox // a fresh local one
	Live     string                     // base URL of a real sandbox; "" = local
	Shop     func(t *testing.T) Shop    // a fresh local one with every operation as a call
	Connect  func(t testing.TB, baseURL string, opts ...pay.Option) Account
	// NoInquiry gives, by operation, the reason why no call tells whether it took
	// effect.
	NoInquiry     map[string]string
	New           func(t *testing.T, opts ...pay.Option) (client any, err error) // with credentials of nobody; it is never used
	Notifications Notifications
	// Exceptions gives, by test, the reason why it does not apply to the provider.
	Exceptions map[string]string
}

// Sandbox is what the scenarios do to a local server.
type Sandbox struct {
	URL    string
	Ledger func() int        // things that happened
	Fault  func(kind string) // for the next request only
	// Genuine makes answers of another server look like this one's; nil when
	// they carry no signature.
	Genuine func(http.Handler) http.Handler
	Logins  func() int // token requests; nil when the provider has none
	Expire  func()     // ends every token; nil when the provider has none
	Advance func(time.Duration)
	// Notification makes a genuine payment and returns a maker of the
	// notification about it, the same each time.
	Notification func(t testing.TB) func() *http.Request
	// Signed is a notification with any body, signed as the provider signs; nil
	// when it signs none.
	Signed    func(t testing.TB, body []byte) *http.Request
	Accepted  string                         // the answer that the provider wants
	Forgeries map[string]func(*http.Request) // changes after which user code must not run
}

// Account is one client of the provider, seen through the calls that the
// scenarios need. Read and Write work on things that exist.
type Account struct {
	Client    any // of the provider, for rows that make each of its calls
	Read      func(context.Context, ...pay.CallOption) error
	Write     func(context.Context, ...pay.CallOption) error
	ReadID    func(context.Context, string) error // a read with an id in its path
	UnknownID string                              // well formed, and of nothing
	Missing   apierr.Code                         // what UnknownID answers
	WriteID   string                              // operation id of Write
	Keyed     bool                                // Write has an idempotency key
	Signed    []string                            // headers that each attempt renews
	Webhook   func(handle func(context.Context) error) http.Handler
	// Sign and Check do by hand, over crypto, what the client does to its requests
	// and to answers; nil for a provider without signatures.
	Sign    func(r *http.Request, body []byte)
	Check   func(resp *http.Response, body []byte) error
	Secrets []string // that must never be printed
	Print   []any    // values that hold secrets: credentials, the client
}
