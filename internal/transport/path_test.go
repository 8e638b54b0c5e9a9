package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// resultClient is a client of a provider whose responses have a result status.
func resultClient(t *testing.T, h http.Handler) *transport.Client {
	t.Helper()
	p := profile()
	p.Catalog = &catalog.Catalog{API: "test", Envelopes: []catalog.Envelope{{At: "/result", Code: []string{"/code"}, Message: []string{"/message"}, Parse: func(s string) apierr.Code { return resultCode(s) },
		Outcome: catalog.OutcomeRule{From: "/status", Map: []catalog.OutcomeWord{
			{Word: "S", Outcome: apierr.OutcomeApplied}, {Word: "A", Outcome: apierr.OutcomePending}, {Word: "U", Outcome: apierr.OutcomeUnknown}, {Word: "F", Outcome: apierr.OutcomeNotApplied}}}}}}
	c, err := newClient(p, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, h)), pay.WithMaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// resultCode is a catalog in which a code takes precedence over the result status.
type resultCode string

func (c resultCode) Error() string { return string(c) }

func (c resultCode) Info() (apierr.CodeInfo, bool) {
	switch c {
	case "SENDING":
		return apierr.CodeInfo{Value: "SENDING", Outcome: apierr.OutcomePending, Category: apierr.ErrOutcomeUnknown, Advice: apierr.AdviceInquire}, true
	case "REJECTED":
		return apierr.CodeInfo{Value: "REJECTED", Category: apierr.ErrDeclined, Advice: apierr.AdviceChange}, true
	}
	return apierr.CodeInfo{}, false
}

func TestOutcomeInSuccessStatus(t *testing.T) {
	for body, want := range map[string]struct {
		ok      bool
		outcome apierr.Outcome
		class   apierr.Category
	}{
		`{"id":"a","result":{"status":"S","code":"SUCCESS"}}`: {ok: true},
		`{"id":"a","result":{"status":"A","code":"LATER"}}`:   {ok: true},
		`{"id":"a","result":{"status":"U","code":"SENDING"}}`: {ok: true},
		`{"result":{"status":"A","code":"LATER"}}`:            {ok: true},
		`{"id":"a","result":{"status":"U","code":"WHO"}}`:     {outcome: apierr.OutcomeUnknown, class: apierr.ErrOutcomeUnknown},
		`{"id":"a","result":{"status":"X","code":"SUCCESS"}}`: {outcome: apierr.OutcomeUnknown, class: apierr.ErrOutcomeUnknown},
		`{"result":{"status":"F","code":"REJECTED"}}`:         {outcome: apierr.OutcomeNotApplied, class: apierr.ErrDeclined},
		`{"result":{"status":"F","code":"NEW"}}`:              {outcome: apierr.OutcomeNotApplied, class: apierr.ErrProvider},
		`{"result":{"code":"REJECTED"}}`:                      {outcome: apierr.OutcomeUnknown, class: apierr.ErrOutcomeUnknown},
		`{"result":{"status":"S"}}`:                           {outcome: apierr.OutcomeUnknown, class: apierr.ErrOutcomeUnknown},
		`{}`:                                                  {outcome: apierr.OutcomeUnknown, class: apierr.ErrOutcomeUnknown},
	} {
		c := resultClient(t, respond(200, body))
		_, err := call(t.Context(), c, &keyless)
		var e *apierr.Error
		switch {
		case want.ok:
			if err != nil {
				t.Errorf("%s: got error %v, want none", body, err)
			}
		case !errors.As(err, &e):
			t.Errorf("%s: got error %v, want an *apierr.Error", body, err)
		default:
			if e.Outcome() != want.outcome {
				t.Errorf("%s: Outcome: got %s, want %s", body, e.Outcome(), want.outcome)
			}
			if e.Category() != want.class {
				t.Errorf("%s: Category: got %v, want %v", body, e.Category(), want.class)
			}
		}
		if _, err := call(t.Context(), c, &read); (err == nil) != want.ok || !want.ok && errors.Is(err, apierr.ErrOutcomeUnknown) {
			t.Errorf("%s, a read: %v", body, err)
		}
	}
}

func TestOutcomeAtEveryStatus(t *testing.T) {
	for _, tt := range []struct {
		status  int
		result  string
		outcome apierr.Outcome
	}{
		{400, `"status":"U","code":"WHO"`, apierr.OutcomeUnknown}, {400, `"status":"F","code":"WHO"`, apierr.OutcomeNotApplied},
		{500, `"status":"F","code":"REJECTED"`, apierr.OutcomeNotApplied}, {500, `"status":"F","code":"WHO"`, apierr.OutcomeNotApplied},
		{500, `"status":"S","code":"SUCCESS"`, apierr.OutcomeUnknown}, {500, `"code":"REJECTED"`, apierr.OutcomeUnknown}, {503, `"status":"Z"`, apierr.OutcomeUnknown},
	} {
		_, err := call(t.Context(), resultClient(t, respond(tt.status, `{"result":{`+tt.result+`}}`)), &keyless)
		var e *apierr.Error
		if !errors.As(err, &e) || e.Outcome() != tt.outcome || e.StatusCode != tt.status {
			t.Errorf("%d %s: %v, want %s", tt.status, tt.result, err, tt.outcome)
		}
	}
}

func TestIdempotencyKeyInBody(t *testing.T) {
	op := transport.Operation{ID: "pay", Method: "POST", Path: "/pay", RetryClass: transport.Keyed, KeyBody: "/requestId"}
	type request struct {
		RequestID string `json:"requestId"`
		Amount    int    `json:"amount"`
	}
	type other struct {
		Amount int `json:"amount"`
	}
	s := &server{script: []http.HandlerFunc{ok}}
	c := client(t, s)
	do := func(body any, opts ...pay.CallOption) (string, error) {
		var m pay.Meta
		_, err := transport.Call[resource](t.Context(), c, &op, transport.Input{Body: body}, append(opts, pay.WithMeta(&m)))
		return m.IdempotencyKey, err
	}
	for name, tt := range map[string]struct {
		body any
		opts []pay.CallOption
		want string // in the body; "" = generated
		rest string
	}{
		"generated":      {request{Amount: 7}, nil, "", `,"amount":7}`},
		"absent":         {other{7}, nil, "", `,"amount":7}`},
		"empty body":     {struct{}{}, nil, "", `}`},
		"in the request": {request{"r-1", 7}, nil, "r-1", `,"amount":7}`},
		"from option":    {request{Amount: 7}, []pay.CallOption{pay.WithIdempotencyKey("o-1")}, "o-1", `,"amount":7}`},
		"both equal":     {request{"r-1", 7}, []pay.CallOption{pay.WithIdempotencyKey("r-1")}, "r-1", `,"amount":7}`},
	} {
		key, err := do(tt.body, tt.opts...)
		if err != nil || key == "" || tt.want != "" && key != tt.want {
			t.Errorf("%s: key %q, %v", name, key, err)
		}
		if got, want := s.bodies[len(s.bodies)-1], `{"requestId":"`+key+`"`+tt.rest; got != want {
			t.Errorf("%s: sent %s, want %s", name, got, want)
		}
	}
	before := s.requests()
	if _, err := do(request{"r-1", 7}, pay.WithIdempotencyKey("r-2")); err == nil || s.requests() != before {
		t.Errorf("two different keys: %v", err)
	}
}

func TestQueryAndList(t *testing.T) {
	op := transport.Operation{ID: "list", Method: "GET", Path: "/things", RetryClass: transport.Safe}
	type params struct {
		Limit  int      `form:"limit"`
		After  string   `form:"after"`
		Test   *bool    `form:"test"`
		Status []string `form:"status"`
		Header string   // no tag: not a query parameter
	}
	var got string
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.RawQuery
		_, _ = io.WriteString(w, `[{"id":"a"},{"id":"b"}]`)
	}))
	for _, tt := range []struct {
		params any
		want   string
	}{
		{(*params)(nil), ""}, {&params{}, ""}, {nil, ""},
		{&params{Limit: 3, After: "a&b=c", Test: new(bool), Status: []string{"x", "y z"}, Header: "h"}, "after=a%26b%3Dc&limit=3&status=x&status=y+z&test=false"},
	} {
		list, err := transport.List[resource](t.Context(), c, &op, transport.Input{Query: tt.params}, nil)
		if err != nil || len(list) != 2 || got != tt.want {
			t.Errorf("%+v: %v, %d resources, query %q, want %q", tt.params, err, len(list), got, tt.want)
		}
	}
	bad := client(t, respond(200, `[{"id":"a"},{}]`))
	if _, err := transport.List[resource](t.Context(), bad, &op, transport.Input{}, nil); err == nil || !strings.Contains(err.Error(), "/1/id") {
		t.Errorf("a resource without an ID: %v", err)
	}
	for _, body := range []string{`{}`, `null`, ``} {
		if _, err := transport.List[resource](t.Context(), client(t, respond(200, body)), &op, transport.Input{}, nil); err == nil {
			t.Errorf("%q was accepted as a list", body)
		}
	}
}

// textCode is a catalog with every value.
type textCode string

func (c textCode) Error() string { return string(c) }

func (c textCode) Info() (apierr.CodeInfo, bool) {
	return apierr.CodeInfo{Value: string(c), Category: map[bool]apierr.Category{true: apierr.ErrUnknown, false: apierr.ErrConflict}[c == "OTHER"], Advice: apierr.AdviceNever}, true
}

func TestTextErrors(t *testing.T) {
	p := profile()
	p.Catalog = &catalog.Catalog{API: "test", Envelopes: []catalog.Envelope{{Parse: func(s string) apierr.Code { return textCode(s) }, Text: &catalog.TextRules{Fallback: "OTHER", MaxBytes: 100, Rules: []catalog.TextRule{
		{Code: "EXACT", Statuses: []int{401}, Exact: "bad signature"},
		{Code: "LONG", Statuses: []int{409}, Prefix: "conflict: deep: ", Capture: "why"},
		{Code: "SHORT", Statuses: []int{409}, Prefix: "conflict"},
		{Code: "PARTS", Statuses: []int{422}, Parts: []catalog.TextPart{{Literal: "provider "}, {Capture: "provider"}, {Literal: " not allowed for "}, {Capture: "what", Spaces: true}}},
		{Code: "ANY", Statuses: []int{503}},
	}}}}}
	for _, tt := range []struct {
		status   int
		body     string
		code     string
		captures string
	}{
		{401, "bad signature", "EXACT", ""}, {401, " \ufeffbad signature\r\n", "OTHER", ""}, {401, "\ufeffbad signature\r\n", "EXACT", ""}, {400, "bad signature", "OTHER", ""},
		{409, "conflict: deep: a b", "LONG", "why=a b"}, {409, "conflict: other", "SHORT", ""},
		{422, "provider nicepay not allowed for this app", "PARTS", "provider=nicepay what=this app"},
		{422, "provider two words not allowed for this app", "OTHER", ""}, {422, "provider  not allowed for x", "OTHER", ""}, {422, "provider x", "OTHER", ""},
		{503, "<html>", "ANY", ""}, {503, "", "ANY", ""}, {502, "<html>", "OTHER", ""}, {500, strings.Repeat("x", 1000), "OTHER", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: []http.HandlerFunc{respond(tt.status, tt.body)}}
			c, err := newClient(p, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, s)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = call(t.Context(), c, &read)
			var e *apierr.Error
			if !errors.As(err, &e) || e.RawCode != tt.code || !errors.Is(err, textCode(tt.code)) {
				t.Fatalf("%d %.40q: %v", tt.status, tt.body, err)
			}
			got := ""
			for _, name := range []string{"why", "provider", "what"} {
				if v, ok := e.Captures[name]; ok {
					got = strings.TrimSpace(got + " " + name + "=" + v)
				}
			}
			if got != tt.captures {
				t.Errorf("%q: captured %q, want %q", tt.body, got, tt.captures)
			}
			// An unknown text is classified by its status.
			if want := map[bool]int{true: 3, false: 1}[tt.code == "OTHER" && tt.status >= 500]; s.requests() != want {
				t.Errorf("%d %.20q: %d requests, want %d", tt.status, tt.body, s.requests(), want)
			}
		})
	}
}

func TestWait(t *testing.T) {
	type state struct{ word string }
	script := func(polls ...any) func(context.Context) (*state, bool, error) {
		i := 0
		return func(context.Context) (*state, bool, error) {
			a := polls[min(i, len(polls)-1)]
			if i++; true {
				if err, ok := a.(error); ok {
					return nil, false, err
				}
			}
			return &state{a.(string)}, a == "DONE", nil
		}
	}
	unavailable := apierr.New(apierr.Error{StatusCode: 503}, apierr.Details{Outcome: apierr.OutcomeNotApplied})
	missing := apierr.New(apierr.Error{StatusCode: 404}, apierr.Details{})
	unknown := apierr.New(apierr.Error{Code: resultCode("SENDING"), StatusCode: 200}, apierr.Details{Outcome: apierr.OutcomeNotApplied})
	refused := apierr.New(apierr.Error{StatusCode: 401}, apierr.Details{})
	details := func(c apierr.Category, a apierr.Advice) error {
		return apierr.New(apierr.Error{StatusCode: 400}, apierr.Details{Category: c, Advice: a, Outcome: apierr.OutcomeNotApplied})
	}
	plain := errors.New("plain")
	for name, tt := range map[string]struct {
		polls []any
		last  string
		took  time.Duration
		err   error
	}{
		"at once":                     {[]any{"DONE"}, "DONE", 0, nil},
		"after a while":               {[]any{"PENDING", "UNKNOWN", "DONE"}, "DONE", 8 * time.Second, nil},
		"missing, then unavailable":   {[]any{missing, unavailable, "PENDING", "DONE"}, "DONE", 12 * time.Second, nil},
		"never":                       {[]any{"PENDING"}, "PENDING", time.Minute, context.DeadlineExceeded},
		"never, then unavailable":     {[]any{"PENDING", unavailable}, "PENDING", time.Minute, apierr.ErrUnavailable},
		"an unknown result of a poll": {[]any{"PENDING", unknown, "DONE"}, "DONE", 8 * time.Second, nil},
		"refused":                     {[]any{"PENDING", refused}, "PENDING", 4 * time.Second, apierr.ErrAuth},
		"another error":               {[]any{"PENDING", plain}, "PENDING", 4 * time.Second, plain},
		"unavailable, advice never":   {[]any{details(apierr.ErrUnavailable, apierr.AdviceNever), "DONE"}, "DONE", 4 * time.Second, nil},
		"rate limit, advice never":    {[]any{details(apierr.ErrRateLimited, apierr.AdviceNever), "DONE"}, "DONE", 4 * time.Second, nil},
		"conflict, advice same":       {[]any{details(apierr.ErrConflict, apierr.AdviceSame), "DONE"}, "DONE", 4 * time.Second, nil},
		"conflict, advice change":     {[]any{"PENDING", details(apierr.ErrConflict, apierr.AdviceChange)}, "PENDING", 4 * time.Second, apierr.ErrConflict},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			got, err := transport.Wait(ctx, "inquire", 4*time.Second, script(tt.polls...))
			if !errors.Is(err, tt.err) {
				t.Errorf("%s: got error %v, want one that is %v", name, err, tt.err)
			}
			if took := time.Since(start); took != tt.took {
				t.Errorf("%s: duration: got %v, want %v", name, took, tt.took)
			}
			if got == nil {
				t.Fatalf("%s: got no state, want %s", name, tt.last)
			}
			if got.word != tt.last {
				t.Errorf("%s: state: got %s, want %s", name, got.word, tt.last)
			}
			var w *pay.WaitError
			if late := errors.As(err, &w); late != (tt.took == time.Minute) {
				t.Errorf("%s: got error %v, want a *pay.WaitError: %t", name, err, !late)
			}
			if w != nil && w.Operation != "inquire" {
				t.Errorf("%s: Operation: got %q, want inquire", name, w.Operation)
			}
			if w != nil && w.Last.(*state).word != tt.last {
				t.Errorf("%s: Last: got %s, want %s", name, w.Last.(*state).word, tt.last)
			}
		})
	}
}

// TestWaitEnds: an error is not a final state, and the end of the context counts more
// than an error that it may have caused.
func TestWaitEnds(t *testing.T) {
	refused := errors.New("refused")
	if got, err := transport.Wait(t.Context(), "inquire", time.Second, func(context.Context) (*int, bool, error) { return new(int), true, refused }); !errors.Is(err, refused) || got == nil {
		t.Errorf("a final state with an error: got %v, %v; want the state and %v", got, err, refused)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := transport.Wait(ctx, "inquire", time.Second, func(context.Context) (*int, bool, error) { cancel(); return nil, false, refused })
	if _, ok := errors.AsType[*pay.WaitError](err); !ok || !errors.Is(err, refused) || !errors.Is(err, context.Canceled) {
		t.Errorf("an error after the end: got %v, want a *pay.WaitError with both causes", err)
	}
}
