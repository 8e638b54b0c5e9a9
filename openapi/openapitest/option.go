package openapitest

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

// WithSeed sets the seed of all generated IDs, codes and tokens. The default is 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime stops the sandbox's clock at start; only [Server.Advance] moves it. By
// default it follows the system clock.
//
// The sandbox rejects requests whose time is more than five minutes away from its own,
// so the client needs the same clock: pass pay.WithClock(srv.Now).
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithSlowDelay sets how long the fault slow delays the body. The default is 30 s.
func WithSlowDelay(d time.Duration) Option { return func(o *options) { o.settings.SlowDelay = d } }

// WithRemoteCallbacks allows notifications to other machines. By default they go only
// to loopback addresses.
func WithRemoteCallbacks() Option { return func(o *options) { o.settings.AllowRemote = true } }
