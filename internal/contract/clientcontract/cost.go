package clientcontract

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// allocationsAreBounded compares the allocations of a read and a write with those of
// the same exchange written by hand with net/http and encoding/json, signatures
// included.
func allocationsAreBounded(t *testing.T, s harness.Suite) {
	if sample.Race {
		t.Log("allocations are not counted under the race detector, which allocates too")
		return
	}
	runs := sample.Count(100, 30)
	for _, c := range comparisons(t, s) {
		ours := testing.AllocsPerRun(runs, func() { _ = c.client(t.Context()) })
		byHand := testing.AllocsPerRun(runs, func() { _ = c.byHand(t.Context()) })
		t.Logf("operation %s: %.0f allocations, %.0f by hand", c.id, ours, byHand)
		if most := maxAllocations(byHand); ours > most {
			t.Errorf("operation %s: got %.0f allocations, want at most %.0f", c.id, ours, most)
		}
	}
}

// maxAllocations is 25 more than by hand. From Go 1.27 on the limit is wider: there
// encoding/json allocates less, and the JSON module of the clients more.
func maxAllocations(byHand float64) float64 {
	if strings.HasPrefix(runtime.Version(), "go1.26") {
		return byHand + 25
	}
	return 3 * byHand
}

// Overhead measures how long a read and a write take in relation to the same exchange
// written by hand.
func Overhead(b *testing.B, s harness.Suite) {
	for _, c := range comparisons(b, s) {
		b.Run(c.id, func(b *testing.B) {
			var ours, byHand time.Duration
			for b.Loop() { // in turn, so that both see the same load of the machine
				start := time.Now()
				err := c.client(b.Context())
				half := time.Now()
				if err = errors.Join(err, c.byHand(b.Context())); err != nil {
					b.Fatal(err)
				}
				ours, byHand = ours+half.Sub(start), byHand+time.Since(half)
			}
			b.ReportMetric(float64(ours)/float64(byHand), "x-by-hand")
		})
	}
}

// comparison is one call, made by the client and by hand.
type comparison struct {
	id             string
	client, byHand func(context.Context) error
}

// comparisons returns a read and a write.
func comparisons(t testing.TB, s harness.Suite) (out []comparison) {
	t.Helper()
	st := harness.NewDriver(t, s)
	x := &faulthttp.Replay{Handler: st.WithLogins(st.Respond((*harness.Operation).SuccessBody)), Replies: map[string]*faulthttp.Response{}}
	a := st.Connect(t, "http://localhost", pay.WithTransport(x))
	for _, do := range []func(context.Context, ...pay.CallOption) error{a.Read, a.Write} {
		clear(x.Replies)
		if err := do(t.Context()); err != nil { // logs in and creates what is read
			t.Fatal(err)
		}
		delete(x.Replies, x.Last)
		var key []pay.CallOption
		if st.Named(x.Sent).Class == "keyed" { // the response that is replayed repeats the key
			key = append(key, pay.WithIdempotencyKey("cost-1"))
		}
		_ = do(t.Context(), key...)
		c := st.Named(x.Sent)
		e := exchange{Account: a, client: &http.Client{Transport: x}, sent: x.Sent, result: c.Result}
		if c.Body != nil {
			body := reflect.New(c.Body)
			if err := jsonv2.Unmarshal(x.Body, body.Interface()); err != nil {
				t.Fatal(err)
			}
			e.body = body.Interface()
		}
		if err := e.byHand(t.Context()); err != nil {
			t.Fatal(err)
		}
		out = append(out, comparison{c.ID, func(ctx context.Context) error { return do(ctx, key...) }, e.byHand})
	}
	return out
}

// exchange is one call without a client.
type exchange struct {
	harness.Account
	client *http.Client
	sent   *http.Request
	body   any          // the request body as the client's own type; nil if there is none
	result reflect.Type // pointer to the result
}

func (e *exchange) byHand(ctx context.Context) error {
	var (
		body io.Reader
		text []byte
		err  error
	)
	if e.body != nil {
		if text, err = json.Marshal(e.body); err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, e.sent.Method, "http://localhost"+e.sent.URL.Path, body)
	if err != nil {
		return err
	}
	for name, values := range e.sent.Header {
		r.Header.Set(name, values[0])
	}
	if e.Keyed && e.body != nil {
		r.Header.Set("Idempotency-Key", rand.Text()) // the exchange by hand needs a key too
	}
	if e.Sign != nil {
		e.Sign(r, text)
	}
	resp, err := e.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err == nil && e.Check != nil {
		err = e.Check(resp, data)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, reflect.New(e.result.Elem()).Interface())
}
