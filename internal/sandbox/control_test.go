package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

func TestControl(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"POST", "pay", `{"id":"7","outcome":"paid","method":"card","amount":"1.50"}`, 200, `"Amount":"1.50"`},
		{"POST", "pay", `{"id":"7","amount":1.50}`, 200, `"Amount":"1.50"`},
		{"POST", "pay", `{"id":"7","amount":true}`, 400, "amount"},
		{"POST", "pay", `{"amount":"1"}`, 400, `\"id\" is missing`},
		{"POST", "pay", `{"id":"taken"}`, 409, "already paid"},
		{"POST", "fail-next", `{"code":"GONE","operation":"getWidget","times":2}`, 200, `"ok":true`},
		{"POST", "fail-next", `{"code":"NOPE"}`, 400, `["BAD_LOGIN","GONE","ODD"]`},
		{"POST", "fail-next", `{"code":"GONE","operation":"nope"}`, 400, `["createWidget","getWidget","login"]`},
		{"POST", "fail-next", `{"code":"GONE","time":2}`, 400, `unknown member \"time\"`},
		{"POST", "fail-next", `{"code":"GONE","time":2}`, 400, `"known":["code","operation","times"]`},
		{"POST", "fail-next", `{"code":"GONE","times":1000001}`, 400, "1 to 1000000"},
		{"POST", "fail-next", `{"code":"GONE","times":"2"}`, 400, `member \"times\" cannot be a JSON string`},
		{"POST", "fail-next", `{"code":"GONE","times":-2}`, 400, "times is -2"},
		{"POST", "fail-next", `{"code":"GONE"}x`, 400, "the expected form is"},
		{"POST", "fail-next", `{"code":"GONE","code":"ODD"}`, 400, "the expected form is"},
		{"POST", "fail-next", `["GONE"]`, 400, "the expected form is"},
		{"POST", "fail-next", ``, 400, "the expected form is"},
		{"POST", "fault", `{"kind":"html","status":200}`, 200, `"ok":true`},
		{"POST", "fault", `{"kind":"refuse","times":1001}`, 400, "can apply to 1000"},
		{"POST", "fault", `{"kind":"nope"}`, 400, `"truncated"`},
		{"POST", "clock", `{"advance":"10m"}`, 200, `"now":"2026-01-01T00:10:00Z"`},
		{"POST", "clock", `{"advance":"-10m"}`, 400, "forward"},
		{"POST", "clock", `{"advance":"soon"}`, 400, "not a duration"},
		{"POST", "clock", `{"advance":600}`, 400, "advance"},
		{"GET", "clock", ``, 200, `"now":"2026-01-01T00:00:00Z"`},
		{"POST", "config", `{"size":"large"}`, 200, `{"size":"large","strict":false}`},
		{"POST", "config", `{"color":"large"}`, 400, `"known":["size","strict"]`},
		{"POST", "config", `{"strict":"yes"}`, 400, "wrong type"},
		{"POST", "config", `{"size":""}`, 400, "size is empty"},
		{"POST", "config", `7`, 400, "not a JSON object"},
		{"POST", "config", `null`, 400, "not a JSON object"},
		{"POST", "config", `{"size":"large","size":"small"}`, 400, "not one JSON object"},
		{"GET", "config", ``, 200, `{"size":"small","strict":false}`},
		{"POST", "reset", ``, 400, "the expected form is {}"},
		{"POST", "reset", `{}`, 200, `"ok":true`},
		{"POST", "reset", `{"all":true}`, 400, "all"},
		{"GET", "ledger", ``, 200, `{"dropped":0,"entries":[]}`},
		{"GET", "requests", ``, 200, `{"dropped":0,"entries":[]}`},
		{"GET", "deliveries", ``, 200, `{"dropped":0,"entries":[]}`},
		{"GET", "dropped", ``, 200, `{}`},
		{"GET", "codes", ``, 200, `"value":"GONE","name":"ErrGone","statuses":[410,404]`},
		{"GET", "guesses", ``, 200, `"basis":"guess"`},
		{"GET", "nope", ``, 404, `"fail-next"`},
		{"DELETE", "config", ``, 405, `["GET","POST"]`},
		{"GET", "pay", ``, 405, `["POST"]`},
		{"POST", "reset", `"` + strings.Repeat("x", 64<<10) + `"`, 413, "64 KiB"},
	} {
		a := open(t, sandbox.Settings{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		got := a.do(t, c.method, "/_sandbox/"+c.path, c.body)
		if got.status != c.status || !strings.Contains(got.raw, c.contains) {
			t.Errorf("%s %s %.40s: got %d %s, want %d with %s", c.method, c.path, c.body, got.status, got.raw, c.status, c.contains)
		}
		if log := a.Requests(); len(log) != 0 {
			t.Errorf("%s: the request log has control calls: %v", c.path, log)
		}
	}
}

// The control routes for parts that a provider does not have are errors.
func TestControlOfMinimalProvider(t *testing.T) {
	a := &acme{}
	core, err := sandbox.New(sandbox.Provider{Name: "acme", Operations: a.operations(), ErrorResponse: errorResponse}, sandbox.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Handle, err = core.Open("127.0.0.1:0", t); err != nil {
		t.Fatal(err)
	}
	for path, method := range map[string]string{"pay": "POST", "config": "POST"} {
		if got := a.do(t, method, "/_sandbox/"+path, "{}"); got.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", path, got.status, got.raw)
		}
	}
	if got := a.do(t, "GET", "/_sandbox/config", ""); strings.TrimSpace(got.raw) != "{}" {
		t.Errorf("config: got %s", got.raw)
	}
	if got := a.do(t, "POST", "/_sandbox/reset", "{}"); got.status != 200 {
		t.Errorf("reset: got %d", got.status)
	}
}

func TestControlAffectsNextRequest(t *testing.T) {
	a := open(t, sandbox.Settings{})
	a.do(t, "POST", "/_sandbox/fail-next", `{"code":"GONE"}`)
	if got := a.do(t, "GET", "/widgets/1", ""); got.status != 410 || got.raw != `{"error":"GONE"}` {
		t.Errorf("got %d %s, want 410", got.status, got.raw)
	}
	a.do(t, "POST", "/_sandbox/fault", `{"kind":"html","operation":"getWidget"}`)
	if got := a.do(t, "GET", "/widgets/1", ""); got.status != 502 {
		t.Errorf("got %d %s, want 502", got.status, got.raw)
	}
}

// What a client sends is not always UTF-8. The control routes show it all the same.
func TestControlShowsInvalidUTF8(t *testing.T) {
	a := open(t, sandbox.Settings{})
	a.do(t, "POST", "/widgets?q=\xff", "\xff", "X-Own", "\xff")
	for path, want := range map[string]int{"requests": 200, "\xb4": 404} {
		if got := a.do(t, "GET", "/_sandbox/"+path, ""); got.status != want || !strings.Contains(got.raw, "\ufffd") {
			t.Errorf("GET %q: got %d %s, want %d with a replacement character", path, got.status, got.raw, want)
		}
	}
}
