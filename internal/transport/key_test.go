package transport_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// TestR7_KeyIsRandom: each of 128 random bits changes the key.
func TestR7_KeyIsRandom(t *testing.T) {
	keys := map[string]bool{}
	for bit := range 129 { // the last one flips nothing
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
	t.Attr("figure", "128 random bits, each of which changes the key")
}

// TestR8_BodyOfAnyInput: a body is written once, so that even a map's order is
// the same on all attempts, and in the next call.
func TestR8_BodyOfAnyInput(t *testing.T) {
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
			s := &server{script: []http.HandlerFunc{say(503, ""), say(500, ""), ok, say(503, ""), say(500, ""), ok}}
			c := client(t, s)
			for range 2 {
				if _, err := transport.Call[thing](t.Context(), c, &keyed, transport.Input{Body: body}, nil); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			first := sha256.Sum256([]byte(s.bodies[0]))
			for i, sent := range s.bodies {
				if sha256.Sum256([]byte(sent)) != first || len(s.bodies) != 6 {
					t.Errorf("%s: attempt %d of %d sends other bytes", name, i+1, len(s.bodies))
				}
			}
		})
	}
	t.Attr("figure", "struct, pointer, map and raw inputs: SHA-256 equal on 3 attempts of 2 calls; a reader is no input here")
}
