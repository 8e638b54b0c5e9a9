package faulthttp

import (
	"context"
	"net"
	"net/http"
	"syscall"

	"github.com/specpay/specpay/internal/sandbox"
)

// Lossy is a transport whose next requests meet the faults of a plan.
type Lossy struct {
	base, refusing http.RoundTripper
	plan, met      []string
}

// NewLossy wraps a transport to a sandbox.
func NewLossy(base http.RoundTripper) *Lossy {
	refuse := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return &Lossy{base: base, refusing: &http.Transport{DialContext: refuse}}
}

// Plan sets the faults of the next requests and returns those that were met since the
// last call.
func (l *Lossy) Plan(plan []string) (met []string) {
	met, l.plan, l.met = l.met, plan, nil
	return met
}

// RoundTrip implements http.RoundTripper.
func (l *Lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(l.plan) == 0 {
		return l.base.RoundTrip(r)
	}
	fault := l.plan[0]
	l.plan, l.met = l.plan[1:], append(l.met, fault)
	if fault == sandbox.FaultRefuse {
		return l.refusing.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.Header.Set(sandbox.ScenarioHeader, fault)
	return l.base.RoundTrip(r)
}
