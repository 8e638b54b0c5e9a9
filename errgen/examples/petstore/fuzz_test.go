package petstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

// FuzzParse checks the error of any response: its size, its consistency, and that its texts can be logged.
func FuzzParse(f *testing.F) {
	f.Add(404, "r-1", []byte(`{"error":{"code":"PET_NOT_FOUND","message":"gone","fields":{"a":{"rule":"b"}}},"request_id":"r"}`))
	f.Add(200, "", []byte(`{"result":{"status":"U","code":"ADOPTION_UNCERTAIN"}}`))
	f.Add(409, "", []byte("chip 985-1 belongs to the zoo"))
	f.Add(503, "", []byte("\ufeff{\"error\":{\"code\":\"TOO_MANY_CALLS\"}} trailing"))
	f.Add(500, "\x1b[31m", []byte(`{"error":{"code":"new\u2028line","doc_url":"https://docs.petstore.example/x"}}`))
	f.Add(502, "", []byte("<html>"))
	f.Fuzz(func(t *testing.T, status int, id string, body []byte) {
		e, failed := petstore.ParseError(status, http.Header{"X-Request-Id": {id}}, body)
		success := status >= 200 && status < 300
		if failed != (e != nil) {
			t.Fatalf("status %d: got failed %v and error %v", status, failed, e)
		}
		if !success && !failed {
			t.Fatalf("status %d: the response is read as a success", status)
		}
		if e != nil {
			checkLimits(t, e, body)
			checkConsistency(t, e)
			checkTexts(t, e)
		}
	})
}

// checkLimits checks how much of the response is kept.
func checkLimits(t *testing.T, e *apierr.Error, body []byte) {
	t.Helper()
	if len(e.RawBody) > 16<<10 {
		t.Errorf("RawBody has %d bytes, want at most %d", len(e.RawBody), 16<<10)
	}
	if !bytes.HasPrefix(body, e.RawBody) {
		t.Errorf("RawBody %q is not the beginning of the body %q", e.RawBody, body)
	}
	if want := len(body) > len(e.RawBody); e.Truncated != want {
		t.Errorf("Truncated: got %v, want %v for %d of %d bytes", e.Truncated, want, len(e.RawBody), len(body))
	}
	if len(e.Message) > 2<<10 {
		t.Errorf("Message has %d bytes, want at most %d", len(e.Message), 2<<10)
	}
	if len(e.Captures) > 2 {
		t.Errorf("got %d captures, want at most 2: %q", len(e.Captures), e.Captures)
	}
	for name, value := range e.Captures {
		if len(value) > 2<<10 {
			t.Errorf("the capture %s has %d bytes, want at most %d", name, len(value), 2<<10)
		}
	}
}

// checkConsistency checks that the parts of an error agree, and that no URL of another host is passed on.
func checkConsistency(t *testing.T, e *apierr.Error) {
	t.Helper()
	if (e.Code == nil) != (e.RawCode == "") {
		t.Errorf("got code %v and RawCode %q, want both or neither", e.Code, e.RawCode)
	}
	if e.Code != nil && !errors.Is(e, e.Code) {
		t.Errorf("errors.Is does not match the error's own code %v", e.Code)
	}
	if e.Known() && !strings.HasPrefix(e.DocURL(), "https://docs.petstore.example/errors#") {
		t.Errorf("DocURL of a known code: got %q, want that of the catalog", e.DocURL())
	}
	if url := e.DocURL(); url != "" && !strings.HasPrefix(url, "https://docs.petstore.example") {
		t.Errorf("DocURL: got %q, which is on another host", url)
	}
	if e.Outcome() == apierr.OutcomeUnknown && !errors.Is(e, apierr.ErrOutcomeUnknown) {
		t.Errorf("the outcome is unknown, but errors.Is does not match ErrOutcomeUnknown; category %s", string(e.Category()))
	}
	for name, text := range map[string]string{
		"Category": string(e.Category()), "Advice": string(e.Advice()), "Description": e.Description(), "Resolution": e.Resolution(),
	} {
		if text == "" {
			t.Errorf("%s is empty: %v", name, e)
		}
	}
}

// checkTexts checks that the texts of an error contain no more of the response than the code and the request ID, on one line.
func checkTexts(t *testing.T, e *apierr.Error) {
	t.Helper()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("failed", "err", e)
	for _, text := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e)} {
		if len(text) > 800 {
			t.Errorf("the text has %d bytes, want at most 800: %q", len(text), text)
		}
		if !utf8.ValidString(text) {
			t.Errorf("the text is not valid UTF-8: %q", text)
		}
		if strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("the text contains a control character: %q", text)
		}
		if len(e.Message) > 80 && strings.Contains(text, e.Message) {
			t.Errorf("the text contains the message: %q", text)
		}
	}
	if log.Len() > 4<<10 {
		t.Errorf("the log line has %d bytes, want at most %d", log.Len(), 4<<10)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("the log entry has %d lines, want 1", n)
	}
}
