package webhookcontract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// noon is the time of the verifier.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// isRefusal reports whether an error says that a notification is forged or stale.
func isRefusal(sign *harness.Signing, err error) bool {
	return errors.Is(err, sign.Forged) || errors.Is(err, sign.Stale)
}

// timesOutsideTheWindowAreRefused signs notifications of all kinds of times.
func timesOutsideTheWindowAreRefused(t *testing.T, s harness.Suite) {
	n, sign := s.Notifications, s.Notifications.Signing
	c, body := sign.NewVerifier(t), n.Body("1")
	for _, after := range []time.Duration{0, -sign.Oldest(), sign.Window} {
		if err := c.Verify(noon, sign.SignedHeader(t, sign.Stamp(noon.Add(after)), body), body); err != nil {
			t.Errorf("notification of %v after noon: got %s, want success", after, harness.ShortError(err))
		}
	}
	expectRefusal := func(input string, h http.Header) {
		t.Helper()
		subject, runs := "notification with "+input, 0
		if err := c.Verify(noon, h, body); !isRefusal(sign, err) {
			t.Errorf("%s: Verify: got %v, want %v or %v", subject, err, sign.Forged, sign.Stale)
		}
		r := n.NewRequest(t, body)
		r.Header = h
		got := harness.ReplyOf(sign.NewVerifier(t, pay.WithClock(func() time.Time { return noon })).Webhook(func(context.Context) error { runs++; return nil }), r)
		if got.Status < 400 {
			t.Errorf("%s: got status %d, want that of an error", subject, got.Status)
		}
		harness.Expect(t, subject, "runs of the handler", runs, 0)
	}
	for _, stamp := range []string{
		sign.Stamp(noon.Add(-sign.Oldest() - time.Second)), sign.Stamp(noon.Add(sign.Window + time.Second)), sign.Stamp(noon.AddDate(10, 0, 0)), sign.Stamp(noon.AddDate(-10, 0, 0)),
		"-1795176000", "-5", "0", "99999999999999999999", "soon", "", " " + sign.Stamp(noon), "+" + sign.Stamp(noon), sign.Stamp(noon) + ".0",
	} {
		expectRefusal(fmt.Sprintf("time %q", stamp), sign.SignedHeader(t, stamp, body))
	}
	genuine := sign.SignedHeader(t, sign.Stamp(noon), body)
	for name, values := range genuine {
		twice := genuine.Clone()
		twice[name] = append(twice[name], values...)
		expectRefusal("two headers "+name, twice)
	}
}

// alteredNotificationsAreRefused flips each bit of a genuine notification, and writes
// its signature in other ways.
func alteredNotificationsAreRefused(t *testing.T, s harness.Suite) {
	sign := s.Notifications.Signing
	c, body, stamp := sign.NewVerifier(t), s.Notifications.Body("1.5"), sign.Stamp(noon)
	mac := sign.Sign(t, sign.Secrets[0], stamp, body)
	expectRefusal := func(input string, stamp, mac string, body []byte) {
		t.Helper()
		if err := c.Verify(noon, sign.Header(sign.Secrets[0], stamp, mac), body); !isRefusal(sign, err) {
			t.Errorf("notification with %s: got %v, want %v or %v", input, err, sign.Forged, sign.Stale)
		}
	}
	flipBits([]byte(stamp), func(b []byte) { expectRefusal(fmt.Sprintf("time %q", b), string(b), mac, body) })
	flipBits([]byte(mac), func(b []byte) { expectRefusal(fmt.Sprintf("signature %q", b), stamp, string(b), body) })
	flipBits(body, func(b []byte) { expectRefusal("body "+harness.Short(b), stamp, mac, b) })
	signed := stamp + "." + string(body)
	for i := range signed {
		if signed[i] == '.' && i != len(stamp) { // the signed text, divided at another dot
			expectRefusal(fmt.Sprintf("time %q", signed[:i]), signed[:i], mac, []byte(signed[i+1:]))
		}
	}
	documented := sign.Spellings(mac)
	for _, form := range otherSpellings(mac) {
		if !slices.Contains(documented, form) {
			expectRefusal(fmt.Sprintf("signature %q", form), stamp, form, body)
		}
	}
	for _, form := range documented {
		if err := c.Verify(noon, sign.Header(sign.Secrets[0], stamp, form), body); err != nil {
			t.Errorf("notification with the documented signature form %q: got %s, want success", form, harness.ShortError(err))
		}
	}
	manySignatures(t, sign, c, stamp, mac, body)
}

// flipBits yields b with each of its bits flipped.
func flipBits(b []byte, yield func([]byte)) {
	for i := range 8 * len(b) {
		b[i/8] ^= 1 << (i % 8)
		yield(bytes.Clone(b))
		b[i/8] ^= 1 << (i % 8)
	}
}

// otherSpellings writes a signature in other ways.
func otherSpellings(mac string) []string {
	bare := strings.TrimRight(mac, "=")
	last := bare[:len(bare)-1] + string(bare[len(bare)-1]+1) + mac[len(bare):] // in Base64, only unused bits differ
	return []string{
		strings.ToUpper(mac), strings.ToLower(mac), " " + mac, mac + " ", "\t" + mac, mac + "\n", mac[:9] + "\n" + mac[9:], mac[:9] + " " + mac[9:], mac + "=", mac + "==",
		bare, bare + "=", last, mac[:len(mac)-1], mac[1:], mac + mac, mac + "," + mac, "0x" + mac, "\"" + mac + "\"", "%" + mac, mac + "%00", "%41" + mac[1:], "",
		strings.NewReplacer("+", "-", "/", "_").Replace(mac) + "=", strings.Replace(mac, "/", "_", 1), strings.Replace(mac, "+", "%2B", 1),
	}
}

// manySignatures puts the genuine signature behind 10 and 10,000 others. Only the
// first 10 are looked at, so the notification is refused within a millisecond.
func manySignatures(t *testing.T, sign *harness.Signing, c harness.Verifier, stamp, mac string, body []byte) {
	t.Helper()
	bad, macs := mac[1:]+mac[:1], make([]string, 10_000)
	for i := range macs {
		macs[i] = bad
	}
	best := time.Hour
	for _, behind := range []int{10, len(macs)} {
		h := sign.Header(sign.Secrets[0], stamp, append(macs[:behind:behind], mac)...)
		for range 20 {
			start := time.Now()
			err := c.Verify(noon, h, body)
			best = min(best, time.Since(start))
			if !errors.Is(err, sign.Forged) {
				t.Fatalf("notification with the genuine signature behind %d others: got %v, want %v", behind, err, sign.Forged)
			}
		}
	}
	if best > time.Millisecond && !sample.Race {
		t.Errorf("notification with 10,000 signatures: verified in %v, want at most 1ms", best)
	}
}

// secretRotation replaces a secret by the next one.
func secretRotation(t *testing.T, s harness.Suite) {
	sign := s.Notifications.Signing
	old, next := sign.Secrets[0], sign.Secrets[1]
	body, stamp := s.Notifications.Body("1"), sign.Stamp(noon)
	for _, tt := range []struct {
		name     string
		known    []string
		old, new bool
	}{
		{"the old secret", []string{old}, true, false}, {"the next and the old secret", []string{next, old}, true, true},
		{"the old and the next secret", []string{old, next}, true, true}, {"the next secret", []string{next}, false, true},
	} {
		c, err := sign.Client(t, tt.known)
		if err != nil {
			t.Fatal(err)
		}
		for secret, accepted := range map[string]bool{old: tt.old, next: tt.new} {
			subject := fmt.Sprintf("client with %s, notification signed with the next one %v", tt.name, secret == next)
			err := c.Verify(noon, sign.Header(secret, stamp, sign.Sign(t, secret, stamp, body)), body)
			if accepted && err != nil {
				t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
			}
			if !accepted {
				harness.ExpectIs(t, subject, err, sign.Forged, true)
			}
		}
	}
	for i, list := range sign.Bad {
		_, err := sign.Client(t, list)
		if err == nil {
			t.Errorf("New with invalid list of secrets %d: got success, want an error", i)
			continue
		}
		if slices.ContainsFunc(list, func(s string) bool { return len(s) > 8 && strings.Contains(err.Error(), s) }) {
			t.Errorf("New with invalid list of secrets %d: the error contains a secret", i)
		}
	}
}
