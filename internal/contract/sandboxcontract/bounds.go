package sandboxcontract

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/sandbox"
)

// newReceiver starts a merchant's server and counts its requests.
func newReceiver(t *testing.T, respond http.HandlerFunc) (url string, requests *atomic.Int32) {
	t.Helper()
	requests = new(atomic.Int32)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		respond(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, requests
}

func newTill(t *testing.T, s harness.Suite, o harness.TillOptions) harness.Till {
	t.Helper()
	s.Live = ""
	return s.Till(t, o)
}

func (s seqs) check(t *testing.T, list string, limit, dropped int) {
	t.Helper()
	if len(s) > limit || len(s) < limit*8/10 {
		t.Errorf("%s: got %d entries after many payments, want at most %d and little less", list, len(s), limit)
	}
	if dropped == 0 {
		t.Errorf("%s: got 0 dropped entries, want the number of those that are missing", list)
	}
	for i, seq := range s {
		if want := dropped + 1 + i; seq != want {
			t.Fatalf("%s: entry %d has number %d, want %d, because %d are missing", list, i, seq, want, dropped)
		}
	}
}

// seqs are the numbers of the entries of a list.
type seqs []int

func seqsOf[T any](list []T, seq func(T) int) (out seqs) {
	for _, one := range list {
		out = append(out, seq(one))
	}
	return out
}

// stateIsBounded makes more payments than the sandbox's lists keep. Each list stays
// bounded and says how many entries it dropped, in Go and in JSON.
func stateIsBounded(t *testing.T, s harness.Suite) {
	const limit = 20
	url, _ := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	till := newTill(t, s, harness.TillOptions{History: limit, Callback: url})
	for range 3 * limit {
		if err := till.Pay(); err != nil {
			t.Fatal(err)
		}
	}
	dropped := till.Dropped()
	seqsOf(till.Ledger(), func(e sandbox.Entry) int { return e.Seq }).check(t, "ledger", limit, dropped["ledger"])
	seqsOf(till.Requests(), func(r sandbox.Request) int { return r.Seq }).check(t, "requests", limit, dropped["requests"])
	seqsOf(till.Deliveries(), func(d sandbox.Delivery) int { return d.Seq }).check(t, "deliveries", limit, dropped["deliveries"])
	for name, n := range dropped {
		if n < 1 {
			t.Errorf("Dropped: got %d for %s, want only lists that dropped entries", n, name)
		}
	}
	for name, want := range map[string]int{"ledger": len(till.Ledger()), "requests": len(till.Requests()), "deliveries": len(till.Deliveries())} {
		var log sandbox.Log[any]
		getJSON(t, till.URL+"/_sandbox/"+name, &log)
		harness.Expect(t, "GET "+name, "entries", len(log.Entries), want)
		harness.Expect(t, "GET "+name, "dropped", log.Dropped, dropped[name])
	}
	var all map[string]int
	getJSON(t, till.URL+"/_sandbox/dropped", &all)
	harness.Expect(t, "GET dropped", "counts", fmt.Sprint(all), fmt.Sprint(dropped))
	till.Reset()
	harness.Expect(t, "after Reset", "lists that dropped entries", len(till.Dropped()), 0)
}

func getJSON(t *testing.T, url string, to any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || json.Unmarshal(body, to) != nil {
		t.Fatalf("GET %s: got %s, %v", url, body, err)
	}
}

// callbacksStayOnThisMachine registers callbacks that would reach other machines. The
// sandbox accepts them, as the providers do, and records that it sent nothing.
func callbacksStayOnThisMachine(t *testing.T, s harness.Suite) {
	for _, to := range []string{
		"http://shop.example/paid", "https://shop.example/paid", "http://localhost.shop.example/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.0.1:8080/",
		"http://172.17.0.1/", "http://192.0.2.1/", "http://0.0.0.0:1/", "http://2130706433/", "http://0x7f000001/", "http://[2001:db8::1]/", "http://[fe80::1]/", "http://[::ffff:169.254.169.254]/",
		"http://127.0.0.1@192.0.2.1/",
	} {
		till := newTill(t, s, harness.TillOptions{Callback: to})
		if err := till.Pay(); err != nil {
			t.Errorf("payment with the callback %s: got %v, want success", to, err)
			continue
		}
		all := till.Deliveries()
		if len(all) == 0 {
			t.Errorf("callback to %s: got no delivery, want a failed one", to)
			continue
		}
		if d := all[0]; d.Accepted || d.Status != 0 || !strings.Contains(d.Error, "loopback addresses only") {
			t.Errorf("callback to %s: got %+v, want a failed delivery that says why", to, d)
		}
	}
	target, reached := newReceiver(t, func(http.ResponseWriter, *http.Request) {})
	for status, respond := range map[int]http.HandlerFunc{
		http.StatusOK:        func(http.ResponseWriter, *http.Request) {},
		http.StatusFound:     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) },
		http.StatusForbidden: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	} {
		url, requests := newReceiver(t, respond)
		till := newTill(t, s, harness.TillOptions{Callback: url})
		if err := till.Pay(); err != nil {
			t.Fatal(err)
		}
		harness.Expect(t, fmt.Sprint("callback with response ", status), "requests", int(requests.Load()), 1)
		if all := till.Deliveries(); len(all) != 1 || all[0].Status != status {
			t.Errorf("callback with response %d: got deliveries %+v, want one with that status", status, all)
		}
	}
	harness.Expect(t, "redirected callback", "requests at the other server", int(reached.Load()), 0)
}

// hostsCanBeAllowed reaches a sandbox by the name that it was given.
func hostsCanBeAllowed(t *testing.T, s harness.Suite) {
	till := newTill(t, s, harness.TillOptions{AllowedHosts: []string{"Sandbox", "192.0.2.7"}})
	for host, want := range map[string]int{
		"sandbox": 200, "sandbox:4011": 200, "SANDBOX.:80": 200, "192.0.2.7:4011": 200, "localhost": 200,
		"sandbox.evil.example": 421, "evil-sandbox": 421, "192.0.2.8": 421,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, till.URL+"/_sandbox/ledger", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		tr := &http.Transport{}
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		tr.CloseIdleConnections()
		harness.Expect(t, "host "+host, "status", resp.StatusCode, want)
	}
}
