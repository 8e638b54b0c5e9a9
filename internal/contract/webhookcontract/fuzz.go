package webhookcontract

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
)

// FuzzNotification signs any body. Whatever it is, the answer is one of the
// provider's, and user code runs at most once for it.
func FuzzNotification(f *testing.F, s harness.Suite) {
	l := harness.NewFuzzDriver(f, s)
	body, err := io.ReadAll(l.Sandbox.Notification(f)().Body)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	runs := 0
	h := l.Connect(f, l.Sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	f.Fuzz(func(t *testing.T, body []byte) {
		runs = 0
		for range 2 {
			r, status, answer := l.Sandbox.Signed(t, body), 0, ""
			harness.Bounded(t, len(body), func() { status, answer = harness.Deliver(h, r) })
			if (status == http.StatusOK) != (answer == l.Sandbox.Accepted) || runs > 1 || runs == 1 && status != http.StatusOK {
				t.Errorf("answered %d %q, user code ran %d times", status, answer, runs)
			}
		}
	})
}

// FuzzHeaders replaces one header after another of a genuine notification. User
// code runs only when nothing but what may differ has changed.
func FuzzHeaders(f *testing.F, s harness.Suite, names ...string) {
	l := harness.NewFuzzDriver(f, s)
	genuine := l.Sandbox.Notification(f)
	body, err := io.ReadAll(genuine().Body)
	if err != nil {
		f.Fatal(err)
	}
	first := l.Sandbox.Signed(f, body).Header
	for i, name := range names {
		v := first.Get(name)
		for _, seed := range []string{v, v[:len(v)-1] + string(v[len(v)-1]^1), strings.ToUpper(v), v + "," + v, " " + v, v + "=", v[:len(v)/2]} {
			f.Add(uint8(i), seed)
		}
	}
	runs := 0
	h := l.Connect(f, l.Sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	f.Fuzz(func(t *testing.T, which uint8, value string) {
		r, name := l.Sandbox.Signed(t, body), names[int(which)%len(names)]
		was := r.Header.Get(name)
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		runs = 0
		var status int
		harness.Bounded(t, len(body)+len(value), func() { status, _ = harness.Deliver(h, r) })
		if status == http.StatusOK && !equivalentHeaders(was, value) && !equivalentHeaders(first.Get(name), value) {
			t.Errorf("%s: %q in place of %q was accepted", name, value, was)
		}
	})
}

// equivalent reports whether a header says what another says: blanks, and the
// forms of Base64, may differ.
func equivalentHeaders(a, b string) bool {
	plain := strings.NewReplacer(" ", "", "\t", "", "-", "+", "_", "/", "=", "", "%2B", "+", "%2b", "+", "%2F", "/", "%2f", "/", "%3D", "", "%3d", "")
	return strings.Contains(plain.Replace(b), plain.Replace(lastPart(a)))
}

func lastPart(s string) string {
	s = strings.TrimRight(s, "=") // padding
	return s[strings.LastIndexAny(s, ",=")+1:]
}
