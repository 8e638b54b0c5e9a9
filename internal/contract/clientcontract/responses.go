package clientcontract

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

func unknownCodePassesThrough(t *testing.T, e *harness.Session) {
	if e.Fallback != nil {
		if err := e.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.Traffic.Next(faulthttp.Respond(400, "text/plain", "a text that nobody has seen"))
		if pe := e.RequireError(t, e.Read(t.Context())); !errors.Is(pe, e.Fallback) || !errors.Is(pe, apierr.ErrInvalidRequest) || pe.Message != "a text that nobody has seen" {
			t.Errorf("got %v with message %q, want the fallback, the class of the status and the text", pe, pe.Message)
		}
		return
	}
	before := e.RequireError(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", harness.CodeValue(e.Codes[0]))))
	body := replace(before.RawBody, before.RawCode, "SOMETHING_NEW_2027")
	for _, status := range []int{400, 200} { // a refusal, and one that hides in a success
		if status == 200 && before.StatusCode != 200 && !hidesFailures(e, t, before.RawBody) {
			continue
		}
		e.Substitute(faulthttp.Respond(status, "application/json", body))
		pe := e.RequireError(t, e.Read(t.Context()))
		if pe.RawCode != "SOMETHING_NEW_2027" || pe.Known() || pe.StatusCode != status {
			t.Errorf("status %d: raw code %q, known %v, status %d", status, pe.RawCode, pe.Known(), pe.StatusCode)
		}
		if slices.ContainsFunc(e.Codes, func(c apierr.Code) bool { return errors.Is(pe, c) }) {
			t.Error("an unknown code matches a known one")
		}
	}
}

// scans reports whether a known failure inside a 200 is found.
func hidesFailures(e *harness.Session, t *testing.T, body []byte) bool {
	t.Helper()
	e.Substitute(faulthttp.Respond(200, "application/json", string(body)))
	pe := e.RequireError(t, e.Read(t.Context())) // either the code, or an answer that lacks what it must have
	return pe.RawCode != ""
}

func replace(body []byte, old, now string) string {
	out, rest := "", string(body)
	for i := 0; i+len(old) <= len(rest); i++ {
		if rest[i:i+len(old)] == old {
			out, rest, i = out+rest[:i]+now, rest[i+len(old):], -1
		}
	}
	return out + rest
}

// unbelievable answers a read and a write with what no client should take for a
// success, and no client should choke on.
func implausibleResponsesAreErrors(t *testing.T, e *harness.Session) {
	page := "<!doctype html><title>Sign in</title>" + string(make([]byte, 100))
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"a captive portal", "text/html", page, 200},
		{"a proxy's page", "text/html", page, 502},
		{"an empty object", "application/json", "{}", 200},
		{"null", "application/json", "null", 200},
		{"an array", "application/json", "[]", 200},
		{"nothing", "application/json", "", 200},
		{"a repeated key", "application/json", `{"a":1,"a":2}`, 200},
		{"a second document", "application/json", `{} {}`, 200},
		{"an object as the code", "application/json", `{"error":{"x":{"type":"MIN_NUMBER","message":"m"}},"message":{}}`, 400},
		{"a number as the code", "application/json", `{"error":7,"code":7,"message":null}`, 400},
		{"an error that is null", "application/json", `null`, 500},
		{"an error that is text", "text/plain", "something broke", 500},
		{"no body", "application/json", "", 500},
		{"brackets", "application/json", faulthttp.Brackets(60_000), 400},
	} {
		if err := e.Read(t.Context()); err != nil { // a token is there, so that Next meets the call itself
			t.Fatal(err)
		}
		once := e.ConnectAgain(t, pay.WithMaxAttempts(1))
		if err := once.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.Substitute(faulthttp.Respond(tt.status, tt.contentType, tt.body))
		err := once.Read(t.Context())
		if err == nil {
			t.Errorf("%s: a read took it for a success", tt.name)
			continue
		}
		pe := e.RequireError(t, err)
		if pe.StatusCode != tt.status || pe.Known() && pe.Code != e.Fallback || errors.Is(pe, apierr.ErrOutcomeUnknown) {
			t.Errorf("%s, read: status %d, known %v, %v", tt.name, pe.StatusCode, pe.Known(), pe)
		}
		if len(pe.RawBody) != min(len(tt.body), 64<<10) {
			t.Errorf("%s: %d bytes of the body kept, want %d", tt.name, len(pe.RawBody), len(tt.body))
		}
		e.Substitute(faulthttp.Respond(tt.status, tt.contentType, tt.body))
		pe = e.RequireError(t, once.Write(t.Context()))
		if unsure := tt.status < 400 || tt.status >= 500; errors.Is(pe, apierr.ErrOutcomeUnknown) != unsure {
			t.Errorf("%s, write: unknown outcome is %v, want %v (%v)", tt.name, !unsure, unsure, pe)
		}
		e.Traffic.Broken(false)
	}
}

func hugeErrorBodyCostsLittle(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Traffic.Broken(true)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	once := e.ConnectAgain(t, pay.WithMaxAttempts(1))
	pe := e.RequireError(t, once.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", "huge")))
	runtime.ReadMemStats(&after)
	if pe.StatusCode < 400 || !pe.Truncated || len(pe.RawBody) != 64<<10 {
		t.Errorf("status %d, truncated %v, %d bytes kept", pe.StatusCode, pe.Truncated, len(pe.RawBody))
	}
	// The sandbox runs in this process too, so the bound is wider than the
	// client's own share.
	if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
		t.Errorf("a huge error body cost %d KiB, want under 8 MiB with the server's share", got>>10)
	}
}
