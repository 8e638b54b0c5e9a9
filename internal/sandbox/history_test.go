package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// recorder is a TB that keeps the errors.
type recorder struct{ errs []string }

func (*recorder) Helper()        {}
func (*recorder) Cleanup(func()) {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errs = append(r.errs, fmt.Sprintf(format, args...))
}

func TestIncompleteLedgerFailsTheTest(t *testing.T) {
	s, tb := newCore(t, Settings{History: 10}), &recorder{}
	h, err := s.Open("127.0.0.1:0", tb)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for n := range 25 {
		s.Record("widget.created", "1", "", "")
		if got := h.Ledger(); len(got) == 0 || got[len(got)-1].Seq != n+1 {
			t.Fatalf("after %d entries: got %v, want the newest", n+1, got)
		}
		if complete := n < 10; complete != (len(tb.errs) == 0) {
			t.Fatalf("after %d entries: the test failed with %q", n+1, tb.errs)
		}
	}
	if last := tb.errs[len(tb.errs)-1]; !strings.Contains(last, "WithHistory") || !strings.Contains(last, fmt.Sprint(s.Dropped()["ledger"])) {
		t.Errorf("the test failed with %q, want the number of missing entries and what to do", last)
	}
}

// The default keeps what the contract tests make.
func TestDefaultHistory(t *testing.T) {
	s := newCore(t, Settings{})
	for range 100_000 {
		s.Record("widget.created", "1", "", "")
	}
	if len(s.Dropped()) != 0 {
		t.Errorf("after 100,000 entries: dropped %v, want none", s.Dropped())
	}
	s.Record("widget.created", "1", "", "")
	if n := s.Dropped()["ledger"]; n != 10_001 {
		t.Errorf("after 100,001 entries: dropped %d, want a tenth of the limit", n)
	}
}

func TestIdempotencyKeysAreBounded(t *testing.T) {
	s := newCore(t, Settings{History: 10, Start: time.Unix(1000, 0)})
	k, runs := &IdempotencyStore{Core: s, TTL: time.Hour}, 0
	do := func(key string) (replayed bool) {
		t.Helper()
		_, replayed, err := k.Do(t.Context(), key, "same", counting(&runs))
		if err != nil {
			t.Fatal(err)
		}
		return replayed
	}
	_, _, err := k.Do(t.Context(), "in progress", "same", func() Response {
		for n := range 100 {
			do(fmt.Sprint(n))
		}
		if _, _, err := k.Do(context.Background(), "in progress", "same", counting(&runs)); !errors.Is(err, ErrIdempotencyKeyInUse) {
			t.Errorf("the key in progress was dropped: %v", err)
		}
		return Response{}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(k.keys); n > 10 {
		t.Errorf("the store keeps %d keys, want at most 10", n)
	}
	if !do("99") || do("0") {
		t.Error("want the newest key stored and the oldest one dropped")
	}
	if n := s.Dropped()["idempotency_keys"]; n != 101+1-len(k.keys) {
		t.Errorf("Dropped: got %d, want %d", n, 101+1-len(k.keys))
	}
	s.Reset()
	k.Reset()
	for n := range 10 {
		do(fmt.Sprint(n))
	}
	if err := s.Clock().Advance(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if do("new"); s.Dropped()["idempotency_keys"] != 0 {
		t.Error("an expired key counts as dropped, want only valid ones")
	}
}

func TestWebhooksAreBounded(t *testing.T) {
	p := newOutboxTest(t, 200)
	p.core = newCore(t, Settings{History: 10, Start: time.Unix(1000, 0)})
	p.box = NewOutbox(p.core)
	p.send(t.Context(), "waits", time.Hour)
	for n := range 50 {
		p.send(t.Context(), fmt.Sprint("sent-", n), 0)
	}
	log := p.box.Log()
	if len(log.Entries) > 10 || log.Dropped != 51-len(log.Entries) {
		t.Errorf("got %d messages, %d dropped; want at most 10 of 51", len(log.Entries), log.Dropped)
	}
	if first := log.Entries[0]; first.ID != "waits" || first.State != WebhookPending {
		t.Errorf("the first message is %+v, want the one that waits, because others have ended", first)
	}
	if last := log.Entries[len(log.Entries)-1]; last.Seq != 51 {
		t.Errorf("the last message has number %d, want 51", last.Seq)
	}
	for n := range 50 {
		p.send(t.Context(), fmt.Sprint("late-", n), time.Hour)
	}
	if n := len(p.box.All()); n > 10 {
		t.Errorf("got %d messages that wait, want at most 10", n)
	}
}

func TestScenariosAreBounded(t *testing.T) {
	s := newCore(t, Settings{})
	var err error
	n := 0
	for ; n < 2000 && err == nil; n++ {
		err = s.fault(Scenario{Name: FaultHTML})
	}
	if bad := new(InputError); !errors.As(err, &bad) || n != scenarioLimit+1 {
		t.Errorf("fault %d: got %v, want an error for number %d", n, err, scenarioLimit+1)
	}
	if got := s.fault(Scenario{Name: FaultHTML, Times: timesLimit + 1}); got == nil {
		t.Error("a fault applies to more than a million requests")
	}
	s.Reset()
	for n := range 2 {
		if err := s.fault(Scenario{Name: FaultRefuse, Times: 600}); (err != nil) != (n == 1) {
			t.Errorf("call %d: got %v, want an error for more than 1,000 refused connections", n, err)
		}
	}
}

func TestKeep(t *testing.T) {
	s := newCore(t, Settings{History: 10})
	var list []int
	for n := range 100 {
		if list = append(Keep(s, "tokens", list), n); len(list) > 10 || list[len(list)-1] != n {
			t.Fatalf("after %d: got %v, want at most 10", n, list)
		}
	}
	want := map[string]int{"tokens": 100 - len(list)}
	if got := s.Dropped(); !maps.Equal(got, want) {
		t.Errorf("Dropped: got %v, want %v", got, want)
	}
	if log := NewLog(s, "tokens", list); log.Dropped != want["tokens"] || len(log.Entries) != len(list) {
		t.Errorf("NewLog: got %+v", log)
	}
}

// Reads are refused too: one for a page of another origin would use up a fault.
func TestForeignReadKeepsTheFault(t *testing.T) {
	s := newCore(t, Settings{})
	h, err := s.Open("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.Fault(FaultHTML); err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	if got := get(t, tr, h.URL+"/x", "cross-site"); got != 403 {
		t.Errorf("a read for another page got %d, want 403", got)
	}
	if got := get(t, tr, h.URL+"/x", "none"); got != 502 {
		t.Errorf("the next request got %d, want the fault", got)
	}
	if n := len(h.Requests()); n != 1 {
		t.Errorf("the log has %d requests, want 1", n)
	}
}

func get(t *testing.T, tr *http.Transport, url, site string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", site)
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
