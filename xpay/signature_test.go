package xpay_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/xpay"
)

// TestSignatureHeaders: of the parts of a header, exactly one time and 1 to 8 signatures are
// accepted. An error says what is wrong, so that a proxy that changes headers is found.
func TestSignatureHeaders(t *testing.T) {
	const stamp, other = "1778330096", ",v1=00"
	c, now, body := client(t, "whsec_first-secret"), time.Unix(1_778_330_096, 0), []byte(`{"id":"e","type":"x.y","livemode":false,"data":{"object":{}}}`)
	good, noTime := header("whsec_first-secret", stamp, body), header("whsec_first-secret", "", body)
	mac := good[len("t="+stamp):]
	for name, tt := range map[string]struct {
		headers []string
		want    string // of the error; "" = accepted
	}{
		"digits with another name":      {[]string{good + ",v0=1"}, ""},
		"8 signatures and another part": {[]string{good + strings.Repeat(other, 7) + ",v0=1"}, ""},
		"no header":                     {nil, "0 XPay-Signature headers; want one"},
		"two headers":                   {[]string{good, good}, "2 XPay-Signature headers; want one"},
		"9 signatures":                  {[]string{good + strings.Repeat(other, 8)}, "want one t and 1 to 8 v1"},
		"9 signatures and another part": {[]string{good + strings.Repeat(other, 9)}, "too many values v1; want at most 8"},
		"a signature without a time":    {[]string{mac[1:]}, "lacks or repeats a value"},
		"a signature over no time":      {[]string{noTime}, "lacks or repeats a value"},
		"a time twice":                  {[]string{good + ",t=" + stamp}, "lacks or repeats a value"},
		"a time without a signature":    {[]string{"t=" + stamp}, "lacks or repeats a value"},
		"a time with a sign":            {[]string{"t=+" + stamp + mac}, "lacks or repeats a value"},
		"8 signatures of another key":   {[]string{"t=" + stamp + strings.Repeat(other, 8)}, "no signature in XPay-Signature matches"},
	} {
		_, err := c.VerifyAt(now, http.Header{"Xpay-Signature": tt.headers}, body)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, xpay.ErrForged) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one that is ErrForged and contains %q", name, err, tt.want)
		}
	}
}

// TestUnreadableLiveEvent: an event that cannot be read names no mode. It is not forged.
func TestUnreadableLiveEvent(t *testing.T) {
	c, err := xpay.New(xpay.Credentials{APIKey: "sk_live_0123456789", WebhookSecret: "whsec_first-secret"})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"id":"e","type":"x.y","livemode":true,"data":{"object":7}}`)
	_, err = c.VerifyAt(time.Unix(1_778_330_096, 0), http.Header{"Xpay-Signature": {header("whsec_first-secret", "1778330096", body)}}, body)
	if err == nil || errors.Is(err, xpay.ErrForged) {
		t.Errorf("got error %v, want one that is not ErrForged", err)
	}
}

// TestHandleTimeout: the context of user code ends after 25 seconds, before XPay gives up.
func TestHandleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		body := []byte(`{"id":"e","type":"x.y","livemode":false,"data":{"object":{}}}`)
		start := time.Now()
		h := client(t, "whsec_first-secret").Webhook(func(ctx context.Context, _ xpay.Event) error { <-ctx.Done(); return ctx.Err() })
		status := deliver(h, header("whsec_first-secret", strconv.FormatInt(start.Unix(), 10), body), body)
		if took := time.Since(start); status != http.StatusServiceUnavailable || took != 25*time.Second {
			t.Errorf("status %d after %v, want 503 after 25s", status, took)
		}
	})
}
