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

// WithConfig changes switches before the start; Reset returns to these.
func WithConfig(edit func(*Config)) Option {
	return func(o *options) { edit(&o.config) }
}

// WithEndpoint sends all events of the test mode to url, signed with the
// webhook secret of Credentials, as if the endpoint had been made in the
// dashboard.
func WithEndpoint(url string) Option { return func(o *options) { o.endpoint = url } }

// WithSeed chooses the seed of all ids; default 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime lets the clock stand still at start and move only by Advance.
// Default: the machine's clock. Signatures carry the sandbox's time, so a client
// of a sandbox whose clock was moved wants pay.WithClock(srv.Now).
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithHold sets how long the fault slow keeps a body back; default 30 s.
func WithHold(d time.Duration) Option { return func(o *options) { o.settings.Hold = d } }

// WithRemoteCallbacks lets events leave this machine. Default: they go to
// loopback addresses only.
func WithRemoteCallbacks() Option { return func(o *options) { o.settings.AllowRemote = true } }
