package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// outboxTest is an outbox and a receiver that responds with a list of statuses.
type outboxTest struct {
	core     *Sandbox
	box      *Outbox
	url      string
	statuses []int
	paths    []string // of the requests received
	done     []Webhook
}

func newOutboxTest(t *testing.T, statuses ...int) *outboxTest {
	p := &outboxTest{statuses: statuses}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.paths = append(p.paths, r.URL.Path)
		w.WriteHeader(p.statuses[min(len(p.paths), len(p.statuses))-1])
	}))
	t.Cleanup(srv.Close)
	p.url = srv.URL
	var err error
	p.core, err = New(Provider{
		Name: "acme", Operations: []Operation{{Name: "x", Pattern: "GET /x"}}, ErrorResponse: func(*http.Request, error) Response { return Response{} },
		After: func() { p.box.Run(context.Background()) },
	}, Settings{Start: time.Unix(1000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	p.box = NewOutbox(p.core)
	return p
}

func (p *outboxTest) send(ctx context.Context, id string, delays ...time.Duration) {
	p.box.Send(ctx, Message{
		ID: id, Kind: "widget.paid", Delays: delays,
		Build: func(ctx context.Context, attempt int) (*http.Request, error) {
			if id == "bad" {
				return nil, errors.New("no address")
			}
			at := p.core.Clock().Now().Unix() - 1000
			return http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/%s/%d/%d", p.url, id, attempt, at), nil)
		},
		Classify: func(status int, _ []byte) DeliveryResult {
			switch {
			case status == 200:
				return DeliverySucceeded
			case status < 500:
				return DeliveryFailed
			}
			return DeliveryRetry
		},
		Done: func(m Webhook) { p.done = append(p.done, m) },
	})
}

func TestOutboxRetries(t *testing.T) {
	p := newOutboxTest(t, 503, 500, 200)
	p.send(t.Context(), "a", 0, 10*time.Second, 20*time.Second, 40*time.Second)
	m := p.box.All()[0]
	if m.State != WebhookPending {
		t.Errorf("after the first attempt: State: got %s, want %s", m.State, WebhookPending)
	}
	if m.Attempts != 1 {
		t.Errorf("after the first attempt: Attempts: got %d, want 1", m.Attempts)
	}
	if got := m.Next.Unix(); got != 1010 {
		t.Errorf("after the first attempt: Next: got %d, want 1010", got)
	}
	for range 6 {
		if err := p.core.advance(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"/a/1/0", "/a/2/10", "/a/3/30"}; !slices.Equal(p.paths, want) {
		t.Errorf("received %v, want %v", p.paths, want)
	}
	m = p.box.All()[0]
	if m.State != WebhookDelivered {
		t.Errorf("after delivery: State: got %s, want %s", m.State, WebhookDelivered)
	}
	if m.Attempts != 3 {
		t.Errorf("after delivery: Attempts: got %d, want 3", m.Attempts)
	}
	if !m.Next.IsZero() {
		t.Errorf("after delivery: Next: got %v, want the zero time", m.Next)
	}
	if len(p.done) != 1 {
		t.Fatalf("calls of Done: got %d, want 1", len(p.done))
	}
	if p.done[0] != m {
		t.Errorf("Done was called with %+v, want %+v", p.done[0], m)
	}
}

func TestOutboxEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		id       string
		statuses []int
		attempts int
		state    string
	}{
		"permanent failure": {"a", []int{401}, 1, WebhookFailed},
		"retries exhausted": {"a", []int{503}, 3, WebhookFailed},
		"request not built": {"bad", []int{200}, 0, WebhookFailed},
		"first attempt":     {"a", []int{200}, 1, WebhookDelivered},
		"last attempt":      {"a", []int{500, 500, 200}, 3, WebhookDelivered},
		"redirect":          {"a", []int{302}, 1, WebhookFailed},
	} {
		p := newOutboxTest(t, tt.statuses...)
		p.send(t.Context(), tt.id, 0, time.Minute, time.Hour)
		if err := p.core.advance(48 * time.Hour); err != nil { // makes every attempt in between
			t.Fatal(err)
		}
		m := p.box.All()[0]
		if m.State != tt.state {
			t.Errorf("%s: State: got %s, want %s", name, m.State, tt.state)
		}
		if n := len(p.paths); n != tt.attempts {
			t.Errorf("%s: requests: got %d, want %d", name, n, tt.attempts)
		}
		if n := len(p.done); n != 1 {
			t.Errorf("%s: calls of Done: got %d, want 1", name, n)
		}
		if got, want := m.Error != "", tt.id == "bad"; got != want {
			t.Errorf("%s: Error: got %q, want an error: %t", name, m.Error, want)
		}
	}
}

func TestOutboxOrderAndReset(t *testing.T) {
	p := newOutboxTest(t, 503)
	p.url = "http://127.0.0.1:1" // connection refused: retry
	p.send(t.Context(), "late", time.Hour, time.Hour)
	p.send(t.Context(), "soon", time.Minute)
	p.send(t.Context(), "never")
	if len(p.core.sender.log.all()) != 0 || p.box.All()[2].State != WebhookFailed {
		t.Errorf("before anything was due: %+v", p.box.All())
	}
	if err := p.core.advance(3 * time.Hour); err != nil {
		t.Fatal(err)
	}
	sent := p.core.sender.log.all()
	if len(sent) != 3 {
		t.Fatalf("sent: got %d deliveries, want 3", len(sent))
	}
	for i, path := range map[int]string{0: "/soon/1/10800", 2: "/late/2/10800"} {
		if want := p.url + path; sent[i].URL != want {
			t.Errorf("delivery %d: URL: got %s, want %s", i, sent[i].URL, want)
		}
	}
	if sent[0].Status != 0 {
		t.Errorf("delivery 0: Status: got %d, want 0, because the connection was refused", sent[0].Status)
	}
	p.box.Reset()
	if len(p.box.All()) != 0 {
		t.Error("Reset kept a message")
	}
}
