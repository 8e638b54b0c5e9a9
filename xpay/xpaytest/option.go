package xpaytest

import (
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Option changes how a sandbox starts.
type Option func(*options)

type options struct {
	settings sandbox.Settings
	config   Config
	endpoint string
}

// WithConfig changes the initial Config. Reset restores it.
func WithConfig(edit func(*Config)) Option {
	return func(o *options) { edit(&o.config) }
}

// WithEndpoint adds a webhook endpoint in test mode, as if it had been created in the
// dashboard. It receives all events at url, signed with the webhook secret of
// [Server.Credentials].
func WithWebhookURL(url string) Option { return func(o *options) { o.endpoint = url } }

// WithSeed sets the seed from which IDs and secrets are generated. The default is 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime stops the clock at start; only Advance moves it. By default the sandbox uses
// the machine's clock. Webhook signatures contain the time of the sandbox's clock, so a
// client that verifies them needs the same clock: pass pay.WithClock(srv.Now).
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithSlowDelay sets how long the fault slow delays a response body. The default is 30
// seconds.
func WithSlowDelay(d time.Duration) Option { return func(o *options) { o.settings.SlowDelay = d } }

// WithRemoteCallbacks permits events to be sent to other machines. By default they are
// sent to loopback addresses only.
func WithRemoteCallbacks() Option { return func(o *options) { o.settings.AllowRemote = true } }
