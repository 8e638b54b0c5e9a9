package transport

import (
	"context"
	"errors"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// Wait asks for a state every so often until it is final. An unknown state
// keeps waiting, and so does an error that may pass: the thing is not there yet,
// or the provider is away. When ctx ends first, the error is a *pay.WaitError
// with the last state.
func Wait[T any](ctx context.Context, operation string, every time.Duration, poll func(context.Context) (state *T, final bool, err error)) (*T, error) {
	var last *T
	for {
		state, final, err := poll(ctx)
		if state != nil {
			last = state
		}
		if err == nil && final {
			return state, nil
		}
		if err != nil && ctx.Err() == nil && !passes(err) {
			return last, err
		}
		if !sleep(ctx, every) {
			return last, &pay.WaitError{Operation: operation, Last: last, Cause: errors.Join(ctx.Err(), err)}
		}
	}
}

func passes(err error) bool {
	var e *apierr.Error
	if errors.As(err, &e) && (e.Advice().Retryable() || errors.Is(err, apierr.ErrOutcomeUnknown)) {
		return true
	}
	return errors.Is(err, apierr.ErrUnavailable) || errors.Is(err, apierr.ErrRateLimited) || errors.Is(err, apierr.ErrNotFound)
}
