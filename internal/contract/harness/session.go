package harness

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
)

// Substitute lets h respond to the next request, signed as the provider signs.
func (e *Session) Substitute(h http.Handler) {
	if e.Sandbox.Genuine != nil {
		h = e.Sandbox.Genuine(h)
	}
	e.Traffic.Next(h)
}

// CodeValue returns a code as it appears in a response.
func CodeValue(c apierr.Code) string {
	info, _ := c.Info()
	return info.Value
}

// RequireError returns err as a *apierr.Error of this provider whose text can be
// shown, or ends the test.
func (e *Session) RequireError(t *testing.T, err error) *apierr.Error {
	t.Helper()
	got := AsError(t, "provider "+e.Provider, err)
	if got == nil {
		t.FailNow()
	}
	subject := "operation " + got.Operation
	Expect(t, subject, "provider", got.Provider, e.Provider)
	if got.Operation == "" {
		t.Errorf("the error %s names no operation", ShortError(err))
	}
	if text := got.Error(); len(text) > ErrorTextLimit || strings.ContainsAny(text, "\r\n") {
		t.Errorf("%s: text: got %s, want one line of at most %d bytes", subject, Short(text), ErrorTextLimit)
	}
	if got.CustomerMessage("en") == "" {
		t.Errorf("%s: the error has no text for a payer", subject)
	}
	if got.Resolution() == "" {
		t.Errorf("%s: the error has no advice for a developer", subject)
	}
	return got
}

// LedgerSize returns the number of side effects at the sandbox.
func (e *Session) LedgerSize() int {
	if e.Sandbox.Ledger == nil {
		return 0
	}
	return e.Sandbox.Ledger()
}

// BaseURL returns the URL of the local or remote sandbox.
func (e *Session) BaseURL() string {
	if e.Live != "" {
		return e.Live
	}
	return e.Sandbox.URL
}

// Session is one client that is connected to one sandbox.
type Session struct {
	Suite
	Account
	Sandbox Sandbox
	Traffic *Traffic
}

// Open starts a local sandbox, unless a remote one is used, and connects to it.
func Open(t *testing.T, s Suite) *Session {
	t.Helper()
	e := &Session{Suite: s, Traffic: NewTraffic(t, s.Spec)}
	e.Traffic.record = s.Recording
	if s.Live == "" {
		e.Sandbox = s.Sandbox(t)
	}
	opts := []pay.Option{pay.WithTransport(e.Traffic)}
	if s.Live == "" {
		opts = append(opts, pay.WithRandom(faulthttp.FastJitter{})) // without pauses between attempts
	}
	e.Account = s.Connect(t, e.BaseURL(), opts...)
	s.Recording.watch(t, e)
	return e
}

// OpenLocal starts a local sandbox and connects to it.
func OpenLocal(t *testing.T, s Suite) *Session {
	t.Helper()
	s.Live = ""
	return Open(t, s)
}

// ConnectAgain connects another client to the same sandbox.
func (e *Session) ConnectAgain(t *testing.T, opts ...pay.Option) Account {
	t.Helper()
	return e.Connect(t, e.Sandbox.URL, append([]pay.Option{pay.WithTransport(e.Traffic), pay.WithRandom(faulthttp.FastJitter{})}, opts...)...)
}

// Concurrently calls f n times at once and returns the errors.
func Concurrently(n int, f func() error) []error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f() })
	}
	wg.Wait()
	return errs
}
