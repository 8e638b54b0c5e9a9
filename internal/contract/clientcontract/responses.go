package clientcontract

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// newCode is a code, and newText a text, that no catalog has.
const (
	newCode = "SOMETHING_NEW_2027"
	newText = "an error text of 2027"
)

func unknownCodePassesThrough(t *testing.T, e *harness.Session) {
	if e.Fallback != nil {
		unknownTextIsTheFallback(t, e)
		return
	}
	code := e.RefusalCode(t)
	before := e.RequireError(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", harness.CodeValue(code))))
	body := strings.ReplaceAll(string(before.RawBody), before.RawCode, newCode)
	for _, status := range []int{400, 200} { // a refusal, and one inside a success
		if status == 200 && before.StatusCode != 200 && !hidesFailures(t, e, before.RawBody) {
			continue
		}
		e.Substitute(faulthttp.Respond(status, "application/json", body))
		got := e.RequireError(t, e.Read(t.Context()))
		subject := harness.Subject(got.Operation, harness.Short(body))
		harness.Expect(t, subject, "raw code", got.RawCode, newCode)
		harness.Expect(t, subject, "known", got.Known(), false)
		harness.Expect(t, subject, "status", got.StatusCode, status)
		if i := slices.IndexFunc(e.Codes, func(c apierr.Code) bool { return errors.Is(got, c) }); i >= 0 {
			t.Errorf("%s: the error matches the known code %s", subject, harness.CodeValue(e.Codes[i]))
		}
	}
}

// unknownTextIsTheFallback is unknownCodePassesThrough for a provider whose errors
// are plain text.
func unknownTextIsTheFallback(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Traffic.Next(faulthttp.Respond(400, "text/plain", newText))
	got := e.RequireError(t, e.Read(t.Context()))
	subject := harness.Subject(got.Operation, newText)
	harness.ExpectIs(t, subject, got, e.Fallback, true)
	harness.ExpectIs(t, subject, got, apierr.ErrInvalidRequest, true)
	harness.Expect(t, subject, "message", got.Message, newText)
}

// hidesFailures reports whether the provider reports failures with status 200. The
// client must return an error either way: the code, or a response that lacks what its
// schema requires.
func hidesFailures(t *testing.T, e *harness.Session, body []byte) bool {
	t.Helper()
	e.Substitute(faulthttp.Respond(200, "application/json", string(body)))
	return e.RequireError(t, e.Read(t.Context())).RawCode != ""
}

// implausibleResponsesAreErrors sends a read and a write responses that are not a
// success and that must not crash the client.
func implausibleResponsesAreErrors(t *testing.T, e *harness.Session) {
	page := "<!doctype html><title>Sign in</title>" + string(make([]byte, 100))
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"captive portal", "text/html", page, 200},
		{"proxy page", "text/html", page, 502},
		{"empty object", "application/json", "{}", 200},
		{"null", "application/json", "null", 200},
		{"array", "application/json", "[]", 200},
		{"empty success", "application/json", "", 200},
		{"repeated member", "application/json", `{"a":1,"a":2}`, 200},
		{"second document", "application/json", `{} {}`, 200},
		{"object as code", "application/json", `{"error":{"x":{"type":"MIN_NUMBER","message":"m"}},"message":{}}`, 400},
		{"number as code", "application/json", `{"error":7,"code":7,"message":null}`, 400},
		{"null error", "application/json", `null`, 500},
		{"text error", "text/plain", "something broke", 500},
		{"empty error", "application/json", "", 500},
		{"deep nesting", "application/json", faulthttp.Brackets(60_000), 400},
	} {
		// A token is fetched first, so that the response meets the call itself.
		if err := e.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		once := e.ConnectAgain(t, pay.WithMaxAttempts(1))
		if err := once.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		respond := faulthttp.Respond(tt.status, tt.contentType, tt.body)

		e.Substitute(respond)
		err := once.Read(t.Context())
		if err == nil {
			t.Errorf("read, input %s: got success, want an error", tt.name)
			continue
		}
		got := e.RequireError(t, err)
		subject := harness.Subject(got.Operation, tt.name)
		harness.Expect(t, subject, "status", got.StatusCode, tt.status)
		harness.Expect(t, subject, "known code", got.Known() && got.Code != e.Fallback, false)
		harness.Expect(t, subject, "outcome is unknown", errors.Is(got, apierr.ErrOutcomeUnknown), false)
		harness.Expect(t, subject, "bytes of the body", len(got.RawBody), min(len(tt.body), harness.ErrorBodyLimit))

		e.Substitute(respond)
		got = e.RequireError(t, once.Write(t.Context()))
		unsigned := e.Sandbox.Genuine != nil && len(tt.body) > harness.ErrorBodyLimit // a signature over more than is read
		unsure := tt.status < 400 || tt.status >= 500 || unsigned
		harness.Expect(t, harness.Subject(got.Operation, tt.name), "outcome is unknown", errors.Is(got, apierr.ErrOutcomeUnknown), unsure)
		e.Traffic.Broken(false)
	}
}

func hugeErrorBodyCostsLittle(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Traffic.Broken(true)
	var got *apierr.Error
	cost := harness.Allocated(func() {
		once := e.ConnectAgain(t, pay.WithMaxAttempts(1))
		got = e.RequireError(t, once.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", "huge")))
	})
	subject := harness.Subject(got.Operation, "a huge error body")
	if got.StatusCode < 400 {
		t.Errorf("%s: got status %d, want that of an error", subject, got.StatusCode)
	}
	harness.Expect(t, subject, "truncated", got.Truncated, true)
	harness.Expect(t, subject, "bytes of the body", len(got.RawBody), harness.ErrorBodyLimit)
	// The sandbox runs in this process too, so the limit is wider than the client's
	// own share.
	if cost > 8<<20 {
		t.Errorf("%s: allocated %d KiB, want at most 8 MiB with the server's share", subject, cost>>10)
	}
}
