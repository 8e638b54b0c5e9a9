package openapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// keys is an event store that keeps the keys of claims.
type keys struct{ claimed []string }

func (k *keys) Claim(_ context.Context, key, _ string, _ time.Duration) (pay.Claim, error) {
	k.claimed = append(k.claimed, key)
	return pay.ClaimGranted, nil
}
func (*keys) Commit(context.Context, string, string, time.Duration) error { return nil }
func (*keys) Release(context.Context, string, string) error               { return nil }

// TestEventKeys: in the event store, an event is known by its own IDs and its state, whatever
// else a delivery says. Another ID or another state is another event.
func TestEventKeys(t *testing.T) {
	srv, store := openapitest.NewServer(t), new(keys)
	h := connect(t, srv, pay.WithEventStore(store)).Webhook(func(context.Context, openapi.Event) error { return nil })
	key := func(body string) string {
		store.claimed = nil
		if status, _ := serve(h, signed(srv, hookURL, body)); status != 200 || len(store.claimed) != 1 {
			t.Fatalf("%s: status %d, keys %q; want 200 and one key", body, status, store.claimed)
		}
		return store.claimed[0]
	}
	const money = `"currency":"EUR","value":"1"`
	seen := map[string]string{}
	for i, tt := range []struct {
		body string
		same string   // a member that makes it another body, but not another event; "" if every body is an event of its own
		then []string // texts; if one is changed, it is another event
	}{
		{`{"paymentId":"1","paymentRequestId":"2","paymentStatus":"SUCCESS","paymentAmount":{` + money + `}}`, `"new":1`, []string{`"paymentId":"1"`, `"SUCCESS"`}},
		{`{"refundId":"1","refundRequestId":"2","paymentId":"3","refundStatus":"SUCCESS","refundAmount":{` + money + `}}`, `"new":1`, []string{`"refundId":"1"`, `"SUCCESS"`}},
		{`{"accessToken":"secret-token","contractStatus":"INVALID","modifyTime":"1704893445"}`, `"new":1`, []string{`secret-token"`, `"INVALID"`, `1704893445"`}},
		{`{"paymentId":"1","cashierUrl":"https://wallet.example/1","status":"SUCCESS"}`, `"new":1`, []string{`"paymentId":"1"`, `"SUCCESS"`}},
		{`{"paymentId":"7","status":"SUCCESS"}`, `"new":1`, []string{`"paymentId":"7"`, `"SUCCESS"`}},
		{`{"voidId":"1","voidStatus":"SUCCESS"}`, `"paymentId":"4"`, []string{`"voidId":"1"`, `"SUCCESS"`}},
		{`{"voidRequestId":"1","voidStatus":"SUCCESS"}`, `"paymentId":"4"`, []string{`"voidRequestId":"1"`}},
		{`{"paymentId":"1","voidStatus":"SUCCESS"}`, "", []string{`"paymentId":"1"`}},
		{`{"captureId":"1","captureStatus":"SUCCESS"}`, `"paymentId":"4"`, []string{`"captureId":"1"`, `"SUCCESS"`}},
		{`{"captureRequestId":"1","captureStatus":"SUCCESS"}`, `"paymentId":"4"`, []string{`"captureRequestId":"1"`}},
		{`{"paymentId":"1","captureStatus":"SUCCESS"}`, "", []string{`"paymentId":"1"`}},
		{`{"new":"1"}`, "", []string{`"new":"1"`}},
	} {
		bodies := []string{tt.body}
		for _, part := range tt.then {
			changed := fmt.Sprintf("%sx%d%s", part[:len(part)-1], i, part[len(part)-1:])
			bodies = append(bodies, strings.Replace(tt.body, part, changed, 1))
		}
		for _, body := range bodies {
			k := key(body)
			if other := seen[k]; other != "" {
				t.Errorf("%s and %s have the same key %q, want two", body, other, k)
			}
			if seen[k] = body; strings.Contains(k, "token") {
				t.Errorf("%s: the key %q contains the token", body, k)
			}
		}
		if tt.same == "" {
			continue
		}
		if same := strings.TrimSuffix(tt.body, "}") + "," + tt.same + "}"; seen[key(same)] != tt.body {
			t.Errorf("%s has another key than %s, want the same", same, tt.body)
		}
	}
}

// TestVerifyUnreadableNotification: a program that verifies notifications itself gets an
// error for a genuine one that cannot be read, with its body.
func TestVerifyUnreadableNotification(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	for _, body := range []string{``, `[]`, `{"paymentStatus":"SUCCESS"}`} {
		r := signed(srv, hookURL, body)
		ev, err := c.VerifyAt(srv.Now(), r.URL.Path, r.Header, []byte(body))
		if err == nil || errors.Is(err, openapi.ErrForged) || errors.Is(err, openapi.ErrStale) {
			t.Errorf("%q: got error %v, want one that is neither ErrForged nor ErrStale", body, err)
		}
		if ev.Payment != nil || string(ev.Body) != body {
			t.Errorf("%q: got %+v with body %q, want only the body", body, ev, ev.Body)
		}
	}
}

// TestSignedTimeIsNotATime: a correct signature over something that is not a time does not
// say when it was made, so it is worth nothing.
func TestSignedTimeIsNotATime(t *testing.T) {
	s, body := signing(clientID), []byte(`{"somethingNew":true}`)
	verifier, err := s.Client(t, []string{"1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, stamp := range []string{"yesterday", "2024-01-10", "0"} {
		err := verifier.Verify(time.Now(), s.Header("1", stamp, s.Sign(t, "1", stamp, body)), body)
		if !errors.Is(err, openapi.ErrForged) || !strings.Contains(err.Error(), "Request-Time is not a time") {
			t.Errorf("%s: got error %v, want one that is ErrForged and names Request-Time", stamp, err)
		}
	}
	stamp := time.Now().UTC().Format(time.RFC3339)
	h := s.Header("1", stamp, s.Sign(t, "1", stamp, body))
	h.Set("Signature", strings.Replace(h.Get("Signature"), "RSA256", "RSA512", 1))
	if err := verifier.Verify(time.Now(), h, body); !errors.Is(err, openapi.ErrForged) || !strings.Contains(err.Error(), `"RSA512"; want RSA256`) {
		t.Errorf("another algorithm: got error %v, want one that is ErrForged and names it", err)
	}
}

// TestNotificationReplies: each response to a notification is JSON, and the log names the
// cause of a refusal.
func TestNotificationReplies(t *testing.T) {
	srv := openapitest.NewServer(t)
	unsigned := httptest.NewRequest(http.MethodPost, hookURL, strings.NewReader("{}"))
	for name, tt := range map[string]struct {
		r    *http.Request
		off  time.Duration // of the handler's clock
		want int
		log  string
	}{
		"genuine":      {signed(srv, hookURL, paidBody), 0, 200, ""},
		"not signed":   {unsigned, 0, 401, openapi.ErrForged.Error()},
		"wrong clock":  {signed(srv, hookURL, paidBody), -time.Hour, 503, openapi.ErrStale.Error()},
		"not readable": {signed(srv, hookURL, "[]"), 0, 503, "cannot be read"},
	} {
		var log bytes.Buffer
		clock := pay.WithClock(func() time.Time { return srv.Now().Add(tt.off) })
		h := connect(t, srv, clock, pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).Webhook(func(context.Context, openapi.Event) error { return nil })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, tt.r)
		if got := w.Header().Get("Content-Type"); w.Code != tt.want || got != "application/json; charset=utf-8" {
			t.Errorf("%s: got status %d and content type %q, want %d and JSON", name, w.Code, got, tt.want)
		}
		if !strings.Contains(log.String(), tt.log) {
			t.Errorf("%s: the log is %q, want it to contain %q", name, log.String(), tt.log)
		}
	}
}
