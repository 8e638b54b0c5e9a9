package contract

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// Bounded fails the test when f takes a second, or more memory than 64 times its
// input and a mebibyte.
func Bounded(t *testing.T, input int, f func()) {
	t.Helper()
	start := time.Now()
	cost := allocated(f)
	if took := time.Since(start); took > time.Second {
		t.Errorf("%d bytes of input took %v", input, took)
	}
	limit := uint64(64*input + 1<<20)
	if sample.Race {
		limit *= 13
	}
	if cost > limit {
		t.Errorf("%d bytes of input cost %d bytes, want at most %d", input, cost, limit)
	}
}

// FuzzError reads errors of any status and body, of a read and of a write.
func FuzzError(f *testing.F, s Suite) {
	l := newFuzzLab(f, s)
	ops := l.readAndWrite()
	f.Add(uint8(0), 400, []byte("{}"))
	f.Fuzz(func(t *testing.T, which uint8, status int, body []byte) {
		c := ops[int(which)%len(ops)]
		status = 300 + abs(status)%300
		h := l.says(c, status, "application/json", string(body))
		var err error
		Bounded(t, len(body), func() { _, err = l.call(t, c, h) })
		pe := mustFail(t, c.id, nil, err)
		if pe == nil {
			return
		}
		text := pe.Error()
		if pe.StatusCode != status || len(text) > 2048 || strings.ContainsAny(text, "\r\n\x00") {
			t.Errorf("status %d, %d bytes of text: %q", pe.StatusCode, len(text), text)
		}
		if c.safe() && errors.Is(pe, apierr.ErrOutcomeUnknown) || pe.Outcome() == apierr.OutcomeApplied || pe.CustomerMessage("en") == "" {
			t.Errorf("%s: outcome %s, class %v", c.id, pe.Outcome(), pe.Category())
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

// FuzzModels reads any body as the success of any operation. What is read can be
// written, and what was written reads as the same.
func FuzzModels(f *testing.F, s Suite) {
	l := newFuzzLab(f, s)
	for i, c := range l.calls {
		f.Add(uint8(i), c.whole)
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		c := l.calls[int(which)%len(l.calls)]
		h := l.says(c, c.status, "application/json", string(body))
		var got any
		var err error
		Bounded(t, len(body), func() { got, err = l.call(t, c, h) })
		if err != nil {
			_ = l.typed(t, "fuzz", c, err, c.status)
			return
		}
		if c.void {
			return
		}
		once, err := jsonv2.Marshal(got, jsonv2.Deterministic(true))
		if err != nil {
			t.Fatalf("%s: read, but not written: %v", c.id, err)
		}
		back := reflect.New(reflect.TypeOf(got))
		if err := jsonv2.Unmarshal(once, back.Interface()); err != nil {
			t.Fatalf("%s: its own %s is not read: %v", c.id, once, err)
		}
		twice, err := jsonv2.Marshal(back.Elem().Interface(), jsonv2.Deterministic(true))
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s: %s became %s (%v)", c.id, once, twice, err)
		}
	})
}

// FuzzNotification signs any body. Whatever it is, the answer is one of the
// provider's, and user code runs at most once for it.
func FuzzNotification(f *testing.F, s Suite) {
	l := newFuzzLab(f, s)
	body, err := io.ReadAll(l.sandbox.Notification(f)().Body)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	runs := 0
	h := l.Connect(f, l.sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	f.Fuzz(func(t *testing.T, body []byte) {
		runs = 0
		for range 2 {
			r, status, answer := l.sandbox.Signed(t, body), 0, ""
			Bounded(t, len(body), func() { status, answer = deliver(h, r) })
			if (status == http.StatusOK) != (answer == l.sandbox.Accepted) || runs > 1 || runs == 1 && status != http.StatusOK {
				t.Errorf("answered %d %q, user code ran %d times", status, answer, runs)
			}
		}
	})
}

// FuzzHeaders replaces one header after another of a genuine notification. User
// code runs only when nothing but what may differ has changed.
func FuzzHeaders(f *testing.F, s Suite, names ...string) {
	l := newFuzzLab(f, s)
	genuine := l.sandbox.Notification(f)
	body, err := io.ReadAll(genuine().Body)
	if err != nil {
		f.Fatal(err)
	}
	first := l.sandbox.Signed(f, body).Header
	for i, name := range names {
		v := first.Get(name)
		for _, seed := range []string{v, v[:len(v)-1] + string(v[len(v)-1]^1), strings.ToUpper(v), v + "," + v, " " + v, v + "=", v[:len(v)/2]} {
			f.Add(uint8(i), seed)
		}
	}
	runs := 0
	h := l.Connect(f, l.sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	f.Fuzz(func(t *testing.T, which uint8, value string) {
		r, name := l.sandbox.Signed(t, body), names[int(which)%len(names)]
		was := r.Header.Get(name)
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		runs = 0
		var status int
		Bounded(t, len(body)+len(value), func() { status, _ = deliver(h, r) })
		if status == http.StatusOK && !equivalent(was, value) && !equivalent(first.Get(name), value) {
			t.Errorf("%s: %q in place of %q was accepted", name, value, was)
		}
	})
}

// equivalent reports whether a header says what another says: blanks, and the
// forms of Base64, may differ.
func equivalent(a, b string) bool {
	plain := strings.NewReplacer(" ", "", "\t", "", "-", "+", "_", "/", "=", "", "%2B", "+", "%2b", "+", "%2F", "/", "%2f", "/", "%3D", "", "%3d", "")
	return strings.Contains(plain.Replace(b), plain.Replace(lastPart(a)))
}

func lastPart(s string) string {
	s = strings.TrimRight(s, "=") // padding
	return s[strings.LastIndexAny(s, ",=")+1:]
}

// FuzzSandbox sends any request to the sandbox, authorised as the client's are.
// The answer is no defect, and where the spec has the operation it is as the spec
// says.
func FuzzSandbox(f *testing.F, s Suite) {
	p := newProber(f, s)
	for _, c := range p.cases(1) {
		f.Add(c.method, c.target, []byte(c.body))
	}
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "/_sandbox") {
			t.Skip("not a path of the provider")
		}
		start := time.Now() // memory is not counted: the sandbox draws pictures, and the validator works here too
		if problem := p.probe(probe{name: "fuzz", method: method, target: target, body: string(body)}); problem != "" {
			t.Error(problem)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func newFuzzLab(f *testing.F, s Suite) *lab {
	f.Helper()
	l := &lab{stand: newStand(f, s)}
	through := memory{l.behind(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.h.ServeHTTP(w, r) }))}
	l.methods = l.client(f, "http://localhost", pay.WithTransport(through), pay.WithMaxAttempts(1))
	return l
}
