package qpaytest

import (
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Option configures a [Server] before it starts.
type Option func(*options)

type options struct {
	settings sandbox.Settings
	config   Config
}

// WithConfig changes the initial config. [Server.Reset] restores it.
func WithConfig(edit func(*Config)) Option {
	return func(o *options) { edit(&o.config) }
}

// WithSeed sets the seed of all generated IDs. The default is 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime stops the sandbox's clock at start; only [Server.Advance] moves it. By
// default it follows the system clock.
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithSlowDelay sets how long the fault slow delays the body. The default is 30 s.
func WithSlowDelay(d time.Duration) Option { return func(o *options) { o.settings.SlowDelay = d } }

// WithAllowedHosts accepts requests for these hosts, which are names or IP addresses
// without ports, such as the name of a container. By default a request must name
// localhost, a loopback address or the address that the server listens on, because a web
// page can make its own name resolve to this machine. With at least one host, [Start] can
// listen on an address that other machines reach. An invalid host is an error.
func WithAllowedHosts(hosts ...string) Option {
	return func(o *options) { o.settings.AllowedHosts = append(o.settings.AllowedHosts, hosts...) }
}

// WithCallbackHosts sends callbacks also to these hosts, which are names or IP
// addresses without ports. By default they go only to loopback addresses; others are
// recorded as failed deliveries. An allowed name can resolve to any address but a
// link-local one. An invalid host is an error.
func WithCallbackHosts(hosts ...string) Option {
	return func(o *options) { o.settings.CallbackHosts = append(o.settings.CallbackHosts, hosts...) }
}

// WithHistory sets how many entries each list of the server keeps; the oldest are dropped.
// The default, 0, is 100,000 for the ledger and for idempotency keys and 10,000 for every
// other list. A negative limit is an error. See [Server.Dropped].
func WithHistory(limit int) Option { return func(o *options) { o.settings.History = limit } }
