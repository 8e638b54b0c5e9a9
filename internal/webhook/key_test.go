package webhook_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// lastKey is a store that keeps the key of the last claim.
type lastKey struct {
	webhook.Memory
	key string
}

func (s *lastKey) Claim(_ context.Context, key, _ string, _ time.Duration) (pay.Claim, error) {
	s.key = key
	return pay.ClaimDone, nil
}

// TestKeysAreUnambiguous builds the keys of events whose parts contain what separates
// parts in a key, and parts that are too long for a key.
func TestKeysAreUnambiguous(t *testing.T) {
	long := strings.Repeat("x", 60)
	sum := sha256.Sum256([]byte(long + "1"))
	hash := base64.RawURLEncoding.EncodeToString(sum[:])
	parts := []string{"", "a", "a:b", "a/b", "a b", "a+b", "a%3Ab", "sha256=", hash, "sha256=" + hash, "ө\x00\xff", long, long + "1", long + "2", strings.Repeat("ө", 100)}
	var ids [][]string
	for _, a := range parts {
		ids = append(ids, []string{a})
		for _, b := range parts[:6] {
			ids = append(ids, []string{a, b})
		}
	}
	store, known, tuples := new(lastKey), map[string]string{}, 0
	for _, provider := range []string{"p", "p:a"} {
		for _, account := range []string{"", "a", "a:b"} {
			for _, name := range []string{"a", "a:b", strings.Repeat(":", 64)} {
				for _, id := range ids {
					h := named(t, webhook.NewClient(provider, account, store, time.Now, nil), name, id)
					if status := deliver(h); status != http.StatusOK {
						t.Fatalf("status %d, want 200", status)
					}
					tuple := strings.Join(append([]string{provider, account, name}, id...), "|")
					if other, found := known[store.key]; found {
						t.Errorf("%.100q and %.100q have the same key %s", tuple, other, store.key)
					}
					if known[store.key] = tuple; len(store.key) > 255 || strings.ContainsFunc(store.key, func(r rune) bool { return r <= ' ' || r > '~' }) {
						t.Errorf("%.100q: the key %q is longer than 255 bytes, or not visible ASCII", tuple, store.key)
					}
					tuples++
				}
			}
		}
	}
	for id, want := range map[string]string{long: long, long + "1": "sha256=" + hash} { // events are remembered by their keys
		deliver(named(t, webhook.NewClient("p", "a", store, time.Now, nil), "n", []string{id}))
		if store.key != "p:a:n:"+want {
			t.Errorf("an ID of %d bytes: got the key %s, want one that ends with %s", len(id), store.key, want)
		}
	}
	if len(known) != tuples {
		t.Errorf("got %d keys, want %d", len(known), tuples)
	}
}

// named returns a handler with a name, which receives one event.
func named(t *testing.T, c *webhook.Client, name string, id []string) http.Handler {
	t.Helper()
	event := []webhook.Event[string]{{ID: id}}
	return webhook.New(c, webhook.Protocol[string]{
		Methods: []string{http.MethodGet}, Replies: webhook.Replies{Accepted: webhook.Reply{Status: 200}, Failed: webhook.Reply{Status: 503}},
		Read: func(*http.Request, []byte) (webhook.Notification[string], error) {
			return webhook.Notification[string]{ID: id, Confirm: func(context.Context) ([]webhook.Event[string], error) { return event, nil }}, nil
		},
	}, nil, []pay.WebhookOption{pay.WithHandlerName(name)})
}
