package petstore_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

// doerFunc is an HTTP client without a network.
type doerFunc func(*http.Request) (*http.Response, error)

func (d doerFunc) Do(r *http.Request) (*http.Response, error) { return d(r) }

// newClientWithDoer returns a client that sends its requests through next.
func newClientWithDoer(t *testing.T, next catalog.HTTPDoer) *petstore.ClientWithResponses {
	t.Helper()
	c, err := petstore.NewClientWithResponses("http://store.test", petstore.WithHTTPClient(petstore.ErrorDoer(next)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// endlessBody is a body that never ends. It counts the bytes read from it.
type endlessBody struct{ read, closed int }

func (e *endlessBody) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func (e *endlessBody) Close() error { e.closed++; return nil }

func TestReadsAreBounded(t *testing.T) {
	for status, most := range map[int]int{500: 17 << 10, 200: 17 << 20} {
		body := &endlessBody{}
		c := newClientWithDoer(t, doerFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, nil
		}))
		e := apiError(t, operations(t, c)["getPet"])
		if body.read > most {
			t.Errorf("status %d: %d bytes were read, want at most %d", status, body.read, most)
		}
		if body.closed == 0 {
			t.Errorf("status %d: the body was not closed", status)
		}
		if len(e.RawBody) != 16<<10 {
			t.Errorf("status %d: RawBody has %d bytes, want %d", status, len(e.RawBody), 16<<10)
		}
		if !e.Truncated {
			t.Errorf("status %d: Truncated is false", status)
		}
	}
}

func TestMaxBody(t *testing.T) {
	d := petstore.ErrorDoer(doerFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"id":"1","name":"x"}`))}, nil
	}))
	d.MaxBody = 10
	c, err := petstore.NewClientWithResponses("http://store.test", petstore.WithHTTPClient(d))
	if err != nil {
		t.Fatal(err)
	}
	if e, want := apiError(t, operations(t, c)["getPet"]), "larger than 10 bytes"; !strings.Contains(e.Error(), want) {
		t.Errorf("got %q, want a text with %q", e.Error(), want)
	}
}

func TestStreamsPassThrough(t *testing.T) {
	body := &endlessBody{}
	c := newClientWithDoer(t, doerFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/csv"}}, Body: body}, nil
	}))
	resp, err := c.ClientInterface.ExportPets(t.Context())
	if err != nil {
		t.Fatalf("got error %v, want a success", err)
	}
	if resp.Body != body {
		t.Errorf("the body was replaced by a %T", resp.Body)
	}
	if body.read != 0 {
		t.Errorf("%d bytes of the body were read, want 0", body.read)
	}
	_ = resp.Body.Close()
}

func TestCanceledWrite(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the server notices a closed connection only after it has read the request
		cancel()
		<-r.Context().Done()
	}))
	_, err := c.CreatePetWithResponse(ctx, petstore.NewPet{Name: "Rex"})
	e := apiError(t, func() error { return err })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not match context.Canceled", err)
	}
	if e.Operation != "createPet" {
		t.Errorf("Operation: got %q, want createPet", e.Operation)
	}
	if e.Outcome() != apierr.OutcomeUnknown {
		t.Errorf("Outcome: got %s, want unknown", e.Outcome())
	}
	if e.StatusCode != 0 {
		t.Errorf("StatusCode: got %d, want 0", e.StatusCode)
	}
	if got, want := e.Resolution(), "List the pets, and create the pet again if it is missing."; got != want {
		t.Errorf("Resolution: got %q, want that of the operation, %q", got, want)
	}
}

func TestServerIsNotReachable(t *testing.T) {
	gone := httptest.NewServer(response{})
	gone.Close()
	c, err := petstore.NewClientWithResponses(gone.URL, petstore.WithHTTPClient(petstore.ErrorDoer((*http.Client)(nil))))
	if err != nil {
		t.Fatal(err)
	}
	e := apiError(t, operations(t, c)["createPet"])
	var dial *net.OpError
	if !errors.As(e, &dial) {
		t.Errorf("%v does not wrap a *net.OpError", e)
	}
	if e.Outcome() != apierr.OutcomeNotApplied {
		t.Errorf("Outcome: got %s, want failed: nothing was sent", e.Outcome())
	}
	if !errors.Is(e, apierr.ErrUnavailable) {
		t.Errorf("category: got %s, want unavailable", string(e.Category()))
	}

	req := httptest.NewRequest(http.MethodGet, gone.URL+"/pets?token=secret", nil)
	req.RequestURI = "" // set by NewRequest, and not permitted in a client's request
	err = closeBody(petstore.ErrorDoer(nil).Do(req))
	if !errors.As(err, &dial) {
		t.Errorf("%v does not wrap a *net.OpError", err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the text contains the query: %q", err.Error())
	}
}

func TestDoerWithoutAResponse(t *testing.T) {
	c := newClientWithDoer(t, doerFunc(func(*http.Request) (*http.Response, error) { return nil, nil }))
	e := apiError(t, operations(t, c)["getPet"])
	if e.Unwrap() == nil {
		t.Errorf("%v has no cause", e)
	}
	if e.Outcome() != apierr.OutcomeNotApplied {
		t.Errorf("Outcome: got %s, want failed", e.Outcome())
	}
}

func TestNestedDoers(t *testing.T) {
	inner := petstore.ErrorDoer(doerFunc(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }))
	e := apiError(t, operations(t, newClientWithDoer(t, inner))["createPet"])
	if e.Operation != "createPet" {
		t.Errorf("Operation: got %q, want createPet", e.Operation)
	}
	if !errors.Is(e, io.ErrUnexpectedEOF) {
		t.Errorf("%v does not match io.ErrUnexpectedEOF", e)
	}
}

// cutResponse is a handler that closes the connection before the announced end of the body.
func cutResponse(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		fmt.Fprintf(buf, "HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n%s", status, body)
		_ = buf.Flush()
	})
}

func TestCutResponses(t *testing.T) {
	call := func(operation string, status int, body string) *apierr.Error {
		return apiError(t, operations(t, newClient(t, cutResponse(status, body)))[operation])
	}
	e := call("createPet", 201, `{"id":"1"`)
	if e.Outcome() != apierr.OutcomeUnknown {
		t.Errorf("success of a write: got outcome %s, want unknown", e.Outcome())
	}
	if e.StatusCode != 201 {
		t.Errorf("success of a write: got status %d, want 201", e.StatusCode)
	}
	if !errors.Is(e, io.ErrUnexpectedEOF) {
		t.Errorf("success of a write: %v does not match io.ErrUnexpectedEOF", e)
	}
	if !e.Truncated {
		t.Error("success of a write: Truncated is false")
	}
	if string(e.RawBody) != `{"id":"1"` {
		t.Errorf("success of a write: got RawBody %q", e.RawBody)
	}

	e = call("getPet", 200, `{"id":"1"`)
	if e.Outcome() != apierr.OutcomeNotApplied {
		t.Errorf("success of a read: got outcome %s, want failed", e.Outcome())
	}
	if e.Advice() != apierr.AdviceBackoff {
		t.Errorf("success of a read: got advice %s, want backoff", e.Advice())
	}

	e = call("deletePet", 409, `{"error":{"code":"PET_SOLD"}`)
	if !errors.Is(e, petstore.ErrPetSold) {
		t.Errorf("failure: got %v, want PET_SOLD", e)
	}
	if !e.Truncated {
		t.Error("failure: Truncated is false")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var followed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	t.Cleanup(other.Close)
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/?token=secret", http.StatusFound)
	}))
	e := apiError(t, operations(t, c)["createPet"])
	if followed.Load() {
		t.Error("the redirect was followed")
	}
	if e.StatusCode != 302 {
		t.Errorf("StatusCode: got %d, want 302", e.StatusCode)
	}
	if want := "redirects to 127.0.0.1"; !strings.Contains(e.Error(), want) {
		t.Errorf("got %q, want a text with %q", e.Error(), want)
	}
	if strings.Contains(e.Error(), "secret") {
		t.Errorf("the text contains the query: %q", e.Error())
	}
}

func TestErrorTextHasNoSecrets(t *testing.T) {
	secret := "hunter2"
	body := fmt.Sprintf(`{"error":{"code":"PET_SOLD","message":%q,"param":%q,"fields":{"x":{"text":%q}}}}`, secret, secret, secret)
	longCode := strings.Replace(body, "PET_SOLD", "A\nB\x1b[31m"+strings.Repeat("x", 1000), 1)
	for _, r := range []response{{409, "application/json", body}, {500, "text/html", secret}, {201, "text/html", secret}, {401, "application/json", longCode}} {
		e := respondTo(t, "createPet", r)
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("failed", "err", e)
		for _, text := range []string{e.Error(), fmt.Sprintf("%v %+v %#v %s %q", e, e, e, e, e), log.String()} {
			if strings.Contains(text, secret) {
				t.Errorf("status %d: the text contains a part of the body: %s", r.status, text)
			}
			if strings.Contains(text, "\x1b") {
				t.Errorf("status %d: the text contains a control character: %q", r.status, text)
			}
		}
		line := e.Error()
		if strings.Contains(line, "\n") {
			t.Errorf("status %d: the text has several lines: %q", r.status, line)
		}
		if len(line) > 400 {
			t.Errorf("status %d: the text has %d bytes, want at most 400: %q", r.status, len(line), line)
		}
		if want := "petstore createPet: "; !strings.HasPrefix(line, want) {
			t.Errorf("status %d: got %q, want the prefix %q", r.status, line, want)
		}
	}
}

func TestParseError(t *testing.T) {
	if e, failed := petstore.ParseError(200, nil, []byte(`{"id":"1"}`)); failed || e != nil {
		t.Errorf("success: got failed %v, error %v", failed, e)
	}
	e, failed := petstore.ParseError(404, nil, []byte("no such chip"))
	if !failed || !errors.Is(e, petstore.ChipUnknown) {
		t.Errorf("plain text: got failed %v, error %v; want CHIP_UNKNOWN", failed, e)
	}
	if e.Operation != "" {
		t.Errorf("plain text: got operation %q, want none", e.Operation)
	}
}

func TestParseErrorCopiesTheResponse(t *testing.T) {
	body := []byte(`{"error":{"code":"PET_SOLD"}}`)
	header := http.Header{"Set-Cookie": {"x"}, "X-Request-Id": {"r"}}
	e, _ := petstore.ParseError(409, header, body)
	body[0], header["X-Request-Id"][0] = 'x', "changed"
	if !errors.Is(e, petstore.ErrPetSold) {
		t.Errorf("got %v, want PET_SOLD", e)
	}
	if e.RawBody[0] != '{' {
		t.Errorf("RawBody changed with the response: %q", e.RawBody)
	}
	if got := e.Header.Get("X-Request-Id"); got != "r" {
		t.Errorf("Header changed with the response: got %q, want %q", got, "r")
	}
	if e.RequestID != "r" {
		t.Errorf("RequestID: got %q, want %q", e.RequestID, "r")
	}
	if header.Get("Set-Cookie") == "" {
		t.Error("ParseError removed the cookie from the caller's header")
	}
}

func TestOperationOfARequest(t *testing.T) {
	next := doerFunc(func(r *http.Request) (*http.Response, error) {
		return http.ReadResponse(bufio.NewReader(strings.NewReader("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n")), r)
	})
	for path, want := range map[string]string{
		"/pets": "listPets", "/a/b/pets": "listPets", "/pets/": "getPet", "/pets/export": "exportPets", "/v1/pets/a%2Fb": "getPet", "/": "", "/cats": "", "/pets/1/2": "",
	} {
		for _, method := range []string{http.MethodGet, ""} {
			req := httptest.NewRequest(http.MethodGet, "http://store.test"+path, nil)
			req.Method = method
			e := apiError(t, func() error { return closeBody(petstore.ErrorDoer(next).Do(req)) })
			if e.Operation != want {
				t.Errorf("%q %s: got operation %q, want %q", method, path, e.Operation, want)
			}
		}
	}
}

// TestStockClientOverTheTransport: a client with its default templates and an http.Client
// of its own finds codes by the transport alone.
func TestStockClientOverTheTransport(t *testing.T) {
	server := httptest.NewServer(response{200, "application/json", `{"result":{"status":"F","code":"HOME_REFUSED"}}`})
	t.Cleanup(server.Close)
	client := &http.Client{Transport: petstore.ErrorRoundTripper(nil)}
	c, err := petstore.NewClientWithResponses(server.URL+"/v1", petstore.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	if e := apiError(t, operations(t, c)["adoptPet"]); !errors.Is(e, petstore.ErrHomeRefused) || e.Operation != "adoptPet" {
		t.Errorf("got %v, want HOME_REFUSED", e)
	}
}
