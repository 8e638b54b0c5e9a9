package contract

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// everyCode provokes each code by name, with a read, and sees that the client
// knows it and what the catalog says of it.
func everyCode(t *testing.T, e *env) {
	if len(e.Codes) == 0 {
		t.Fatal("the suite lists no codes")
	}
	for _, code := range e.Codes {
		info, known := code.Info()
		if !known {
			t.Fatalf("%v is not in its own catalog", code)
		}
		if info.Outcome == apierr.OutcomeApplied || info.Outcome == apierr.OutcomePending {
			if err := e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", info.Value)); err != nil {
				t.Errorf("%s is a result, but got %v", info.Value, err)
			}
			continue
		}
		for _, wire := range append([]string{info.Value}, info.Aliases...) {
			pe := e.typed(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", wire)))
			if !errors.Is(pe, code) || pe.Code != code || pe.RawCode != wire || !pe.Known() {
				t.Errorf("%s: recognised as %v (raw %q)", wire, pe.Code, pe.RawCode)
			}
			if !errors.Is(pe, info.Category) || pe.DocURL() != info.DocURL || pe.Description() != info.Description {
				t.Errorf("%s: %v, %s; the catalog says %v, %s", wire, pe.Category(), pe.DocURL(), info.Category, info.DocURL)
			}
			if len(info.Statuses) > 0 && pe.StatusCode != info.Statuses[0] {
				t.Errorf("%s: status %d, documented is %d", wire, pe.StatusCode, info.Statuses[0])
			}
			for _, other := range e.Codes {
				if other != code && errors.Is(pe, other) {
					t.Errorf("%s also matches %v", wire, other)
				}
			}
		}
	}
}

// answer is a server that always says the same.
func answer(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func unknownCode(t *testing.T, e *env) {
	if e.Fallback != nil {
		if err := e.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.traffic.Next(answer(400, "text/plain", "a text that nobody has seen"))
		if pe := e.typed(t, e.Read(t.Context())); !errors.Is(pe, e.Fallback) || !errors.Is(pe, apierr.ErrInvalidRequest) || pe.Message != "a text that nobody has seen" {
			t.Errorf("got %v with message %q, want the fallback, the class of the status and the text", pe, pe.Message)
		}
		return
	}
	before := e.typed(t, e.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", value(e.Codes[0]))))
	body := replace(before.RawBody, before.RawCode, "SOMETHING_NEW_2027")
	for _, status := range []int{400, 200} { // a refusal, and one that hides in a success
		if status == 200 && before.StatusCode != 200 && !e.scans(t, before.RawBody) {
			continue
		}
		e.next(answer(status, "application/json", body))
		pe := e.typed(t, e.Read(t.Context()))
		if pe.RawCode != "SOMETHING_NEW_2027" || pe.Known() || pe.StatusCode != status {
			t.Errorf("status %d: raw code %q, known %v, status %d", status, pe.RawCode, pe.Known(), pe.StatusCode)
		}
		if slices.ContainsFunc(e.Codes, func(c apierr.Code) bool { return errors.Is(pe, c) }) {
			t.Error("an unknown code matches a known one")
		}
	}
}

// scans reports whether a known failure inside a 200 is found.
func (e *env) scans(t *testing.T, body []byte) bool {
	t.Helper()
	e.next(answer(200, "application/json", string(body)))
	pe := e.typed(t, e.Read(t.Context())) // either the code, or an answer that lacks what it must have
	return pe.RawCode != ""
}

// next substitutes the answer to the next request by a genuine one.
func (e *env) next(h http.Handler) {
	if e.sandbox.Genuine != nil {
		h = e.sandbox.Genuine(h)
	}
	e.traffic.Next(h)
}

func value(c apierr.Code) string {
	info, _ := c.Info()
	return info.Value
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
func unbelievable(t *testing.T, e *env) {
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
		{"brackets", "application/json", brackets(60_000), 400},
	} {
		if err := e.Read(t.Context()); err != nil { // a token is there, so that Next meets the call itself
			t.Fatal(err)
		}
		once := e.another(t, pay.WithMaxAttempts(1))
		if err := once.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.next(answer(tt.status, tt.contentType, tt.body))
		err := once.Read(t.Context())
		if err == nil {
			t.Errorf("%s: a read took it for a success", tt.name)
			continue
		}
		pe := e.typed(t, err)
		if pe.StatusCode != tt.status || pe.Known() && pe.Code != e.Fallback || errors.Is(pe, apierr.ErrOutcomeUnknown) {
			t.Errorf("%s, read: status %d, known %v, %v", tt.name, pe.StatusCode, pe.Known(), pe)
		}
		if len(pe.RawBody) != min(len(tt.body), 16<<10) {
			t.Errorf("%s: %d bytes of the body kept, want %d", tt.name, len(pe.RawBody), len(tt.body))
		}
		e.next(answer(tt.status, tt.contentType, tt.body))
		pe = e.typed(t, once.Write(t.Context()))
		if unsure := tt.status < 400 || tt.status >= 500; errors.Is(pe, apierr.ErrOutcomeUnknown) != unsure {
			t.Errorf("%s, write: unknown outcome is %v, want %v (%v)", tt.name, !unsure, unsure, pe)
		}
		e.traffic.Broken(false)
	}
}

func brackets(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '['
	}
	return string(b)
}

func hugeError(t *testing.T, e *env) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.traffic.Broken(true)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	once := e.another(t, pay.WithMaxAttempts(1))
	pe := e.typed(t, once.Read(t.Context(), pay.WithHeader("Sandbox-Scenario", "huge")))
	runtime.ReadMemStats(&after)
	if pe.StatusCode < 400 || !pe.Truncated || len(pe.RawBody) != 16<<10 {
		t.Errorf("status %d, truncated %v, %d bytes kept", pe.StatusCode, pe.Truncated, len(pe.RawBody))
	}
	// The sandbox runs in this process too, so the bound is wider than the
	// client's own share.
	if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20 {
		t.Errorf("a huge error body cost %d KiB, want under 8 MiB with the server's share", got>>10)
	}
}
