package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// records is a pending store that writes what it is called with.
type records struct {
	pay.PendingStore
	strings.Builder
	began    []pay.PendingCall
	contexts []context.Context
	err      error
}

func (r *records) Begin(_ context.Context, call pay.PendingCall, wait time.Duration) error {
	fmt.Fprintf(r, "begin %v; ", wait)
	r.began = append(r.began, call)
	return r.err
}

func (r *records) Clear(ctx context.Context, id string) error {
	return r.end(ctx, "clear", id, 0)
}

func (r *records) Postpone(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	return r.end(ctx, "postpone", call.ID, wait)
}

func (r *records) end(ctx context.Context, what, id string, wait time.Duration) error {
	deadline, _ := ctx.Deadline()
	fmt.Fprintf(r, "%s %v %v within %v, %v; ", what, id == r.began[0].ID, wait, time.Until(deadline), ctx.Err())
	r.contexts = append(r.contexts, ctx)
	return r.err
}

var (
	stateOf = transport.Operation{ID: "stateOf", Method: "GET", Path: "/v1/{shop}/payments/{payment}", RetryClass: transport.Safe}
	find    = transport.Operation{ID: "find", Method: "POST", Path: "/v1/find", RetryClass: transport.Safe}
	paying  = transport.Operation{
		ID: "paying", Method: "POST", Path: "/v1/shops/{shop}/pay", RetryClass: transport.Keyed, KeyHeader: "Idempotency-Key",
		Inquiry: &transport.Inquiry{
			Operation: &stateOf,
			With:      []transport.Member{{From: "/payment/id", To: "path:payment"}, {From: "path:shop", To: "path:shop"}},
			Same:      []transport.Member{{From: "/amount", To: "/total"}, {From: "/note", To: "/note"}},
			State:     "/state", Applied: []string{"PAID", "REFUNDED"}, NotApplied: []string{"FAILED"},
		},
	}
	paying2 = transport.Operation{ID: "paying2", Method: "POST", Path: "/v1/pay", RetryClass: transport.Keyless, Inquiry: &transport.Inquiry{
		Operation: &find, With: []transport.Member{{From: "/id", To: "/search"}, {From: "/other", To: "/other"}}, State: "/state", Applied: []string{"7", "true"}}}
	lost = transport.Operation{ID: "lost", Method: "POST", Path: "/v1/lost", RetryClass: transport.Keyless, Inquiry: &transport.Inquiry{None: "the provider cannot be asked"}}
)

func payingInput() transport.Input {
	return transport.Input{Path: []string{"s-1"}, Body: map[string]any{"payment": map[string]any{"id": "p-1"}, "amount": 1500, "note": nil}}
}

// TestCallsAreRecorded: a call that may move money is recorded before its first byte is
// sent, and cleared when its outcome is known, also if the caller has given up.
func TestCallsAreRecorded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status []int
		opts   []pay.CallOption
		want   string
	}{
		{"applied", []int{200}, nil, "begin 1m10s; sent; clear true 0s within 5s, <nil>; "},
		{"its own timeout", []int{200}, []pay.CallOption{pay.WithCallTimeout(7 * time.Second)}, "begin 17s; sent; clear true 0s within 5s, <nil>; "},
		{"refused", []int{400}, nil, "begin 1m10s; sent; clear true 0s within 5s, <nil>; "},
		{"applied before", []int{409}, nil, "begin 1m10s; sent; clear true 0s within 5s, <nil>; "},
		{"repeated", []int{503, 200}, nil, "begin 1m10s; sent; sent; clear true 0s within 5s, <nil>; "},
		{"unknown", []int{500, 500, 500}, nil, "begin 1m10s; sent; sent; sent; postpone true 0s within 5s, <nil>; "},
		{"canceled", []int{0}, nil, "begin 1m10s; sent; postpone true 0s within 5s, <nil>; "},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var r records
			requests := 0
			p := profile()
			p.Account = "acc-1"
			c, err := newClient(p, pay.WithPendingStore(&r), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
				requests++
				r.WriteString("sent; ")
				if tt.status[requests-1] == 0 {
					cancel()
					return nil, ctx.Err()
				}
				return &http.Response{StatusCode: tt.status[requests-1], Header: http.Header{}, Body: io.NopCloser(strings.NewReader(map[bool]string{true: `{"error":"DONE"}`, false: `{"id":"a"}`}[tt.status[0] == 409]))}, nil
			})))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			var m pay.Meta
			_, _ = transport.Call[resource](ctx, c, &paying, payingInput(), append(tt.opts, pay.WithMeta(&m)))
			if got := r.String(); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			}
			got, request := r.began[0], map[string]string{"/payment/id": "p-1", "path:shop": "s-1", "/amount": "1500"}
			if got.ID == "" || got.Provider != "test" || got.Account != "acc-1" || got.Operation != "paying" || got.IdempotencyKey != m.IdempotencyKey || !got.Began.Equal(start) || !maps.Equal(got.Request, request) {
				t.Errorf("%s: recorded %+v, want the request %v", tt.name, got, request)
			}
			for _, ctx := range r.contexts {
				if !errors.Is(ctx.Err(), context.Canceled) {
					t.Errorf("%s: the context of the store is not released", tt.name)
				}
			}
		})
	}
}

// TestCallsThatAreNotRecorded: an operation without an inquiry moves no money. Without
// its record, nothing else is sent.
func TestCallsThatAreNotRecorded(t *testing.T) {
	var r records
	h := &raw{status: 200, body: body(`{"id":"a"}`)}
	if _, err := call(t.Context(), rawClient(t, h, nil, pay.WithPendingStore(&r)), &keyless); err != nil || r.String() != "" {
		t.Errorf("an operation without an inquiry: %v, %s", err, r.String())
	}
	if _, err := transport.Call[resource](t.Context(), rawClient(t, h, nil), &paying, payingInput(), nil); err != nil {
		t.Errorf("without a store: %v", err)
	}
	h.requests = 0
	refused := errors.New("no connection")
	for name, opts := range map[string][]pay.Option{
		"no store":  {pay.WithPendingStore(&records{err: refused})},
		"no random": {pay.WithPendingStore(&records{}), pay.WithRandom(iotest.ErrReader(refused))},
	} {
		_, err := transport.Call[resource](t.Context(), rawClient(t, h, nil, opts...), &lost, transport.Input{}, nil)
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok || !errors.Is(err, refused) || e.Outcome() != apierr.OutcomeNotApplied || !errors.Is(e, apierr.ErrUnavailable) || e.Advice() != apierr.AdviceBackoff || h.requests != 0 {
			t.Errorf("%s: got %v after %d requests, want an error that is not applied after none", name, err, h.requests)
		}
	}
	// If only the end cannot be recorded, the call has its result.
	var log bytes.Buffer
	broken := &failing{}
	c := rawClient(t, h, nil, pay.WithPendingStore(broken), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if _, err := transport.Call[resource](t.Context(), c, &lost, transport.Input{}, nil); err != nil || !strings.Contains(log.String(), "updating the pending store after a call failed") {
		t.Errorf("got %v and the log %q, want a success and a warning", err, log.String())
	}
	log.Reset()
	c = rawClient(t, h, nil, pay.WithPendingStore(&records{}), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if _, err := transport.Call[resource](t.Context(), c, &lost, transport.Input{}, nil); err != nil || log.Len() > 0 {
		t.Errorf("got %v and the log %q, want a success and no warning", err, log.String())
	}
	for name, store := range map[string]pay.PendingStore{"an error": broken, "a panic": &collapsing{}} {
		if _, err := transport.Call[resource](t.Context(), rawClient(t, h, nil, pay.WithPendingStore(store)), &lost, transport.Input{}, nil); err != nil {
			t.Errorf("%s, without a log: %v", name, err)
		}
	}
}

// failing is a store that cannot delete.
type failing struct{ records }

func (*failing) Clear(context.Context, string) error { return errors.New("no connection") }

// collapsing is a store that panics.
type collapsing struct{ records }

func (*collapsing) Clear(context.Context, string) error { panic("canary") }

// TestInquiries: only a state that the spec names proves an outcome, and only in a
// response that belongs to the call.
func TestInquiries(t *testing.T) {
	ops := []*transport.Operation{&paying, &keyless, &paying2, &lost}
	request := map[string]string{"/payment/id": "p/1", "path:shop": "s-1", "/amount": "1500"}
	for _, tt := range []struct {
		name     string
		call     pay.PendingCall
		status   int
		response string
		outcome  apierr.Outcome
		err      error
		sent     string // method, path and body
	}{
		{name: "applied", status: 200, response: `{"state":"PAID","total":1500}`, outcome: apierr.OutcomeApplied},
		{name: "another applied state", status: 200, response: `{"state":"REFUNDED","total":"1500"}`, outcome: apierr.OutcomeApplied},
		{name: "not applied", status: 200, response: `{"state":"FAILED"}`, outcome: apierr.OutcomeNotApplied},
		{name: "another state", status: 200, response: `{"state":"OPEN","total":null}`, outcome: apierr.OutcomePending},
		{name: "an amount that is an object", status: 200, response: `{"state":"PAID","total":{}}`, outcome: apierr.OutcomeApplied},
		{name: "no state", status: 200, response: `{"state":{}}`, outcome: apierr.OutcomePending},
		{name: "names in another case", status: 200, response: `{"State":"PAID","TOTAL":1500}`, outcome: apierr.OutcomeApplied},
		{name: "another amount", status: 200, response: `{"state":"PAID","total":1501}`, outcome: apierr.OutcomeUnknown, err: pay.ErrNotInquirable},
		{name: "a value that was not recorded", status: 200, response: `{"state":"PAID","note":"n"}`, outcome: apierr.OutcomeUnknown, err: pay.ErrNotInquirable},
		{name: "not found", status: 404, outcome: apierr.OutcomeUnknown, err: apierr.ErrNotFound},
		{name: "another account", call: pay.PendingCall{Account: "acc-2"}, outcome: apierr.OutcomeUnknown, err: pay.ErrOtherAccount, sent: "-"},
		{name: "another provider", call: pay.PendingCall{Provider: "other"}, outcome: apierr.OutcomeUnknown, err: pay.ErrOtherAccount, sent: "-"},
		{name: "an unknown operation", call: pay.PendingCall{Operation: "removed"}, outcome: apierr.OutcomeUnknown, err: pay.ErrNotInquirable, sent: "-"},
		{name: "an operation without an inquiry", call: pay.PendingCall{Operation: "keyless"}, outcome: apierr.OutcomeUnknown, err: pay.ErrNotInquirable, sent: "-"},
		{name: "nothing to ask", call: pay.PendingCall{Operation: "lost"}, outcome: apierr.OutcomeUnknown, err: pay.ErrNotInquirable, sent: "-"},
		{name: "with a body", call: pay.PendingCall{Operation: "paying2", Request: map[string]string{"/id": "i-1"}}, status: 200, response: `{"state":7}`, outcome: apierr.OutcomeApplied, sent: `POST /prefix/v1/find {"search":"i-1"}`},
		{name: "a literal", call: pay.PendingCall{Operation: "paying2", Request: map[string]string{"/id": "i-1"}}, status: 200, response: `{"state":true}`, outcome: apierr.OutcomeApplied, sent: `POST /prefix/v1/find {"search":"i-1"}`},
		{name: "without values", call: pay.PendingCall{Operation: "paying2", Request: map[string]string{"/x": "y"}}, status: 200, response: `{"state":true}`, outcome: apierr.OutcomeUnknown, err: pay.ErrNotInquirable, sent: "-"},
	} {
		sent := "-"
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			sent = r.Method + " " + r.URL.Path + " " + string(text)
			respond(tt.status, tt.response)(w, r)
		})
		want := pay.PendingCall{Provider: "test", Operation: "paying", Request: maps.Clone(request)}
		want.Request["/payment/id"] = "p-1"
		if tt.call.Operation != "" {
			want.Operation = tt.call.Operation
		}
		if tt.call.Request != nil {
			want.Request = tt.call.Request
		}
		if tt.call.Provider != "" {
			want.Provider = tt.call.Provider
		}
		want.Account = tt.call.Account
		got, err := client(t, h).Inquire(t.Context(), ops, want)
		if got != tt.outcome || !errors.Is(err, tt.err) || tt.err == nil && err != nil {
			t.Errorf("%s: got %s, %v; want %s, %v", tt.name, got, err, tt.outcome, tt.err)
		}
		if tt.sent == "" {
			tt.sent = "GET /prefix/v1/s-1/payments/p-1 "
		}
		if sent != tt.sent {
			t.Errorf("%s: sent %q, want %q", tt.name, sent, tt.sent)
		}
	}
	if _, err := client(t, ok).Inquire(t.Context(), ops, pay.PendingCall{Provider: "test", Operation: "lost"}); err == nil || !strings.Contains(err.Error(), "the provider cannot be asked") {
		t.Errorf("nothing to ask: got %v, want the reason of the spec", err)
	}
}

// TestAcceptedCallStaysRecorded: the provider accepted the call, but has not finished it.
func TestAcceptedCallStaysRecorded(t *testing.T) {
	for word, want := range map[string]string{"A": "postpone", "S": "clear"} {
		var r records
		p := profile()
		p.Catalog.Envelopes[0].Outcome = catalog.OutcomeRule{From: "/word", Map: []catalog.OutcomeWord{{Word: "A", Outcome: apierr.OutcomePending}, {Word: "S", Outcome: apierr.OutcomeApplied}}}
		c, err := newClient(p, pay.WithPendingStore(&r), pay.WithTransport(&raw{status: 200, body: body(`{"id":"a","word":"` + word + `"}`)}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := transport.Call[resource](t.Context(), c, &lost, transport.Input{}, nil); err != nil || !strings.Contains(r.String(), "; "+want+" true") {
			t.Errorf("%s: got %v, %s; want %s", word, err, r.String(), want)
		}
	}
}
