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

// code is the code type of a small catalog.
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
		return apierr.CodeInfo{Value: "BUSY", Statuses: []int{500, 429}, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff, DocURL: "https://x.example/e#busy",
			Description: "Busy.", Customer: []apierr.Text{{Lang: "en", Text: "Busy, try again."}}}, true
	case "UNSURE":
		return apierr.CodeInfo{Value: "UNSURE", Statuses: []int{200}, Category: apierr.ErrOutcomeUnknown, Outcome: apierr.OutcomeUnknown, Advice: apierr.AdviceInquire,
			DocURL: "https://x.example/e#unsure", Customer: []apierr.Text{{Lang: "en", Text: "Still checking."}}}, true
	case "UNCLEAR":
		return apierr.CodeInfo{Value: "UNCLEAR", Category: apierr.ErrOutcomeUnknown, Advice: apierr.AdviceInquire, DocURL: "https://x.example/e#unclear"}, true
	case "DECLINED":
		return apierr.CodeInfo{Value: "DECLINED", Statuses: []int{402}, Category: apierr.ErrDeclined, Advice: apierr.AdviceChange}, true
	}
	info, known := odd[c]
	return info, known && c != "REMOVED"
}

// odd are catalog entries that leave something out or contradict themselves.
var odd = map[code]apierr.CodeInfo{
	"SETTLED": {Value: "SETTLED", Category: apierr.ErrUnavailable, Outcome: apierr.OutcomeNotApplied, Advice: apierr.AdviceBackoff},
	"MAYBE":   {Value: "MAYBE", Category: apierr.ErrProvider, Outcome: apierr.OutcomeUnknown, Advice: apierr.AdviceNever, DocURL: "https://x.example/e#maybe"},
	"SLOW":    {Value: "SLOW", Statuses: []int{408, 400}, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff},
	"BARE":    {Value: "BARE", Category: apierr.ErrConflict, Advice: apierr.AdviceNever, Resolution: "Give up."},
	"NAMED":   {Value: "NAMED", Advice: apierr.AdviceChange, Description: "It has a name."},
	"OTHER":   {Value: "OTHER", Title: "Another error", Category: apierr.ErrUnknown, Outcome: apierr.OutcomeNotApplied, Advice: apierr.AdviceSame, DocURL: "https://x.example/e#other"},
	"REMOVED": {Value: "REMOVED", Category: apierr.ErrDeclined, Outcome: apierr.OutcomeApplied, Advice: apierr.AdviceSame, Description: "Gone."},
}

// other has the same values and belongs to another API.
type other string

func (c other) Error() string                 { return string(c) }
func (c other) Info() (apierr.CodeInfo, bool) { return code(c).Info() }

var lost = &apierr.UnknownOutcome{Operation: "create", Advice: apierr.AdviceChange, Description: "It may exist.", Resolution: "Create another.",
	DocURL: "https://x.example/e#unknown", Customer: []apierr.Text{{Lang: "en", Text: "Nothing was charged."}}}

func TestMeaning(t *testing.T) {
	const checking = "We are still checking"
	for _, tt := range []struct {
		name     string
		e        apierr.Error
		d        apierr.Details
		outcome  apierr.Outcome
		category apierr.Category
		advice   apierr.Advice
		doc      string
		customer string // prefix
	}{
		{"known code, 4xx", apierr.Error{Code: code("PAID"), StatusCode: 409}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"known code, its other status", apierr.Error{Code: code("PAID"), StatusCode: 400}, apierr.Details{Unknown: lost}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceNever, "https://x.example/e#paid", "Thank you"},
		{"known code, no status", apierr.Error{Code: code("PAID")}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"known code inside a 200", apierr.Error{Code: code("PAID"), StatusCode: 200}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"known code, 408", apierr.Error{Code: code("PAID"), StatusCode: 408}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#paid", checking},
		{"known code, 5xx, write", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"known code of a 5xx, 400, write", apierr.Error{Code: code("BUSY"), StatusCode: 400}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"known code, 5xx, read", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Safe: true, Unknown: lost}, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff, "https://x.example/e#busy", "Busy"},
		{"known code, 5xx, write without texts", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#busy", checking},
		{"known code, 5xx, keyed write", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Keyed: true}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceBackoff, "https://x.example/e#busy", checking},
		{"code that stands for an unknown outcome", apierr.Error{Code: code("UNSURE"), StatusCode: 200}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#unsure", "Still checking"},
		{"category unknown_outcome without an outcome", apierr.Error{Code: code("UNCLEAR"), StatusCode: 400}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#unclear", checking},
		{"known code, no status, documented with 5xx", apierr.Error{Code: code("BUSY")}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#busy", checking},
		{"known code, no status, documented with 408", apierr.Error{Code: code("SLOW")}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"known code without statuses, no status", apierr.Error{Code: code("BARE")}, apierr.Details{Keyed: true}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceNever, "", "This can no longer"},
		{"known code without a category", apierr.Error{Code: code("NAMED"), StatusCode: 404}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrNotFound, apierr.AdviceChange, "", "We could not find"},
		{"known code, 499", apierr.Error{Code: code("PAID"), StatusCode: 499}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "https://x.example/e#paid", "Thank you"},
		{"code with an outcome, 500", apierr.Error{Code: code("SETTLED"), StatusCode: 500}, apierr.Details{Unknown: lost}, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff, "", "This service is not available"},
		{"code whose outcome is unknown", apierr.Error{Code: code("MAYBE"), StatusCode: 400}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceNever, "https://x.example/e#maybe", checking},
		{"catch-all code, 404", apierr.Error{Code: code("OTHER"), StatusCode: 404}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrNotFound, apierr.AdviceInquire, "https://x.example/e#other", "We could not find"},
		{"catch-all code, 500", apierr.Error{Code: code("OTHER"), StatusCode: 500}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "https://x.example/e#other", checking},
		{"code that is no longer in the catalog", apierr.Error{Code: code("REMOVED"), StatusCode: 404}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrNotFound, apierr.AdviceInquire, "", "We could not find"},
		{"unknown code, 422", apierr.Error{Code: code("NEW"), StatusCode: 422}, apierr.Details{DocURL: "https://p.example/new"}, apierr.OutcomeNotApplied, apierr.ErrInvalidRequest, apierr.AdviceChange, "https://p.example/new", "This could not be processed"},
		{"unknown code, 200", apierr.Error{Code: code("NEW"), StatusCode: 200}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"no code, 401", apierr.Error{StatusCode: 401}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrAuth, apierr.AdviceNever, "", "This service is not available"},
		{"no code, 402", apierr.Error{StatusCode: 402}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrDeclined, apierr.AdviceNever, "", "Your payment was declined"},
		{"no code, 403", apierr.Error{StatusCode: 403}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrPermission, apierr.AdviceNever, "", "This is not possible"},
		{"no code, 404", apierr.Error{StatusCode: 404}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrNotFound, apierr.AdviceInquire, "", "We could not find"},
		{"no code, 408", apierr.Error{StatusCode: 408}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"no code, 409", apierr.Error{StatusCode: 409}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"no code, 409, read", apierr.Error{StatusCode: 409}, apierr.Details{Safe: true}, apierr.OutcomeNotApplied, apierr.ErrConflict, apierr.AdviceInquire, "", "This can no longer"},
		{"no code, 429", apierr.Error{StatusCode: 429}, apierr.Details{}, apierr.OutcomeNotApplied, apierr.ErrRateLimited, apierr.AdviceBackoff, "", "We are very busy"},
		{"no code, 499", apierr.Error{StatusCode: 499}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"no code, 302", apierr.Error{StatusCode: 302}, apierr.Details{}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"no code, 503", apierr.Error{StatusCode: 503}, apierr.Details{Unknown: lost}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceChange, "https://x.example/e#unknown", "Nothing was charged"},
		{"no response", apierr.Error{}, apierr.Details{Cause: io.ErrUnexpectedEOF}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceInquire, "", checking},
		{"no response, keyed", apierr.Error{}, apierr.Details{Keyed: true}, apierr.OutcomeUnknown, apierr.ErrOutcomeUnknown, apierr.AdviceBackoff, "", checking},
		{"not sent", apierr.Error{}, apierr.Details{Outcome: apierr.OutcomeNotApplied, Category: apierr.ErrUnavailable, Advice: apierr.AdviceBackoff}, apierr.OutcomeNotApplied, apierr.ErrUnavailable, apierr.AdviceBackoff, "", "This service is not available"},
		{"nothing known", apierr.Error{}, apierr.Details{Outcome: apierr.OutcomeNotApplied}, apierr.OutcomeNotApplied, apierr.ErrUnknown, apierr.AdviceNever, "", "Something went wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := apierr.New(tt.e, tt.d)
			if got := e.Outcome(); got != tt.outcome {
				t.Errorf("Outcome: got %s, want %s", got, tt.outcome)
			}
			if got := e.Category(); got != tt.category {
				t.Errorf("Category: got %s, want %s", string(got), string(tt.category))
			}
			if !errors.Is(e, tt.category) {
				t.Errorf("errors.Is does not match the category %s", string(tt.category))
			}
			if got, want := errors.Is(e, apierr.ErrOutcomeUnknown), tt.outcome == apierr.OutcomeUnknown; got != want {
				t.Errorf("errors.Is(ErrOutcomeUnknown): got %v, want %v", got, want)
			}
			if got := e.Advice(); got != tt.advice {
				t.Errorf("Advice: got %s, want %s", got, tt.advice)
			}
			if got := e.DocURL(); got != tt.doc {
				t.Errorf("DocURL: got %q, want %q", got, tt.doc)
			}
			if got := e.CustomerMessage("en"); !strings.HasPrefix(got, tt.customer) {
				t.Errorf("CustomerMessage: got %q, want prefix %q", got, tt.customer)
			}
			if e.Description() == "" {
				t.Error("Description is empty")
			}
			if e.Resolution() == "" {
				t.Error("Resolution is empty")
			}
		})
	}
}

// TestUnknownOutcomeIsNotDeclined: a program that handles ErrDeclined offers another
// payment, which could charge the payer twice.
func TestUnknownOutcomeIsNotDeclined(t *testing.T) {
	for _, e := range []*apierr.Error{
		apierr.New(apierr.Error{StatusCode: 402}, apierr.Details{Outcome: apierr.OutcomeUnknown}),
		apierr.New(apierr.Error{Code: code("DECLINED"), StatusCode: 500}, apierr.Details{}),
	} {
		if errors.Is(e, apierr.ErrDeclined) {
			t.Errorf("%v matches ErrDeclined", e)
		}
		if !errors.Is(e, apierr.ErrOutcomeUnknown) {
			t.Errorf("%v does not match ErrOutcomeUnknown", e)
		}
	}
	if e := apierr.New(apierr.Error{Code: code("DECLINED"), StatusCode: 402}, apierr.Details{}); !errors.Is(e, apierr.ErrDeclined) {
		t.Errorf("%v does not match ErrDeclined", e)
	}
}

// TestStatusOutcome lists which bare statuses say that a write had no effect.
func TestStatusOutcome(t *testing.T) {
	refused := map[int]bool{}
	for _, s := range []int{400, 401, 402, 403, 404, 405, 406, 407, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 424, 426, 428, 429, 431, 451} {
		refused[s] = true
	}
	for status := 0; status < 700; status++ {
		if got, want := apierr.OfStatus(status).Outcome == apierr.OutcomeNotApplied, refused[status]; got != want {
			t.Errorf("status %d: got not applied %v, want %v", status, got, want)
		}
		if rule := apierr.OfStatus(status); rule.Category == "" || rule.Advice == "" || rule.Outcome == "" {
			t.Errorf("status %d: the rule is incomplete: %+v", status, rule)
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
			t.Errorf("errors.Is(err, %T %v): got %v, want %v", target, target, !want, want)
		}
	}
	if got := apierr.CodeOf(err); got != code("BUSY") {
		t.Errorf("CodeOf: got %v, want BUSY", got)
	}
	for _, other := range []error{io.EOF, nil} {
		if got := apierr.CodeOf(other); got != nil {
			t.Errorf("CodeOf(%v): got %v, want nil", other, got)
		}
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
		if strings.Contains(text, secret) {
			t.Errorf("the text contains the message, the body or a field: %.300q", text)
		}
		if len(text) > 4096 {
			t.Errorf("the text has %d bytes, want at most 4096: %.300q", len(text), text)
		}
		if strings.ContainsAny(strings.TrimSpace(text), "\r\n\u202e") {
			t.Errorf("the text is not one printable line: %.300q", text)
		}
	}
	for _, want := range []string{"p op: ", "HTTP 400", "advice: change"} {
		if !strings.Contains(e.Error(), want) {
			t.Errorf("got %q, want a text with %q", e.Error(), want)
		}
	}
	fields := apierr.New(apierr.Error{StatusCode: 400, Fields: []apierr.FieldError{{Field: "offset", Type: "MIN_NUMBER"}}}, apierr.Details{})
	if !strings.Contains(fields.Error(), "offset MIN_NUMBER") {
		t.Errorf("got %q, want a text with the invalid field and its type", fields.Error())
	}
}

func TestCustomerMessageLanguages(t *testing.T) {
	e := apierr.New(apierr.Error{Code: code("PAID"), StatusCode: 409}, apierr.Details{})
	for lang, want := range map[string]string{"mn": "Баярлалаа.", "mn-MN": "Баярлалаа.", "MN_mn": "Баярлалаа.", "en-GB": "Thank you.", "fr": "Thank you.", "": "Thank you."} {
		if got := e.CustomerMessage(lang); got != want {
			t.Errorf("%q: got %q, want %q", lang, got, want)
		}
	}
}
