package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// refund is a response that repeats its request. price compares by value.
type refund struct {
	ID     string  `json:"id"`
	Thing  string  `json:"thing,omitempty"`
	Amount price   `json:"amount,omitempty"`
	Deep   *refund `json:"deep,omitempty"`
	Parts  int     `json:"parts,omitempty"`
}

type price struct{ text string }

func (p *price) UnmarshalJSON(b []byte) (err error) {
	p.text, err = transport.Plain(b)
	return err
}

func (p price) Cmp(q price) int {
	return strings.Compare(strings.TrimSuffix(p.text, ".00"), strings.TrimSuffix(q.text, ".00"))
}

var refunding = transport.Operation{
	ID: "refunding", Method: "POST", Path: "/v1/{shop}/things/{id}/refund", RetryClass: transport.Keyed, KeyHeader: "Idempotency-Key",
	Echoes: []transport.Echo{
		{Response: "/thing", Request: "path:id"},
		{Response: "/deep/thing", Request: "query:thing"},
		{Response: "/amount", Request: "/money/amount"},
		{Response: "/parts", Request: "/parts", Unverified: true},
	},
}

// attempts is an observer that keeps the results of attempts.
type attempts struct{ results []pay.AttemptResult }

func (*attempts) StartCall(ctx context.Context, _ pay.Call) context.Context       { return ctx }
func (*attempts) EndCall(context.Context, pay.Call, pay.CallResult)               {}
func (*attempts) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }
func (a *attempts) EndAttempt(_ context.Context, _ pay.Attempt, r pay.AttemptResult) {
	a.results = append(a.results, r)
}

// TestResponseOfAnotherRequestIsUnreadable compares what a response repeats with the
// request, by value where the type has one, in failures too.
func TestResponseOfAnotherRequestIsUnreadable(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		status     int
		refused    bool
		mismatches []string
	}{
		{"same values", `{"id":"r","thing":"t-1","deep":{"id":"x","thing":"q-1"},"amount":"100","parts":2}`, 200, false, nil},
		{"another spelling of the amount", `{"id":"r","amount":"100.00"}`, 200, false, nil},
		{"number instead of text", `{"id":"r","amount":100}`, 200, false, nil},
		{"escaped text", `{"id":"r","thing":"\u0074-1"}`, 200, false, nil},
		{"absent, null and empty", `{"id":"r","thing":"","deep":null,"amount":null}`, 200, false, nil},
		{"another path parameter", `{"id":"r","thing":"t-2"}`, 200, true, []string{"/thing"}},
		{"case of an ID", `{"id":"r","thing":"T-1"}`, 200, true, []string{"/thing"}},
		{"another query parameter", `{"id":"r","deep":{"id":"x","thing":"q-2"}}`, 200, true, []string{"/deep/thing"}},
		{"another amount", `{"id":"r","amount":"100.01"}`, 200, true, []string{"/amount"}},
		{"no amount", `{"id":"r","amount":0}`, 200, true, []string{"/amount"}},
		{"another case of the name", `{"id":"r","Amount":"7"}`, 200, true, []string{"/amount"}},
		{"unverified only", `{"id":"r","parts":3}`, 200, false, []string{"/parts"}},
		{"both", `{"id":"r","thing":"t-2","parts":3}`, 200, true, []string{"/thing", "/parts"}},
		{"two that are documented", `{"id":"r","thing":"t-2","amount":"7"}`, 200, true, []string{"/thing", "/amount"}},
		{"refusal of another request", `{"error":"DECLINED","thing":"t-2"}`, 400, true, []string{"/thing"}},
	} {
		var seen attempts
		var logged bytes.Buffer
		c := client(t, respond(tt.status, tt.body), pay.WithMaxAttempts(1), pay.WithObserver(&seen),
			pay.WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))))
		_, err := transport.Call[refund](t.Context(), c, &refunding, transport.Input{
			Path: []string{"s", "t-1"}, Query: &struct {
				Thing string `form:"thing"`
			}{"q-1"},
			Body: map[string]any{"money": map[string]any{"amount": "100"}, "parts": 2},
		}, nil)
		e, _ := errors.AsType[*apierr.Error](err)
		switch {
		case tt.refused && (e == nil || e.Outcome() != apierr.OutcomeUnknown || e.Code != nil || !strings.Contains(e.Error(), tt.mismatches[0]+" ")):
			t.Errorf("%s: got %v, want an unknown outcome without a code that names %s", tt.name, err, tt.mismatches[0])
		case !tt.refused && err != nil:
			t.Errorf("%s: got %v, want success", tt.name, err)
		}
		if got := seen.results[0].Mismatches; !slices.Equal(got, tt.mismatches) {
			t.Errorf("%s: the observer heard of %q, want %q", tt.name, got, tt.mismatches)
		}
		if got := logged.String(); strings.Contains(got, "WARN") != (tt.mismatches != nil) || strings.Contains(fmt.Sprint(got, err), "t-2") {
			t.Errorf("%s: logged %q, want a warning for each mismatch, without values", tt.name, got)
		}
	}
}

// TestValueThatWasNotSentIsNotCompared sends a request without the values that the
// response has.
func TestValueThatWasNotSentIsNotCompared(t *testing.T) {
	var seen attempts
	c := client(t, respond(200, `{"id":"r","thing":"t-1","deep":{"id":"x","thing":"q-1"},"amount":"100","parts":2}`), pay.WithObserver(&seen))
	for _, body := range []any{nil, map[string]any{"money": nil}, map[string]any{"money": map[string]any{"amount": ""}, "parts": nil}} {
		if _, err := transport.Call[refund](t.Context(), c, &refunding, transport.Input{Path: []string{"s", "t-1"}, Body: body}, nil); err != nil {
			t.Errorf("body %v: got %v, want success", body, err)
		}
	}
	for _, r := range seen.results {
		if r.Mismatches != nil {
			t.Errorf("the observer heard of %q, want nothing", r.Mismatches)
		}
	}
}

// TestMismatchesAreThoseOfTheAttempt retries after a response of another request.
func TestMismatchesAreThoseOfTheAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen attempts
		s := &server{script: []http.HandlerFunc{respond(503, `{"error":"BUSY","thing":"t-2"}`), respond(200, `{"id":"r","thing":"t-1"}`)}}
		c := client(t, s, pay.WithObserver(&seen))
		if _, err := transport.Call[refund](t.Context(), c, &refunding, transport.Input{Path: []string{"s", "t-1"}}, nil); err != nil {
			t.Fatal(err)
		}
		if len(seen.results) != 2 || !slices.Equal(seen.results[0].Mismatches, []string{"/thing"}) || seen.results[1].Mismatches != nil {
			t.Errorf("got %+v, want /thing as the mismatch of the first of two attempts", seen.results)
		}
	})
}

// odd has a method that is called Cmp and compares with something else.
type odd struct{ N int }

func (odd) Cmp(int) int { panic("compared with a number") }

// two has one with two parameters.
type two struct{ N int }

func (two) Cmp(two, two) int { panic("compared with two") }

// typed has members of all kinds of types.
type typed struct {
	Two    two    `json:"two,omitzero"`
	Name   string `json:"name,omitempty"`
	Parts  int    `json:"parts,omitempty"`
	Amount *price `json:"amount,omitempty"`
	Odd    odd    `json:"odd,omitzero"`
}

// TestComparisonByType: values are the same if they are the same bytes or decode to the
// same value. Without a type they are compared as text. If one does not fit its type, only
// bytes count.
func TestComparisonByType(t *testing.T) {
	for _, tt := range []struct {
		name, member, from string
		sent               any
		status             int
		body               string
		differs            bool
	}{
		{"a number as a parameter", "/parts", "path:id", nil, 200, `{"parts":7}`, false},
		{"another number as a parameter", "/parts", "path:id", nil, 200, `{"parts":8}`, true},
		{"text with an escape", "/name", "/name", "a", 200, `{"name":"\u0061"}`, false},
		{"another text", "/name", "/name", "b", 200, `{"name":"\u0061"}`, true},
		{"a pointer", "/amount", "/amount", "100", 200, `{"amount":100.00}`, false},
		{"another amount behind a pointer", "/amount", "/amount", "100", 200, `{"amount":101}`, true},
		{"another kind of Cmp", "/odd", "/odd", map[string]any{"N": 1}, 200, `{"odd":{"N" :1}}`, false},
		{"a Cmp of two", "/two", "/two", map[string]any{"N": 1}, 200, `{"two":{"N" :1}}`, false},
		{"another value with another kind of Cmp", "/odd", "/odd", map[string]any{"N": 1}, 200, `{"odd":{"N":2}}`, true},
		{"a member that the type lacks", "/other", "/other", "a", 200, `{"other":"a"}`, false},
		{"another spelling of a member that the type lacks", "/other", "/other", "a", 200, `{"other":"\u0061"}`, false},
		{"another value of a member that the type lacks", "/other", "/other", "a", 200, `{"other":"b"}`, true},
		{"an object in place of a member that the type lacks", "/other", "/other", "a", 200, `{"other":{}}`, true},
		{"another object that the type lacks", "/other", "/other", map[string]any{"x": 1}, 200, `{"other":{"x":2}}`, true},
		{"a member below one that is not an object", "/name/x", "/name", "a", 400, `{"error":"DECLINED","name":{"x":"b"}}`, true},
		{"a request that does not fit the type", "/parts", "/parts", "x", 400, `{"error":"DECLINED","parts":0}`, true},
		{"a response that does not fit the type", "/parts", "/parts", 0, 400, `{"error":"DECLINED","parts":"x"}`, true},
		{"the same bytes in a refusal", "/parts", "/parts", 1, 400, `{"error":"DECLINED","parts":1}`, false},
	} {
		op := transport.Operation{ID: "typed", Method: "POST", Path: "/v1/things/{id}", RetryClass: transport.Keyless, Echoes: []transport.Echo{{Response: tt.member, Request: tt.from}}}
		in := transport.Input{Path: []string{"7"}, Body: map[string]any{strings.TrimPrefix(tt.from, "/"): tt.sent}}
		var seen attempts
		c := client(t, respond(tt.status, tt.body), pay.WithObserver(&seen))
		_, _ = transport.Call[typed](t.Context(), c, &op, in, nil)
		if got := seen.results[0].Mismatches != nil; got != tt.differs {
			t.Errorf("%s: got a mismatch %v, want %v", tt.name, got, tt.differs)
		}
		if tt.status == 400 { // a call without a response type
			_ = transport.Exec(t.Context(), c, &op, in, nil)
			if got := seen.results[1].Mismatches != nil; got != tt.differs {
				t.Errorf("%s, without a type: got a mismatch %v, want %v", tt.name, got, tt.differs)
			}
		}
	}
}
