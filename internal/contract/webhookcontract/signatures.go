package webhookcontract

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

// noon is the time of the rows about time and signatures.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// W2 signs notifications for all kinds of times. All are genuine but for those.
func timesOutsideTheWindowAreRefused(t *testing.T, s harness.Suite) {
	seal, n := s.Notifications.Signing, s.Notifications
	c := seal.NewVerifier(t)
	good, bad := []string{seal.Stamp(noon), seal.Stamp(noon.Add(-300 * time.Second)), seal.Stamp(noon.Add(300 * time.Second))}, []string{
		seal.Stamp(noon.Add(-301 * time.Second)), seal.Stamp(noon.Add(301 * time.Second)), seal.Stamp(noon.AddDate(10, 0, 0)), seal.Stamp(noon.AddDate(-10, 0, 0)),
		"-1795176000", "-5", "0", "99999999999999999999", "soon", "", " " + seal.Stamp(noon), "+" + seal.Stamp(noon), seal.Stamp(noon) + ".0",
	}
	body := n.Body("1")
	for _, stamp := range good {
		if err := c.Verify(noon, seal.SignedHeader(t, stamp, body), body); err != nil {
			t.Errorf("%q: %v", stamp, err)
		}
	}
	refused := func(name string, h http.Header) {
		runs := 0
		err := c.Verify(noon, h, body)
		r := n.NewRequest(t, body)
		r.Header = h
		got := harness.ReplyOf(seal.NewVerifier(t, pay.WithClock(func() time.Time { return noon })).Webhook(func(context.Context) error { runs++; return nil }), r)
		if !errors.Is(err, seal.Forged) && !errors.Is(err, seal.Stale) || runs != 0 || got.Status < 400 {
			t.Errorf("%s: %v; answered %d, user code ran %d times", name, err, got.Status, runs)
		}
	}
	for _, stamp := range bad {
		refused(stamp, seal.SignedHeader(t, stamp, body))
	}
	genuine := seal.SignedHeader(t, good[0], body)
	for name, values := range genuine {
		twice := genuine.Clone()
		twice[name] = append(twice[name], values...)
		refused("two of "+name, twice)
	}
	t.Logf("%d times inside the window pass; %d outside, odd, missing or repeated are typed errors", len(good), len(bad)+len(genuine))
}

// W3 changes genuine notifications, a bit or a form at a time.
func alteredNotificationsAreRefused(t *testing.T, s harness.Suite) {
	seal := s.Notifications.Signing
	c, body, stamp := seal.NewVerifier(t), s.Notifications.Body("1.5"), seal.Stamp(noon)
	mac := seal.Sign(t, seal.Secrets[0], stamp, body)
	tried, passed := 0, 0
	verify := func(what string, stamp, mac string, body []byte) {
		tried++
		if err := c.Verify(noon, seal.Header(seal.Secrets[0], stamp, mac), body); err == nil || !errors.Is(err, seal.Forged) && !errors.Is(err, seal.Stale) {
			passed++
			t.Errorf("%s: %v", what, err)
		}
	}
	flipBits([]byte(stamp), func(b []byte) { verify("a bit of the time", string(b), mac, body) })
	flipBits([]byte(mac), func(b []byte) { verify("a bit of the signature", stamp, string(b), body) })
	flipBits(body, func(b []byte) { verify("a bit of the body", stamp, mac, b) })
	signed := stamp + "." + string(body)
	for i := range signed {
		if signed[i] == '.' && i != len(stamp) { // what was signed, cut at another dot
			verify("another dot", signed[:i], mac, []byte(signed[i+1:]))
		}
	}
	forms := seal.Spellings(mac)
	for _, form := range otherSpellings(mac) {
		if !slices.Contains(forms, form) {
			verify("spelt "+form, stamp, form, body)
		}
	}
	for _, form := range forms {
		if err := c.Verify(noon, seal.Header(seal.Secrets[0], stamp, form), body); err != nil {
			t.Errorf("the documented form %q: %v", form, err)
		}
	}
	took := manySignatures(t, seal, c, stamp, mac, body)
	t.Logf("%d bits, dots and spellings changed: %d pass; %d documented forms do; a header of 10000 signatures is refused in %v", tried, passed, len(forms), took)
}

// bits yields b with each of its bits flipped.
func flipBits(b []byte, yield func([]byte)) {
	for i := range 8 * len(b) {
		b[i/8] ^= 1 << (i % 8)
		yield(bytes.Clone(b))
		b[i/8] ^= 1 << (i % 8)
	}
}

// respelt writes a signature in other ways.
func otherSpellings(mac string) []string {
	bare := strings.TrimRight(mac, "=")
	last := bare[:len(bare)-1] + string(bare[len(bare)-1]+1) + mac[len(bare):] // in Base64, only unused bits differ
	return []string{
		strings.ToUpper(mac), strings.ToLower(mac), " " + mac, mac + " ", "\t" + mac, mac + "\n", mac[:9] + "\n" + mac[9:], mac[:9] + " " + mac[9:], mac + "=", mac + "==",
		bare, bare + "=", last, mac[:len(mac)-1], mac[1:], mac + mac, mac + "," + mac, "0x" + mac, "\"" + mac + "\"", "%" + mac, mac + "%00", "%41" + mac[1:], "",
		strings.NewReplacer("+", "-", "/", "_").Replace(mac) + "=", strings.Replace(mac, "/", "_", 1), strings.Replace(mac, "+", "%2B", 1),
	}
}

// many puts the genuine signature behind 10 000 others.
func manySignatures(t *testing.T, seal *harness.Signing, c harness.Verifier, stamp, mac string, body []byte) (best time.Duration) {
	t.Helper()
	bad, macs := mac[1:]+mac[:1], make([]string, 10_000)
	for i := range macs {
		macs[i] = bad
	}
	for _, behind := range []int{10, len(macs)} {
		h := seal.Header(seal.Secrets[0], stamp, append(macs[:behind:behind], mac)...)
		for run := range 20 {
			start := time.Now()
			err := c.Verify(noon, h, body)
			if took := time.Since(start); run == 0 || took < best {
				best = took
			}
			if !errors.Is(err, seal.Forged) {
				t.Fatalf("the signature behind %d others: %v", behind, err)
			}
		}
	}
	if best > time.Millisecond && !sample.Race {
		t.Errorf("a header of 10000 signatures takes %v, want 1ms at most", best)
	}
	return best
}

// W4 exchanges a secret for the next one.
func secretRotation(t *testing.T, s harness.Suite) {
	seal := s.Notifications.Signing
	old, next := seal.Secrets[0], seal.Secrets[1]
	body, stamp := s.Notifications.Body("1"), seal.Stamp(noon)
	for _, tt := range []struct {
		known    []string
		old, new bool
	}{
		{[]string{old}, true, false}, {[]string{next, old}, true, true}, {[]string{old, next}, true, true}, {[]string{next}, false, true},
	} {
		c, err := seal.Client(t, tt.known)
		if err != nil {
			t.Fatal(err)
		}
		for secret, want := range map[string]bool{old: tt.old, next: tt.new} {
			err := c.Verify(noon, seal.Header(secret, stamp, seal.Sign(t, secret, stamp, body)), body)
			if want && err != nil || !want && !errors.Is(err, seal.Forged) {
				t.Errorf("%d secrets known: %v, want proven %v", len(tt.known), err, want)
			}
		}
	}
	for i, list := range seal.Bad {
		_, err := seal.Client(t, list)
		if err == nil || slices.ContainsFunc(list, func(s string) bool { return len(s) > 8 && strings.Contains(err.Error(), s) }) {
			t.Errorf("bad list %d: %v, want a refusal without the secret", i, err)
		}
	}
	t.Logf("both secrets pass in both orders, the old one fails after it was removed; %d lists with an empty or short secret are refused", len(seal.Bad))
}
