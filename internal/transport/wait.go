package transport

import (
	"context"
	"errors"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// Wait calls poll at an interval until its state is final. It continues after an
// error that may be temporary: the resource does not exist yet, or the provider is
// not available. If ctx ends first, the error is a *pay.WaitError with the last
// state.
func Wait[T any](ctx context.Context, operation string, interval time.Duration, poll func(context.Context) (state *T, final bool, err error)) (*T, error) {
	var last *T
	for {
		state, final, err := poll(ctx)
		if state != nil {
			last = state
		}
		if err == nil && final {
			return state, nil
		}
		if err != nil && ctx.Err() == nil && !temporary(err) {
			return last, err
		}
		if !sleep(ctx, interval) {
			return last, &pay.WaitError{Operation: operation, Last: last, Cause: errors.Join(ctx.Err(), err)}
		}
	}
}

// temporary reports whether a later poll may succeed.
func temporary(err error) bool {
	var e *apierr.Error
	if errors.As(err, &e) && (e.Advice().Retryable() || errors.Is(err, apierr.ErrOutcomeUnknown)) {
		return true
	}
	return errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrRateLimited) || errors.Is(err, apierr.ErrNotFound)
}
