package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/specpay/specpay/apierr"
)

// failure is a failed attempt and what decides about the next one.
type failure struct {
	err    *apierr.Error
	sent   bool // a byte of the request may have left
	broken bool // the connection failed, before or inside the answer
	replay bool // send again at once, under new credentials
	final  bool // nothing was sent, for a reason that a repetition will meet again
	took   time.Duration
}

// attempt makes one request and reads its answer into out.
func (c *Client) attempt(ctx context.Context, k *call, out any) *failure {
	start := c.Now()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(k.settings.AttemptTimeout, c.AttemptTimeout))
	defer cancel()
	f := c.exchange(ctx, k, out)
	took := c.Now().Sub(start)
	if f == nil {
		c.budget.refund()
		c.report(ctx, k, took, nil, 0)
		return nil
	}
	f.took = took
	return f
}

func (c *Client) exchange(ctx context.Context, k *call, out any) *failure {
	var conn connection
	req, err := c.request(httptrace.WithClientTrace(ctx, conn.watch()), k)
	if err == nil {
		err = c.profile.Authorize(ctx, k.op, req, k.body)
	}
	if err != nil {
		return &failure{err: c.unauthorised(k, err), final: true}
	}
	k.attempts++
	resp, err := c.Transport.RoundTrip(req)
	if err != nil {
		return c.unanswered(k, err, conn.never())
	}
	defer func() { _ = resp.Body.Close() }()
	f := c.answer(k, req, resp, out)
	if f != nil && !k.recovered && c.profile.Recover != nil && c.profile.Recover(ctx, k.op, req, f.err) {
		k.recovered, f.replay = true, true
	}
	return f
}

var isJSON = []string{"application/json"}

func (c *Client) request(ctx context.Context, k *call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	req, err := http.NewRequestWithContext(ctx, k.op.Method, "/", body)
	if err != nil {
		return nil, err
	}
	req.URL, req.Host = k.url, k.url.Host // as they are: to write and parse the URL again would cost more than a header
	for name, values := range k.settings.Header {
		req.Header[name] = values
	}
	if k.body != nil {
		req.Header["Content-Type"] = isJSON
	}
	req.Header["Accept"], req.Header["User-Agent"] = isJSON, c.agent
	if k.op.KeyHeader != "" && k.settings.IdempotencyKey != "" {
		// In lower case, which means the same to a server: under its usual spelling
		// net/http would repeat the request by itself, with the old signature and
		// unseen by the count of attempts.
		req.Header[strings.ToLower(k.op.KeyHeader)] = []string{k.settings.IdempotencyKey}
	}
	return req, nil
}

// connection watches whether the transport got as far as having a connection.
type connection struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

func (c *connection) watch() *httptrace.ClientTrace {
	c.trace.GetConn = func(string) { c.asked.Store(true) }
	c.trace.GotConn = func(httptrace.GotConnInfo) { c.got.Store(true) }
	return &c.trace
}

// never is true only with proof: a transport that reports its connections, and
// had none. A transport that reports nothing counts as having sent.
func (c *connection) never() bool { return c.asked.Load() && !c.got.Load() }

// unauthorised is a call that stopped before it was sent.
func (c *Client) unauthorised(k *call, err error) *apierr.Error {
	var e *apierr.Error
	if errors.As(err, &e) {
		return e // the token call failed; its error says so, and says why
	}
	return c.fail(k, apierr.Error{}, apierr.Details{Cause: err, Category: categoryOf(err, apierr.ErrAuth), Outcome: apierr.OutcomeNotApplied})
}

// unanswered is a request without an answer.
func (c *Client) unanswered(k *call, err error, unsent bool) *failure {
	var u *url.Error // a caller's transport may wrap, and its text holds the whole URL
	if errors.As(err, &u) {
		err = u.Err
	}
	d := apierr.Details{Cause: err, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}
	if unsent {
		d.Outcome = apierr.OutcomeNotApplied
	}
	var dial *net.OpError
	dialling := errors.As(err, &dial) && dial.Op == "dial" // a bad certificate fails later, and again
	return &failure{err: c.fail(k, apierr.Error{}, d), sent: !unsent, broken: !unsent || dialling}
}

// stopped is a call whose time ran out, or whose caller gave up, during a pause.
// What the last attempt saw stays readable.
func (c *Client) stopped(ctx context.Context, k *call, last *apierr.Error) *apierr.Error {
	cause := ctx.Err()
	if prev := last.Unwrap(); prev != nil {
		cause = errors.Join(cause, prev)
	}
	return c.fail(k, *last, apierr.Details{Cause: cause, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff, Outcome: last.Outcome(), RetryAfter: last.RetryAfter()})
}

// fail completes an error with what the call knows.
func (c *Client) fail(k *call, e apierr.Error, d apierr.Details) *apierr.Error {
	e.Provider, e.Operation = c.provider, k.op.ID
	e.IdempotencyKey, e.Attempts = k.settings.IdempotencyKey, k.attempts
	if d.Outcome == "" && k.op.RetryClass == Safe {
		d.Outcome = apierr.OutcomeNotApplied
	}
	for i, u := range c.profile.Envelope.Unknown {
		if u.Operation == k.op.ID {
			d.Unknown = &c.profile.Envelope.Unknown[i]
		}
	}
	done := apierr.New(e, d)
	if k.unsure && !settles(done) {
		d.Outcome = apierr.OutcomeUnknown
	} else if done.Outcome() != apierr.OutcomeUnknown {
		return done
	}
	d.Advice = apierr.AdviceInquire
	if k.op.RetryClass == Keyed {
		d.Advice = apierr.AdviceBackoff // the key makes a repetition harmless
	}
	return apierr.New(e, d)
}

// settles reports whether a refusal also answers for the attempts before it. A
// provider that drops repetitions repeats its first verdict about the request;
// one about the caller, the load or the state says nothing of what an earlier
// attempt did.
func settles(e *apierr.Error) bool {
	switch {
	case !e.Known() || e.Outcome() != apierr.OutcomeNotApplied:
		return false
	case errors.Is(e, apierr.ErrDeclined), errors.Is(e, apierr.ErrInvalidRequest), errors.Is(e, apierr.ErrNotFound):
		return true
	}
	return false
}

func categoryOf(err error, otherwise apierr.Category) apierr.Category {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return apierr.ErrUnavailable
	}
	return otherwise
}
