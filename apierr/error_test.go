package apierr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
)

// code is a catalog of two codes and a half.
type code string

func (c code) Error() string { return string(c) }

func (c code) Info() (apierr.CodeInfo, bool) {
	switch c {
	case "PAID":
		return apierr.CodeInfo{
			Value: "PAID", Statuses: []int{409, 400}, Category: apierr.ErrConflict, Advice: apierr.AdviceInquire, Title: "Already paid",
			AdviceByStatus: []apierr.StatusAdvice{{Status: 400, Advice: apierr.AdviceNever}},
			Description:    "It was paid.", Resolution: "Read it.", DocURL: "https://x.example/e#paid",
			Customer: []apierr.Text{{Lang: "en", Text: "Thank you."}, {Lang: "mn", Text: "Баярлалаа."}},
		}, true
	case "BUSY":
		return apierr.CodeInfo{Value: "BUSY", Statuses: []int{500}, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff, DocURL: "https://x.example/e#busy",
			Description: "Busy.", Customer: []apierr.Text{{Lang: "en", Text: "Busy, try again."}}}, true
	case "UNSURE":
		return apierr.CodeInfo{Value: "UNSURE", Statuses: []int{200}, Category: apierr.ErrOutcomeUnknown, Outcome: apierr.OutcomeUnknown, Advice: apierr.AdviceInquire,
			DocURL: "https://x.example/e#unsure", Customer: []apierr.Text{{Lang: "en", Text: "Still checking."}}}, true
	}
	return apierr.CodeInfo{}, false
}

// other has the same texts and is another provider's.
type other string

func (c other) Error() string                 { return string(c) }
func (c other) Info() (apierr.CodeInfo, bool) { return code(c).Info() }

var lost = &apierr.UnknownOutcome{Operation: "create", Advice: apierr.AdviceChange, Description: "It may exist.", Resolution: "Create another.",
	DocURL: "https://x.example/e#unknown", Customer: []apierr.Text{{Lang: "en", Text: "Nothing was charged."}}}

func TestJudgement(t *testing.T) {
	for _, tt := range []struct {
		name     string
		e        apierr.Error
		d        apierr.Details
		outcome  apierr.Outcome
		category apierr.Category
		advice   apierr.Advice
		doc      string
		payer    string // begins with
	}{
		{"a known 4xx", apierr.Error{Code: code("PAID"), StatusCode: 409}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"its other status", apierr.Error{Code: code("PAID"), StatusCode: 400}, apierr.Details{Unknown: lost}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceNever, "https://x.example/e#paid", "Thank you"},
		{"built by hand, no status", apierr.Error{Code: code("PAID")}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"a known code inside a 200", apierr.Error{Code: code("PAID"), StatusCode: 200}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"a known 5xx of a write", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"a known 5xx of a read", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Outcome: apierr.OutcomeNotApplied}, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff, "https://x.example/e#busy", "Busy"},
		{"a known 5xx of a write without words", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#busy", "We are still checking"},
		{"a code that means unknown", apierr.Error{Code: code("UNSURE"), StatusCode: 200}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#unsure", "Still checking"},
		{"an unknown code, 422", apierr.Error{Code: code("NEW"), StatusCode: 422}, apierr.Details{DocURL: "https://p.example/new"}, apierr.OutcomeNotApplied, apierr.ErrInvalidRequest, apierr.AdviceChange, "https://p.example/new", "We could not start"},
		{"an unknown code, 200", apierr.Error{Code: code("NEW"), StatusCode: 200}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", "We are still checking"},
		{"no code, 401", apierr.Error{StatusCode: 401}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrAuth, apierr.AdviceNever, "", "We cannot take"},
		{"no code, 402", apierr.Error{StatusCode: 402}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrDeclined, apierr.AdviceNever, "", "Your payment was declined"},
		{"no code, 403", apierr.Error{StatusCode: 403}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrPermission, apierr.AdviceNever, "", "We cannot take"},
		{"no code, 404", apierr.Error{StatusCode: 404}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrNotFound, apierr.AdviceInquire, "", "We could not find"},
		{"no code, 408", apierr.Error{StatusCode: 408}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", "We are still checking"},
		{"no code, 409", apierr.Error{StatusCode: 409}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "", "This payment cannot"},
		{"no code, 429", apierr.Error{StatusCode: 429}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrRateLimited, apierr.AdviceBackoff, "", "We are very busy"},
		{"no code, 302", apierr.Error{StatusCode: 302}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", "We are still checking"},
		{"no code, 503", apierr.Error{StatusCode: 503}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"no answer", apierr.Error{}, apierr.Details{Cause: io.ErrUnexpectedEOF}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", "We are still checking"},
		{"no answer, repeatable", apierr.Error{}, apierr.Details{Advice: apierr.AdviceBackoff}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceBackoff, "", "We are still checking"},
		{"never sent", apierr.Error{}, apierr.Details{Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff, "", "The payment service"},
		{"nothing at all", apierr.Error{}, apierr.Details{Outcome: apierr.OutcomeNotApplied}, apierr.OutcomeNotApplied, apierr.ErrUnknown, apierr.AdviceNever, "", "Something went wrong"},
	} {
		e := apierr.New(tt.e, tt.d)
		if e.Outcome() != tt.outcome || e.Category() != tt.category || e.Advice() != tt.advice || e.DocURL() != tt.doc {
			t.Errorf("%s: %s, %s, %s, %q", tt.name, e.Outcome(), e.Category(), e.Advice(), e.DocURL())
		}
		if got := e.CustomerMessage("en"); !strings.HasPrefix(got, tt.payer) {
			t.Errorf("%s: a payer reads %q", tt.name, got)
		}
		if errors.Is(e, apierr.ErrOutcomeUnknown) != (tt.outcome == apierr.OutcomeUnknown) || !errors.Is(e, tt.category) {
			t.Errorf("%s: errors.Is and Category disagree", tt.name)
		}
		if e.Description() == "" || e.Resolution() == "" {
			t.Errorf("%s: no words for the developer", tt.name)
		}
	}
}

func TestIs(t *testing.T) {
	err := fmt.Errorf("settle: %w", apierr.New(apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Cause: context.Canceled}))
	for target, want := range map[error]bool{
		code("BUSY"): true, code("PAID"): false, other("BUSY"): false,
		apierr.ErrUnavailable: true, apierr.ErrOutcomeUnknown: true, apierr.ErrConflict: false,
		context.Canceled: true, io.EOF: false,
	} {
		if errors.Is(err, target) != want {
			t.Errorf("errors.Is(err, %T %v) = %v", target, target, !want)
		}
	}
	if apierr.CodeOf(err) != code("BUSY") || apierr.CodeOf(io.EOF) != nil || apierr.CodeOf(nil) != nil {
		t.Error("CodeOf")
	}
	if errors.Is(apierr.New(apierr.Error{}, apierr.Details{}), code("")) {
		t.Error("an error without a code matches the empty code")
	}
}

func TestErrorTextIsShortAndClean(t *testing.T) {
	secret := "card 4111111111111111"
	e := apierr.New(apierr.Error{
		Provider: "p", Operation: "op", RawCode: "X\r\nY\u202e" + strings.Repeat("z", 5000), StatusCode: 400, RequestID: "r\nq",
		Message: secret, RawBody: []byte(secret), Fields: []apierr.FieldError{{Field: "f", Message: secret}},
	}, apierr.Details{})
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
	fields := apierr.New(apierr.Error{StatusCode: 400, Fields: []apierr.FieldError{{Field: "offset", Type: "MIN_NUMBER"}}}, apierr.Details{})
	if !strings.Contains(fields.Error(), "offset MIN_NUMBER") {
		t.Errorf("refused fields are not named: %v", fields)
	}
}

func TestCustomerMessageLanguages(t *testing.T) {
	e := apierr.New(apierr.Error{Code: code("PAID"), StatusCode: 409}, apierr.Details{})
	for lang, want := range map[string]string{"mn": "Баярлалаа.", "mn-MN": "Баярлалаа.", "MN_mn": "Баярлалаа.", "en-GB": "Thank you.", "fr": "Thank you.", "": "Thank you."} {
		if got := e.CustomerMessage(lang); got != want {
			t.Errorf("%q: %q", lang, got)
		}
	}
}
