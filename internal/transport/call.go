package transport

import (
	"cmp"
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/pay"
)

// RetryClass says what happens when an operation is repeated; x-operation-class
// in the spec. Any value but these three is treated like Keyless.
type RetryClass string

// The retry classes.
const (
	Safe    RetryClass = "safe"    // can be repeated freely
	Keyed   RetryClass = "keyed"   // the provider ignores a repetition under the same idempotency key
	Keyless RetryClass = "keyless" // repeating it may take effect twice
)

// Operation is what the spec says about one operation. The generated clients
// hold one for each.
type Operation struct {
	ID, Method, Path string
	RetryClass       RetryClass
	Security         string   // name of the security scheme
	KeyHeader        string   // header of the idempotency key, for Keyed
	KeyBody          string   // or its member of the body, as a JSON pointer: "/requestId"
	ReplaysStored    bool     // the stored response to the key is returned before any other check
	Echoes           []Echo   // members of the response that repeat the request
	Inquiry          *Inquiry // how to find out whether it took effect; nil if it moves no money
}

// WithAuthorization returns a call option that sends an Authorization header,
// which pay.WithHeader refuses.
func WithAuthorization(value string) pay.CallOption {
	return func(s *callSettings) error {
		s.Header = http.Header{"Authorization": {value}}
		return nil
	}
}

// Input is the input of one call.
type Input struct {
	Path  []string // values of the path parameters, in their order
	Query any      // pointer to a struct with form tags; nil = no query
	Body  any      // nil or a nil pointer = no body
}

// call is the state of one call.
type call struct {
	op        *Operation
	declared  *catalog.Operation // what the catalog says about op; nil if it has nothing
	path      []string           // values of its parameters
	url       *url.URL
	body      []byte
	settings  callSettings
	attempt   pay.Attempt // the one under way
	attempts  int         // requests that were sent
	recovered bool
	unsure    bool        // an earlier attempt may have taken effect
	header    http.Header // of the last response
	status    int
	requestID string
	pending   *pay.PendingCall // the record in the pending store; nil if there is none
	accepted  bool             // the response says that the operation is not finished
	// mismatches are the members of the last response that should repeat the request
	// and do not, as JSON pointers.
	mismatches []string
}

// Call makes a call whose response is a T.
func Call[T any](ctx context.Context, c *Client, op *Operation, in Input, opts []pay.CallOption) (*T, error) {
	out := new(T)
	if err := c.do(ctx, op, in, opts, out); err != nil {
		return nil, err
	}
	return out, nil
}

// List makes a call whose response is an array of T.
func List[T any](ctx context.Context, c *Client, op *Operation, in Input, opts []pay.CallOption) ([]T, error) {
	var out []T
	if err := c.do(ctx, op, in, opts, &out); err != nil {
		return nil, err
	}
	return out, nil
}

// Exec makes a call whose response has no content.
func Exec(ctx context.Context, c *Client, op *Operation, in Input, opts []pay.CallOption) error {
	return c.do(ctx, op, in, opts, nil)
}

// do makes the whole call; out nil discards the response.
func (c *Client) do(ctx context.Context, op *Operation, in Input, opts []pay.CallOption, out any) error {
	_, err := c.call(ctx, op, in, opts, out)
	return err
}

// call is like do and returns the state in which the call ended.
func (c *Client) call(ctx context.Context, op *Operation, in Input, opts []pay.CallOption, out any) (*call, error) {
	start := c.Now()
	k, invalid := c.begin(op, in, opts)
	defer k.fillMeta()
	defer c.closeLater()
	ctx = c.startCall(ctx, k)
	var err *apierr.Error
	if invalid == nil {
		err = c.attempts(ctx, k, out)
	} else {
		err = c.notSent(k, invalid, apierr.ErrInvalidRequest, apierr.AdviceChange)
	}
	c.endPending(ctx, k, err)
	c.endCall(ctx, k, c.Now().Sub(start), err)
	if err != nil {
		return k, err
	}
	return k, nil
}

// attempts makes attempts until one succeeds or the call may not be retried.
func (c *Client) attempts(ctx context.Context, k *call, out any) *apierr.Error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(k.settings.Timeout, c.TotalTimeout))
	defer cancel()
	for {
		observed := c.startAttempt(ctx, k)
		f := c.attempt(observed, k, out)
		if f == nil {
			return nil
		}
		k.unsure = k.unsure || f.err.Outcome() == apierr.OutcomeUnknown
		wait, again := c.again(ctx, k, f)
		c.report(observed, k, f.took, f.err, wait)
		if !again {
			return f.err
		}
		if !sleep(ctx, wait) {
			return c.stopped(ctx, k, f.err)
		}
	}
}

// begin applies the options of a call and encodes its request.
func (c *Client) begin(op *Operation, in Input, opts []pay.CallOption) (*call, error) {
	k := &call{op: op, path: in.Path, declared: c.profile.Catalog.Operation(op.ID), attempt: pay.Attempt{Provider: c.provider, Operation: op.ID}}
	for _, o := range opts {
		if o == nil {
			return k, errors.New("a call option is nil")
		}
		if err := o(&k.settings); err != nil {
			return k, err
		}
	}
	for _, name := range c.profile.Headers {
		if k.settings.Header[http.CanonicalHeaderKey(name)] != nil {
			return k, fmt.Errorf("WithHeader: %s is set by the client; want another header", name)
		}
	}
	path, rawPath, err := expand(op.Path, in.Path)
	if err != nil {
		return k, err
	}
	u := *c.base
	u.Path, u.RawPath, u.RawQuery = c.base.Path+path, c.base.EscapedPath()+rawPath, query(in.Query)
	k.url = &u
	if v := reflect.ValueOf(in.Body); v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		if k.body, err = json.Marshal(in.Body, json.Deterministic(true)); err != nil {
			return k, fmt.Errorf("the request cannot be encoded as JSON: %w", err)
		}
	}
	return k, c.setKey(k)
}

// keyEncoding encodes 16 bytes as 26 lower-case letters and digits.
var keyEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// setKey determines the idempotency key of a call, the same for all attempts: from
// the request body, from the option, or generated.
func (c *Client) setKey(k *call) error {
	own := k.settings.IdempotencyKey
	if k.op.RetryClass != Keyed {
		if own != "" {
			return fmt.Errorf("WithIdempotencyKey: %s takes no idempotency key; want a call without this option", k.op.ID)
		}
		return nil
	}
	from, to := member(k.body, k.op.KeyBody)
	if written := textOf(k.body[from:to]); written != "" {
		if own != "" && own != written {
			return fmt.Errorf("WithIdempotencyKey: the key differs from %s of the request; want one of them, or the same", k.op.KeyBody[1:])
		}
		if !visible(written, 255) {
			return fmt.Errorf("%s of the request has %d bytes or contains other characters than visible ASCII; want 1 to 255 bytes of visible ASCII", k.op.KeyBody[1:], len(written))
		}
		own = written
	}
	if own == "" {
		var err error
		if own, err = c.newKey(); err != nil {
			return fmt.Errorf("generating an idempotency key failed: %w", err)
		}
	}
	k.settings.IdempotencyKey = own
	if k.op.KeyBody != "" {
		k.body = setMember(k.body, k.op.KeyBody, own, from, to)
	}
	return nil
}

// visible reports whether s has 1 to limit bytes of visible ASCII and spaces.
func visible(s string, limit int) bool {
	return s != "" && len(s) <= limit && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// expand inserts escaped values into a path template. It refuses values that could
// become another path once a proxy or the server has unescaped it.
func expand(template string, values []string) (path, rawPath string, err error) {
	for i := 0; ; i++ {
		before, rest, found := strings.Cut(template, "{")
		path, rawPath = path+before, rawPath+before
		if !found {
			return path, rawPath, nil
		}
		name, after, _ := strings.Cut(rest, "}")
		v := values[i]
		if v == "." || v == ".." || !visible(v, 512) || strings.ContainsAny(v, ` /\?#%;`) {
			return "", "", fmt.Errorf(`%s is not an ID; want 1 to 512 bytes of visible ASCII without spaces and / \ ? # %% ; and not "." or ".."`, name)
		}
		path, rawPath = path+v, rawPath+url.PathEscape(v)
		template = after
	}
}

func (k *call) fillMeta() {
	if m := k.settings.Meta; m != nil {
		*m = pay.Meta{RequestID: k.requestID, IdempotencyKey: k.settings.IdempotencyKey, Attempts: k.attempts, StatusCode: k.status, Header: k.header}
	}
}

// sleep waits for d. It returns false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
