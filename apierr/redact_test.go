package apierr_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/encodings"
)

const canary = "canary 4242424242424242"

// full returns an error with personal data in every part that may hold it.
func full() *apierr.Error {
	return apierr.New(apierr.Error{
		Provider: "p", Operation: "op", Code: code("PAID"), RawCode: "PAID", StatusCode: 409, RequestID: "r-1", Attempts: 2,
		Type: canary, Message: canary, Param: canary, Fields: []apierr.FieldError{{Field: "amount", Type: "MIN", Message: canary}},
		Captures: map[string]string{canary: canary}, IdempotencyKey: canary, Header: http.Header{"X-Echo": {canary}}, RawBody: []byte(canary),
	}, apierr.Details{Cause: fmt.Errorf("%s", canary), Unknown: &apierr.UnknownOutcome{Resolution: canary}})
}

// TestErrorIsRedacted prints and encodes errors in every way, with and without what
// an application puts around them.
func TestErrorIsRedacted(t *testing.T) {
	e := full()
	wrapped := fmt.Errorf("order 7: %w", e)
	values := []any{e, *e, e.Fields[0], &e.Fields[0], wrapped, errors.Join(wrapped, io.EOF), struct{ Err error }{wrapped}, struct{ Copy apierr.Error }{*e}, []error{e}, apierr.Error{Message: canary}}
	for _, v := range values {
		for o := range encodings.Of(v) {
			if o.Panic != nil {
				t.Errorf("%T, %s: panic: %v", v, o.Way, o.Panic)
			}
			for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), "Y2FuYXJ5", "99 97 110 97 114 121"} {
				if strings.Contains(o.Text, form) {
					t.Errorf("%T, %s: got %.300s", v, o.Way, o.Text)
				}
			}
		}
	}
}

// TestErrorPartsAreReadByName: what is redacted is still there.
func TestErrorPartsAreReadByName(t *testing.T) {
	e := full()
	for _, part := range []string{e.Type, e.Message, e.Param, e.Fields[0].Message, e.Captures[canary], e.IdempotencyKey, e.Header.Get("X-Echo"), string(e.RawBody), e.Unwrap().Error()} {
		if part != canary {
			t.Errorf("got %q, want %q", part, canary)
		}
	}
}

// TestErrorForms: JSON has the fields of LogValue, and text is that of Error. A copy
// has the same forms.
func TestErrorForms(t *testing.T) {
	e := full()
	const want = `{"advice":"inquire","attempts":2,"category":"conflict","code":"PAID","doc_url":"https://x.example/e#paid","operation":"op","outcome":"failed","provider":"p","request_id":"r-1","status":409}`
	for _, v := range []any{e, *e} {
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%T: got %s, %v, want %s", v, got, err, want)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", v)
		var line struct{ Err map[string]any }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil || len(line.Err) != 10 || line.Err["code"] != "PAID" || line.Err["status"] != 409.0 {
			t.Errorf("%T: got log line %s, %v", v, log.Bytes(), err)
		}
		for verb, want := range map[string]string{"%v": e.Error(), "%+v": e.Error(), "%s": e.Error(), "%q": fmt.Sprintf("%q", e.Error()), "%#q": fmt.Sprintf("%#q", e.Error()), "%#v": "apierr.Error{" + e.Error() + "}"} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%T, %s: got %s, want %s", v, verb, got, want)
			}
		}
	}
	if got, err := json.Marshal(e.Fields); err != nil || string(got) != `["amount MIN"]` {
		t.Errorf("fields: got %s, %v", got, err)
	}
	if got, want := fmt.Sprintf("%v %q", e.Fields[0], e.Fields[0]), `amount MIN "amount MIN"`; got != want {
		t.Errorf("a field: got %s, want %s", got, want)
	}
	if got, err := e.MarshalText(); err != nil || string(got) != e.Error() {
		t.Errorf("MarshalText: got %s, %v, want %s", got, err, e)
	}
	for _, v := range []any{e, e.Fields[0]} {
		if err := gob.NewEncoder(io.Discard).Encode(v); err == nil || !strings.Contains(err.Error(), "cannot be encoded with gob") {
			t.Errorf("gob of %T: got %v, want an error that says that it cannot be encoded", v, err)
		}
	}
}

// TestNilErrorIsEncoded: a nil *Error does not panic. Package gob refuses every nil
// pointer with a panic of its own, and the YAML package calls a method with a value
// receiver on a nil pointer in an interface.
func TestNilErrorIsEncoded(t *testing.T) {
	var e *apierr.Error
	if got := e.LogValue(); got.Any() != nil {
		t.Errorf("LogValue: got %v, want nil", got)
	}
	for _, v := range []any{e, struct{ Err *apierr.Error }{e}, struct{ Err error }{e}} {
		for o := range encodings.Of(v) {
			way, _, _ := strings.Cut(o.Way, ",")
			if o.Panic != nil && way != "gob" && way != "yaml" && way != "text" {
				t.Errorf("%T, %s: panic: %v", v, o.Way, o.Panic)
			}
			if strings.Contains(o.Text, "panicked") {
				t.Errorf("%T, %s: got %s", v, o.Way, o.Text)
			}
		}
	}
}
