package transport

import (
	"context"
	"log/slog"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// observe runs one method of the observer.
func (c *Client) observe(ctx context.Context, method func(pay.Observer)) {
	if c.Observer == nil {
		return
	}
	err := func() (err error) {
		defer Recovered("the observer", &err)
		method(c.Observer)
		return nil
	}()
	if err != nil && c.Logger != nil {
		c.Logger.LogAttrs(ctx, slog.LevelWarn, err.Error(), slog.String("provider", c.provider))
	}
}

func (c *Client) startCall(ctx context.Context, k *call) context.Context {
	observed := ctx
	c.observe(ctx, func(o pay.Observer) {
		if derived := o.StartCall(ctx, c.observedCall(k)); derived != nil {
			observed = derived
		}
	})
	return observed
}

func (c *Client) endCall(ctx context.Context, k *call, took time.Duration, err *apierr.Error) {
	result := pay.CallResult{StatusCode: k.status, Attempts: k.attempts, Duration: took}
	if err != nil {
		result.StatusCode, result.Err = err.StatusCode, err
	}
	c.observe(ctx, func(o pay.Observer) { o.EndCall(ctx, c.observedCall(k), result) })
}

func (c *Client) observedCall(k *call) pay.Call {
	return pay.Call{Provider: c.provider, Operation: k.op.ID, IdempotencyKey: k.settings.IdempotencyKey != ""}
}

// startAttempt begins the next attempt of a call.
func (c *Client) startAttempt(ctx context.Context, k *call) context.Context {
	k.attempt.Number++
	k.mismatches = nil
	observed := ctx
	c.observe(ctx, func(o pay.Observer) {
		if derived := o.StartAttempt(ctx, k.attempt); derived != nil {
			observed = derived
		}
	})
	return observed
}

// report logs and observes the end of an attempt.
func (c *Client) report(ctx context.Context, k *call, took time.Duration, err *apierr.Error, wait time.Duration) {
	result, code := pay.AttemptResult{StatusCode: k.status, Duration: took, Wait: wait, Mismatches: k.mismatches}, ""
	if err != nil {
		result.StatusCode, result.Err, code = err.StatusCode, err, err.RawCode
	}
	if c.Logger != nil {
		c.Logger.LogAttrs(ctx, slog.LevelDebug, "payment call", slog.String("provider", c.provider), slog.String("operation", k.op.ID),
			slog.Int("attempt", k.attempt.Number), slog.Int("status", result.StatusCode), slog.String("code", limit(code, 64)), slog.Duration("took", took), slog.Duration("wait", wait))
		if len(k.mismatches) > 0 {
			c.Logger.LogAttrs(ctx, slog.LevelWarn, "the response differs from its request", slog.String("provider", c.provider), slog.String("operation", k.op.ID), slog.Any("members", k.mismatches))
		}
	}
	c.observe(ctx, func(o pay.Observer) { o.EndAttempt(ctx, k.attempt, result) })
}
