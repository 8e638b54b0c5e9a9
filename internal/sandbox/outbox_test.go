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
	if m := p.box.All()[0]; m.State != WebhookPending || m.Attempts != 1 || m.Next.Unix() != 1010 {
		t.Errorf("after the first attempt: %+v", m)
	}
	for range 6 {
		if err := p.core.advance(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"/a/1/0", "/a/2/10", "/a/3/30"}; !slices.Equal(p.paths, want) {
		t.Errorf("received %v, want %v", p.paths, want)
	}
	if m := p.box.All()[0]; m.State != WebhookDelivered || m.Attempts != 3 || !m.Next.IsZero() || len(p.done) != 1 || p.done[0] != m {
		t.Errorf("after delivery: %+v, Done was called with %+v", m, p.done)
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
		if m.State != tt.state || len(p.paths) != tt.attempts || len(p.done) != 1 || (m.Error != "") != (tt.id == "bad") {
			t.Errorf("%s: %+v, %d requests, %d calls of Done", name, m, len(p.paths), len(p.done))
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
	if len(sent) != 3 || sent[0].URL != p.url+"/soon/1/10800" || sent[2].URL != p.url+"/late/2/10800" || sent[0].Status != 0 {
		t.Errorf("sent %+v", sent)
	}
	p.box.Reset()
	if len(p.box.All()) != 0 {
		t.Error("Reset kept a message")
	}
}
