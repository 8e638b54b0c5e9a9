package harness

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
)

// next substitutes the answer to the next request by a genuine one.
func (e *Session) Substitute(h http.Handler) {
	if e.Sandbox.Genuine != nil {
		h = e.Sandbox.Genuine(h)
	}
	e.Traffic.Next(h)
}

func CodeValue(c apierr.Code) string {
	info, _ := c.Info()
	return info.Value
}

// typed returns err as a *apierr.Error of this provider, or ends the scenario.
func (e *Session) RequireError(t *testing.T, err error) *apierr.Error {
	t.Helper()
	var pe *apierr.Error
	if !errors.As(err, &pe) {
		t.Fatalf("%v (%T) is no *apierr.Error", err, err)
	}
	if pe.Provider != e.Provider || pe.Operation == "" {
		t.Errorf("error names provider %q and operation %q", pe.Provider, pe.Operation)
	}
	if text := pe.Error(); len(text) > 2048 || strings.ContainsAny(text, "\r\n") {
		t.Errorf("the error's text is not one short line: %.200q", text)
	}
	if pe.CustomerMessage("en") == "" || pe.Resolution() == "" {
		t.Error("the error has nothing to say to a payer or to a developer")
	}
	return pe
}

func (e *Session) LedgerSize() int {
	if e.Sandbox.Ledger == nil {
		return 0
	}
	return e.Sandbox.Ledger()
}

func (e *Session) BaseURL() string {
	if e.Live != "" {
		return e.Live
	}
	return e.Sandbox.URL
}

// env is what a scenario works with.
type Session struct {
	Suite
	Account
	Sandbox Sandbox
	Traffic *Traffic
}

// open starts a fresh sandbox, if it is not a real one, and connects to it.
func Open(t *testing.T, s Suite) *Session {
	t.Helper()
	e := &Session{Suite: s, Traffic: NewTraffic(t, s.Spec)}
	if s.Live == "" {
		e.Sandbox = s.Sandbox(t)
	}
	opts := []pay.Option{pay.WithTransport(e.Traffic)}
	if s.Live == "" {
		opts = append(opts, pay.WithRandom(faulthttp.FastJitter{})) // a local sandbox needs no pauses
	}
	e.Account = s.Connect(t, e.BaseURL(), opts...)
	return e
}

// local is open for what belongs on a local sandbox only.
func OpenLocal(t *testing.T, s Suite) *Session {
	t.Helper()
	s.Live = ""
	return Open(t, s)
}

// another connects a second client to the same sandbox.
func (e *Session) ConnectAgain(t *testing.T, opts ...pay.Option) Account {
	t.Helper()
	return e.Connect(t, e.Sandbox.URL, append([]pay.Option{pay.WithTransport(e.Traffic), pay.WithRandom(faulthttp.FastJitter{})}, opts...)...)
}

func Concurrently(n int, f func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f() })
	}
	wg.Wait()
	return errs
}
