package openapi_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// TestNotificationContentForms: whether the signed content of a notification has the
// Client-Id is not documented, so the forms without one are accepted too. No byte of
// them can be changed.
func TestNotificationContentForms(t *testing.T) {
	v := readVectors(t)
	c := with(t, v, v.Pair.PublicKey, noNetwork())
	now := time.Date(2024, 1, 10, 12, 25, 0, 0, time.UTC)
	for _, n := range v.Pair.Cases[4:6] {
		for _, id := range []string{n.ClientID, ""} {
			for _, query := range []string{"", "?order=1"} {
				h := header(n, "Request-Time")
				if h.Del("Client-Id"); id != "" {
					h.Set("Client-Id", id)
				}
				if ev, err := c.VerifyAt(now, n.Path+query, h, []byte(n.Body)); err != nil || ev.Payment == nil {
					t.Errorf("%s, header %q, query %q: got %+v and error %v, want a payment", n.Name, id, query, ev, err)
				}
			}
		}
		for part, value := range map[string]string{"path": n.Path, "body": n.Body, "time": n.Time, "signature": n.Signature} {
			for i := range value {
				changed := []byte(value)
				changed[i] ^= 1
				m := n
				*map[string]*string{"path": &m.Path, "body": &m.Body, "time": &m.Time, "signature": &m.Signature}[part] = string(changed)
				if _, err := c.VerifyAt(now, m.Path, header(m, "Request-Time"), []byte(m.Body)); !errors.Is(err, openapi.ErrForged) {
					t.Errorf("%s, byte %d of the %s changed: got error %v, want %v", n.Name, i, part, err, openapi.ErrForged)
				}
			}
		}
		other := header(n, "Request-Time")
		other.Set("Client-Id", "TEST_5X00000000000002")
		if _, err := c.VerifyAt(now, n.Path, other, []byte(n.Body)); !errors.Is(err, openapi.ErrForged) {
			t.Errorf("%s, for another client: got error %v, want %v", n.Name, err, openapi.ErrForged)
		}
	}
}

// TestResponseForms: the form of a response's headers is inferred, so each plausible one
// is accepted. A signature that fits no key never is.
func TestResponseForms(t *testing.T) {
	v := readVectors(t)
	plain := v.Pair.Cases[1]
	with := func(v vector, edit func(http.Header)) http.Header {
		h := header(v, "Response-Time")
		edit(h)
		return h
	}
	signature := func(format string) func(http.Header) {
		return func(h http.Header) { h.Set("Signature", fmt.Sprintf(format, plain.Signature)) }
	}
	for name, h := range map[string]http.Header{
		"no key version":                   with(plain, signature("algorithm=RSA256, signature=%s")),
		"an empty key version":             with(plain, signature("algorithm=RSA256, keyVersion=, signature=%s")),
		"only the signature's part":        with(plain, signature("signature=%s")),
		"lower-case names":                 with(plain, signature("algorithm=RSA256,keyversion=1,signature=%s")),
		"upper-case names":                 with(plain, signature("ALGORITHM=RSA256, KEYVERSION=1, SIGNATURE=%s")),
		"Request-Time for Response-Time":   with(plain, func(h http.Header) { h["Request-Time"] = h["Response-Time"]; h.Del("Response-Time") }),
		"another Request-Time":             with(plain, func(h http.Header) { h.Set("Request-Time", "2024-01-10T12:22:30Z") }),
		"an offset without a colon":        with(v.Pair.Cases[6], func(http.Header) {}),
		"milliseconds":                     with(v.Pair.Cases[7], func(http.Header) {}),
		"no Client-Id and no key version":  with(plain, func(h http.Header) { h.Del("Client-Id"); signature("signature=%s")(h) }),
		"no key version, one word of text": with(plain, signature("signature=%s, text")),
	} {
		if err := reply(t, v, []string{v.Published.PublicKey, v.Pair.PublicKey}, h, plain.Body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantUnknown(t, name+", signed with another key", reply(t, v, []string{"", v.Published.PublicKey}, h, plain.Body))
		wantUnknown(t, name+", another body", reply(t, v, []string{"", v.Pair.PublicKey}, h, strings.Replace(plain.Body, "2500", "2501", 1)))
	}
	for name, h := range map[string]http.Header{
		"a name twice, in other cases": with(plain, signature("signature=AAAA, algorithm=RSA256, Signature=%s")),
		"no time at all":               with(plain, func(h http.Header) { h.Del("Response-Time") }),
		"two Request-Times": with(plain, func(h http.Header) {
			h["Request-Time"] = []string{plain.Time, plain.Time}
			h.Del("Response-Time")
		}),
		"a time that is not one": with(plain, func(h http.Header) { h.Set("Response-Time", "soon") }),
	} {
		wantUnknown(t, name, reply(t, v, []string{"", v.Pair.PublicKey}, h, plain.Body))
	}
}

// reply makes the call of the vectors with a client that knows the keys by version, from
// version 0, and returns its error.
func reply(t *testing.T, v vectors, keys []string, h http.Header, body string) error {
	t.Helper()
	creds := pairCredentials(t)
	creds.PlatformPublicKeys = map[string]string{}
	for version, key := range keys {
		if key != "" {
			creds.PlatformPublicKeys[fmt.Sprint(version)] = armour(t, "PUBLIC KEY", key)
		}
	}
	c, err := openapi.New(creds, pay.WithMaxAttempts(1), pay.WithTransport(tripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: h.Clone(), Body: io.NopCloser(strings.NewReader(body))}, nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.RetailPay(t.Context(), retail())
	return err
}

// TestOldResponses: a response of any age is accepted, unless the caller sets a limit. A
// response that reports that the clocks differ always is.
func TestOldResponses(t *testing.T) {
	srv := atNoon(t)
	here, order := srv.Now(), newOrder(t, srv)
	clock := pay.WithClock(func() time.Time { return here })
	call := func(opts ...pay.Option) error {
		c := connect(t, srv, append(opts, clock, pay.WithMaxAttempts(1))...)
		_, err := c.RefundApply(t.Context(), openapi.RefundApplyRequest{PaymentID: order.PaymentID, RefundAmount: openapi.NewAmount(1, "EUR")}, pay.WithHeader("Sandbox-Scenario", "PROCESS_FAIL"))
		return err
	}
	if err := srv.Advance(4 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := call(); !errors.Is(err, openapi.ErrProcessFail) {
		t.Errorf("four minutes apart: got error %v, want %v", err, openapi.ErrProcessFail)
	}
	if err := call(pay.WithMaxResponseAge(time.Minute)); !errors.Is(err, apierr.ErrOutcomeUnknown) || errors.Is(err, openapi.ErrProcessFail) {
		t.Errorf("four minutes apart, limit of one: got error %v, want %v", err, apierr.ErrOutcomeUnknown)
	}
	if err := call(pay.WithMaxResponseAge(4 * time.Minute)); !errors.Is(err, openapi.ErrProcessFail) {
		t.Errorf("four minutes apart, limit of four: got error %v, want %v", err, openapi.ErrProcessFail)
	}
	if err := srv.Advance(4 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := call(); !errors.Is(err, openapi.ErrProcessFail) {
		t.Errorf("four hours apart: got error %v, want %v", err, openapi.ErrProcessFail)
	}
	c := connect(t, srv, clock, pay.WithMaxAttempts(1), pay.WithMaxResponseAge(time.Minute))
	_, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()))
	if !errors.Is(err, openapi.ErrRequestTimeInvalid) || errors.Is(err, apierr.ErrOutcomeUnknown) {
		t.Errorf("a response about the clock: got error %v, want %v", err, openapi.ErrRequestTimeInvalid)
	}
	_, err = c.RefundApply(t.Context(), openapi.RefundApplyRequest{PaymentID: order.PaymentID, RefundAmount: openapi.NewAmount(1, "EUR")}, pay.WithHeader("Sandbox-Scenario", "TIMESTAMP_INVALID"))
	if !errors.Is(err, openapi.ErrTimestampInvalid) || errors.Is(err, apierr.ErrOutcomeUnknown) {
		t.Errorf("a response with the other code: got error %v, want %v", err, openapi.ErrTimestampInvalid)
	}
}

// TestKeysInBase64: a key may be the Base64 of its DER, in one line or several.
func TestKeysInBase64(t *testing.T) {
	srv := openapitest.NewServer(t)
	good := openapi.Credentials(srv.Credentials())
	block, _ := pem.Decode([]byte(good.PrivateKey))
	key := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(*rsa.PrivateKey)
	public, _ := pem.Decode([]byte(good.PlatformPublicKeys["1"]))
	platform := must(x509.ParsePKIXPublicKey(public.Bytes)).(*rsa.PublicKey)
	text := base64.StdEncoding.EncodeToString
	lines := func(der []byte) string {
		full, out := text(der), "\n"
		for ; len(full) > 64; full = full[64:] {
			out += full[:64] + "\r\n"
		}
		return out + full + "\n"
	}
	for name, creds := range map[string]openapi.Credentials{
		"PKCS #8 and SubjectPublicKeyInfo": {PrivateKey: text(block.Bytes), PlatformPublicKeys: map[string]string{"1": text(public.Bytes)}},
		"PKCS #1":                          {PrivateKey: text(x509.MarshalPKCS1PrivateKey(key)), PlatformPublicKeys: map[string]string{"1": text(x509.MarshalPKCS1PublicKey(platform))}},
		"several lines":                    {PrivateKey: lines(block.Bytes), PlatformPublicKeys: map[string]string{"1": lines(public.Bytes)}},
	} {
		creds.ClientID, creds.KeyVersion = good.ClientID, good.KeyVersion
		c, err := openapi.New(creds, pay.WithBaseURL(srv.URL), pay.WithTransport(transport(t)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode())); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := good
	bad.PrivateKey = text(public.Bytes)
	if _, err := openapi.New(bad); err == nil || !strings.Contains(err.Error(), "PrivateKey: the key is a *rsa.PublicKey; want a private RSA key") {
		t.Errorf("a public key in the place of the private one: got error %v", err)
	}
}

// TestEveryForm makes a call and delivers a notification for everything that sources
// disagree about or do not say.
func TestEveryForm(t *testing.T) {
	for name, edit := range map[string]func(*openapitest.Config){
		"percent":                     func(c *openapitest.Config) { c.Encoding = "percent" },
		"base64url":                   func(c *openapitest.Config) { c.Encoding = "base64url" },
		"base64url-unpadded":          func(c *openapitest.Config) { c.Encoding = "base64url-unpadded" },
		"SHA256withRSA":               func(c *openapitest.Config) { c.Algorithm = "SHA256withRSA" },
		"numbers, UTC and status 200": func(c *openapitest.Config) { c.Amounts, c.Times, c.Statuses = "number", "utc", "200" },
		"no key version":              func(c *openapitest.Config) { c.KeyVersion, c.PlatformKey = "omitted", "2" },
		"Request-Time":                func(c *openapitest.Config) { c.TimeHeader = "Request-Time" },
		"offset":                      func(c *openapitest.Config) { c.HeaderTimes = "offset" },
		"offset without a colon":      func(c *openapitest.Config) { c.HeaderTimes = "offset-without-colon" },
		"milliseconds":                func(c *openapitest.Config) { c.HeaderTimes = "milliseconds" },
		"lower-case parameters":       func(c *openapitest.Config) { c.ParameterNames = "lower" },
		"upper-case parameters":       func(c *openapitest.Config) { c.ParameterNames = "upper" },
		"lower-case headers":          func(c *openapitest.Config) { c.HeaderNames = "lower" },
		"an empty client ID":          func(c *openapitest.Config) { c.NotificationContent = "empty-client-id" },
		"no client ID":                func(c *openapitest.Config) { c.NotificationContent = "no-client-id" },
	} {
		srv, got := openapitest.NewServer(t, openapitest.WithConfig(edit)), ""
		c := connect(t, srv)
		shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev openapi.Event) error { got = ev.Payment.PaymentID; return nil }))
		t.Cleanup(shop.Close)
		body := qrOrder(srv.ProductCode())
		body.PaymentNotifyURL = shop.URL + "/hooks/payment?order=1"
		order, err := c.CreateQROrder(t.Context(), body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := srv.Pay(order.PaymentID); err != nil {
			t.Fatal(err)
		}
		state, err := c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: order.PaymentID})
		if err != nil || state.PaymentAmount != openapi.NewAmount(2500, "EUR") {
			t.Errorf("%s: got %+v and error %v, want 25.00 EUR", name, state, err)
		}
		if got != order.PaymentID {
			t.Errorf("%s: got a notification about payment %q, want %q; deliveries: %+v", name, got, order.PaymentID, srv.Deliveries())
		}
		_, err = c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: "0"})
		if !errors.Is(err, openapi.ErrOrderNotExist) {
			t.Errorf("%s: got error %v, want %v", name, err, openapi.ErrOrderNotExist)
		}
	}
}
