package clientcontract

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/pay"
)

// keyedRetry loses the connection once, at every point. The call must end well
// and must have acted once.
func lostWriteIsRetriedUnderItsKey(t *testing.T, e *harness.Session) {
	if err := e.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Traffic.Broken(true)
	for _, f := range lossPoints {
		before := e.LedgerSize()
		e.Sandbox.Fault(f.kind)
		var m pay.Meta
		if err := e.Write(t.Context(), pay.WithMeta(&m)); err != nil {
			t.Errorf("%s: %v", f.kind, err)
		}
		if got := e.LedgerSize() - before; got != 1 || m.Attempts != 2 || m.IdempotencyKey == "" {
			t.Errorf("%s: %d ledger entries after %d attempts, key %q; want one after two", f.kind, got, m.Attempts, m.IdempotencyKey)
		}
	}
}

// retryRenewsTheSignature retries a signed call. The sandbox verifies the second
// signature with its own code.
func retryRenewsTheSignature(t *testing.T, e *harness.Session) { retryKeepsItsBytes(t, e) }

// sameBytes looks at two attempts of one call, a second apart by the clock.
func retryKeepsItsBytes(t *testing.T, e *harness.Session) {
	var ticks time.Duration
	a := e.ConnectAgain(t, pay.WithClock(func() time.Time { ticks += time.Second; return time.Now().Add(ticks) }))
	if err := a.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := e.Traffic.Seen()
	e.Traffic.Next(faulthttp.Respond(http.StatusServiceUnavailable, "text/plain", ""))
	if err := a.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := e.Traffic.Since(first)
	if len(sent) != 2 {
		t.Fatalf("%d requests, want 2", len(sent))
	}
	if one, two := requestBody(t, sent[0]), requestBody(t, sent[1]); len(one) == 0 || !bytes.Equal(one, two) {
		t.Errorf("the bodies differ:\n%s\n%s", one, two)
	}
	if headerAnyCase(sent[0], "Idempotency-Key") != headerAnyCase(sent[1], "Idempotency-Key") {
		t.Error("the keys differ")
	}
	for _, name := range e.Signed {
		if one, two := headerAnyCase(sent[0], name), headerAnyCase(sent[1], name); one == "" || one == two {
			t.Errorf("%s was not renewed: %q", name, one)
		}
	}
}

// header finds a header under any spelling.
func headerAnyCase(r *http.Request, name string) string {
	for key, values := range r.Header {
		if strings.EqualFold(key, name) {
			return strings.Join(values, ", ")
		}
	}
	return ""
}

func requestBody(t *testing.T, r *http.Request) []byte {
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

// bench is a shop whose requests can be lost and are kept.
type lossyClient struct {
	net  *faulthttp.Lossy
	seen *faulthttp.Recorder
	make func(opts ...pay.Option) []harness.Call
}

// everyCall runs a function in fake time for every operation that fits.
func forEachOperation(s *harness.Suite, t *testing.T, fits func(specmodel.Operation) bool, run func(t *testing.T, b *lossyClient, op specmodel.Operation, index int)) (count int) {
	specs := specmodel.Operations(t, s.Spec)
	for i, name := range s.Operations(t) {
		op := specs[name]
		if !fits(op) {
			continue
		}
		count++
		shop := s.Shop(t)
		synctest.Test(t, func(t *testing.T) {
			t.Cleanup(shop.Close)
			b := &lossyClient{net: faulthttp.NewLossy(faulthttp.Pipe(t, shop.Handler()))}
			b.seen = &faulthttp.Recorder{Base: b.net}
			b.make = func(opts ...pay.Option) []harness.Call {
				return shop.Calls(t, append([]pay.Option{pay.WithBaseURL(shop.URL), pay.WithTransport(b.seen)}, opts...)...)
			}
			run(t, b, op, i)
		})
	}
	return count
}

// lost makes the n-th call of an operation, loses so many attempts of it, and
// returns what was sent.
func (b *lossyClient) callLosing(t *testing.T, index, n, attempts int, opts ...pay.CallOption) ([]faulthttp.Request, error) {
	t.Helper()
	do, err := b.make()[index].Prepare(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	b.seen.Sent = nil
	plan := make([]string, attempts)
	for i := range plan {
		plan[i] = sandbox.FaultResetBeforeCommit
	}
	b.net.Plan(plan)
	err = do(t.Context(), opts...)
	b.net.Plan(nil)
	synctest.Wait()
	return b.seen.Sent, err
}

// R7 is the idempotency key of every keyed operation: the same on all attempts,
// another in the next call, the caller's own where there is one, and readable
// afterwards. That it is random enough is wire's row.
func idempotencyKeyIsStable(t *testing.T, s harness.Suite) {
	count := forEachOperation(&s, t, func(op specmodel.Operation) bool { return op.Class == "keyed" }, func(t *testing.T, b *lossyClient, op specmodel.Operation, index int) {
		var m pay.Meta
		first, err := b.callLosing(t, index, 1, 2, pay.WithMeta(&m))
		if err != nil || len(first) != 3 || len(m.IdempotencyKey) != 26 {
			t.Errorf("%s: %v after %d requests, key %q", op.ID, err, len(first), m.IdempotencyKey)
		}
		for _, one := range first {
			if one.IdempotencyKey(op.Key) != m.IdempotencyKey {
				t.Errorf("%s: sent under %q, said %q", op.ID, one.IdempotencyKey(op.Key), m.IdempotencyKey)
			}
		}
		second, err := b.callLosing(t, index, 2, 3) // lost for good: the key is on the error
		var e *apierr.Error
		if !errors.As(err, &e) || e.IdempotencyKey == "" || e.IdempotencyKey == m.IdempotencyKey || second[0].IdempotencyKey(op.Key) != e.IdempotencyKey {
			t.Errorf("%s: %v under %q, after a call under %q", op.ID, err, second[0].IdempotencyKey(op.Key), m.IdempotencyKey)
		}
		own, err := b.callLosing(t, index, 3, 1, pay.WithIdempotencyKey("purchase-3"), pay.WithMeta(&m))
		if err != nil || len(own) != 2 || own[0].IdempotencyKey(op.Key) != "purchase-3" || own[1].IdempotencyKey(op.Key) != "purchase-3" || m.IdempotencyKey != "purchase-3" {
			t.Errorf("%s: the caller's key: %v after %d requests, key %q", op.ID, err, len(own), m.IdempotencyKey)
		}
		for _, bad := range []string{"", "a b", "a\nb", "ä", "a\x00", strings.Repeat("k", 256)} {
			if sent, err := b.callLosing(t, index, 4, 0, pay.WithIdempotencyKey(bad)); !errors.Is(err, apierr.ErrInvalidRequest) || len(sent) != 0 {
				t.Errorf("%s: the key %.10q: %v after %d requests, want a refusal before I/O", op.ID, bad, err, len(sent))
			}
		}
	})
	t.Logf("%d keyed operations: one key on 3 attempts, another in the next call, the caller's own kept, 6 bad keys refused before I/O", count)
}

// R8 is the body of every operation that is repeated: the same bytes each time.
func everyRetrySendsTheSameBytes(t *testing.T, s harness.Suite) {
	bodies := 0
	count := forEachOperation(&s, t, func(op specmodel.Operation) bool { return op.Class != "keyless" }, func(t *testing.T, b *lossyClient, op specmodel.Operation, index int) {
		sent, err := b.callLosing(t, index, 1, 2)
		if err != nil || len(sent) < 3 {
			t.Errorf("%s: %v after %d requests", op.ID, err, len(sent))
			return
		}
		if len(sent[0].Body) > 0 {
			bodies++
		}
		for i, one := range sent[:3] {
			if sha256.Sum256(one.Body) != sha256.Sum256(sent[0].Body) {
				t.Errorf("%s: attempt %d sends %s, the first sent %s", op.ID, i+1, one.Body, sent[0].Body)
			}
			if !bytes.Equal([]byte(one.Header.Get("Content-Type")), []byte(sent[0].Header.Get("Content-Type"))) {
				t.Errorf("%s: attempt %d has another content type", op.ID, i+1)
			}
		}
	})
	t.Logf("%d operations, %d with a body: SHA-256 equal on 3 attempts", count, bodies)
}

// R9 is every write that cannot be repeated: sent once, of unknown outcome, and
// the error says which call tells the state.
func keylessWriteIsSentOnce(t *testing.T, s harness.Suite) {
	var reads []string
	for id, op := range specmodel.Operations(t, s.Spec) {
		if op.Class == "safe" {
			reads = append(reads, id)
		}
	}
	named := 0
	count := forEachOperation(&s, t, func(op specmodel.Operation) bool { return op.Class == "keyless" }, func(t *testing.T, b *lossyClient, op specmodel.Operation, index int) {
		sent, err := b.callLosing(t, index, 1, 1)
		var e *apierr.Error
		if !errors.As(err, &e) || len(sent) != 1 || e.Outcome() != apierr.OutcomeUnknown || e.Attempts != 1 {
			t.Errorf("%s: %v after %d requests, want an unknown outcome after one", op.ID, err, len(sent))
			return
		}
		if containsAny(e.Description()+e.Resolution(), reads) {
			named++
		} else if e.Advice() == apierr.AdviceInquire && s.NoInquiry[op.ID] == "" {
			t.Errorf("%s: %q names no call that tells the state", op.ID, e.Resolution())
		}
	})
	t.Logf("%d keyless operations: 1 request, outcome unknown; %d name the call that tells the state, the others may be made anew or have none", count, named)
}

func containsAny(text string, calls []string) bool {
	for _, name := range calls {
		if strings.Contains(text, name) {
			return true
		}
	}
	return false
}
