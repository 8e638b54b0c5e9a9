package transport_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// TestIdempotencyKeyIsRandom: each of 128 random bits changes the idempotency key.
func TestIdempotencyKeyIsRandom(t *testing.T) {
	keys := map[string]bool{}
	for bit := range 129 { // the last one flips no bit that is read
		raw := make([]byte, 17)
		raw[bit/8] ^= 1 << (bit % 8)
		var m pay.Meta
		c, err := newClient(profile(), pay.WithTransport(always(200)), pay.WithRandom(bytes.NewReader(raw[:16])), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = call(t.Context(), c, &keyed, pay.WithMeta(&m))
		keys[m.IdempotencyKey] = true
	}
	if len(keys) != 129 || keys[""] {
		t.Errorf("%d keys of 129 random inputs", len(keys))
	}
}

// TestBodyIsEqualOnEveryAttempt: also the order of a map is the same on all attempts
// and in the next call.
func TestBodyIsEqualOnEveryAttempt(t *testing.T) {
	many := map[string]any{}
	for i := range 50 {
		many[fmt.Sprint("k", i)] = map[string]any{"a": i, "b": []any{i, "x"}}
	}
	type form struct {
		Amount int            `json:"amount"`
		Notes  map[string]any `json:"notes"`
	}
	inputs := map[string]any{"struct": form{1, many}, "pointer": &form{1, many}, "map": many, "raw": jsontext.Value(`{"b":1, "a":[ ]}`)}
	for name, body := range inputs {
		synctest.Test(t, func(t *testing.T) {
			s := &server{script: []http.HandlerFunc{respond(503, ""), respond(500, ""), ok, respond(503, ""), respond(500, ""), ok}}
			c := client(t, s)
			for range 2 {
				if _, err := transport.Call[resource](t.Context(), c, &keyed, transport.Input{Body: body}, nil); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			first := sha256.Sum256([]byte(s.bodies[0]))
			for i, sent := range s.bodies {
				if sha256.Sum256([]byte(sent)) != first || len(s.bodies) != 6 {
					t.Errorf("%s: the body of attempt %d of %d differs", name, i+1, len(s.bodies))
				}
			}
		})
	}
}

// TestRefusedTokenKeepsUnknownOutcome: the first attempt of a write may have taken
// effect. That the second one gets no token does not change this.
func TestRefusedTokenKeepsUnknownOutcome(t *testing.T) {
	refused := apierr.New(apierr.Error{Provider: "p", Operation: "createToken", StatusCode: 401, Attempts: 1}, apierr.Details{Outcome: apierr.OutcomeNotApplied})
	for status, want := range map[int]apierr.Outcome{503: apierr.OutcomeUnknown, 0: apierr.OutcomeNotApplied} {
		synctest.Test(t, func(t *testing.T) {
			p, attempts := profile(), 0
			p.Authorize = func(context.Context, *transport.Operation, *http.Request, []byte) error {
				if attempts++; attempts == 1 && status != 0 {
					return nil
				}
				return refused
			}
			s := &server{script: []http.HandlerFunc{respond(max(status, 200), "")}}
			c, err := newClient(p, pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, s)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = call(t.Context(), c, &keyed)
			if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Outcome() != want || !errors.Is(err, refused) {
				t.Errorf("no token after %d: got %v, want the outcome %s and the reason", status, err, want)
			}
		})
	}
}
