package gatewaytest

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

// WithConfig changes switches before the start; Reset returns to these.
func WithConfig(edit func(*Config)) Option {
	return func(o *options) { edit(&o.config) }
}

// WithWebhookURL sends the app's notifications to url. Default: nowhere.
func WithWebhookURL(url string) Option {
	return func(o *options) { o.config.WebhookURL = url }
}

// WithSeed chooses the seed of all ids; default 1.
func WithSeed(seed uint64) Option { return func(o *options) { o.settings.Seed = seed } }

// WithTime lets the clock stand still at start and move only by Advance.
// Default: the machine's clock.
func WithTime(start time.Time) Option { return func(o *options) { o.settings.Start = start } }

// WithHold sets how long the fault slow keeps a body back; default 30 s.
func WithHold(d time.Duration) Option { return func(o *options) { o.settings.Hold = d } }

// WithRemoteCallbacks lets notifications leave this machine. Default: they go
// to loopback addresses only.
func WithRemoteCallbacks() Option { return func(o *options) { o.settings.AllowRemote = true } }
