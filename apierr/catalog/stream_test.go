package catalog_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
)

// plain is an API whose successes carry no failures.
func plain() *catalog.Catalog {
	c := demo()
	c.Envelopes[0].Success = ""
	c.Envelopes = c.Envelopes[:1]
	c.Operations = []catalog.Operation{
		{ID: "list", Method: "GET", Path: "/list", Successes: []catalog.Success{{Status: 200, JSON: true}}, Shapes: []catalog.Shape{{}}},
		{ID: "pay", Method: "POST", Path: "/pay", Class: "keyless", Successes: []catalog.Success{{Status: 200, JSON: true}, {Status: 303}}, Shapes: []catalog.Shape{{}}},
		{ID: "file", Method: "GET", Path: "/file", Successes: []catalog.Success{{Status: 200}, {Status: 302}, {Status: 304}, {Status: 307}}, Shapes: []catalog.Shape{{}, {Status: 307}}},
		{ID: "any", Method: "GET", Path: "/any", Successes: []catalog.Success{{Status: 3}}, Shapes: []catalog.Shape{{}}},
		{ID: "broad", Method: "GET", Path: "/broad", Successes: []catalog.Success{{Status: 301}}, Shapes: []catalog.Shape{{Status: 3}}},
	}
	return c
}

// get sends a request and reads the response to its end.
func get(client catalog.HTTPDoer, method, url string, header ...string) (status int, body string, err error) {
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		return 0, "", err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// TestDeclaredRedirectsAreNotFailures: the doer returns a 3xx that the spec declares
// without an error body, and an http.Client above the transport follows it.
func TestDeclaredRedirectsAreNotFailures(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			_, _ = io.WriteString(w, "content")
			return
		}
		var status int
		_, _ = fmt.Sscan(r.URL.RawQuery, &status)
		if status != 304 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	above := &http.Client{Transport: plain().RoundTripper(nil)}
	for _, tt := range []struct {
		path     string
		header   []string
		status   int // of the doer; 0 for a failure
		followed bool
	}{
		{"/file?302", nil, 302, true},
		{"/file?303", nil, 0, false}, // not declared
		{"/file?307", nil, 0, false}, // declared with an error body
		{"/broad?301", nil, 0, false},
		{"/any?308", nil, 308, true},
		{"/other?302", nil, 0, false},
		{"/file?304", nil, 304, false},
		{"/any?304", nil, 304, false},
		{"/list?304", nil, 0, false},
		{"/list?304", []string{"If-None-Match", `"1"`}, 304, false},
		{"/list?304", []string{"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}, 304, false},
	} {
		status, _, err := get(plain().Doer(nil), http.MethodGet, server.URL+tt.path, tt.header...)
		if status != tt.status || (err != nil) != (tt.status == 0) {
			t.Errorf("%s %v: the doer returns %d, %v; want %d", tt.path, tt.header, status, err, tt.status)
		}
		want := tt.status
		if tt.followed {
			want = 200
		}
		status, body, err := get(above, http.MethodGet, server.URL+tt.path, tt.header...)
		if _, typed := errors.AsType[*apierr.Error](err); status != want || typed != (tt.status == 0) || (body == "content") != tt.followed {
			t.Errorf("%s %v: the client above the transport returns %d %q, %v; want %d", tt.path, tt.header, status, body, err, want)
		}
	}
}

// TestHeadOfADeclaredRedirect: HEAD has the responses of GET.
func TestHeadOfADeclaredRedirect(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }))
	t.Cleanup(server.Close)
	if status, _, err := get(plain().Doer(nil), http.MethodHead, server.URL+"/file"); status != 304 || err != nil {
		t.Errorf("got %d, %v; want 304", status, err)
	}
}

// TestFailureAfterARedirectedWrite: an http.Client above the transport turns a POST
// into a GET. What the GET gets says nothing about the POST.
func TestFailureAfterARedirectedWrite(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/pay" {
			http.Redirect(w, r, "/result", http.StatusSeeOther)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	_, _, err := get(&http.Client{Transport: plain().RoundTripper(nil)}, http.MethodPost, server.URL+"/pay")
	if e := failed(t, nil, err); e.StatusCode != 404 || e.Outcome() != apierr.OutcomeUnknown {
		t.Errorf("got status %d, outcome %s; want 404, unknown", e.StatusCode, e.Outcome())
	}
	_, _, err = get(&http.Client{Transport: plain().RoundTripper(nil)}, http.MethodGet, server.URL+"/list")
	if e := failed(t, nil, err); e.Outcome() != apierr.OutcomeNotApplied {
		t.Errorf("without a redirect: got outcome %s, want failed", e.Outcome())
	}
}

// TestUpgradeIsPassedOn: a request with an Upgrade header gets the connection.
func TestUpgradeIsPassedOn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello")
		_ = rw.Flush()
	}))
	t.Cleanup(server.Close)
	client := &http.Client{Transport: plain().RoundTripper(nil)}
	if status, body, err := get(client, http.MethodGet, server.URL+"/list", "Connection", "Upgrade", "Upgrade", "echo"); status != 101 || body != "hello" || err != nil {
		t.Errorf("got %d %q, %v; want 101 hello", status, body, err)
	}
	_, _, err := get(client, http.MethodGet, server.URL+"/list")
	if e := failed(t, nil, err); e.StatusCode != 101 {
		t.Errorf("without Upgrade: got %v, want an error", e)
	}
}

// TestFirstBytesArriveBeforeTheHandlerEnds: over a socket, the beginning of a stream, a
// download and a JSON body that carries no failure reach the caller while the server
// still sends.
func TestFirstBytesArriveBeforeTheHandlerEnds(t *testing.T) {
	for _, tt := range []struct {
		name, media, accept, first, rest string
		unchecked                        bool
		c                                *catalog.Catalog
		path                             string
	}{
		{"events", "text/event-stream", "", "data: 1\n\n", "data: 2\n\n", false, demo(), "/gate"},
		{"events instead of declared JSON", "text/event-stream; charset=utf-8", "text/event-stream", "data: 1\n\n", "data: 2\n\n", false, demo(), "/charges/7"},
		{"a download", "application/octet-stream", "", "\x00\x01", "\x02", false, demo(), "/gate"},
		{"JSON that carries no failure", "application/json", "", `[{"id":1},`, `{"id":2}]`, false, plain(), "/list"},
		{"JSON after a byte order mark", "", "", "\ufeff[1,", "2]", false, plain(), "/list"},
		{"JSON that may carry a failure, unchecked", "application/json", "", `{"id":1`, `}`, true, demo(), "/charges/7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			received := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", tt.media)
				_, _ = io.WriteString(w, tt.first)
				_ = http.NewResponseController(w).Flush()
				select {
				case <-received:
					_, _ = io.WriteString(w, tt.rest)
				case <-r.Context().Done(): // the caller waits for the end
				}
			}))
			t.Cleanup(server.Close)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			rt := tt.c.RoundTripper(nil)
			rt.Unchecked = tt.unchecked
			d := tt.c.Doer(nil)
			d.Unchecked = tt.unchecked
			for kind, client := range map[string]catalog.HTTPDoer{"transport": &http.Client{Transport: rt}, "doer": d} {
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+tt.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if tt.accept != "" {
					req.Header.Set("Accept", tt.accept)
				}
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				first := make([]byte, len(strings.TrimPrefix(tt.first, "\ufeff")))
				if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != strings.TrimPrefix(tt.first, "\ufeff") {
					t.Fatalf("%s: got %q, %v; want %q while the handler runs", kind, first, err, tt.first)
				}
				received <- struct{}{}
				rest, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || string(rest) != tt.rest {
					t.Errorf("%s: got %q, %v; want %q", kind, rest, err, tt.rest)
				}
			}
		})
	}
}

// TestJSONIsCheckedWhileItIsRead: a body that begins as JSON and is not valid ends with
// an error of the same type, when the caller reads that far.
func TestJSONIsCheckedWhileItIsRead(t *testing.T) {
	long := `["` + strings.Repeat("x", 2000)
	for _, tt := range []struct {
		name, body string
		end        error  // after the body; nil is io.EOF
		at         string // where the error is: do, read or none
		want       string
	}{
		{"valid", long + `"]`, nil, "none", ""},
		{"valid, with white space", " \n" + long + `"] `, nil, "none", ""},
		{"valid, after a byte order mark", "\ufeff" + long + `"]`, nil, "none", ""},
		{"empty", "", nil, "do", "is empty"},
		{"blank", " \n ", nil, "do", "is empty"},
		{"a long blank", strings.Repeat(" ", 2000), nil, "read", "is empty"},
		{"a page", "<html>", nil, "do", "not valid JSON"},
		{"cut", `{"id":`, nil, "read", "not valid JSON"},
		{"cut later", long, nil, "read", "not valid JSON"},
		{"not JSON from its beginning", "<html>" + long, nil, "do", "not valid JSON"},
		{"a second document", long + `"] {}`, nil, "read", "not valid JSON"},
		{"a broken connection", `{"id":`, io.ErrUnexpectedEOF, "read", "connection broke"},
		{"a broken connection later", long, io.ErrUnexpectedEOF, "read", "connection broke"},
		{"too large", long + strings.Repeat("x", 2000), nil, "read", "larger than 3000 bytes"},
	} {
		for _, op := range []string{"GET /list", "POST /pay"} {
			body := &closer{Reader: strings.NewReader(tt.body)}
			if tt.end != nil {
				body.Reader = io.MultiReader(body.Reader, broken{})
			}
			d := plain().Doer(doer(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, ContentLength: int64(len(tt.body)), Header: http.Header{"Content-Length": {fmt.Sprint(len(tt.body))}}, Body: body}, nil
			}))
			d.MaxBody = 3000
			method, path, _ := strings.Cut(op, " ")
			resp, err := d.Do(httptest.NewRequest(method, "http://demo.test"+path, nil))
			at := "do"
			if err == nil {
				at = "read"
				var got []byte
				if got, err = io.ReadAll(resp.Body); err == nil {
					at = "none"
					want := strings.TrimPrefix(tt.body, "\ufeff")
					if string(got) != want || resp.ContentLength != int64(len(want)) || resp.Header.Get("Content-Length") != fmt.Sprint(len(want)) || resp.Header.Get("Content-Type") != "application/json" {
						t.Errorf("%s: %s: got %d bytes, length %d, header %v", op, tt.name, len(got), resp.ContentLength, resp.Header)
					}
				} else if _, again := resp.Body.Read(make([]byte, 1)); !errors.Is(again, err) {
					t.Errorf("%s: %s: the next read returns %v", op, tt.name, again)
				}
				_ = resp.Body.Close()
			}
			if at != tt.at {
				t.Errorf("%s: %s: got the error %v at %s, want it at %s", op, tt.name, err, at, tt.at)
			}
			if err != nil {
				want := apierr.OutcomeNotApplied
				if method == "POST" {
					want = apierr.OutcomeUnknown
				}
				if e := failed(t, resp, err); !strings.Contains(e.Error(), tt.want) || e.Outcome() != want || e.StatusCode != 200 || e.Operation == "" {
					t.Errorf("%s: %s: got %v, outcome %s; want %q, %s", op, tt.name, e, e.Outcome(), tt.want, want)
				}
			}
			if body.closed != 1 {
				t.Errorf("%s: %s: the body was closed %d times", op, tt.name, body.closed)
			}
		}
	}
}

// TestUncheckedSuccessesAreNotRead: with the switch, the body that the server sent is
// returned, and failures outside 2xx are still errors.
func TestUncheckedSuccessesAreNotRead(t *testing.T) {
	for status, fails := range map[int]bool{200: false, 201: false, 402: true} {
		body := &closer{Reader: strings.NewReader(`{"error":{"code":"DECLINED"}}`)}
		d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, nil
		}))
		d.Unchecked = true
		resp, err := charge(t, d)
		if (err != nil) != fails {
			t.Errorf("%d: got %v; fails is %v, want %v", status, err, err != nil, fails)
		}
		if err == nil && resp.Body != io.ReadCloser(body) {
			t.Errorf("%d: the body was replaced by a %T", status, resp.Body)
		}
	}
}

// TestEncodedBodiesAreRead: a caller that sets Accept-Encoding, as some client
// libraries do, gets codes too, and the encoded bytes of a success.
func TestEncodedBodiesAreRead(t *testing.T) {
	pack := func(encoding, text string) string {
		var b bytes.Buffer
		var w io.WriteCloser = gzip.NewWriter(&b)
		if encoding == "deflate" {
			w = zlib.NewWriter(&b)
		}
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return b.String()
	}
	const declined, fine = `{"error":{"code":"DECLINED"}}`, `{"id":"1"}`
	for _, encoding := range []string{"gzip", "GZIP", "deflate"} {
		for _, tt := range []struct {
			status int
			text   string
			cut    int
			want   error // nil for a success
		}{
			{402, declined, 0, code("DECLINED")}, {402, declined, 8, apierr.ErrDeclined}, {200, declined, 0, code("DECLINED")}, {200, fine, 0, nil}, {200, fine, 3, nil},
		} {
			packed := pack(strings.ToLower(encoding), tt.text)
			packed = packed[:len(packed)-tt.cut]
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Encoding", encoding)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, packed)
			}))
			_, body, err := get(&http.Client{Transport: demo().RoundTripper(nil)}, http.MethodPost, server.URL+"/charges", "Accept-Encoding", "gzip, deflate")
			server.Close()
			if tt.want == nil && (err != nil || body != packed) {
				t.Errorf("%s, %d %s: got %q, %v; want the bytes that were sent", encoding, tt.status, tt.text, body, err)
			}
			if tt.want != nil && !errors.Is(err, tt.want) && tt.cut == 0 {
				t.Errorf("%s, %d %s: got %v, want %v", encoding, tt.status, tt.text, err, tt.want)
			}
			if e, ok := errors.AsType[*apierr.Error](err); ok && (e.Truncated != (tt.cut > 0) || tt.cut == 0 && string(e.RawBody) != tt.text) {
				t.Errorf("%s, %d %s: got truncated %v, body %q", encoding, tt.status, tt.text, e.Truncated, e.RawBody)
			}
		}
	}
}

// TestMislabeledEncodingIsIgnored: an error body that is not encoded as its header says
// is read as it is.
func TestMislabeledEncodingIsIgnored(t *testing.T) {
	d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 402, Header: http.Header{"Content-Encoding": {"gzip"}}, Body: io.NopCloser(strings.NewReader(`{"error":{"code":"DECLINED"}}`))}, nil
	}))
	resp, err := charge(t, d)
	if e := failed(t, resp, err); !errors.Is(e, code("DECLINED")) {
		t.Errorf("got %v, want DECLINED", e)
	}
}

// TestDecodedBodiesAreBounded: a small body that decodes to a large one.
func TestDecodedBodiesAreBounded(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
	_ = w.Close()
	for _, status := range []int{200, 500} {
		d := demo().Doer(doer(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, Body: io.NopCloser(bytes.NewReader(b.Bytes()))}, nil
		}))
		d.MaxBody = 2000
		req := httptest.NewRequest(http.MethodPost, "http://demo.test/charges", nil)
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := d.Do(req)
		if e := failed(t, resp, err); !e.Truncated || len(e.RawBody) > catalog.MaxErrorBody {
			t.Errorf("%d: got truncated %v, %d bytes", status, e.Truncated, len(e.RawBody))
		}
	}
}

// idler counts how often its idle connections are closed.
type idler struct {
	http.RoundTripper
	closed int
}

func (i *idler) CloseIdleConnections() { i.closed++ }

func TestIdleConnectionsAreClosedBelow(t *testing.T) {
	below := &idler{}
	(&http.Client{Transport: demo().RoundTripper(below)}).CloseIdleConnections()
	if below.closed != 1 {
		t.Errorf("got %d calls, want 1", below.closed)
	}
	(&http.Client{Transport: demo().RoundTripper(transport(nil))}).CloseIdleConnections() // has no such method
}
