package xpaytest

import (
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Option configures a [Server] before it starts.
type Option func(*options)

type options struct {
	settings sandbox.Settings
	config   Config
	endpoint string
}

// WithConfig changes the initial config. [Server.Reset] restores it.
func WithConfig(edit func(*Config)) Option {
	return func(o *options) { edit(&o.config) }
}

// WithWebhookURL adds a webhook endpoint in test mode, as if it had been created in the
// dashboard. It receives all events at url, signed with the webhook secret of
// [Server.Credentials].
func WithWebhookURL(url string) Option { return func(o *options) { o.endpoint = url } }

// WithSeed sets the seed of all generated IDs and secrets. The default is 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime stops the sandbox's clock at start; only [Server.Advance] moves it. By
// default it follows the system clock.
//
// Webhook signatures contain the time of the sandbox's clock, so a client that verifies
// them needs the same clock: pass pay.WithClock(srv.Now).
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithSlowDelay sets how long the fault slow delays the body. The default is 30 s.
func WithSlowDelay(d time.Duration) Option { return func(o *options) { o.settings.SlowDelay = d } }

// WithRemoteCallbacks allows events to other machines. By default they go only
// to loopback addresses.
func WithRemoteCallbacks() Option { return func(o *options) { o.settings.AllowRemote = true } }
