package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/specpay/specpay/pay"
)

// openShop serves a webhook handler on a free port of this machine.
func openShop(ctx context.Context, h http.Handler) (url string, stop func(), err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = srv.Close() }, nil
}

// lateHandler is a handler that is set after its server has started, because the
// client that makes it needs the address of a sandbox that needs the server's.
type lateHandler struct{ http.Handler }

// The printer is a pay.Observer that prints each request as it ends.
var _ pay.Observer = (*printer)(nil)

func (*printer) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (*printer) EndCall(context.Context, pay.Call, pay.CallResult) {}

func (*printer) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (p *printer) EndAttempt(_ context.Context, a pay.Attempt, r pay.AttemptResult) {
	result := fmt.Sprintf("HTTP %d", r.StatusCode)
	if r.StatusCode == 0 {
		result = "no response"
	}
	p.fact("request", "%s, attempt %d: %s after %s", a.Operation, a.Number, result, r.Duration.Round(100*time.Microsecond))
}

// inOrder runs the steps of a tour.
func inOrder(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
