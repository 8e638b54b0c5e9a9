package clientcontract

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
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

// lostWriteIsRetriedUnderItsKey loses the connection once, at every point. The call
// must succeed and take effect once.
func lostWriteIsRetriedUnderItsKey(t *testing.T, e *harness.Session) {
	if err := e.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Traffic.Broken(true)
	for _, f := range lossPoints {
		before := e.LedgerSize()
		e.Sandbox.Fault(f.kind)
		subject := harness.Subject(e.WriteID, f.kind)
		var m pay.Meta
		if err := e.Write(t.Context(), pay.WithMeta(&m)); err != nil {
			t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
		}
		harness.Expect(t, subject, "ledger entries", e.LedgerSize()-before, 1)
		harness.Expect(t, subject, "attempts", m.Attempts, 2)
		if m.IdempotencyKey == "" {
			t.Errorf("%s: the meta has no idempotency key", subject)
		}
	}
}

// retryRenewsTheSignature retries a signed call. The sandbox verifies the second
// signature with its own code.
func retryRenewsTheSignature(t *testing.T, e *harness.Session) {
	first, second := twoAttempts(t, e)
	for _, name := range e.Signed {
		one, two := headerAnyCase(first, name), headerAnyCase(second, name)
		if one == "" || one == two {
			t.Errorf("operation %s: header %s: got %s on the first attempt and %s on the second, want two values", e.WriteID, name, harness.Short(one), harness.Short(two))
		}
	}
}

func retryKeepsItsBytes(t *testing.T, e *harness.Session) {
	first, second := twoAttempts(t, e)
	one, two := requestBody(t, first), requestBody(t, second)
	if len(one) == 0 {
		t.Errorf("operation %s: the first attempt has no body", e.WriteID)
	}
	harness.Expect(t, "operation "+e.WriteID, "body of the second attempt", string(two), string(one))
	harness.Expect(t, "operation "+e.WriteID, "idempotency key of the second attempt", headerAnyCase(second, "Idempotency-Key"), headerAnyCase(first, "Idempotency-Key"))
}

// twoAttempts makes a write whose first attempt gets status 503. The attempts are a
// second apart by the client's clock.
func twoAttempts(t *testing.T, e *harness.Session) (first, second *http.Request) {
	t.Helper()
	var ticks time.Duration
	a := e.ConnectAgain(t, pay.WithClock(func() time.Time { ticks += time.Second; return time.Now().Add(ticks) }))
	if err := a.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := e.Traffic.Seen()
	e.Traffic.Next(faulthttp.Respond(http.StatusServiceUnavailable, "text/plain", ""))
	if err := a.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := e.Traffic.Since(before)
	if len(sent) != 2 {
		t.Fatalf("operation %s, input status 503 once: got %d requests, want 2", e.WriteID, len(sent))
	}
	return sent[0], sent[1]
}

// headerAnyCase returns a header whose name may be written in any case.
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

// lossyClient is a client whose requests can be lost and are recorded.
type lossyClient struct {
	net  *faulthttp.Lossy
	seen *faulthttp.Recorder
	make func(opts ...pay.Option) []harness.Call
}

// forEachOperation runs a function in fake time for every operation of the retry
// classes.
func forEachOperation(t *testing.T, s harness.Suite, classes []string, run func(t *testing.T, c *lossyClient, op specmodel.Operation, index int)) {
	specs := specmodel.Operations(t, s.Spec)
	for i, name := range s.Operations(t) {
		op := specs[name]
		if !slices.Contains(classes, op.Class) {
			continue
		}
		shop := s.Shop(t)
		synctest.Test(t, func(t *testing.T) {
			t.Cleanup(shop.Close)
			c := &lossyClient{net: faulthttp.NewLossy(faulthttp.Pipe(t, shop.Handler()))}
			c.seen = &faulthttp.Recorder{Base: c.net}
			c.make = func(opts ...pay.Option) []harness.Call {
				return shop.Calls(t, append([]pay.Option{pay.WithBaseURL(shop.URL), pay.WithTransport(c.seen)}, opts...)...)
			}
			run(t, c, op, i)
		})
	}
}

// callLosing makes the n-th call of an operation, loses so many attempts, and returns
// what was sent.
func (c *lossyClient) callLosing(t *testing.T, index, n, attempts int, opts ...pay.CallOption) ([]faulthttp.Request, error) {
	t.Helper()
	do, err := c.make()[index].Prepare(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	c.seen.Sent = nil
	plan := make([]string, attempts)
	for i := range plan {
		plan[i] = sandbox.FaultResetBeforeCommit
	}
	c.net.Plan(plan)
	err = do(t.Context(), opts...)
	c.net.Plan(nil)
	synctest.Wait()
	return c.seen.Sent, err
}

// idempotencyKeyIsStable checks the key of every keyed operation: the same on all
// attempts, another in the next call, the caller's own if there is one, and readable
// afterwards. That it is random is tested in internal/transport.
func idempotencyKeyIsStable(t *testing.T, s harness.Suite) {
	forEachOperation(t, s, []string{"keyed"}, func(t *testing.T, c *lossyClient, op specmodel.Operation, index int) {
		var m pay.Meta
		sent, err := c.callLosing(t, index, 1, 2, pay.WithMeta(&m))
		subject := harness.Subject(op.ID, "two attempts lost")
		if err != nil {
			t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
		}
		harness.Expect(t, subject, "length of the key", len(m.IdempotencyKey), 26)
		checkKeys(t, subject, sent, op, 3, m.IdempotencyKey)
		first := m.IdempotencyKey

		sent, err = c.callLosing(t, index, 2, 3)
		subject = harness.Subject(op.ID, "all attempts lost")
		if got := harness.AsError(t, subject, err); got != nil {
			if got.IdempotencyKey == "" || got.IdempotencyKey == first {
				t.Errorf("%s: got key %q on the error, want one that differs from that of the last call", subject, got.IdempotencyKey)
			}
			checkKeys(t, subject, sent, op, 3, got.IdempotencyKey)
		}

		const own = "purchase-3"
		sent, err = c.callLosing(t, index, 3, 1, pay.WithIdempotencyKey(own), pay.WithMeta(&m))
		subject = harness.Subject(op.ID, "the caller's own key")
		if err != nil {
			t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
		}
		harness.Expect(t, subject, "key of the meta", m.IdempotencyKey, own)
		checkKeys(t, subject, sent, op, 2, own)

		for _, bad := range []string{"", "a b", "a\nb", "ä", "a\x00", strings.Repeat("k", 256)} {
			sent, err := c.callLosing(t, index, 4, 0, pay.WithIdempotencyKey(bad))
			subject := harness.Subject(op.ID, "idempotency key "+harness.Short(bad))
			harness.ExpectIs(t, subject, err, apierr.ErrInvalidRequest, true)
			harness.Expect(t, subject, "requests", len(sent), 0)
		}
	})
}

// checkKeys checks how many requests were sent, and the idempotency key of each.
func checkKeys(t *testing.T, subject string, sent []faulthttp.Request, op specmodel.Operation, count int, key string) {
	t.Helper()
	harness.Expect(t, subject, "requests", len(sent), count)
	for i, r := range sent {
		harness.Expect(t, subject, fmt.Sprintf("key of attempt %d", i+1), r.IdempotencyKey(op.Key), key)
	}
}

// everyRetrySendsTheSameBytes checks the body of every operation that is retried.
func everyRetrySendsTheSameBytes(t *testing.T, s harness.Suite) {
	forEachOperation(t, s, []string{"safe", "keyed"}, func(t *testing.T, c *lossyClient, op specmodel.Operation, index int) {
		sent, err := c.callLosing(t, index, 1, 2)
		subject := harness.Subject(op.ID, "two attempts lost")
		if err != nil {
			t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
		}
		if len(sent) < 3 {
			t.Errorf("%s: got %d requests, want at least 3", subject, len(sent))
			return
		}
		for i, r := range sent[:3] {
			if !bytes.Equal(r.Body, sent[0].Body) {
				t.Errorf("%s: attempt %d sends %s, want %s as the first one", subject, i+1, harness.Short(r.Body), harness.Short(sent[0].Body))
			}
			harness.Expect(t, subject, fmt.Sprintf("content type of attempt %d", i+1), r.Header.Get("Content-Type"), sent[0].Header.Get("Content-Type"))
		}
	})
}

// keylessWriteIsSentOnce loses the response to every write without an idempotency
// key. The error must name the call that finds out the state, if there is one.
func keylessWriteIsSentOnce(t *testing.T, s harness.Suite) {
	var reads []string
	for id, op := range specmodel.Operations(t, s.Spec) {
		if op.Class == "safe" {
			reads = append(reads, id)
		}
	}
	forEachOperation(t, s, []string{"keyless"}, func(t *testing.T, c *lossyClient, op specmodel.Operation, index int) {
		sent, err := c.callLosing(t, index, 1, 1)
		subject := harness.Subject(op.ID, "response lost")
		harness.Expect(t, subject, "requests", len(sent), 1)
		got := harness.AsError(t, subject, err)
		if got == nil {
			return
		}
		harness.Expect(t, subject, "outcome", got.Outcome(), apierr.OutcomeUnknown)
		harness.Expect(t, subject, "attempts", got.Attempts, 1)
		namesRead := slices.ContainsFunc(reads, func(id string) bool { return strings.Contains(got.Description()+got.Resolution(), id) })
		if got.Advice() == apierr.AdviceInquire && !namesRead && s.NoInquiry[op.ID] == "" {
			t.Errorf("%s: the resolution %s names no call that finds out the state", subject, harness.Short(got.Resolution()))
		}
	})
}
