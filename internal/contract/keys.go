package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// notApplicable says why a row does not fit the provider.
func notApplicable(t *testing.T, reason string) { t.Attr("not-applicable", reason) }

// recorder keeps what was sent.
type recorder struct {
	base http.RoundTripper
	sent []sentRequest
}

type sentRequest struct {
	header http.Header
	body   []byte
}

// RoundTrip implements http.RoundTripper.
func (c *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	one := sentRequest{header: r.Header.Clone()}
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if one.body, err = io.ReadAll(body); err != nil {
			return nil, err
		}
	}
	c.sent = append(c.sent, one)
	return c.base.RoundTrip(r)
}

// key is the idempotency key of a request, in the place that the spec names.
func (s sentRequest) key(place string) string {
	if member, inBody := strings.CutPrefix(place, "/"); inBody {
		var doc map[string]any
		_ = json.Unmarshal(s.body, &doc)
		key, _ := doc[member].(string)
		return key
	}
	for name, values := range s.header {
		if strings.EqualFold(name, place) {
			return strings.Join(values, ", ")
		}
	}
	return ""
}

// bench is a shop whose requests can be lost and are kept.
type bench struct {
	net  *lossy
	seen *recorder
	make func(opts ...pay.Option) []Call
}

// everyCall runs a function in fake time for every operation that fits.
func (s *Suite) everyCall(t *testing.T, fits func(Operation) bool, run func(t *testing.T, b *bench, op Operation, index int)) (count int) {
	specs := specOperations(t, s.Spec)
	for i, name := range s.operations(t) {
		op := specs[name]
		if !fits(op) {
			continue
		}
		count++
		shop := s.Shop(t)
		synctest.Test(t, func(t *testing.T) {
			t.Cleanup(shop.Close)
			b := &bench{net: newLossy(Pipe(t, shop.Handler()))}
			b.seen = &recorder{base: b.net}
			b.make = func(opts ...pay.Option) []Call {
				return shop.Calls(t, append([]pay.Option{pay.WithBaseURL(shop.URL), pay.WithTransport(b.seen)}, opts...)...)
			}
			run(t, b, op, i)
		})
	}
	return count
}

// lost makes the n-th call of an operation, loses so many attempts of it, and
// returns what was sent.
func (b *bench) lost(t *testing.T, index, n, attempts int, opts ...pay.CallOption) ([]sentRequest, error) {
	t.Helper()
	do, err := b.make()[index].Prepare(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	b.seen.sent = nil
	plan := make([]string, attempts)
	for i := range plan {
		plan[i] = sandbox.FaultResetBeforeCommit
	}
	b.net.meet(plan)
	err = do(t.Context(), opts...)
	b.net.meet(nil)
	synctest.Wait()
	return b.seen.sent, err
}

// R7 is the idempotency key of every keyed operation: the same on all attempts,
// another in the next call, the caller's own where there is one, and readable
// afterwards. That it is random enough is wire's row.
func R7(t *testing.T, s Suite) {
	count := s.everyCall(t, func(op Operation) bool { return op.Class == "keyed" }, func(t *testing.T, b *bench, op Operation, index int) {
		var m pay.Meta
		first, err := b.lost(t, index, 1, 2, pay.WithMeta(&m))
		if err != nil || len(first) != 3 || len(m.IdempotencyKey) != 26 {
			t.Errorf("%s: %v after %d requests, key %q", op.ID, err, len(first), m.IdempotencyKey)
		}
		for _, one := range first {
			if one.key(op.Key) != m.IdempotencyKey {
				t.Errorf("%s: sent under %q, said %q", op.ID, one.key(op.Key), m.IdempotencyKey)
			}
		}
		second, err := b.lost(t, index, 2, 3) // lost for good: the key is on the error
		var e *apierr.Error
		if !errors.As(err, &e) || e.IdempotencyKey == "" || e.IdempotencyKey == m.IdempotencyKey || second[0].key(op.Key) != e.IdempotencyKey {
			t.Errorf("%s: %v under %q, after a call under %q", op.ID, err, second[0].key(op.Key), m.IdempotencyKey)
		}
		own, err := b.lost(t, index, 3, 1, pay.WithIdempotencyKey("purchase-3"), pay.WithMeta(&m))
		if err != nil || len(own) != 2 || own[0].key(op.Key) != "purchase-3" || own[1].key(op.Key) != "purchase-3" || m.IdempotencyKey != "purchase-3" {
			t.Errorf("%s: the caller's key: %v after %d requests, key %q", op.ID, err, len(own), m.IdempotencyKey)
		}
		for _, bad := range []string{"", "a b", "a\nb", "ä", "a\x00", strings.Repeat("k", 256)} {
			if sent, err := b.lost(t, index, 4, 0, pay.WithIdempotencyKey(bad)); !errors.Is(err, apierr.ErrInvalidRequest) || len(sent) != 0 {
				t.Errorf("%s: the key %.10q: %v after %d requests, want a refusal before I/O", op.ID, bad, err, len(sent))
			}
		}
	})
	if count == 0 {
		notApplicable(t, "no operation of the provider has an idempotency key")
		return
	}
	t.Attr("figure", fmt.Sprintf("%d keyed operations: one key on 3 attempts, another in the next call, the caller's own kept, 6 bad keys refused before I/O", count))
}

// R8 is the body of every operation that is repeated: the same bytes each time.
func R8(t *testing.T, s Suite) {
	bodies := 0
	count := s.everyCall(t, func(op Operation) bool { return op.Class != "keyless" }, func(t *testing.T, b *bench, op Operation, index int) {
		sent, err := b.lost(t, index, 1, 2)
		if err != nil || len(sent) < 3 {
			t.Errorf("%s: %v after %d requests", op.ID, err, len(sent))
			return
		}
		if len(sent[0].body) > 0 {
			bodies++
		}
		for i, one := range sent[:3] {
			if sha256.Sum256(one.body) != sha256.Sum256(sent[0].body) {
				t.Errorf("%s: attempt %d sends %s, the first sent %s", op.ID, i+1, one.body, sent[0].body)
			}
			if !bytes.Equal([]byte(one.header.Get("Content-Type")), []byte(sent[0].header.Get("Content-Type"))) {
				t.Errorf("%s: attempt %d has another content type", op.ID, i+1)
			}
		}
	})
	t.Attr("figure", fmt.Sprintf("%d operations, %d with a body: SHA-256 equal on 3 attempts", count, bodies))
}

// R9 is every write that cannot be repeated: sent once, of unknown outcome, and
// the error says which call tells the state.
func R9(t *testing.T, s Suite) {
	var reads []string
	for id, op := range specOperations(t, s.Spec) {
		if op.Class == "safe" {
			reads = append(reads, id)
		}
	}
	named := 0
	count := s.everyCall(t, func(op Operation) bool { return op.Class == "keyless" }, func(t *testing.T, b *bench, op Operation, index int) {
		sent, err := b.lost(t, index, 1, 1)
		var e *apierr.Error
		if !errors.As(err, &e) || len(sent) != 1 || e.Outcome() != apierr.OutcomeUnknown || e.Attempts != 1 {
			t.Errorf("%s: %v after %d requests, want an unknown outcome after one", op.ID, err, len(sent))
			return
		}
		if names(e.Description()+e.Resolution(), reads) {
			named++
		} else if e.Advice() == apierr.AdviceInquire && s.NoInquiry[op.ID] == "" {
			t.Errorf("%s: %q names no call that tells the state", op.ID, e.Resolution())
		}
	})
	if count == 0 {
		notApplicable(t, "no operation of the provider is keyless")
		return
	}
	t.Attr("figure", fmt.Sprintf("%d keyless operations: 1 request, outcome unknown; %d name the call that tells the state, the others may be made anew or have none", count, named))
}

func names(text string, calls []string) bool {
	for _, name := range calls {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}
