package record_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/pay/record"
)

// recording records requests with these bodies, whose responses repeat them.
func recording(t *testing.T, bodies ...string) []byte {
	t.Helper()
	var b strings.Builder
	i := 0
	rec := newRecorder(t, function(func(r *http.Request) (*http.Response, error) {
		i++
		if strings.HasPrefix(bodies[i-1], "!") {
			return nil, map[string]error{"!canceled": context.Canceled, "!timeout": context.DeadlineExceeded}[bodies[i-1]]
		}
		return respond(200, bodies[i-1])(r)
	}))
	for _, body := range bodies {
		sent := body
		if strings.HasPrefix(body, "!") {
			sent = ""
		}
		resp, err := rec.RoundTrip(request(t, strings.NewReader(sent)))
		if err == nil {
			_, _ = resp.Body.Read(make([]byte, 1<<16))
			_ = resp.Body.Close()
		}
	}
	if _, err := rec.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

func play(t *testing.T, har []byte) *record.Player {
	t.Helper()
	p, err := record.Replay([]byte(spec), har)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReplayRepeatsTheRequestsOwnValues(t *testing.T) {
	p := play(t, recording(t, `{"id":"jane","amount":5,"metadata":{"order":"1"}}`))
	body := `{"metadata":{"cart":"seven"},"amount":5,"id":"john"}`
	if got, want := exchange(t, p, request(t, strings.NewReader(body))), `{"id":"john","amount":5,"metadata":{"cart":"seven"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if left := p.Unused(); len(left) != 0 {
		t.Errorf("unused: %v", left)
	}
}

// The spec may declare a format of a value in the request and none in the response, or the other way around.
func TestReplayRepeatsAValueThatHasAFormatInOnePlaceOnly(t *testing.T) {
	for _, c := range []struct{ member, recorded, sent string }{
		{"email", "jane@shop.example", "john@shop.example"},
		{"url", "https://shop.example/jane", "https://shop.example/john"},
		{"uuid", "5d0fb4ce-06a1-4f5c-9ae4-1f3bd8a1c0de", "cefde663-5f20-4499-99e0-de09a6aafd45"},
		{"long", strings.Repeat("jane", 10), strings.Repeat("john", 10)},
	} {
		for _, names := range [][2]string{{c.member, "id"}, {"id", c.member}} {
			var har strings.Builder
			rec := newRecorder(t, respond(200, fmt.Sprintf(`{%q:%q}`, names[1], c.recorded)))
			exchange(t, rec, request(t, strings.NewReader(fmt.Sprintf(`{%q:%q}`, names[0], c.recorded))))
			if _, err := rec.WriteTo(&har); err != nil {
				t.Fatal(err)
			}
			got := exchange(t, play(t, []byte(har.String())), request(t, strings.NewReader(fmt.Sprintf(`{%q:%q}`, names[0], c.sent))))
			if want := fmt.Sprintf(`{%q:%q}`, names[1], c.sent); got != want {
				t.Errorf("%s in the request: got %s, want %s", names[0], got, want)
			}
		}
	}
}

func TestReplayedOnceAndInOrder(t *testing.T) {
	p := play(t, recording(t, `{"amount":1,"status":"NEW"}`, `{"amount":2}`, `{"amount":1,"status":"NEW","id":"b"}`))
	want := []string{"1. POST /orders/{id} (createOrder)", "3. POST /orders/{id} (createOrder)"}
	exchange(t, p, request(t, strings.NewReader(`{"amount":2}`)))
	if got := p.Unused(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("unused: got %v, want %v", got, want)
	}
	_, err := p.RoundTrip(request(t, strings.NewReader(`{"amount":2,"id":"secret"}`)))
	if err == nil || !strings.Contains(err.Error(), want[0]) || !strings.Contains(err.Error(), "POST /orders/{id} (createOrder)") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v, want an error that names what is left", err)
	}
	for _, body := range []string{`{"amount":3}`, `{"amount":"1","status":"NEW"}`, `{"amount":1,"status":"PAID"}`, `[]`, ``} {
		if _, err := p.RoundTrip(request(t, strings.NewReader(body))); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
}

func TestARefusedRequestNamesTheFirstDifference(t *testing.T) {
	har := recording(t, `{"amount":1,"lines":[{"status":"NEW","id":"jane"}]}`)
	for body, want := range map[string]string{
		`{"amount":2,"lines":[{"status":"NEW","id":"john"}]}`:             "recorded request 1 differs in /amount of the body",
		`{"amount":1,"lines":[{"status":"PAID","id":"john"}]}`:            "recorded request 1 differs in /lines/0/status of the body",
		`{"amount":1,"lines":[{"status":"NEW"}]}`:                         "recorded request 1 differs in /lines/0/id of the body",
		`{"amount":1,"lines":[{"status":"NEW","id":"john","paid":true}]}`: "recorded request 1 differs in /lines/0/paid of the body",
		`{"amount":1,"lines":[{"status":"NEW","id":"john"},{}]}`:          "recorded request 1 differs in /lines/1 of the body",
		`{"amount":1,"lines":[]}`:                                         "recorded request 1 differs in /lines/0 of the body",
		`[]`:                                                              "recorded request 1 differs in the body",
		``:                                                                "recorded request 1 differs in the body",
	} {
		_, err := play(t, har).RoundTrip(request(t, strings.NewReader(body)))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "john") {
			t.Errorf("%s: got %v, want an error that contains %q", body, err, want)
		}
	}
	r := request(t, strings.NewReader(`{"amount":1,"lines":[{"status":"NEW","id":"john"}]}`))
	r.URL.RawQuery = "state=done"
	if _, err := play(t, har).RoundTrip(r); err == nil || !strings.Contains(err.Error(), "recorded request 1 differs in the query") {
		t.Errorf("got %v, want an error that names the query", err)
	}
}

func TestRecordedFailuresAreReplayed(t *testing.T) {
	p := play(t, recording(t, "!canceled", "!timeout", "secret"))
	for _, want := range []error{context.Canceled, context.DeadlineExceeded, nil} {
		_, err := p.RoundTrip(request(t, strings.NewReader("")))
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestReplayHonorsTheContext(t *testing.T) {
	p := play(t, recording(t, `{"amount":1}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.RoundTrip(request(t, strings.NewReader(`{"amount":1}`)).WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	exchange(t, p, request(t, strings.NewReader(`{"amount":1}`)))
}

func TestUnreadableRecordingsAreRefused(t *testing.T) {
	for _, text := range []string{"", "{}", `{"log":{"version":"1.1","creator":{"name":"a","version":"1"},"entries":[]}}`, `{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"entries":[null]}}`, `{"log":{"version":"1.2","creator":{"name":"a","version":"1"},"entries":[{}]}}`} {
		if _, err := record.Replay([]byte(spec), []byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
	if _, err := record.Replay([]byte(spec), recording(t, "{}"), nil); err == nil {
		t.Error("nil option: no error")
	}
	if _, err := record.Replay([]byte(spec), recording(t, "{}"), record.WithSigner(nil)); err == nil {
		t.Error("nil signer: no error")
	}
}

// TestAKeptValueIsNoPlaceholder: a request that has something else where the recording
// kept a value is another request, also if the recorder would have replaced what it has.
func TestAKeptValueIsNoPlaceholder(t *testing.T) {
	for _, tt := range []struct{ recorded, sent string }{
		{`{"amount":5}`, `{"amount":4242424242424242}`},
		{`{"amount":5}`, `{"amount":5e3}`},
		{`{"status":"NEW"}`, `{"status":"Jane Doe"}`},
		{`{"currency":"MNT"}`, `{"currency":"mnt"}`},
		{`{"lines":[{"amount":5}]}`, `{"lines":[{"amount":4242424242424242}]}`},
	} {
		p := play(t, recording(t, tt.recorded))
		if _, err := p.RoundTrip(request(t, strings.NewReader(tt.sent))); err == nil {
			t.Errorf("%s got the response to %s", tt.sent, tt.recorded)
		}
		exchange(t, p, request(t, strings.NewReader(tt.recorded)))
	}
	for _, tt := range []struct{ recorded, sent string }{ // replaced in both
		{`{"amount":4242424242424242}`, `{"amount":5555555555554444}`},
		{`{"short":"Bob","color":"#a1b2c3","email":"a@b.example"}`, `{"short":"Joe","color":"#ffffff","email":"c@d.example"}`},
		{`{"at":"1985-04-12","metadata":{"jane":"doe"}}`, `{"at":"1990-01-02","metadata":{"john":"roe"}}`},
	} {
		exchange(t, play(t, recording(t, tt.recorded)), request(t, strings.NewReader(tt.sent)))
	}
}
