package openapitest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

// TestConfigChangesHeaders reads what each config field changes in the headers of a
// response and of a notification, as they are on the wire.
func TestConfigChangesHeaders(t *testing.T) {
	for name, tt := range map[string]struct {
		edit           func(*openapitest.Config)
		response, call string // patterns of a header line
	}{
		"the default":          {func(*openapitest.Config) {}, `Signature: algorithm=RSA256, keyVersion=1, signature=`, `Client-Id: TEST_5X00000000000001`},
		"the time by default":  {func(*openapitest.Config) {}, `Response-Time: 2024-01-10T12:00:00Z\r`, `Request-Time: 2024-01-10T12:00:00Z\r`},
		"no key version":       {func(c *openapitest.Config) { c.KeyVersion = "omitted" }, `Signature: algorithm=RSA256, signature=`, `Signature: algorithm=RSA256, signature=`},
		"lower-case names":     {func(c *openapitest.Config) { c.ParameterNames = "lower" }, `: algorithm=RSA256, keyversion=1, signature=`, `: algorithm=RSA256, keyversion=1, signature=`},
		"upper-case names":     {func(c *openapitest.Config) { c.ParameterNames = "upper" }, `: ALGORITHM=RSA256, KEYVERSION=1, SIGNATURE=`, `: ALGORITHM=RSA256, KEYVERSION=1, SIGNATURE=`},
		"lower-case headers":   {func(c *openapitest.Config) { c.HeaderNames = "lower" }, `\nresponse-time: `, `Request-Time: `},
		"a lower-case ID":      {func(c *openapitest.Config) { c.HeaderNames = "lower" }, `\nclient-id: `, `Signature: `},
		"another time header":  {func(c *openapitest.Config) { c.TimeHeader = "Request-Time" }, `\nRequest-Time: `, `Request-Time: `},
		"offset":               {func(c *openapitest.Config) { c.HeaderTimes = "offset" }, `Time: 2024-01-10T13:00:00\+01:00\r`, `Time: 2024-01-10T13:00:00\+01:00\r`},
		"offset without colon": {func(c *openapitest.Config) { c.HeaderTimes = "offset-without-colon" }, `Time: 2024-01-10T13:00:00\+0100\r`, `Time: 2024-01-10T13:00:00\+0100\r`},
		"milliseconds":         {func(c *openapitest.Config) { c.HeaderTimes = "milliseconds" }, `Time: 1704888000000\r`, `Time: 1704888000000\r`},
		"an empty client ID":   {func(c *openapitest.Config) { c.NotificationContent = "empty-client-id" }, `Client-Id: `, `Request-Time: `},
		"no client ID":         {func(c *openapitest.Config) { c.NotificationContent = "no-client-id" }, `Client-Id: `, `Request-Time: `},
	} {
		s := open(t, openapitest.WithConfig(tt.edit), openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
		if got := s.wire(s.request("payments/inquiryPayment", `{"paymentId":"1"}`)); !regexp.MustCompile(tt.response).MatchString(got) {
			t.Errorf("%s: got response\n%s\nwant %q", name, got, tt.response)
		}
		notification, err := s.srv.SignCallback("http://shop.localhost/hooks", []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		var header strings.Builder
		if err := notification.Header.Write(&header); err != nil {
			t.Fatal(err)
		}
		if got := header.String(); !regexp.MustCompile(tt.call).MatchString(got) {
			t.Errorf("%s: got notification\n%s\nwant %q", name, got, tt.call)
		}
		prefix := map[string]string{"an empty client ID": ".", "no client ID": ""}
		if _, found := prefix[name]; !found {
			prefix[name] = "TEST_5X00000000000001."
		}
		parts := regexp.MustCompile(`(?i)signature=(.*)$`).FindStringSubmatch(notification.Header.Get("Signature"))
		raw, err := base64.StdEncoding.DecodeString(parts[1])
		sum := sha256.Sum256([]byte("POST /hooks\n" + prefix[name] + notification.Header.Get("Request-Time") + ".{}"))
		if err != nil || rsa.VerifyPKCS1v15(s.platform["1"], crypto.SHA256, sum[:], raw) != nil {
			t.Errorf("%s: the signature of the notification does not cover %q, the time and the body", name, prefix[name])
		}
		if sent := notification.Header.Get("Client-Id") != ""; sent != !strings.HasSuffix(name, "client ID") {
			t.Errorf("%s: notification has Client-Id: got %t, want %t", name, sent, !sent)
		}
	}
}

// wire sends a request and returns the response as it is on the wire.
func (s *shop) wire(r *http.Request) string {
	s.t.Helper()
	conn, err := net.Dial("tcp", r.URL.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	r.Close = true
	if err := r.Write(conn); err != nil {
		s.t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(got)
}
