package webhookcontract

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
)

// FuzzNotification signs any body. The reply is always one of the provider's, and the
// handler runs at most once.
func FuzzNotification(f *testing.F, s harness.Suite) {
	d := harness.NewFuzzDriver(f, s)
	genuine, err := io.ReadAll(d.Sandbox.Notification(f)().Body)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(genuine)
	runs := 0
	h := d.Connect(f, d.Sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	f.Fuzz(func(t *testing.T, body []byte) {
		runs = 0
		subject := "notification with body " + harness.Short(body)
		for range 2 {
			r, status, reply := d.Sandbox.Signed(t, body), 0, ""
			harness.Bounded(t, len(body), func() { status, reply = harness.Deliver(h, r) })
			harness.Expect(t, subject, "reply is that of an accepted one", reply == d.Sandbox.Accepted, status == http.StatusOK)
			if runs > 1 {
				t.Errorf("%s: the handler ran %d times, want at most once", subject, runs)
			}
			if runs == 1 {
				harness.Expect(t, subject+", after which the handler ran", "status", status, http.StatusOK)
			}
		}
	})
}

// FuzzHeaders replaces one header after another of a genuine notification. It is
// accepted only if the new value is equivalent.
func FuzzHeaders(f *testing.F, s harness.Suite, names ...string) {
	d := harness.NewFuzzDriver(f, s)
	body, err := io.ReadAll(d.Sandbox.Notification(f)().Body)
	if err != nil {
		f.Fatal(err)
	}
	first := d.Sandbox.Signed(f, body).Header
	for i, name := range names {
		v := first.Get(name)
		for _, seed := range []string{v, v[:len(v)-1] + string(v[len(v)-1]^1), strings.ToUpper(v), v + "," + v, " " + v, v + "=", v[:len(v)/2]} {
			f.Add(uint8(i), seed)
		}
	}
	h := d.Connect(f, d.Sandbox.URL).Webhook(func(context.Context) error { return nil })
	f.Fuzz(func(t *testing.T, which uint8, value string) {
		r, name := d.Sandbox.Signed(t, body), names[int(which)%len(names)]
		was := r.Header.Get(name)
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
		var status int
		harness.Bounded(t, len(body)+len(value), func() { status, _ = harness.Deliver(h, r) })
		if status == http.StatusOK && !equivalentHeaders(was, value) && !equivalentHeaders(first.Get(name), value) {
			t.Errorf("notification with %s %q instead of %q: accepted, want a refusal", name, value, was)
		}
	})
}

// equivalentHeaders reports whether header b contains the last part of header a,
// apart from blanks and the alphabet and padding of Base64.
func equivalentHeaders(a, b string) bool {
	plain := strings.NewReplacer(" ", "", "\t", "", "-", "+", "_", "/", "=", "", "%2B", "+", "%2b", "+", "%2F", "/", "%2f", "/", "%3D", "", "%3d", "")
	return strings.Contains(plain.Replace(b), plain.Replace(lastPart(a)))
}

// lastPart returns what follows the last comma or equals sign, padding aside.
func lastPart(s string) string {
	s = strings.TrimRight(s, "=")
	return s[strings.LastIndexAny(s, ",=")+1:]
}
