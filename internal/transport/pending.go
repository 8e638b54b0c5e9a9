package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/jsonscan"
	"github.com/specpay/specpay/pay"
)

// Inquiry says how to find out whether a call took effect; x-inquiry in the spec.
// A place is a parameter of the path, "path:payment_id", or a JSON pointer into the
// body, "/paymentId".
type Inquiry struct {
	Operation  *Operation // reads the state; nil if no operation does
	Response   any        // a nil pointer to the type of its response; nil = nothing is required of the response
	None       string     // why no operation does
	With       []Member   // values that identify the effect: from the request, to the request of Operation
	Same       []Member   // values of the request that the response has too, if it has the member
	Record     []string   // further places of the request whose values tell a human what the call was about
	State      string     // where the response has the state
	Applied    []string   // states that prove that the call took effect
	NotApplied []string   // states that prove that it did not, and will not
}

// Member is a value of one message that another message has too: the places in both.
type Member struct{ From, To string }

const inPath = "path:"

const (
	pendingMargin  = 10 * time.Second // after the end of a call, before a reconciler takes it if its process died
	pendingTimeout = 5 * time.Second  // of writing the result of a call
)

var errNotRecorded = errors.New("the call was not recorded in the pending store, so nothing was sent")

// beginPending records a call that may move money, once and before its first byte is
// sent.
func (c *Client) beginPending(ctx context.Context, k *call) error {
	if c.PendingStore == nil || k.op.Inquiry == nil || k.pending != nil {
		return nil
	}
	wait := min(cmp.Or(k.settings.Timeout, c.TotalTimeout), math.MaxInt64-pendingMargin) + pendingMargin
	id, err := c.newKey()
	if err == nil {
		k.pending = &pay.PendingCall{
			ID: id, Provider: c.provider, Account: c.profile.Account, Operation: k.op.ID,
			IdempotencyKey: k.settings.IdempotencyKey, Request: k.identifiers(), Began: c.Now(),
		}
		err = storing(func() error { return c.PendingStore.Begin(ctx, *k.pending, wait) })
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNotRecorded, err)
	}
	return nil
}

// newKey returns a random string of 26 letters and digits.
func (c *Client) newKey() (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(c.Random, raw[:]); err != nil {
		return "", err
	}
	return keyEncoding.EncodeToString(raw[:]), nil
}

// identifiers returns the values of the request that the inquiry or a human needs.
func (k *call) identifiers() map[string]string {
	values := map[string]string{}
	places := slices.Clone(k.op.Inquiry.Record)
	for _, m := range slices.Concat(k.op.Inquiry.With, k.op.Inquiry.Same) {
		places = append(places, m.From)
	}
	for _, place := range places {
		v := ""
		if name, ok := strings.CutPrefix(place, inPath); ok {
			v = k.parameter("path", name)
		} else {
			v = valueAt(k.body, place)
		}
		if v != "" {
			values[place] = v
		}
	}
	return values
}

// parameters returns the places of the parameters of a path template.
func parameters(template string) []string {
	var places []string
	for _, part := range strings.Split(template, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		places = append(places, inPath+name)
	}
	return places
}

// valueAt returns the string, number or literal at a JSON pointer as text; "" if
// there is none.
func valueAt(body []byte, pointer string) string {
	return scalar(jsonscan.FindFold(body, pointer)) // the decoder accepts names in another case too
}

// scalar returns a string, number or literal as text; "" if v is another value.
func scalar(v []byte) string {
	if s, ok := jsonscan.Unquote(v); ok {
		return s
	}
	if jsonscan.IsContainer(v) || string(v) == "null" {
		return ""
	}
	return string(v)
}

// endPending deletes the record of a call whose outcome is known. Any other record
// becomes due. If the store fails, the record stays, and a reconciler asks.
func (c *Client) endPending(ctx context.Context, k *call, failed *apierr.Error) {
	if k.pending == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pendingTimeout)
	defer cancel()
	err := storing(func() error {
		if k.settled(failed) {
			return c.PendingStore.Clear(ctx, k.pending.ID)
		}
		return c.PendingStore.Postpone(ctx, *k.pending, 0)
	})
	if err != nil && c.Logger != nil {
		c.Logger.LogAttrs(ctx, slog.LevelWarn, "updating the pending store after a call failed", slog.String("provider", c.provider),
			slog.String("operation", k.op.ID), slog.String("pending", k.pending.ID), slog.Any("error", err))
	}
}

// storing runs a method of the pending store. A panic is like an error.
func storing(method func() error) (err error) {
	defer Recovered("the pending store", &err)
	return method()
}

// settled reports whether the outcome of a call is known.
func (k *call) settled(failed *apierr.Error) bool {
	if failed == nil {
		return !k.accepted
	}
	return failed.Outcome() == apierr.OutcomeNotApplied || failed.Outcome() == apierr.OutcomeApplied
}

// Inquire asks for the outcome of a call to one of the operations; see pay.Inquirer.
func (c *Client) Inquire(ctx context.Context, ops []*Operation, call pay.PendingCall) (apierr.Outcome, error) {
	if call.Provider != c.provider || call.Account != c.profile.Account {
		return apierr.OutcomeUnknown, pay.ErrOtherAccount
	}
	i := slices.IndexFunc(ops, func(op *Operation) bool { return op.ID == call.Operation && op.Inquiry != nil })
	if i < 0 {
		return apierr.OutcomeUnknown, fmt.Errorf("%w: this version of the client does not know operation %.64q", pay.ErrNotInquirable, call.Operation)
	}
	q := ops[i].Inquiry
	if q.Operation == nil {
		return apierr.OutcomeUnknown, fmt.Errorf("%w: %s", pay.ErrNotInquirable, q.None)
	}
	if !q.identified(call) {
		return apierr.OutcomeUnknown, fmt.Errorf("%w: the record has no ID that %s could ask about", pay.ErrNotInquirable, q.Operation.ID)
	}
	var state jsontext.Value
	k, err := c.call(ctx, q.Operation, q.input(call), nil, &state)
	switch {
	case err != nil:
		return apierr.OutcomeUnknown, err
	case k.accepted: // the inquiry itself is not finished
		return apierr.OutcomePending, nil
	}
	if q.Response != nil {
		if missing := c.plans.missing(state, q.Response); missing != "" {
			return apierr.OutcomeUnknown, fmt.Errorf("the response to %s lacks %s", q.Operation.ID, missing)
		}
	}
	return q.read(call, state)
}

// identified reports whether the record has a value that the inquiry asks about. The
// response to a question without one could be about anything.
func (q *Inquiry) identified(call pay.PendingCall) bool {
	return slices.ContainsFunc(q.With, func(m Member) bool { return call.Request[m.From] != "" })
}

// input returns the request of the inquiry.
func (q *Inquiry) input(call pay.PendingCall) Input {
	places := parameters(q.Operation.Path)
	in, body := Input{Path: make([]string, len(places))}, map[string]string{}
	for _, m := range q.With {
		v, found := call.Request[m.From]
		if i := slices.Index(places, m.To); i >= 0 {
			in.Path[i] = v
		} else if found {
			body[strings.TrimPrefix(m.To, "/")] = v
		}
	}
	if len(body) > 0 {
		in.Body = body
	}
	return in
}

// read reads the outcome from the response to the inquiry. The state of another
// resource, and one that stands there twice, proves nothing.
func (q *Inquiry) read(call pay.PendingCall, response []byte) (apierr.Outcome, error) {
	for _, m := range q.With {
		want, got := call.Request[m.From], ""
		if strings.HasPrefix(m.To, "/") {
			got = valueAt(response, m.To)
		}
		if want != "" && got != "" && got != want {
			return apierr.OutcomeUnknown, fmt.Errorf("the response to %s belongs to another request: %s is not what this call has", q.Operation.ID, m.To)
		}
	}
	for _, m := range q.Same {
		want, got := call.Request[m.From], valueAt(response, m.To)
		if got != "" && got != want {
			return apierr.OutcomeUnknown, fmt.Errorf("%w: %s of %s differs from %s of the call", pay.ErrNotInquirable, m.To, q.Operation.ID, m.From)
		}
	}
	state := valueAt(response, q.State)
	if exact := jsonscan.Find(response, q.State); exact != nil && scalar(exact) != state {
		return apierr.OutcomeUnknown, fmt.Errorf("the response to %s has %s twice, with different values", q.Operation.ID, q.State)
	}
	switch {
	case slices.Contains(q.Applied, state):
		return apierr.OutcomeApplied, nil
	case slices.Contains(q.NotApplied, state):
		return apierr.OutcomeNotApplied, nil
	}
	return apierr.OutcomePending, nil
}
