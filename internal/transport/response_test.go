package transport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

const maxSuccess = 4 << 20

// raw is a transport that responds with the same status, header and body to every
// request.
type raw struct {
	status   int
	header   http.Header
	body     func() io.Reader
	requests int
	read     int64 // bytes of the last body
}

func (r *raw) RoundTrip(*http.Request) (*http.Response, error) {
	r.requests++
	r.read = 0
	header := r.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: r.status, Header: header, Body: io.NopCloser(&counter{r.body(), &r.read}), ContentLength: -1}, nil
}

// counter counts the bytes that are read.
type counter struct {
	io.Reader
	n *int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	*c.n += int64(n)
	return n, err
}

func body(text string) func() io.Reader {
	return func() io.Reader { return strings.NewReader(text) }
}

// broken is a body whose connection breaks after a text.
func broken(text string) func() io.Reader {
	return func() io.Reader { return io.MultiReader(strings.NewReader(text), fault{}) }
}

type fault struct{}

func (fault) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// rawClient returns a client of a raw transport, with or without a check of
// signatures.
func rawClient(t *testing.T, r *raw, verify func(*http.Request, *http.Response, []byte) error, opts ...pay.Option) *transport.Client {
	t.Helper()
	p := profile()
	p.Verify = verify
	p.Catalog.Envelopes[0].RequestID = []string{"/rid"}
	c, err := newClient(p, append([]pay.Option{pay.WithTransport(r)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBodiesAreReadWithinLimits: 4 MiB of a success and 16 KiB of any other response,
// and one byte more, which says whether it was all.
func TestBodiesAreReadWithinLimits(t *testing.T) {
	for status, limit := range map[int]int64{199: catalog.MaxErrorBody, 200: maxSuccess, 299: maxSuccess, 300: catalog.MaxErrorBody, 404: catalog.MaxErrorBody} {
		r := &raw{status: status, body: func() io.Reader { return io.LimitReader(blank{}, maxSuccess+100) }}
		_, err := call(t.Context(), rawClient(t, r, nil), &keyless)
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok {
			t.Fatalf("%d: got %v, want an *apierr.Error", status, err)
		}
		if r.read != limit+1 || !e.Truncated {
			t.Errorf("%d: got %d bytes, truncated %v; want %d, true", status, r.read, e.Truncated, limit+1)
		}
		if got, want := strings.Contains(err.Error(), "the response is larger than 4194304 bytes"), limit == maxSuccess; got != want {
			t.Errorf("%d: got %v, which mentions the limit: %v, want %v", status, err, got, want)
		}
	}
	const document = `{"id":"a"}`
	for size, succeeds := range map[int64]bool{maxSuccess: true, maxSuccess + 1: false} {
		r := &raw{status: 200, body: func() io.Reader {
			return io.MultiReader(strings.NewReader(document), io.LimitReader(blank{}, size-int64(len(document))))
		}}
		if _, err := call(t.Context(), rawClient(t, r, nil), &keyless); (err == nil) != succeeds {
			t.Errorf("%d bytes: got %v, want success %v", size, err, succeeds)
		}
	}
}

type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestUnverifiedResponses: nothing of a response without a valid signature is used, and
// a write is not settled by it. What is wrong with the body is said first, because that
// is why the signature does not match.
func TestUnverifiedResponses(t *testing.T) {
	forged := errors.New("the key is unknown")
	invalid := func(*http.Request, *http.Response, []byte) error { return forged }
	valid := func(*http.Request, *http.Response, []byte) error { return nil }
	const (
		unverified = "the signature of the response was not verified: "
		cut        = "the connection broke while the response was read: unexpected EOF"
	)
	long := `{"error":"DECLINED","pad":"` + strings.Repeat("x", catalog.MaxErrorBody)
	for _, tt := range []struct {
		name     string
		verify   func(*http.Request, *http.Response, []byte) error
		status   int
		body     func() io.Reader
		text     string // the cause
		category apierr.Category
	}{
		{"success", invalid, 200, body(`{"id":"a"}`), unverified + "the key is unknown", apierr.ErrProvider},
		{"success that breaks", invalid, 200, broken(`{"id":"a"}`), cut, apierr.ErrUnavailable},
		{"signed success that breaks", valid, 200, broken(`{"id":"a"}`), cut, apierr.ErrUnavailable},
		{"refusal", invalid, 400, body(`{"error":"DECLINED"}`), unverified + "the key is unknown", apierr.ErrInvalidRequest},
		{"refusal that breaks", invalid, 400, broken(`{"error":"DECLINED"`), unverified + cut, apierr.ErrInvalidRequest},
		{"refusal that is too long", invalid, 400, body(long), unverified + "the response is larger than the 16384 bytes that are read of an error", apierr.ErrInvalidRequest},
		{"redirect", invalid, 302, body(""), "the server redirects; redirects are not followed", apierr.ErrProvider},
		{"redirect, the first of its class", invalid, 300, body(""), "the server redirects; redirects are not followed", apierr.ErrProvider},
		{"failure", invalid, 503, body(`{"error":"DECLINED"}`), unverified + "the key is unknown", apierr.ErrUnavailable},
	} {
		r := &raw{status: tt.status, header: http.Header{"X-Request-Id": {"h-1"}}, body: tt.body}
		for _, op := range []*transport.Operation{&keyless, &read} {
			_, err := call(t.Context(), rawClient(t, r, tt.verify, pay.WithMaxAttempts(1)), op)
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok {
				t.Fatalf("%s: got %v, want an *apierr.Error", tt.name, err)
			}
			if e.Code != nil || e.Unwrap() == nil || e.Unwrap().Error() != tt.text || e.RequestID != "h-1" {
				t.Errorf("%s, %s: got code %v, cause %v, request %q; want no code, %s", tt.name, op.ID, e.Code, e.Unwrap(), e.RequestID, tt.text)
			}
			if got, want := e.Outcome() == apierr.OutcomeUnknown, op == &keyless; got != want || !errors.Is(err, tt.category) {
				t.Errorf("%s, %s: got outcome %s, %v; want unknown %v, %s", tt.name, op.ID, e.Outcome(), err, want, string(tt.category))
			}
		}
	}
	// A signature over a response that is otherwise a failure lets its code count.
	for _, verify := range []func(*http.Request, *http.Response, []byte) error{valid, nil} {
		for name, tt := range map[string]func() io.Reader{"whole": body(`{"error":"DECLINED"}`), "broken": broken(`{"error":"DECLINED"`), "long": body(long)} {
			_, err := call(t.Context(), rawClient(t, &raw{status: 400, body: tt}, verify), &keyless)
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok || e.Code != code("DECLINED") || e.Truncated != (name != "whole") {
				t.Errorf("%s: got %v, want DECLINED, truncated %v", name, err, name != "whole")
			}
		}
	}
}

// TestSignedFailureThatBreaks: a whole failure in a 2xx counts, although the connection
// broke after it.
func TestSignedFailureThatBreaks(t *testing.T) {
	p := profile()
	p.Catalog.Envelopes[0].Success = "scan"
	p.Verify = func(*http.Request, *http.Response, []byte) error { return nil }
	c, err := newClient(p, pay.WithTransport(&raw{status: 200, body: broken(`{"error":"DECLINED"}`)}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call(t.Context(), c, &keyless); !errors.Is(err, code("DECLINED")) {
		t.Errorf("got %v, want DECLINED", err)
	}
}

// TestUnverifiedRefusalOfAKeylessWriteIsNotRetried: the request was sent.
func TestUnverifiedRefusalOfAKeylessWriteIsNotRetried(t *testing.T) {
	for _, status := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			r := &raw{status: status, body: body("")}
			_, err := call(t.Context(), rawClient(t, r, func(*http.Request, *http.Response, []byte) error { return errors.New("no signature") }), &keyless)
			if err == nil || r.requests != 1 {
				t.Errorf("%d: got %v after %d requests, want an error after 1", status, err, r.requests)
			}
		})
	}
}

// TestResponsesWithoutContent: where the spec declares no content, an empty body and any
// JSON document are a success, but not the page of a proxy.
func TestResponsesWithoutContent(t *testing.T) {
	for text, succeeds := range map[string]bool{"": true, " \r\n": true, "{}": true, `{"id":7}`: true, "null": true, "[]": true, "<html>": false, "{": false} {
		if err := transport.Exec(t.Context(), rawClient(t, &raw{status: 200, body: body(text)}, nil), &keyless, input(&keyless), nil); (err == nil) != succeeds {
			t.Errorf("%q: got %v, want success %v", text, err, succeeds)
		}
		if _, err := call(t.Context(), rawClient(t, &raw{status: 200, body: body(text)}, nil), &keyless); err == nil {
			t.Errorf("%q where a document is declared: got a success", text)
		}
	}
}

// TestUnreadableSuccessNamesItsMediaType: the page of a proxy is recognized by it.
func TestUnreadableSuccessNamesItsMediaType(t *testing.T) {
	const text = "the response%s is not the JSON document of the spec: broken at byte 0"
	for media, want := range map[string]string{
		"text/html; charset=utf-8": ", text/html,", "application/json": "", "application/problem+json": "", "": "", "text/": "", "; x": "",
	} {
		_, err := call(t.Context(), rawClient(t, &raw{status: 200, header: http.Header{"Content-Type": {media}}, body: body("<html>")}, nil), &read)
		if err == nil || !strings.Contains(err.Error(), strings.Replace(text, "%s", want, 1)) {
			t.Errorf("%s: got %v, want an error with %q", media, err, want)
		}
	}
}

// TestMetaHasTheRequestID: that of the body, or else that of the header.
func TestMetaHasTheRequestID(t *testing.T) {
	for _, tt := range []struct {
		status     int
		text, want string
	}{{200, `{"id":"a"}`, "h-1"}, {400, `{"error":"DECLINED"}`, "h-1"}, {400, `{"error":"DECLINED","rid":"b-1"}`, "b-1"}, {200, "<html>", "h-1"}} {
		var m pay.Meta
		r := &raw{status: tt.status, header: http.Header{"X-Request-Id": {"h-1"}}, body: body(tt.text)}
		_, _ = call(t.Context(), rawClient(t, r, nil), &keyless, pay.WithMeta(&m))
		if m.StatusCode != tt.status || m.Attempts != 1 || m.Header.Get("X-Request-Id") != "h-1" {
			t.Errorf("%d %s: got %+v", tt.status, tt.text, m)
		}
		if m.RequestID != tt.want {
			t.Errorf("%d %s: got %q, want %q", tt.status, tt.text, m.RequestID, tt.want)
		}
	}
}

// TestInvalidTextBeforeARequiredMember: text that is not UTF-8 does not hide what
// follows it.
func TestInvalidTextBeforeARequiredMember(t *testing.T) {
	got, err := call(t.Context(), rawClient(t, &raw{status: 200, body: body("{\"note\":\"\xff\",\"id\":\"a\"}")}, nil), &read)
	if err != nil || got.ID != "a" {
		t.Errorf("got %v, %v; want the ID a", got, err)
	}
	if _, err := call(t.Context(), rawClient(t, &raw{status: 200, body: body("{\"note\":\"\xff\"}")}, nil), &read); err == nil || !strings.Contains(err.Error(), "lacks /id") {
		t.Errorf("without the member: got %v, want an error that names /id", err)
	}
}

// TestRetryBudgetIsExact: a retry costs 14 of 500 tokens, or 5 after a 429, and a
// success gives one back.
func TestRetryBudgetIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &raw{}
		c := rawClient(t, r, nil, pay.WithMaxAttempts(2))
		retries := func(status, calls int) int {
			r.status, r.requests, r.body = status, 0, body(`{"id":"a"}`)
			for range calls {
				_, _ = call(t.Context(), c, &read)
			}
			return r.requests - calls
		}
		for _, step := range []struct{ successes, status, calls, retries int }{
			{0, 503, 40, 35}, // leaves 10
			{3, 503, 1, 0}, {1, 503, 2, 1},
			{4, 429, 1, 0}, {1, 429, 2, 1},
			{13, 503, 1, 0}, {1, 503, 2, 1},
			{499, 503, 40, 35}, // leaves 9
			{600, 429, 110, 100},
		} {
			retries(200, step.successes)
			if got := retries(step.status, step.calls); got != step.retries {
				t.Errorf("%d calls with %d after %d successes: got %d retries, want %d", step.calls, step.status, step.successes, got, step.retries)
			}
		}
	})
}

// TestNoRetryWithoutTime: a call that has no time left for a pause returns the error of
// its last attempt at once.
func TestNoRetryWithoutTime(t *testing.T) {
	for _, after := range []string{"10", "11"} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			r := &raw{status: 503, header: http.Header{"Retry-After": {after}}, body: body("")}
			_, err := call(t.Context(), rawClient(t, r, nil, pay.WithTotalTimeout(10*time.Second)), &read)
			if took := time.Since(start); took != 0 || r.requests != 1 || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Retry-After %s: got %v after %v and %d requests, want the 503 at once", after, err, took, r.requests)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	c, err := newClient(profile(), pay.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		cancel()
		return &http.Response{StatusCode: 503, Header: http.Header{}, Body: http.NoBody}, nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	_, err = call(ctx, c, &read)
	if e, ok := errors.AsType[*apierr.Error](err); !ok || e.StatusCode != 503 || errors.Is(err, context.Canceled) {
		t.Errorf("canceled during the attempt: got %v, want the 503", err)
	}
}

// TestPauseWithoutRandomNumbers: it is the longest one.
func TestPauseWithoutRandomNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := &raw{status: 503, body: body("")}
		_, _ = call(t.Context(), rawClient(t, r, nil, pay.WithMaxAttempts(2), pay.WithRandom(iotest.ErrReader(io.ErrUnexpectedEOF))), &read)
		if took := time.Since(start); took != 200*time.Millisecond || r.requests != 2 {
			t.Errorf("got %v and %d requests, want 200ms and 2", took, r.requests)
		}
	})
}

// TestTokenCallIsNotRetriedTwice: it has retries of its own.
func TestTokenCallIsNotRetriedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := 0
		p := profile()
		p.Authorize = func(context.Context, *transport.Operation, *http.Request, []byte) error {
			tokens++
			return apierr.New(apierr.Error{Code: code("BUSY"), StatusCode: 503}, apierr.Details{Safe: true})
		}
		c, err := newClient(p, pay.WithTransport(&raw{status: 200, body: body("{}")}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &read); !errors.Is(err, code("BUSY")) || tokens != 1 {
			t.Errorf("got %v after %d token calls, want BUSY after 1", err, tokens)
		}
	})
}

// TestLongCodesAreCutInLogs: a code that is not in the catalog may contain anything.
func TestLongCodesAreCutInLogs(t *testing.T) {
	for n, want := range map[int]int{64: 64, 65: 64} {
		var log bytes.Buffer
		r := &raw{status: 400, body: body(`{"error":"` + strings.Repeat("x", n) + `"}`)}
		_, _ = call(t.Context(), rawClient(t, r, nil, pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))), &keyless)
		if !strings.Contains(log.String(), "code="+strings.Repeat("x", want)+" ") {
			t.Errorf("a code of %d bytes: got %s, want %d bytes of it", n, log.String(), want)
		}
	}
}
