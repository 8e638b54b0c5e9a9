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
	"github.com/specpay/specpay/apierr/catalog"
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
		return &failure{err: c.unauthorized(k, err), final: true}
	}
	k.attempts++
	resp, err := c.Transport.RoundTrip(req)
	if err != nil {
		return c.noResponse(k, err, conn.never())
	}
	defer func() { _ = resp.Body.Close() }()
	f := c.response(k, req, resp, out)
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

// unauthorized is a call that stopped before it was sent.
func (c *Client) unauthorized(k *call, err error) *apierr.Error {
	if e, ok := errors.AsType[*apierr.Error](err); ok {
		return e // the token call failed; its error says so, and says why
	}
	return c.notSent(k, err, categoryOf(err, apierr.ErrAuth), "")
}

// notSent is a call that failed on this side, before anything was sent.
func (c *Client) notSent(k *call, cause error, category apierr.Category, advice apierr.Advice) *apierr.Error {
	return c.fail(k, catalog.Reading{Details: apierr.Details{Cause: cause, Category: category, Advice: advice, Outcome: apierr.OutcomeNotApplied}})
}

// noResponse is a request without a response.
func (c *Client) noResponse(k *call, err error, unsent bool) *failure {
	if u, ok := errors.AsType[*url.Error](err); ok { // a caller's transport may wrap, and its text contains the whole URL
		err = u.Err
	}
	r := catalog.Reading{Details: apierr.Details{Cause: err, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}}
	if unsent {
		r.Details.Outcome = apierr.OutcomeNotApplied
	}
	dial, ok := errors.AsType[*net.OpError](err)
	dialing := ok && dial.Op == "dial" // a bad certificate fails later, and will fail again
	return &failure{err: c.fail(k, r), sent: !unsent, broken: !unsent || dialing}
}

// stopped is a call whose time ran out, or whose caller gave up, during a pause.
// What the last attempt saw stays readable.
func (c *Client) stopped(ctx context.Context, k *call, last *apierr.Error) *apierr.Error {
	cause := ctx.Err()
	if prev := last.Unwrap(); prev != nil {
		cause = errors.Join(cause, prev)
	}
	return c.fail(k, catalog.Reading{Error: *last, Details: apierr.Details{
		Cause: cause, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff, Outcome: last.Outcome(), RetryAfter: last.RetryAfter(),
	}})
}

// fail completes what is known about a failed attempt with what the call knows,
// and makes the error.
func (c *Client) fail(k *call, r catalog.Reading) *apierr.Error {
	r.Error.Provider, r.Error.Operation = c.provider, k.op.ID
	r.Error.IdempotencyKey, r.Error.Attempts = k.settings.IdempotencyKey, k.attempts
	r.Details.Safe, r.Details.Keyed = k.op.RetryClass == Safe, k.op.RetryClass == Keyed
	if k.declared != nil {
		r.Details.Unknown = k.declared.Unknown
	}
	e := r.Err()
	if k.unsure && !settles(e) {
		r.Details.Outcome = apierr.OutcomeUnknown
		e = r.Err()
	}
	return e
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
