package record_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/specpay/specpay/pay/record"
)

const spec = `
openapi: 3.0.3
info: {title: Shop, version: '1'}
x-record-numbers: keep
servers: [{url: 'https://api.shop.example'}]
paths:
  /orders/{id}:
    post:
      operationId: createOrder
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: state, in: query, schema: {type: string, enum: [new, done]}}
        - {name: X-Tag, in: header, schema: {type: string}}
        - {name: Authorization, in: header, schema: {type: string, enum: [secret]}}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: string}
        amount: {type: integer}
        either: {anyOf: [{type: number}, {type: string}]}
        paid: {type: boolean}
        status: {type: string, x-extensible-enum: [NEW, PAID]}
        open: {type: string, anyOf: [{type: string, enum: [NEW, PAID]}, {type: string}]}
        formed: {type: string, anyOf: [{type: string, enum: [NEW, PAID]}, {type: string, maxLength: 20, format: email}]}
        at: {type: string}
        email: {type: string, format: email}
        url: {type: string, format: uri}
        uuid: {type: string, format: uuid}
        long: {type: string, minLength: 30}
        color: {type: string, pattern: '^#[0-9a-f]{6}$'}
        short: {type: string, maxLength: 4, minLength: 2}
        currency: {type: string, minLength: 3, maxLength: 3}
        metadata: {type: object}
        card: {type: object, x-record-numbers: replace, properties: {month: {type: integer}, old: {type: array, items: {type: integer}}}}
        lines: {type: array, items: {$ref: '#/components/schemas/Order'}}
`

func newRecorder(t testing.TB, rt http.RoundTripper, opts ...record.Option) *record.Recorder {
	t.Helper()
	rec, err := record.New([]byte(spec), append([]record.Option{record.WithTransport(rt)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

type entry struct {
	StartedDateTime string
	Time            float64
	Request         struct {
		Method, URL string
		Headers     []struct{ Name, Value string }
		PostData    struct{ MimeType, Text string }
	}
	Response struct {
		Status  int
		Headers []struct{ Name, Value string }
		Content struct{ MimeType, Text string }
	}
	Timings     struct{ Wait, Receive float64 }
	OperationID string            `json:"_operationId"`
	Attempt     int               `json:"_attempt"`
	NotRecorded map[string]string `json:"_notRecorded"`
	Error       string            `json:"_error"`
}

func entries(t testing.TB, rec *record.Recorder) (list []entry, text string) {
	t.Helper()
	var b strings.Builder
	if _, err := rec.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	var har struct{ Log struct{ Entries []entry } }
	if err := json.Unmarshal([]byte(b.String()), &har); err != nil {
		t.Fatal(err)
	}
	return har.Log.Entries, b.String()
}

// function is a transport.
type function func(*http.Request) (*http.Response, error)

func (f function) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, body string, header ...string) function {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(header); i += 2 {
			h[header[i]] = []string{header[i+1]}
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r, ProtoMajor: 1}, nil
	}
}

func request(t testing.TB, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://merchant-7.internal.example:8443/orders/o-1?state=new", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

// exchange sends a request and returns the body of the response.
func exchange(t testing.TB, rt http.RoundTripper, r *http.Request) string {
	t.Helper()
	resp, err := rt.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCallsAreNotDisturbed(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		rt   function
		want string
		err  error
	}{
		"error": {func(*http.Request) (*http.Response, error) { return nil, broken }, "", broken},
		"broken body": {func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.MultiReader(strings.NewReader("start"), iotest.ErrReader(broken))), Request: r}, nil
		}, "start", broken},
		"larger than caps": {respond(200, strings.Repeat("x", 10_000)), strings.Repeat("x", 10_000), nil},
		"strange header":   {respond(200, "{}", "", "x", "Content-Type", "\x00"), "{}", nil},
		"echo": {func(r *http.Request) (*http.Response, error) {
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			return respond(200, string(b))(&http.Request{})
		}, `{"amount":1}`, nil},
	} {
		rec := newRecorder(t, test.rt, record.WithMaxBody(100))
		r := request(t, strings.NewReader(`{"amount":1}`))
		before := *r
		resp, err := rec.RoundTrip(r)
		var got []byte
		if err == nil {
			if resp.Request != nil && name != "echo" && resp.Request != r {
				t.Errorf("%s: the response is of another request", name)
			}
			got, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %.40q and %v, want %.40q and %v", name, got, err, test.want, test.err)
		}
		if r.Body != before.Body || r.URL != before.URL || fmt.Sprint(r.Header) != fmt.Sprint(before.Header) {
			t.Errorf("%s: the request was changed", name)
		}
	}
}

// TestTraceReachesTheTransport: the proof that nothing was sent rests on it.
func TestTraceReachesTheTransport(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	t.Cleanup(srv.Close)
	tr := &http.Transport{}
	rec := newRecorder(t, tr)
	t.Cleanup(rec.CloseIdleConnections)
	got := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if !i.Reused {
			got++
		}
	}})
	for range 2 {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/orders/1", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, rec, r)
		rec.CloseIdleConnections()
	}
	if got != 2 {
		t.Errorf("%d new connections were reported, want 2: one before and one after CloseIdleConnections", got)
	}
}

func TestFailuresAreRecordedWithoutTheirText(t *testing.T) {
	for want, err := range map[string]error{
		"canceled": context.Canceled, "timeout": fmt.Errorf("secret: %w", context.DeadlineExceeded), "connection": errors.New("dial secret"),
	} {
		rec := newRecorder(t, function(func(*http.Request) (*http.Response, error) { return nil, err }))
		if _, got := rec.RoundTrip(request(t, strings.NewReader(`{"amount":5}`))); !errors.Is(got, err) {
			t.Errorf("got %v, want %v", got, err)
		}
		list, text := entries(t, rec)
		if list[0].Error != want || list[0].Response.Status != 0 || strings.Contains(text, "secret") {
			t.Errorf("got %q with status %d, want %q with 0: %s", list[0].Error, list[0].Response.Status, want, text)
		}
	}
}

// TestUnsentBodiesAreNoted: a request whose body did not leave is not taken for one with an
// empty or a short body.
func TestUnsentBodiesAreNoted(t *testing.T) {
	lost := errors.New("connection refused")
	for name, c := range map[string]struct {
		read int64
		size int64
		want string
	}{"nothing": {0, 12, "it was not sent to its end"}, "a part": {5, 12, "it was not sent to its end"}, "all of an unknown length": {100, -1, ""}, "all of a known length": {12, 12, ""}} {
		rec := newRecorder(t, function(func(r *http.Request) (*http.Response, error) {
			_, _ = io.CopyN(io.Discard, r.Body, c.read)
			return nil, lost
		}))
		r := request(t, strings.NewReader(`{"amount":5}`))
		r.ContentLength = c.size
		if _, err := rec.RoundTrip(r); !errors.Is(err, lost) {
			t.Errorf("%s: got %v, want %v", name, err, lost)
		}
		list, _ := entries(t, rec)
		if got := list[0].NotRecorded["request"]; got != c.want || (list[0].Request.PostData.Text == "") != (c.want != "") {
			t.Errorf("%s: got %q and the body %q, want %q", name, got, list[0].Request.PostData.Text, c.want)
		}
	}
}

func TestUnfinishedResponses(t *testing.T) {
	rec := newRecorder(t, respond(200, `{"id":"secret","at":"x"}`))
	resp, err := rec.RoundTrip(request(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = resp.Body.Read(make([]byte, 5))
	if list, text := entries(t, rec); list[0].Response.Status != 200 || strings.Contains(text, "secret") {
		t.Errorf("while it is read: %s", text)
	}
	_ = resp.Body.Close()
	if list, _ := entries(t, rec); list[0].NotRecorded["response"] != "it was not read to its end" {
		t.Errorf("after Close: %v", list[0].NotRecorded)
	}
}

func TestRequestsBeyondTheLimitAreCounted(t *testing.T) {
	rec := newRecorder(t, respond(200, `{}`), record.WithMaxEntries(2))
	for range 5 {
		exchange(t, rec, request(t, nil))
	}
	list, text := entries(t, rec)
	if len(list) != 2 || rec.LeftOut() != 3 || !strings.Contains(text, `"_leftOut": 3`) {
		t.Errorf("%d recorded and %d left out, want 2 and 3", len(list), rec.LeftOut())
	}
}

func TestAttemptsAndTimes(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	status := 503
	rec := newRecorder(t, function(func(r *http.Request) (*http.Response, error) { return respond(status, `{}`)(r) }),
		record.WithClock(func() time.Time { at = at.Add(10 * time.Millisecond); return at }), record.WithRandom(strings.NewReader(strings.Repeat("k", 32))))
	for _, status = range []int{503, 503, 200, 200} {
		exchange(t, rec, request(t, nil))
	}
	list, _ := entries(t, rec)
	for i, want := range []int{1, 2, 3, 1} {
		if list[i].Attempt != want || list[i].OperationID != "createOrder" {
			t.Errorf("request %d: attempt %d of %q, want %d of createOrder", i+1, list[i].Attempt, list[i].OperationID, want)
		}
	}
	if e := list[0]; e.StartedDateTime != "2026-01-02T03:04:05.010Z" || e.Time != 20 || e.Timings.Wait != 10 || e.Timings.Receive != 10 {
		t.Errorf("times: %+v", e)
	}
}

func TestHeadersAreAllowed(t *testing.T) {
	rec := newRecorder(t, respond(200, `{}`, "Date", "Fri, 02 Jan 2026 03:04:05 GMT", "Retry-After", "30", "Set-Cookie", "secret", "X-New", "secret", "x-request-id", "secret"))
	r := request(t, nil)
	for name, value := range map[string]string{"X-PAY-Key": "secret", "authorization": "secret", "Cookie": "secret", "x-tag": "secret-tag", "Idempotency-Key": "secret-key", "Retry-After": "secret"} {
		r.Header[name] = []string{value}
	}
	exchange(t, rec, r)
	list, text := entries(t, rec)
	want := "[{Content-Type application/json} {Idempotency-Key redacted-2} {x-tag redacted-3}] [{Content-Type application/json} {Date Fri, 02 Jan 2026 03:04:05 GMT} {Retry-After 30} {x-request-id redacted-4}]"
	if got := fmt.Sprint(list[0].Request.Headers, " ", list[0].Response.Headers); strings.ReplaceAll(got, "]  [", "] [") != want || strings.Contains(text, "secret") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConcurrentCalls(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	t.Cleanup(srv.Close)
	rec := newRecorder(t, &http.Transport{})
	t.Cleanup(rec.CloseIdleConnections)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for range 5 {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/orders/1", strings.NewReader(fmt.Sprintf(`{"id":"secret-%d"}`, i)))
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := rec.RoundTrip(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				_, _ = rec.WriteTo(io.Discard)
			}
		})
	}
	wg.Wait()
	list, text := entries(t, rec)
	if len(list) != 100 || strings.Contains(text, "secret") {
		t.Errorf("%d entries, want 100", len(list))
	}
	for _, e := range list {
		if e.Request.PostData.Text != e.Response.Content.Text || e.Response.Content.Text == "" {
			t.Errorf("request %s, response %s: want equal placeholders", e.Request.PostData.Text, e.Response.Content.Text)
		}
	}
}

func TestInvalidOptionsAreRefused(t *testing.T) {
	for name, opts := range map[string][]record.Option{
		"nil option": {nil}, "nil transport": {record.WithTransport(nil)}, "nil clock": {record.WithClock(nil)}, "nil random": {record.WithRandom(nil)},
		"short random": {record.WithRandom(strings.NewReader("short"))}, "no body": {record.WithMaxBody(0)}, "no entries": {record.WithMaxEntries(0)},
	} {
		if _, err := record.New([]byte(spec), opts...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, text := range []string{"", "{}", "openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}", "\x00"} {
		if _, err := record.New([]byte(text)); err == nil {
			t.Errorf("spec %q: no error", text)
		}
	}
}

// TestHostileBodiesCostLittle: the caller of a client waits for the recorder.
func TestHostileBodiesCostLittle(t *testing.T) {
	unit := `{"id":"a","email":"b@c.example","lines":[{"color":"#000001","lines":[{"lines":[]}]}]},`
	body := `{"lines":[` + strings.TrimSuffix(strings.Repeat(unit, (128<<10)/len(unit)), ",") + `]}`
	rec := newRecorder(t, respond(200, body))
	start := time.Now()
	exchange(t, rec, request(t, nil))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("recording 128 KiB took %v", took)
	}
	if list, _ := entries(t, rec); len(list[0].NotRecorded) > 0 {
		t.Errorf("not recorded: %v", list[0].NotRecorded)
	}
}
