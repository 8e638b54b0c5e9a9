package pay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/encodings"
	"github.com/specpay/specpay/pay"
)

// TestValuesAreRedacted prints and encodes what a client hands to an application
// besides responses.
func TestValuesAreRedacted(t *testing.T) {
	err := apierr.New(apierr.Error{Provider: "p", StatusCode: 402, Message: "canary", RawBody: []byte("canary"), Header: http.Header{"X-Echo": {"canary"}}}, apierr.Details{})
	token := pay.Token{Access: "canary-a", Refresh: "canary-r", Expires: time.Unix(0, 0)}
	meta := pay.Meta{RequestID: "r-1", IdempotencyKey: "canary", Attempts: 2, StatusCode: 402, Header: http.Header{"X-Echo": {"canary"}}}
	wait := pay.WaitError{Operation: "get", Last: &http.Cookie{Value: "canary"}, Cause: err}
	call, attempt := pay.CallResult{StatusCode: 402, Err: err}, pay.AttemptResult{StatusCode: 402, Err: err}
	for _, v := range []any{token, &token, meta, &meta, wait, &wait, pay.WaitError{Last: "canary"}, call, &call, attempt, &attempt, pay.Call{Provider: "p"}, pay.Attempt{Provider: "p"}} {
		for o := range encodings.Of(v) {
			if o.Panic != nil {
				t.Errorf("%T, %s: panic: %v", v, o.Way, o.Panic)
			}
			for _, form := range []string{"canary", "63616e617279", "63616E617279", "Y2FuYXJ5", "99 97 110 97 114 121"} {
				if strings.Contains(o.Text, form) {
					t.Errorf("%T, %s: got %.300s", v, o.Way, o.Text)
				}
			}
		}
	}
	for v, want := range map[any]string{
		&token:   `"pay.Token(expires 1970-01-01T00:00:00Z)"`,
		&meta:    `"pay.Meta(request \"r-1\", HTTP 402, attempts 2)"`,
		&wait:    `"get: the wait ended before the state was final"`,
		&attempt: `{"StatusCode":402,"Duration":0,"Wait":0,"Err":{"advice":"never",`,
	} {
		if got, err := json.Marshal(v); err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%T: got %s, %v, want %s", v, got, err, want)
		}
	}
}

// TestTransportErrorsShowNoURL: the error of a transport that contains others may hold
// the whole URL, with a key in its query, more than once.
func TestTransportErrorsShowNoURL(t *testing.T) {
	inner := &url.Error{Op: "Get", URL: "https://host/?key=canary", Err: io.ErrUnexpectedEOF}
	for name, err := range map[string]error{
		"once":    inner,
		"wrapped": fmt.Errorf("proxy: %w", inner),
		"twice":   &url.Error{Op: "Get", URL: "https://host/?key=canary", Err: inner},
		"joined":  errors.Join(errors.New("proxy"), &url.Error{Op: "Get", URL: "https://host/?key=canary", Err: fmt.Errorf("proxy: %w", inner)}),
	} {
		c := newClient(t, func(*http.Request) (*http.Response, error) { return nil, err }, pay.WithMaxAttempts(1))
		if _, got := c.GetPayment(t.Context(), "1"); !errors.Is(got, io.ErrUnexpectedEOF) || strings.Contains(got.Error(), "canary") {
			t.Errorf("%s: got %v, want the cause without a URL", name, got)
		}
	}
}
