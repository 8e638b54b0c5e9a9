package pay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// code is a catalog of two codes and a half.
type code string

func (c code) Error() string { return string(c) }

func (c code) Info() (pay.CodeInfo, bool) {
	switch c {
	case "PAID":
		return pay.CodeInfo{
			Value: "PAID", Statuses: []int{409, 400}, Category: pay.ErrConflict, Advice: pay.AdviceInquire, Title: "Already paid",
			AdviceByStatus: []pay.StatusAdvice{{Status: 400, Advice: pay.AdviceNever}},
			Description:    "It was paid.", Resolution: "Read it.", DocURL: "https://x.example/e#paid",
			Customer: []pay.Text{{Lang: "en", Text: "Thank you."}, {Lang: "mn", Text: "Баярлалаа."}},
		}, true
	case "BUSY":
		return pay.CodeInfo{Value: "BUSY", Statuses: []int{500}, Category: pay.ErrUnavailable, Advice: pay.AdviceBackoff, DocURL: "https://x.example/e#busy",
			Description: "Busy.", Customer: []pay.Text{{Lang: "en", Text: "Busy, try again."}}}, true
	case "UNSURE":
		return pay.CodeInfo{Value: "UNSURE", Statuses: []int{200}, Category: pay.ErrOutcomeUnknown, Outcome: pay.OutcomeUnknown, Advice: pay.AdviceInquire,
			DocURL: "https://x.example/e#unsure", Customer: []pay.Text{{Lang: "en", Text: "Still checking."}}}, true
	}
	return pay.CodeInfo{}, false
}

// other has the same texts and is another provider's.
type other string

func (c other) Error() string              { return string(c) }
func (c other) Info() (pay.CodeInfo, bool) { return code(c).Info() }

var lost = &pay.UnknownOutcome{Operation: "create", Advice: pay.AdviceChange, Description: "It may exist.", Resolution: "Create another.",
	DocURL: "https://x.example/e#unknown", Customer: []pay.Text{{Lang: "en", Text: "Nothing was charged."}}}

func TestJudgement(t *testing.T) {
	for _, tt := range []struct {
		name     string
		e        pay.Error
		d        pay.Details
		outcome  pay.Outcome
		category pay.Category
		advice   pay.Advice
		doc      string
		payer    string // begins with
	}{
		{"a known 4xx", pay.Error{Code: code("PAID"), StatusCode: 409}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrConflict, pay.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"its other status", pay.Error{Code: code("PAID"), StatusCode: 400}, pay.Details{Unknown: lost}, pay.OutcomeNotApplied, pay.ErrConflict, pay.AdviceNever, "https://x.example/e#paid", "Thank you"},
		{"built by hand, no status", pay.Error{Code: code("PAID")}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrConflict, pay.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"a known code inside a 200", pay.Error{Code: code("PAID"), StatusCode: 200}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrConflict, pay.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"a known 5xx of a write", pay.Error{Code: code("BUSY"), StatusCode: 500}, pay.Details{Unknown: lost}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"a known 5xx of a read", pay.Error{Code: code("BUSY"), StatusCode: 500}, pay.Details{Outcome: pay.OutcomeNotApplied}, pay.OutcomeNotApplied, pay.ErrUnavailable, pay.AdviceBackoff, "https://x.example/e#busy", "Busy"},
		{"a known 5xx of a write without words", pay.Error{Code: code("BUSY"), StatusCode: 500}, pay.Details{}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceInquire, "https://x.example/e#busy", "We are still checking"},
		{"a code that means unknown", pay.Error{Code: code("UNSURE"), StatusCode: 200}, pay.Details{Unknown: lost}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceInquire, "https://x.example/e#unsure", "Still checking"},
		{"an unknown code, 422", pay.Error{Code: code("NEW"), StatusCode: 422}, pay.Details{DocURL: "https://p.example/new"}, pay.OutcomeNotApplied, pay.ErrInvalidRequest, pay.AdviceChange, "https://p.example/new", "We could not start"},
		{"an unknown code, 200", pay.Error{Code: code("NEW"), StatusCode: 200}, pay.Details{}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceInquire, "", "We are still checking"},
		{"no code, 401", pay.Error{StatusCode: 401}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrAuth, pay.AdviceNever, "", "We cannot take"},
		{"no code, 402", pay.Error{StatusCode: 402}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrDeclined, pay.AdviceNever, "", "Your payment was declined"},
		{"no code, 403", pay.Error{StatusCode: 403}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrPermission, pay.AdviceNever, "", "We cannot take"},
		{"no code, 404", pay.Error{StatusCode: 404}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrNotFound, pay.AdviceInquire, "", "We could not find"},
		{"no code, 408", pay.Error{StatusCode: 408}, pay.Details{}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceInquire, "", "We are still checking"},
		{"no code, 409", pay.Error{StatusCode: 409}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrConflict, pay.AdviceInquire, "", "This payment cannot"},
		{"no code, 429", pay.Error{StatusCode: 429}, pay.Details{}, pay.OutcomeNotApplied, pay.ErrRateLimited, pay.AdviceBackoff, "", "We are very busy"},
		{"no code, 302", pay.Error{StatusCode: 302}, pay.Details{}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceInquire, "", "We are still checking"},
		{"no code, 503", pay.Error{StatusCode: 503}, pay.Details{Unknown: lost}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"no answer", pay.Error{}, pay.Details{Cause: io.ErrUnexpectedEOF}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceInquire, "", "We are still checking"},
		{"no answer, repeatable", pay.Error{}, pay.Details{Advice: pay.AdviceBackoff}, pay.OutcomeUnknown, pay.ErrOutcomeUnknown, pay.AdviceBackoff, "", "We are still checking"},
		{"never sent", pay.Error{}, pay.Details{Outcome: pay.OutcomeNotApplied, Category: pay.ErrUnavailable, Advice: pay.AdviceBackoff}, pay.OutcomeNotApplied, pay.ErrUnavailable, pay.AdviceBackoff, "", "The payment service"},
		{"nothing at all", pay.Error{}, pay.Details{Outcome: pay.OutcomeNotApplied}, pay.OutcomeNotApplied, pay.ErrUnknown, pay.AdviceNever, "", "Something went wrong"},
	} {
		e := pay.NewError(tt.e, tt.d)
		if e.Outcome() != tt.outcome || e.Category() != tt.category || e.Advice() != tt.advice || e.DocURL() != tt.doc {
			t.Errorf("%s: %s, %s, %s, %q", tt.name, e.Outcome(), e.Category(), e.Advice(), e.DocURL())
		}
		if got := e.CustomerMessage("en"); !strings.HasPrefix(got, tt.payer) {
			t.Errorf("%s: a payer reads %q", tt.name, got)
		}
		if errors.Is(e, pay.ErrOutcomeUnknown) != (tt.outcome == pay.OutcomeUnknown) || !errors.Is(e, tt.category) {
			t.Errorf("%s: errors.Is and Category disagree", tt.name)
		}
		if e.Description() == "" || e.Resolution() == "" {
			t.Errorf("%s: no words for the developer", tt.name)
		}
	}
}

func TestIs(t *testing.T) {
	err := fmt.Errorf("settle: %w", pay.NewError(pay.Error{Code: code("BUSY"), StatusCode: 500}, pay.Details{Cause: context.Canceled}))
	for target, want := range map[error]bool{
		code("BUSY"): true, code("PAID"): false, other("BUSY"): false,
		pay.ErrUnavailable: true, pay.ErrOutcomeUnknown: true, pay.ErrConflict: false,
		context.Canceled: true, io.EOF: false,
	} {
		if errors.Is(err, target) != want {
			t.Errorf("errors.Is(err, %T %v) = %v", target, target, !want)
		}
	}
	if pay.CodeOf(err) != code("BUSY") || pay.CodeOf(io.EOF) != nil || pay.CodeOf(nil) != nil {
		t.Error("CodeOf")
	}
	if errors.Is(pay.NewError(pay.Error{}, pay.Details{}), code("")) {
		t.Error("an error without a code matches the empty code")
	}
}

func TestErrorTextIsShortAndClean(t *testing.T) {
	secret := "card 4111111111111111"
	e := pay.NewError(pay.Error{
		Provider: "p", Operation: "op", RawCode: "X\r\nY\u202e" + strings.Repeat("z", 5000), StatusCode: 400, RequestID: "r\nq",
		Message: secret, RawBody: []byte(secret), Fields: []pay.FieldError{{Field: "f", Message: secret}},
	}, pay.Details{})
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", e)
	for _, text := range []string{e.Error(), fmt.Sprintf("%v %+v %s %#v", e, e, e, e), log.String()} {
		if strings.Contains(text, secret) || len(text) > 4096 || strings.ContainsAny(strings.TrimSpace(text), "\r\n\u202e") {
			t.Errorf("not fit for a log: %.300q", text)
		}
	}
	for _, want := range []string{"p op: ", "HTTP 400", "advice: change"} {
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%q lacks %q", e.Error(), want)
		}
	}
	fields := pay.NewError(pay.Error{StatusCode: 400, Fields: []pay.FieldError{{Field: "offset", Type: "MIN_NUMBER"}}}, pay.Details{})
	if !strings.Contains(fields.Error(), "offset MIN_NUMBER") {
		t.Errorf("refused fields are not named: %v", fields)
	}
}

func TestCustomerMessageLanguages(t *testing.T) {
	e := pay.NewError(pay.Error{Code: code("PAID"), StatusCode: 409}, pay.Details{})
	for lang, want := range map[string]string{"mn": "Баярлалаа.", "mn-MN": "Баярлалаа.", "MN_mn": "Баярлалаа.", "en-GB": "Thank you.", "fr": "Thank you.", "": "Thank you."} {
		if got := e.CustomerMessage(lang); got != want {
			t.Errorf("%q: %q", lang, got)
		}
	}
}

func TestTokenNeverPrints(t *testing.T) {
	tok := pay.Token{Access: "canary-a", Refresh: "canary-r", Expires: time.Unix(0, 0)}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "t", tok, "p", &tok)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "t", tok)
	fmt.Fprintf(&log, "%v %+v %#v %s %d %v", tok, tok, tok, tok, tok, &tok)
	if strings.Contains(log.String(), "canary") {
		t.Errorf("a token was printed: %s", log.String())
	}
}

func TestOptionsRefuse(t *testing.T) {
	for name, o := range map[string]pay.Option{
		"WithBaseURL": pay.WithBaseURL(""), "WithHTTPClient": pay.WithHTTPClient(nil), "WithTransport": pay.WithTransport(nil),
		"WithAttemptTimeout": pay.WithAttemptTimeout(0), "WithTotalTimeout": pay.WithTotalTimeout(-1), "WithMaxAttempts": pay.WithMaxAttempts(11),
		"WithUserAgent": pay.WithUserAgent("a\nb"), "WithClock": pay.WithClock(nil), "WithRandom": pay.WithRandom(nil),
	} {
		if err := o(&pay.Settings{}); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, o := range map[string]pay.CallOption{
		"WithIdempotencyKey": pay.WithIdempotencyKey("a b"), "WithCallTimeout": pay.WithCallTimeout(0), "WithCallAttemptTimeout": pay.WithCallAttemptTimeout(-1), "WithMeta": pay.WithMeta(nil),
	} {
		if err := o(&pay.CallSettings{}); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, h := range [][2]string{{"authorization", "x"}, {"Host", "x"}, {"Idempotency-Key", "k"}, {"", "x"}, {"a b", "x"}, {"X-A", "a\r\nX-B: c"}, {"X-A", "ä"}, {"X-A", strings.Repeat("x", 5000)}} {
		if err := pay.WithHeader(h[0], h[1])(&pay.CallSettings{}); err == nil || !strings.HasPrefix(err.Error(), "WithHeader: ") {
			t.Errorf("header %.20q: %v", h, err)
		}
	}
}
