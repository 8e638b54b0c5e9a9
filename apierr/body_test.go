package apierr_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
)

type (
	ApiProblem struct {
		Detail string `json:"detail"`
	}
	Other struct {
		Detail string `json:"detail"`
	}
)

// TestBodyIsOfTheDeclaredSchema: a body is decoded only into the type of the schema that the spec declares.
func TestBodyIsOfTheDeclaredSchema(t *testing.T) {
	with := func(body string, schemas ...string) error {
		return fmt.Errorf("order 7: %w", apierr.New(apierr.Error{RawBody: []byte(body)}, apierr.Details{Schemas: schemas}))
	}
	const body = `{"detail":"no"}`
	for _, tt := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"same name", with(body, "ApiProblem"), true},
		{"name in the spec", with(body, "Response", "api_problem"), true},
		{"capitals", with(body, "API-Problem"), true},
		{"no name", with(body, ""), true},
		{"byte order mark", with("\ufeff"+body+"\n", ""), true},
		{"longer name", with(body, "ApiProblems"), false},
		{"no schema", with(body), false},
		{"no document", with("", ""), false},
		{"null", with(" null ", ""), false},
		{"another shape", with(`{"detail":7}`, ""), false},
		{"followed by text", with(body+"x", ""), false},
		{"cut", apierr.New(apierr.Error{RawBody: []byte(body), Truncated: true}, apierr.Details{Schemas: []string{""}}), false},
		{"another error", io.EOF, false},
		{"no error", nil, false},
	} {
		p, ok := apierr.Body[ApiProblem](tt.err)
		if want := map[bool]string{true: "no"}[tt.ok]; ok != tt.ok || p.Detail != want {
			t.Errorf("%s: got %q, %v; want %q, %v", tt.name, p.Detail, ok, want, tt.ok)
		}
	}
	if _, ok := apierr.Body[Other](with(body, "ApiProblem")); ok {
		t.Error("the body is decoded into a type of another schema")
	}
}

// TestMessageIsShownOnlyOnRequest: Error contains the API's message if the details allow it, and then on one short line.
func TestMessageIsShownOnlyOnRequest(t *testing.T) {
	long := strings.Repeat("x", 201)
	for _, tt := range []struct {
		e           apierr.Error
		hides, says string
	}{
		{apierr.Error{Message: "It left."}, "p: The requested resource does not exist for this account (HTTP 404)", "p: It left. ("},
		{apierr.Error{Message: "It\r\n\x1b[31m \u202eleft."}, "p: The requested resource does not exist for this account (HTTP 404)", "p: It [31m left. ("},
		{apierr.Error{Message: long}, "p: The requested resource does not exist for this account (HTTP 404)", "p: " + long[:200] + "… ("},
		{apierr.Error{Message: "It left.", RawCode: "NEW"}, "p: unknown code NEW (", "p: NEW: It left. ("},
		{apierr.Error{Message: "It left.", RawCode: "PAID", Code: code("PAID")}, "p: PAID: Already paid (", "p: PAID: Already paid: It left. ("},
		{apierr.Error{Message: "It left.", Fields: []apierr.FieldError{{Field: "name"}}}, "p: invalid fields: name (", "p: It left. ("},
		{apierr.Error{RawCode: "NEW"}, "p: unknown code NEW (", "p: unknown code NEW ("},
		{apierr.Error{Message: "\n"}, "p: The requested resource does not exist for this account (HTTP 404)", "p: The requested resource does not exist for this account (HTTP 404)"},
	} {
		tt.e.Provider, tt.e.StatusCode = "p", 404
		for show, want := range map[bool]string{false: tt.hides, true: tt.says} {
			e := apierr.New(tt.e, apierr.Details{ShowMessage: show})
			if !strings.HasPrefix(e.Error(), want) {
				t.Errorf("shown %v: got %q, want %q", show, e.Error(), want)
			}
			if strings.Contains(fmt.Sprint(e.LogValue()), "left") {
				t.Errorf("LogValue contains the message: %v", e.LogValue())
			}
		}
	}
	if cause := apierr.New(apierr.Error{Message: "It left."}, apierr.Details{ShowMessage: true, Cause: errors.New("broken pipe")}); !strings.Contains(cause.Error(), "It left.") {
		t.Errorf("got %q", cause.Error())
	}
}
