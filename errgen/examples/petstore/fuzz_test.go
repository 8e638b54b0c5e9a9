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

// FuzzParse holds what must be true of any answer, whatever a server sends.
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
		if failed != (e != nil) || !success && !failed {
			t.Fatalf("status %d: failed %v, error %v", status, failed, e)
		}
		if e != nil {
			bounded(t, e, body)
			consistent(t, e)
			private(t, e)
		}
	})
}

// bounded holds the limits of what is kept.
func bounded(t *testing.T, e *apierr.Error, body []byte) {
	t.Helper()
	if len(e.RawBody) > 16<<10 || !bytes.HasPrefix(body, e.RawBody) || e.Truncated != (len(body) > len(e.RawBody)) {
		t.Errorf("kept %d of %d bytes, truncated %v", len(e.RawBody), len(body), e.Truncated)
	}
	if len(e.Message) > 2<<10 || len(e.Captures) > 2 {
		t.Errorf("message of %d bytes, %d captures", len(e.Message), len(e.Captures))
	}
	for name, value := range e.Captures {
		if len(value) > 2<<10 {
			t.Errorf("capture %s has %d bytes", name, len(value))
		}
	}
}

// consistent holds that the parts of an error agree.
func consistent(t *testing.T, e *apierr.Error) {
	t.Helper()
	if (e.Code == nil) != (e.RawCode == "") || e.Code != nil && !errors.Is(e, e.Code) {
		t.Errorf("code %v, on the wire %q", e.Code, e.RawCode)
	}
	if e.Known() && !strings.HasPrefix(e.DocURL(), "https://docs.petstore.example/errors#") {
		t.Errorf("the address of a known code came from the wire: %s", e.DocURL())
	}
	if url := e.DocURL(); url != "" && !strings.HasPrefix(url, "https://docs.petstore.example") {
		t.Errorf("an address of somebody else: %s", url)
	}
	if e.Outcome() == apierr.OutcomeUnknown && !errors.Is(e, apierr.ErrOutcomeUnknown) {
		t.Errorf("outcome %s, class %s", e.Outcome(), e.Category())
	}
	if e.Category() == "" || e.Advice() == "" || e.Description() == "" || e.Resolution() == "" || e.Advice().Retryable() != e.Advice().Retryable() {
		t.Errorf("nothing to say: %v", e)
	}
}

// private holds that no text of the error carries more of the answer than code and request id, on one line.
func private(t *testing.T, e *apierr.Error) {
	t.Helper()
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("failed", "err", e)
	for _, text := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e)} {
		if len(text) > 800 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			t.Errorf("%q", text)
		}
		if len(e.Message) > 80 && strings.Contains(text, e.Message) {
			t.Errorf("the message is in the text: %q", text)
		}
	}
	if log.Len() > 4<<10 || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("%d bytes of log", log.Len())
	}
}
