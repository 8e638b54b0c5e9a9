package transport_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzRetryAfter responds with any Retry-After and Date. The duration is never
// negative.
func FuzzRetryAfter(f *testing.F) {
	date := "Sat, 01 Jan 2000 00:10:00 GMT"
	for _, s := range []string{"7", "1.5", "-5", "1e100", "NaN", "Inf", "0x10", "Sat, 01 Jan 2000 00:10:05 GMT", "Saturday, 01-Jan-00 00:10:05 GMT", "Sat Jan  1 00:10:05 2000", "soon", ""} {
		f.Add(s, date)
	}
	f.Add("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT")
	f.Fuzz(func(t *testing.T, after, date string) {
		rt := tripper(func(r *http.Request) (*http.Response, error) {
			h := http.Header{"Retry-After": {after}, "Date": {date}}
			return &http.Response{StatusCode: 503, Header: h, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
		})
		c, err := newClient(profile(), pay.WithBaseURL("http://localhost"), pay.WithTransport(rt), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		var e *apierr.Error
		harness.Bounded(t, len(after)+len(date), func() { _, err = call(t.Context(), c, &read) })
		if !errors.As(err, &e) || e.RetryAfter() < 0 || e.RetryAfter() > 0 && e.RetryAfter() < time.Nanosecond {
			t.Errorf("%q at %q: %v, %v", after, date, err, e.RetryAfter())
		}
	})
}

// FuzzKeyInTheBody sends any text as the member with the idempotency key. It arrives
// unchanged, as do the other members.
func FuzzKeyInTheBody(f *testing.F) {
	for _, s := range []string{"", "own-key", `"quoted"`, "\u2028", "a\nb", "\xff"} {
		f.Add(s, s)
	}
	op := transport.Operation{ID: "keyed", Method: "POST", Path: "/v1/things", RetryClass: transport.Keyed, KeyBody: "/requestId"}
	f.Fuzz(func(t *testing.T, key, note string) {
		var sent string
		rt := tripper(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			sent = string(body)
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id":"a"}`)), Request: r}, nil
		})
		c, err := newClient(profile(), pay.WithBaseURL("http://localhost"), pay.WithTransport(rt))
		if err != nil {
			t.Fatal(err)
		}
		type request struct {
			Note string `json:"note"`
			Key  string `json:"requestId"`
		}
		var m pay.Meta
		_, err = transport.Call[resource](t.Context(), c, &op, transport.Input{Body: request{note, key}}, []pay.CallOption{pay.WithMeta(&m)})
		if err != nil {
			return // broken UTF-8
		}
		got, err := transport.Decode[struct {
			Note string `json:"note,omitempty"`
			Key  string `json:"requestId"`
		}]([]byte(sent))
		if err != nil {
			t.Fatalf("%q, %q: the sent body cannot be decoded: %v", key, note, err)
		}
		if got.Note != note {
			t.Errorf("%q, %q: note: got %q, want %q", key, note, got.Note, note)
		}
		if got.Key != m.IdempotencyKey {
			t.Errorf("%q, %q: requestId: got %q, want the idempotency key %q", key, note, got.Key, m.IdempotencyKey)
		}
		if key != "" && got.Key != key {
			t.Errorf("%q, %q: requestId: got %q, want %q", key, note, got.Key, key)
		}
	})
}
