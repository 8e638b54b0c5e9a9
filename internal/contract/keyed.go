package contract

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
)

// keyedRetry loses the connection once, at every point. The call must end well
// and must have acted once.
func keyedRetry(t *testing.T, e *env) {
	if !e.Keyed {
		t.Skip("the provider has no idempotency keys; its writes are never repeated")
	}
	if err := e.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.traffic.Broken(true)
	for _, f := range faults {
		before := e.ledger()
		e.sandbox.Fault(f.kind)
		var m pay.Meta
		if err := e.Write(t.Context(), pay.WithMeta(&m)); err != nil {
			t.Errorf("%s: %v", f.kind, err)
		}
		if got := e.ledger() - before; got != 1 || m.Attempts != 2 || m.IdempotencyKey == "" {
			t.Errorf("%s: %d ledger entries after %d attempts, key %q; want one after two", f.kind, got, m.Attempts, m.IdempotencyKey)
		}
	}
}

// T8 repeats a signed call after a 503.
func T8(t *testing.T, s Suite) {
	e := local(t, s)
	if len(e.Signed) == 0 {
		t.Fatal("nothing is signed; the row does not fit")
	}
	sameBytes(t, e)
	Figure(t, "2 attempts with the same body and key; %s renewed and accepted by the sandbox's own verifier", strings.Join(e.Signed, " and "))
}

// sameBytes looks at two attempts of one call, a second apart by the clock.
func sameBytes(t *testing.T, e *env) {
	if !e.Keyed {
		t.Skip("the provider has no idempotency keys; its writes are never repeated")
	}
	var ticks time.Duration
	a := e.another(t, pay.WithClock(func() time.Time { ticks += time.Second; return time.Now().Add(ticks) }))
	if err := a.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := e.traffic.Seen()
	e.traffic.Next(answer(http.StatusServiceUnavailable, "text/plain", ""))
	if err := a.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := e.traffic.since(first)
	if len(sent) != 2 {
		t.Fatalf("%d requests, want 2", len(sent))
	}
	if one, two := content(t, sent[0]), content(t, sent[1]); len(one) == 0 || !bytes.Equal(one, two) {
		t.Errorf("the bodies differ:\n%s\n%s", one, two)
	}
	if header(sent[0], "Idempotency-Key") != header(sent[1], "Idempotency-Key") {
		t.Error("the keys differ")
	}
	for _, name := range e.Signed {
		if one, two := header(sent[0], name), header(sent[1], name); one == "" || one == two {
			t.Errorf("%s was not renewed: %q", name, one)
		}
	}
}

// header finds a header under any spelling.
func header(r *http.Request, name string) string {
	for key, values := range r.Header {
		if strings.EqualFold(key, name) {
			return strings.Join(values, ", ")
		}
	}
	return ""
}

func content(t *testing.T, r *http.Request) []byte {
	t.Helper()
	body, err := r.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
