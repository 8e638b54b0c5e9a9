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
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// failure is a failed attempt and what decides whether there is another one.
type failure struct {
	err    *apierr.Error
	sent   bool // a byte of the request may have been sent
	broken bool // the connection failed, before or during the response
	replay bool // send again at once with new credentials
	final  bool // nothing was sent, and a retry would fail for the same reason
	took   time.Duration
}

// attempt makes one request and reads the response into out.
func (c *Client) attempt(ctx context.Context, k *call, out any) *failure {
	start := c.Now()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(k.settings.AttemptTimeout, c.AttemptTimeout))
	defer cancel()
	responses := c.silence.before(ctx, c.Transport)
	f := c.exchange(ctx, cancel, k, out)
	c.silence.after(ctx, f, responses)
	took := c.Now().Sub(start)
	if f == nil {
		c.budget.refund()
		c.report(ctx, k, took, nil, 0)
		return nil
	}
	f.took = took
	return f
}

// exchange sends one request and reads its response.
func (c *Client) exchange(ctx context.Context, cancel context.CancelFunc, k *call, out any) *failure {
	_, plain := c.Transport.(*http.Transport)
	conn := connection{cancel: cancel, plain: plain}
	req, err := c.request(httptrace.WithClientTrace(ctx, conn.watch()), k)
	if err == nil {
		err = c.profile.Authorize(ctx, k.op, req, k.body)
	}
	if err == nil {
		err = c.beginPending(ctx, k)
	}
	if err == nil {
		err = ctx.Err() // the transport would report it as if the request may have been sent
	}
	if err != nil {
		return &failure{err: c.unauthorized(k, err), final: true}
	}
	k.attempts++
	resp, err := c.roundTrip(req)
	if err != nil {
		unsent := conn.unsent(err)
		if conn.got.Load() > maxSent {
			err = errResent // not that the context was canceled
		}
		return c.noResponse(k, err, unsent)
	}
	defer func() { _ = closeBody(resp.Body) }()
	f := c.response(k, req, resp, out)
	if f != nil && !k.recovered && c.profile.Recover != nil && c.profile.Recover(ctx, k.op, req, f.err) {
		k.recovered, f.replay = true, true
	}
	return f
}

// roundTrip sends one request. It also handles responses that break the contract
// of an http.RoundTripper, since an application may pass one of its own.
func (c *Client) roundTrip(req *http.Request) (resp *http.Response, err error) {
	defer Recovered("the transport", &err)
	resp, err = c.Transport.RoundTrip(req)
	if resp == nil && err == nil {
		return nil, errors.New("the transport returned neither a response nor an error")
	}
	if resp != nil && resp.Body == nil {
		resp.Body = http.NoBody
	}
	if err != nil {
		if resp != nil {
			_ = closeBody(resp.Body)
		}
		return nil, err
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// Its body is the connection, which no timeout closes.
		_ = closeBody(resp.Body)
		resp.Body = http.NoBody
	}
	return resp, nil
}

var isJSON = []string{"application/json"}

// request builds the request of an attempt, without credentials.
func (c *Client) request(ctx context.Context, k *call) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, k.op.Method, "/", nil)
	if err != nil {
		return nil, err
	}
	req.URL, req.Host = k.url, k.url.Host // set directly: formatting and parsing the URL again is expensive
	for name, values := range k.settings.Header {
		req.Header[name] = values
	}
	if k.body != nil {
		req.Header["Content-Type"] = isJSON
	}
	if k.body != nil || k.op.RetryClass != Safe {
		setBody(req, k.body)
	}
	req.Header["Accept"], req.Header["User-Agent"] = isJSON, c.agent
	if k.op.KeyHeader != "" && k.settings.IdempotencyKey != "" {
		// Header names are case-insensitive. In its usual spelling, this one would
		// make net/http repeat the request on its own, with the old signature and
		// without being counted as an attempt.
		req.Header[strings.ToLower(k.op.KeyHeader)] = []string{k.settings.IdempotencyKey}
	}
	return req, nil
}

var identity, zeroLength = []string{"identity"}, []string{"0"}

// setBody sets a body that net/http cannot send twice. Over HTTP/2, net/http sends a
// request again on its own after RST_STREAM with PROTOCOL_ERROR or REFUSED_STREAM and
// after GOAWAY, even if the server has carried it out. It does so if the body is nil
// or http.NoBody, or if there is a GetBody. Therefore there is no GetBody, and an
// empty body is a reader.
func setBody(req *http.Request, body []byte) {
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) > 0 {
		return
	}
	// With a reader, the length 0 means unknown. These make HTTP/1 send the same
	// header as without a body. HTTP/2 ignores both.
	req.TransferEncoding = identity
	if req.Method == http.MethodPost || req.Method == http.MethodPut || req.Method == http.MethodPatch {
		req.Header["content-length"] = zeroLength // net/http drops it in its usual spelling
	}
}

// unauthorized is the error of a call that could not be authorized.
func (c *Client) unauthorized(k *call, err error) *apierr.Error {
	if e, ok := errors.AsType[*apierr.Error](err); ok && !k.unsure {
		return e // the error of the token call says more
	}
	if errors.Is(err, errNotRecorded) {
		return c.notSent(k, err, apierr.ErrUnavailable, apierr.AdviceBackoff)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return c.notSent(k, err, apierr.ErrUnavailable, apierr.AdviceBackoff)
	}
	return c.notSent(k, err, apierr.ErrAuth, "")
}

// notSent is the error of a call that failed before anything was sent.
func (c *Client) notSent(k *call, cause error, category apierr.Category, advice apierr.Advice) *apierr.Error {
	return c.fail(k, catalog.Reading{Details: apierr.Details{Cause: cause, Category: category, Advice: advice, Outcome: apierr.OutcomeNotApplied}})
}

// noResponse is the failure of a request without a response.
func (c *Client) noResponse(k *call, err error, unsent bool) *failure {
	for { // from a caller's transport; the text of a *url.Error contains the whole URL
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = u.Err
	}
	r := catalog.Reading{Details: apierr.Details{Cause: err, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}}
	if unsent {
		r.Details.Outcome = apierr.OutcomeNotApplied
	}
	dial, ok := errors.AsType[*net.OpError](err)
	dialing := ok && dial.Op == "dial" // an invalid certificate is found later, and again on a retry
	return &failure{err: c.fail(k, r), sent: !unsent, broken: !unsent || dialing}
}

// stopped is the error of a call whose context ended during a pause. It keeps
// what the last attempt returned.
func (c *Client) stopped(ctx context.Context, k *call, last *apierr.Error) *apierr.Error {
	cause := errors.Join(ctx.Err(), last.Unwrap())
	return c.fail(k, catalog.Reading{Error: *last, Details: apierr.Details{
		Cause: cause, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff, Outcome: last.Outcome(), RetryAfter: last.RetryAfter(),
	}})
}

// fail adds what is known about the call to what is known about the attempt, and
// returns the error.
func (c *Client) fail(k *call, r catalog.Reading) *apierr.Error {
	r.Error.Provider, r.Error.Operation = c.provider, k.op.ID
	r.Error.IdempotencyKey, r.Error.Attempts = k.settings.IdempotencyKey, k.attempts
	r.Details.Safe, r.Details.Keyed = k.op.RetryClass == Safe, k.op.RetryClass == Keyed
	if k.declared != nil {
		r.Details.Unknown = k.declared.Unknown
	}
	e := r.Err()
	if k.unsure && !settles(k.op, e) {
		if e.Outcome() == apierr.OutcomeNotApplied && !e.Advice().Retryable() {
			r.Details.Keyed = false // a retry would be refused again: the advice is to inquire
		}
		r.Details.Outcome = apierr.OutcomeUnknown
		e = r.Err()
	}
	return e
}

// settles reports whether an error response also decides about the attempts before
// it. If the provider replays the stored response of an idempotency key before any
// other check, a refusal because of the request itself means that none of them was
// applied. Any other refusal may follow from the effect of an earlier attempt, such
// as a code that is used up or a balance that is spent.
func settles(op *Operation, e *apierr.Error) bool {
	if _, known := meaning(e); !known || !op.ReplaysStored || e.Outcome() != apierr.OutcomeNotApplied {
		return false
	}
	return errors.Is(e, apierr.ErrDeclined) || errors.Is(e, apierr.ErrInvalidRequest) || errors.Is(e, apierr.ErrNotFound)
}

// meaning returns the catalog's entry for the code of an error, but not that of a
// catch-all code, which says nothing about the request.
func meaning(e *apierr.Error) (apierr.CodeInfo, bool) {
	if e.Code == nil {
		return apierr.CodeInfo{}, false
	}
	info, known := e.Code.Info()
	return info, known && info.Category != apierr.ErrUnknown
}
