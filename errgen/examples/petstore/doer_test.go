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
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// under returns a client over a doer, without a network.
func under(t *testing.T, next doer) *petstore.ClientWithResponses {
	t.Helper()
	c, err := petstore.NewClientWithResponses("http://store.test", petstore.WithHTTPClient(petstore.ErrorDoer(next)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// endless is a body that never ends and counts what is taken of it.
type endless struct{ taken, closed int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.taken += len(p)
	return len(p), nil
}

func (e *endless) Close() error { e.closed++; return nil }

func TestBoundedReads(t *testing.T) {
	for status, most := range map[int]int{500: 17 << 10, 200: 17 << 20} {
		body := &endless{}
		c := under(t, func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}, nil
		})
		e := failure(t, calls(t, c)["getPet"])
		if body.taken > most || body.closed == 0 || len(e.RawBody) != 16<<10 || !e.Truncated {
			t.Errorf("%d: read %d bytes, kept %d, closed %d times", status, body.taken, len(e.RawBody), body.closed)
		}
	}
	small := petstore.ErrorDoer(doer(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"id":"1","name":"x"}`))}, nil
	}))
	small.MaxBody = 10
	c, err := petstore.NewClientWithResponses("http://store.test", petstore.WithHTTPClient(small))
	if err != nil {
		t.Fatal(err)
	}
	if e := failure(t, calls(t, c)["getPet"]); !strings.Contains(e.Error(), "larger than 10 bytes") {
		t.Error(e)
	}
}

func TestStreamsPassThrough(t *testing.T) {
	body := &endless{}
	c := under(t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/csv"}}, Body: body}, nil
	})
	resp, err := c.ClientInterface.ExportPets(t.Context())
	if err != nil || resp.Body != body || body.taken != 0 {
		t.Fatalf("the body of an operation without JSON was touched: %v", err)
	}
	_ = resp.Body.Close()
}

func TestNoAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := client(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server sees that its client is gone once it has read the request
		cancel()
		<-r.Context().Done()
	}))
	_, err := c.CreatePetWithResponse(ctx, petstore.NewPet{Name: "Rex"})
	e := failure(t, func() error { return err })
	if !errors.Is(err, context.Canceled) || e.Operation != "createPet" || e.Outcome() != apierr.OutcomeUnknown || e.StatusCode != 0 {
		t.Errorf("a cancelled write: %v", err)
	}
	if e.Resolution() != "List the pets before you bring it again." {
		t.Errorf("the operation's own words are lost: %s", e.Resolution())
	}

	gone := httptest.NewServer(answer{})
	gone.Close()
	c, err = petstore.NewClientWithResponses(gone.URL, petstore.WithHTTPClient(petstore.ErrorDoer((*http.Client)(nil))))
	if err != nil {
		t.Fatal(err)
	}
	e = failure(t, calls(t, c)["createPet"])
	var dial *net.OpError
	if !errors.As(e, &dial) || e.Outcome() != apierr.OutcomeNotApplied || !errors.Is(e, apierr.ErrUnavailable) {
		t.Errorf("a server that is not there: %v", e)
	}
	req := httptest.NewRequest(http.MethodGet, gone.URL+"/pets?token=secret", nil)
	req.RequestURI = "" // what the recorder's requests have and a client's must not
	if err := closed(petstore.ErrorDoer(nil).Do(req)); !errors.As(err, &dial) || strings.Contains(err.Error(), "secret") {
		t.Errorf("the query is in the text: %v", err)
	}
	none := under(t, func(*http.Request) (*http.Response, error) { return nil, nil })
	if e := failure(t, calls(t, none)["getPet"]); e.Unwrap() == nil || e.Outcome() != apierr.OutcomeNotApplied {
		t.Errorf("a doer that returns nothing: %v", e)
	}
	nested := under(t, petstore.ErrorDoer(doer(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })).Do)
	if e := failure(t, calls(t, nested)["createPet"]); e.Operation != "createPet" || !errors.Is(e, io.ErrUnexpectedEOF) {
		t.Errorf("a doer under a doer: %v", e)
	}
}

// cut answers with less than it promised.
func cut(status int, body string) http.Handler {
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

func TestCutAnswers(t *testing.T) {
	c := calls(t, client(t, cut(201, `{"id":"1"`)))
	e := failure(t, c["createPet"])
	if e.Outcome() != apierr.OutcomeUnknown || e.StatusCode != 201 || !errors.Is(e, io.ErrUnexpectedEOF) || !e.Truncated || string(e.RawBody) != `{"id":"1"` {
		t.Errorf("a cut success of a write: %v", e)
	}
	c = calls(t, client(t, cut(200, `{"id":"1"`)))
	if e := failure(t, c["getPet"]); e.Outcome() != apierr.OutcomeNotApplied || e.Advice() != apierr.AdviceBackoff {
		t.Errorf("a cut success of a read: %v", e)
	}
	c = calls(t, client(t, cut(409, `{"error":{"code":"PET_SOLD"}`)))
	if e := failure(t, c["deletePet"]); !errors.Is(e, petstore.ErrPetSold) || !e.Truncated {
		t.Errorf("a cut refusal: %v", e)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(other.Close)
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/?token=secret", http.StatusFound)
	}))
	e := failure(t, calls(t, c)["createPet"])
	if asked || e.StatusCode != 302 || !strings.Contains(e.Error(), "redirects to 127.0.0.1") || strings.Contains(e.Error(), "secret") {
		t.Errorf("asked %v: %v", asked, e)
	}
}

func TestTextIsSafe(t *testing.T) {
	secret := "hunter2"
	body := fmt.Sprintf(`{"error":{"code":"PET_SOLD","message":%q,"param":%q,"fields":{"x":{"text":%q}}}}`, secret, secret, secret)
	for _, a := range []answer{{409, "application/json", body}, {500, "text/html", secret}, {201, "text/html", secret}, {401, "application/json", strings.Replace(body, "PET_SOLD", "A\nB\x1b[31m"+strings.Repeat("x", 1000), 1)}} {
		e := failure(t, calls(t, client(t, a))["createPet"])
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("failed", "err", e)
		for _, text := range []string{e.Error(), fmt.Sprintf("%v %+v %#v %s %q", e, e, e, e, e), log.String()} {
			if strings.Contains(text, secret) || strings.Contains(text, "\x1b") {
				t.Errorf("%d: %s", a.status, text)
			}
		}
		if line := e.Error(); strings.Contains(line, "\n") || len(line) > 400 || !strings.HasPrefix(line, "petstore createPet: ") {
			t.Errorf("%d: %q", a.status, line)
		}
	}
}

func TestParse(t *testing.T) {
	if e, failed := petstore.ParseError(200, nil, []byte(`{"id":"1"}`)); failed || e != nil {
		t.Errorf("a success: %v", e)
	}
	e, failed := petstore.ParseError(404, nil, []byte("no such chip"))
	if !failed || !errors.Is(e, petstore.ChipUnknown) || e.Operation != "" {
		t.Errorf("a text: %v", e)
	}
	body := []byte(`{"error":{"code":"PET_SOLD"}}`)
	header := http.Header{"Set-Cookie": {"x"}, "X-Request-Id": {"r"}}
	e, _ = petstore.ParseError(409, header, body)
	body[0], header["X-Request-Id"][0] = 'x', "changed"
	if !errors.Is(e, petstore.ErrPetSold) || e.RawBody[0] != '{' || e.Header.Get("X-Request-Id") != "r" || e.RequestID != "r" || header.Get("Set-Cookie") == "" {
		t.Errorf("the error and its source share memory: %v %s", e, e.RawBody)
	}
}

func TestOddRequests(t *testing.T) {
	next := doer(func(r *http.Request) (*http.Response, error) {
		return http.ReadResponse(bufio.NewReader(strings.NewReader("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n")), r)
	})
	for path, want := range map[string]string{
		"/pets": "listPets", "/a/b/pets": "listPets", "/pets/": "getPet", "/pets/export": "exportPets", "/v1/pets/a%2Fb": "getPet", "/": "", "/cats": "", "/pets/1/2": "",
	} {
		for _, method := range []string{http.MethodGet, ""} {
			req := httptest.NewRequest(http.MethodGet, "http://store.test"+path, nil)
			req.Method = method
			e := failure(t, func() error { return closed(petstore.ErrorDoer(next).Do(req)) })
			if e.Operation != want {
				t.Errorf("%q %s: %v, want %q", method, path, e, want)
			}
		}
	}
}
