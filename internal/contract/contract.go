// Package contract holds the scenarios that every provider must pass, against
// its local sandbox or, the harmless ones, against the provider's own. Only
// tests import it.
package contract

import (
	"context"
	"net/http"
	"strings"
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
	NoInquiry map[string]string
	New       func(t *testing.T, opts ...pay.Option) (client any, err error) // with credentials of nobody; it is never used
	Notices   Notices
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
	NoPathIDs string                              // why no operation has an id in its path; "" when some do
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

// scenario is one line of the list.
type scenario struct {
	name string
	live bool // harmless on a real sandbox
	run  func(t *testing.T, e *env)
}

// env is what a scenario works with.
type env struct {
	Suite
	Account
	sandbox Sandbox
	traffic *Traffic
}

// scenarios is the list. A provider that does not fit a scenario says why in
// its suite; there is no way to leave one out silently.
var scenarios = []scenario{
	{"a read and a write succeed", true, happyPath},
	{"meta tells what a call came with", true, meta},
	{"an unknown id is a typed refusal", true, unknownID},
	{"an id cannot leave its path segment", true, escapingIDs},
	{"no credential is ever printed", true, nothingPrinted},
	{"a cancelled call stops at once", true, cancelled},
	{"every code is recognised", false, everyCode},
	{"an unknown code passes through", false, unknownCode},
	{"an answer that cannot be believed is a typed error", false, unbelievable},
	{"a huge error body costs little", false, hugeError},
	{"a lost connection on a write is an unknown outcome", false, lostWrite},
	{"a refused connection is not applied", false, refused},
	{"a lost write is repeated under its key", false, keyedRetry},
	{"an attempt keeps its bytes and renews its signature", false, sameBytes},
	{"a read survives a lost connection", false, lostRead},
	{"a redirect is refused", false, redirect},
	{"two goroutines, one login", false, oneLogin},
	{"an expired token is replaced unseen", false, expiredToken},
	{"a notification runs user code once", false, notification},
	{"a forged notification never does", false, forgedNotification},
	{"a failed notification is delivered again", false, failedNotification},
}

// Run runs the list.
func Run(t *testing.T, s Suite) {
	before := goroutines()
	for _, sc := range scenarios {
		t.Run(strings.ReplaceAll(sc.name, " ", "-"), func(t *testing.T) {
			if s.Live != "" && !sc.live {
				t.Skip("not on a real sandbox: it needs the local one's control routes")
			}
			sc.run(t, open(t, s))
		})
		left(t, sc.name, before)
	}
}

// open starts a fresh sandbox, if it is not a real one, and connects to it.
func open(t *testing.T, s Suite) *env {
	t.Helper()
	e := &env{Suite: s, traffic: newTraffic(t, s.Spec)}
	if s.Live == "" {
		e.sandbox = s.Sandbox(t)
	}
	opts := []pay.Option{pay.WithTransport(e.traffic)}
	if s.Live == "" {
		opts = append(opts, pay.WithRandom(quick{})) // a local sandbox needs no pauses
	}
	e.Account = s.Connect(t, e.base(), opts...)
	return e
}

// local is open for what belongs on a local sandbox only.
func local(t *testing.T, s Suite) *env {
	t.Helper()
	s.Live = ""
	return open(t, s)
}

// another connects a second client to the same sandbox.
func (e *env) another(t *testing.T, opts ...pay.Option) Account {
	t.Helper()
	return e.Connect(t, e.sandbox.URL, append([]pay.Option{pay.WithTransport(e.traffic), pay.WithRandom(quick{})}, opts...)...)
}
