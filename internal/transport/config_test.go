package transport_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// TestDefaults: an attempt has 30 s, a call 60 s and 3 attempts.
func TestDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts []time.Duration
		var calls time.Duration
		start := time.Now()
		c, err := newClient(profile(), pay.WithObserver(deadlines{func(ctx context.Context) {
			at, _ := ctx.Deadline()
			calls = at.Sub(start)
		}}), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			at, _ := r.Context().Deadline()
			attempts = append(attempts, time.Until(at))
			return nil, errors.New("reset")
		})))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = call(t.Context(), c, &read)
		if len(attempts) != 3 || attempts[0] != 30*time.Second || calls != time.Minute {
			t.Errorf("got %d attempts, %v for the first and %v for all; want 3, 30s, 1m", len(attempts), attempts, calls)
		}
	})
	cfg, err := transport.NewConfig("test", "https://api.example:8443", nil)
	if err != nil || cfg.Host() != "api.example:8443" {
		t.Errorf("Host: got %q, %v", cfg.Host(), err)
	}
	tr := transport.OwnTransport()
	for name, got := range map[string]bool{
		"256 idle connections": tr.MaxIdleConnsPerHost == 256, "idle for 90 s": tr.IdleConnTimeout == 90*time.Second, "a TLS handshake of 10 s": tr.TLSHandshakeTimeout == 10*time.Second,
		"a header of 256 KiB": tr.MaxResponseHeaderBytes == 256<<10, "reads of 16 KiB": tr.ReadBufferSize == 16<<10, "HTTP/2": tr.ForceAttemptHTTP2, "a proxy of the environment": tr.Proxy != nil,
		"pings after 15 s, for 5 s": tr.HTTP2.SendPingTimeout == 15*time.Second && tr.HTTP2.PingTimeout == 5*time.Second,
	} {
		if !got {
			t.Errorf("the transport does not have %s", name)
		}
	}
}

// deadlines is an observer of the contexts of calls.
type deadlines struct{ see func(context.Context) }

func (deadlines) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }
func (deadlines) EndCall(context.Context, pay.Call, pay.CallResult)         {}
func (d deadlines) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context {
	d.see(ctx)
	return ctx
}
func (deadlines) EndAttempt(context.Context, pay.Attempt, pay.AttemptResult) {}
