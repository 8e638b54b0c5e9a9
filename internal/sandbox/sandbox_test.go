package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/specpay/specpay/internal/sandbox"
)

// acme is a provider with three operations.
type acme struct {
	*sandbox.Handle
	core   *sandbox.Sandbox
	config *sandbox.ConfigStore[acmeConfig]
	resets int
}

type acmeConfig struct {
	Size   string `json:"size"`
	Strict bool   `json:"strict"`
}

type widget struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

func open(t *testing.T, settings sandbox.Settings) *acme {
	t.Helper()
	a := &acme{}
	var err error
	a.config, err = sandbox.NewConfigStore(acmeConfig{Size: "small"}, func(c acmeConfig) error {
		if c.Size == "" {
			return &sandbox.InputError{Detail: "size is empty", Known: []string{"large", "small"}}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	a.core, err = sandbox.New(sandbox.Provider{
		Name: "acme", Operations: a.operations(), Codes: acmeCodes(), ErrorResponse: errorResponse,
		Guesses: acmeRules,
		Pay:     a.pay, Config: a.config, Reset: func() { a.resets++ }, CodeStatus: 418,
	}, settings)
	if err != nil {
		t.Fatal(err)
	}
	if a.Handle, err = a.core.Open("127.0.0.1:0", t); err != nil {
		t.Fatal(err)
	}
	return a
}

const acmeRules = `# Rules

## Documented

### A page

- widgets have a size (config: ` + "`size`, `color`" + `)

## Seen live

No rule.

## Guess

### None

- widgets are round

## Settings

- ` + "`speed`" + `: how fast the test is
`

func acmeCodes() []sandbox.Code {
	return []sandbox.Code{
		{Value: "GONE", Name: "ErrGone", Statuses: []int{410, 404}, Body: `{"error":"GONE"}`},
		{Value: "ODD", Name: "ErrOdd", Body: `odd`},
		{Value: "BAD_LOGIN", Name: "ErrBadLogin", Statuses: []int{401}, Body: `{"error":"BAD_LOGIN"}`, Operations: []string{"login"}},
	}
}

func (a *acme) operations() []sandbox.Operation {
	return []sandbox.Operation{
		{Name: "login", Pattern: "POST /login", Internal: true, Handler: func(*http.Request) (sandbox.Response, error) {
			return sandbox.JSON(http.StatusOK, map[string]string{"token": "t"}), nil
		}},
		{Name: "createWidget", Pattern: "POST /widgets", Handler: func(r *http.Request) (sandbox.Response, error) {
			in, err := sandbox.Bind[widget](r)
			if err != nil {
				return sandbox.Response{}, err
			}
			id := a.core.IDs().UUID()
			a.core.Record("widget.created", id, in.Name, "1.00")
			return sandbox.JSON(http.StatusOK, map[string]string{"id": id, "name": in.Name, "raw": string(sandbox.Body(r))}), nil
		}},
		{Name: "getWidget", Pattern: "GET /widgets/{id}", Handler: func(r *http.Request) (sandbox.Response, error) {
			if r.PathValue("id") == "none" {
				return sandbox.Response{}, errors.New("no such widget")
			}
			return sandbox.JSON(http.StatusOK, map[string]string{"id": r.PathValue("id")}), nil
		}},
	}
}

func errorResponse(_ *http.Request, err error) sandbox.Response {
	var problem *sandbox.Problem
	if errors.As(err, &problem) {
		return sandbox.JSON(int(problem.Kind), map[string]string{"problem": problem.Detail})
	}
	return sandbox.JSON(http.StatusTeapot, map[string]string{"error": err.Error()})
}

func (a *acme) pay(_ context.Context, p sandbox.Payment) (any, error) {
	if p.ID == "taken" {
		return nil, errors.New("already paid")
	}
	return p, nil
}

// response is a response, or the error of the request.
type response struct {
	status int
	header http.Header
	raw    string
	more   int64 // bytes of the body after the first MiB
	err    error
}

// client returns a client with its own connections, so that the faults of one test do
// not affect another.
func client(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (a *acme) call(t *testing.T, c *http.Client, method, path, body string, header ...string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, a.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(path, "/_sandbox/") {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := c.Do(r)
	if err != nil {
		return response{err: err}
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	if err != nil {
		return response{got.StatusCode, got.Header, string(raw), 0, err}
	}
	more, err := io.Copy(io.Discard, got.Body)
	return response{got.StatusCode, got.Header, string(raw), more, err}
}

// do makes a call with a new client.
func (a *acme) do(t *testing.T, method, path, body string, header ...string) response {
	t.Helper()
	return a.call(t, client(t), method, path, body, header...)
}

func TestOperations(t *testing.T) {
	a := open(t, sandbox.Settings{Start: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	for _, c := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/widgets/7", "", 200, `"id":"7"`},
		{"GET", "/widgets/none", "", 418, "no such widget"},
		{"POST", "/widgets", `{"name":"ball","count":3,"more":1}`, 200, `"name":"ball"`},
		{"POST", "/widgets", ``, 200, `"name":""`},
		{"POST", "/widgets", `{"count":"3"}`, 418, `count`},
		{"POST", "/widgets", `[]`, 418, `wrong type`},
		{"POST", "/widgets", `{"name":"a","name":"b"}`, 400, "duplicate"},
		{"POST", "/widgets", `{"name":"a"} {}`, 400, "data after"},
		{"POST", "/widgets", `{"name":`, 400, "not one JSON document"},
		{"POST", "/widgets", "{\"name\":\"\xff\"}", 400, "not one JSON document"},
		{"POST", "/widgets", `"` + strings.Repeat("x", 1<<20) + `"`, 413, "1 MiB"},
		{"GET", "/nothing", "", 404, "/nothing"},
		{"GET", "/widgets/", "", 404, ""},
		{"GET", "/widgets/%2e%2e", "", 404, ""},
		{"GET", "//widgets/7", "", 404, ""},
		{"PUT", "/widgets", "{}", 405, "allowed: POST"},
	} {
		got := a.do(t, c.method, c.path, c.body)
		if got.err != nil || got.status != c.status || !strings.Contains(got.raw, c.contains) {
			t.Errorf("%s %s %.40s: got %d %s %v, want %d with %q", c.method, c.path, c.body, got.status, got.raw, got.err, c.status, c.contains)
		}
	}
	if got := a.do(t, "HEAD", "/widgets/7", ""); got.status != 405 || got.header.Get("Allow") != "GET" {
		t.Errorf("HEAD: got %d, Allow %q; want 405 and GET", got.status, got.header.Get("Allow"))
	}
	if got := a.do(t, "GET", "/widgets/7", ""); got.header.Get("Date") != "Fri, 02 Jan 2026 03:04:05 GMT" {
		t.Errorf("Date is %s, want the time of the sandbox's clock", got.header.Get("Date"))
	}
	if got := a.do(t, "POST", "/widgets", "name=a", "Content-Type", "application/x-www-form-urlencoded"); got.status != 415 {
		t.Errorf("form: got %d, want 415", got.status)
	}
}

func TestRequestLog(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := open(t, sandbox.Settings{Start: start})
	long := `{"name":"` + strings.Repeat("n", 70<<10) + `"}`
	a.do(t, "POST", "/widgets?x=1", long, "Authorization", "Bearer canary", "Cookie", "c=canary", "X-Own", "1")
	a.do(t, "GET", "/nowhere", "")
	log := a.Requests()
	if len(log) != 2 {
		t.Fatalf("got %d requests, want 2", len(log))
	}
	one := log[0]
	if one.Seq != 1 {
		t.Errorf("first request: Seq: got %d, want 1", one.Seq)
	}
	if one.Operation != "createWidget" {
		t.Errorf("first request: Operation: got %q, want %q", one.Operation, "createWidget")
	}
	if one.Query != "x=1" {
		t.Errorf("first request: Query: got %q, want %q", one.Query, "x=1")
	}
	if one.Status != 200 {
		t.Errorf("first request: Status: got %d, want 200", one.Status)
	}
	if !one.Time.Equal(start) {
		t.Errorf("first request: Time: got %v, want %v", one.Time, start)
	}
	if got := one.Header["X-Own"]; got != "1" {
		t.Errorf("first request: X-Own: got %q, want %q", got, "1")
	}
	if len(one.Body) != 64<<10 {
		t.Errorf("kept %d bytes of the body, want 64 KiB", len(one.Body))
	}
	text, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "canary") {
		t.Error("the log contains a secret")
	}
	if log[1].Operation != "" {
		t.Errorf("second request: Operation: got %q, want none", log[1].Operation)
	}
	if log[1].Status != 404 {
		t.Errorf("second request: Status: got %d, want 404", log[1].Status)
	}
}

func TestReset(t *testing.T) {
	a := open(t, sandbox.Settings{Seed: 5, Start: time.Unix(0, 0)})
	first := a.do(t, "POST", "/widgets", `{}`).raw
	if err := a.FailNext("GONE"); err != nil {
		t.Fatal(err)
	}
	if err := a.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := a.config.Edit(func(c *acmeConfig) { c.Size = "large" }); err != nil {
		t.Fatal(err)
	}
	a.Reset()
	for name, n := range map[string]int{"ledger entries": len(a.Ledger()), "requests": len(a.Requests()), "deliveries": len(a.Deliveries())} {
		if n != 0 {
			t.Errorf("after Reset: %s: got %d, want 0", name, n)
		}
	}
	if got := a.Now().Unix(); got != 0 {
		t.Errorf("after Reset: time: got %d, want 0", got)
	}
	if got := a.config.Get().Size; got != "small" {
		t.Errorf("after Reset: Size: got %s, want small", got)
	}
	if a.resets != 1 {
		t.Errorf("calls of the provider's Reset: got %d, want 1", a.resets)
	}
	if again := a.do(t, "POST", "/widgets", `{}`).raw; again != first {
		t.Errorf("the first response after Reset is %s, before it was %s", again, first)
	}
}

func TestInvalidNewAndOpen(t *testing.T) {
	if _, err := sandbox.New(sandbox.Provider{Name: "x"}, sandbox.Settings{}); err == nil {
		t.Error("New accepted a provider without operations")
	}
	a := open(t, sandbox.Settings{})
	if _, err := a.core.Open("127.0.0.1:0", nil); err == nil {
		t.Error("Open succeeded twice")
	}
}
