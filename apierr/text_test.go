package apierr_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
)

func TestErrorText(t *testing.T) {
	cause := errors.New("dial tcp: refused")
	long := func(n int) error { return errors.New(strings.Repeat("c", n)) }
	six := make([]apierr.FieldError, 6)
	for i := range six {
		six[i].Field = fmt.Sprint("f", i+1)
	}
	for want, e := range map[string]*apierr.Error{
		"p op: PAID: Already paid (HTTP 409); advice: inquire; request r-1":         apierr.New(apierr.Error{Provider: "p", Operation: "op", Code: code("PAID"), RawCode: "paid", StatusCode: 409, RequestID: "r-1"}, apierr.Details{Cause: cause}),
		"p op: BUSY (HTTP 500); outcome unknown; advice: inquire":                   apierr.New(apierr.Error{Provider: "p", Operation: "op", Code: code("BUSY"), StatusCode: 500}, apierr.Details{}),
		"p: dial tcp: refused; advice: backoff":                                     apierr.New(apierr.Error{Provider: "p"}, apierr.Details{Cause: cause, Outcome: apierr.OutcomeNotApplied, Advice: apierr.AdviceBackoff}),
		"p: OTHER: Another error (HTTP 400); advice: change":                        apierr.New(apierr.Error{Provider: "p", Code: code("OTHER"), StatusCode: 400}, apierr.Details{}),
		"p: dial tcp: refused (HTTP 400); advice: change":                           apierr.New(apierr.Error{Provider: "p", Code: code("OTHER"), StatusCode: 400}, apierr.Details{Cause: cause}),
		"p: unknown code A B (HTTP 400); advice: change":                            apierr.New(apierr.Error{Provider: "p", Code: code("NEW"), RawCode: "A\nB", StatusCode: 400, Fields: six}, apierr.Details{Cause: cause}),
		"p: invalid fields: f1, f2, f3, f4, f5 (HTTP 400); advice: change":          apierr.New(apierr.Error{Provider: "p", StatusCode: 400, Fields: six}, apierr.Details{Cause: cause}),
		"p: The request is invalid (HTTP 400); advice: change":                      apierr.New(apierr.Error{Provider: "p", StatusCode: 400}, apierr.Details{}),
		"p: " + long(300).Error() + " (HTTP 400); advice: change":                   apierr.New(apierr.Error{Provider: "p", StatusCode: 400}, apierr.Details{Cause: long(300)}),
		"p: " + long(300).Error() + "… (HTTP 400); advice: change":                  apierr.New(apierr.Error{Provider: "p", StatusCode: 400}, apierr.Details{Cause: long(301)}),
		"p: " + long(300).Error() + "; advice: never":                               apierr.New(apierr.Error{Provider: "p", Code: code("OTHER")}, apierr.Details{Cause: long(300), Outcome: apierr.OutcomeNotApplied}),
		"p: " + long(300).Error() + "…; advice: never":                              apierr.New(apierr.Error{Provider: "p", Code: code("OTHER")}, apierr.Details{Cause: long(301), Outcome: apierr.OutcomeNotApplied}),
		"p: unknown code " + long(64).Error() + " (HTTP 400); advice: change":       apierr.New(apierr.Error{Provider: "p", RawCode: long(64).Error(), StatusCode: 400}, apierr.Details{}),
		"p: unknown code " + long(64).Error() + "… (HTTP 400); advice: change":      apierr.New(apierr.Error{Provider: "p", RawCode: long(65).Error(), StatusCode: 400}, apierr.Details{}),
		"p: invalid fields: " + long(64).Error() + " (HTTP 400); advice: change":    apierr.New(apierr.Error{Provider: "p", StatusCode: 400, Fields: []apierr.FieldError{{Field: long(64).Error()}}}, apierr.Details{}),
		"p: invalid fields: " + long(64).Error() + "… (HTTP 400); advice: change":   apierr.New(apierr.Error{Provider: "p", StatusCode: 400, Fields: []apierr.FieldError{{Field: long(65).Error()}}}, apierr.Details{}),
		"p: PAID: Already paid; advice: inquire; request " + long(64).Error():       apierr.New(apierr.Error{Provider: "p", Code: code("PAID"), RequestID: long(64).Error()}, apierr.Details{}),
		"p: PAID: Already paid; advice: inquire; request " + long(64).Error() + "…": apierr.New(apierr.Error{Provider: "p", Code: code("PAID"), RequestID: long(65).Error()}, apierr.Details{}),
		// Only the first 4 KiB of a text are looked at. Invalid bytes in succession become one space.
		"p: unknown code  x; advice: never": apierr.New(apierr.Error{Provider: "p", RawCode: strings.Repeat("\xff", 4095) + "xx"}, apierr.Details{Outcome: apierr.OutcomeNotApplied}),
	} {
		if got := e.Error(); got != want {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
		if got, want := fmt.Sprintf("%#v", e), "apierr.Error{"+want+"}"; got != want {
			t.Errorf("%%#v: got\n%q, want\n%q", got, want)
		}
	}
}

func TestLogFields(t *testing.T) {
	e := apierr.New(apierr.Error{Provider: "p", Operation: "op", Code: code("PAID"), RawCode: strings.Repeat("c", 65), StatusCode: 409, Attempts: 2, RequestID: strings.Repeat("r", 65)}, apierr.Details{})
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "err", e)
	_, got, _ := strings.Cut(strings.TrimSpace(log.String()), "msg=x ")
	want := "err.provider=p err.operation=op err.code=" + strings.Repeat("c", 64) + "… err.status=409 err.category=conflict err.outcome=failed err.advice=inquire err.attempts=2 err.request_id=" +
		strings.Repeat("r", 64) + "… err.doc_url=https://x.example/e#paid"
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestTexts(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		e                       apierr.Error
		d                       apierr.Details
		description, resolution string
	}{
		{"known code", apierr.Error{Code: code("PAID"), StatusCode: 409}, apierr.Details{Unknown: lost}, "It was paid.", "Read it."},
		{"known code without texts", apierr.Error{Code: code("BARE"), StatusCode: 409}, apierr.Details{}, "The resource's state does not permit the operation.", "Give up."},
		{"known code without a resolution", apierr.Error{Code: code("NAMED"), StatusCode: 404}, apierr.Details{}, "It has a name.", "Check the ID and the environment it was created in."},
		{"unknown outcome", apierr.Error{Code: code("BUSY"), StatusCode: 500}, apierr.Details{Unknown: lost}, "It may exist.", "Create another."},
		{"unknown outcome of an operation without texts", apierr.Error{Code: code("PAID"), StatusCode: 500}, apierr.Details{}, "The call may or may not have taken effect: there was no response, or none that settles it.", "Query the state before retrying."},
		{"code that is no longer in the catalog", apierr.Error{Code: code("REMOVED"), StatusCode: 404}, apierr.Details{}, "The requested resource does not exist for this account.", "Check the ID and the environment it was created in."},
	} {
		e := apierr.New(tt.e, tt.d)
		if got := e.Description(); got != tt.description {
			t.Errorf("%s: Description: got %q, want %q", tt.name, got, tt.description)
		}
		if got := e.Resolution(); got != tt.resolution {
			t.Errorf("%s: Resolution: got %q, want %q", tt.name, got, tt.resolution)
		}
	}
}

func TestKnownAndRetryAfter(t *testing.T) {
	e := apierr.New(apierr.Error{Code: code("PAID")}, apierr.Details{RetryAfter: 3 * time.Second})
	if !e.Known() || e.RetryAfter() != 3*time.Second {
		t.Errorf("Known: got %v, want true; RetryAfter: got %v, want 3s", e.Known(), e.RetryAfter())
	}
	for _, e := range []*apierr.Error{apierr.New(apierr.Error{}, apierr.Details{}), apierr.New(apierr.Error{Code: code("NEW")}, apierr.Details{}), apierr.New(apierr.Error{Code: code("REMOVED")}, apierr.Details{})} {
		if e.Known() || e.RetryAfter() != 0 {
			t.Errorf("%v: Known: got %v, want false; RetryAfter: got %v, want 0", e.Code, e.Known(), e.RetryAfter())
		}
	}
}

// TestCategoriesHaveTexts: each category has sentences of its own.
func TestCategoriesHaveTexts(t *testing.T) {
	seen := map[string]apierr.Category{}
	for _, c := range []apierr.Category{apierr.ErrAuth, apierr.ErrPermission, apierr.ErrInvalidRequest, apierr.ErrNotFound, apierr.ErrConflict, apierr.ErrDeclined,
		apierr.ErrRateLimited, apierr.ErrUnavailable, apierr.ErrProvider, apierr.ErrOutcomeUnknown, apierr.ErrUnknown} {
		e := apierr.New(apierr.Error{}, apierr.Details{Category: c, Outcome: apierr.OutcomeNotApplied})
		if c == apierr.ErrOutcomeUnknown {
			e = apierr.New(apierr.Error{}, apierr.Details{})
		}
		for _, s := range []string{e.Description(), e.Resolution()} {
			if other, twice := seen[s]; s == "" || twice {
				t.Errorf("%s has the text %q, which is empty or that of %s", string(c), s, string(other))
			}
			seen[s] = c
		}
		if got, want := c.Error(), "error category "+string(c); got != want {
			t.Errorf("Error: got %q, want %q", got, want)
		}
	}
	for advice, want := range map[apierr.Advice]bool{apierr.AdviceNever: false, apierr.AdviceInquire: false, apierr.AdviceChange: false, apierr.AdviceBackoff: true, apierr.AdviceSame: true, "": false} {
		if got := advice.Retryable(); got != want {
			t.Errorf("%q.Retryable: got %v, want %v", advice, got, want)
		}
	}
}

// TestStatusRules is the table of what a status means for a write.
func TestStatusRules(t *testing.T) {
	const no, unknown = apierr.OutcomeNotApplied, apierr.OutcomeUnknown
	for _, tt := range []struct {
		rule     apierr.StatusRule
		statuses []int
	}{
		{apierr.StatusRule{Category: apierr.ErrUnknown, Outcome: unknown, Advice: apierr.AdviceNever}, []int{0}},
		{apierr.StatusRule{Category: apierr.ErrProvider, Outcome: unknown, Advice: apierr.AdviceNever}, []int{-1, 1, 100, 199, 200, 204, 301, 302, 304, 399}},
		{apierr.StatusRule{Category: apierr.ErrInvalidRequest, Outcome: no, Advice: apierr.AdviceChange}, []int{400, 413, 415, 422}},
		{apierr.StatusRule{Category: apierr.ErrInvalidRequest, Outcome: no, Advice: apierr.AdviceInquire}, []int{412}},
		{apierr.StatusRule{Category: apierr.ErrInvalidRequest, Outcome: no, Advice: apierr.AdviceNever}, []int{405, 406, 407, 411, 414, 416, 417, 421, 424, 426, 428, 431, 451}},
		{apierr.StatusRule{Category: apierr.ErrInvalidRequest, Outcome: unknown, Advice: apierr.AdviceInquire}, []int{418, 420, 430, 440, 450, 498}},
		{apierr.StatusRule{Category: apierr.ErrAuth, Outcome: no, Advice: apierr.AdviceNever}, []int{401}},
		{apierr.StatusRule{Category: apierr.ErrDeclined, Outcome: no, Advice: apierr.AdviceNever}, []int{402}},
		{apierr.StatusRule{Category: apierr.ErrPermission, Outcome: no, Advice: apierr.AdviceNever}, []int{403}},
		{apierr.StatusRule{Category: apierr.ErrNotFound, Outcome: no, Advice: apierr.AdviceInquire}, []int{404, 410}},
		{apierr.StatusRule{Category: apierr.ErrConflict, Outcome: unknown, Advice: apierr.AdviceInquire}, []int{409, 423}},
		{apierr.StatusRule{Category: apierr.ErrRateLimited, Outcome: no, Advice: apierr.AdviceBackoff}, []int{429}},
		{apierr.StatusRule{Category: apierr.ErrUnavailable, Outcome: unknown, Advice: apierr.AdviceInquire}, []int{460, 499}},
		{apierr.StatusRule{Category: apierr.ErrUnavailable, Outcome: unknown, Advice: apierr.AdviceBackoff}, []int{408, 425, 500, 502, 503, 504}},
		{apierr.StatusRule{Category: apierr.ErrUnavailable, Outcome: unknown, Advice: apierr.AdviceNever}, []int{501, 505, 507, 511, 520, 599, 600, 999}},
	} {
		for _, status := range tt.statuses {
			if got := apierr.OfStatus(status); got != tt.rule {
				t.Errorf("status %d: got %v, want %v", status, got, tt.rule)
			}
		}
	}
}
