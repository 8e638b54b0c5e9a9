package openapitest

import (
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// Option changes how a sandbox starts.
type Option func(*options)

type options struct {
	settings sandbox.Settings
	config   Config
}

// WithConfig changes the initial Config. Reset restores it.
func WithConfig(edit func(*Config)) Option {
	return func(o *options) { edit(&o.config) }
}

// WithSeed sets the seed from which IDs, codes and tokens are generated. The
// default is 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime stops the clock at start; only Advance moves it. By default the sandbox
// uses the machine's clock. The sandbox rejects requests whose time is more than
// five minutes away from its own, so a client needs the same clock: pass
// pay.WithClock(srv.Now).
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithSlowDelay sets how long the fault slow delays a response body. The default is 30
// seconds.
func WithSlowDelay(d time.Duration) Option { return func(o *options) { o.settings.SlowDelay = d } }

// WithRemoteCallbacks permits notifications to other machines. By default they are
// sent to loopback addresses only.
func WithRemoteCallbacks() Option { return func(o *options) { o.settings.AllowRemote = true } }
