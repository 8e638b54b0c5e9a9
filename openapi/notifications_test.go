package openapi_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/pay"
)

// notifications describes how the provider notifies.
func notifications() harness.Notifications {
	payment := func(id, status string) []byte {
		return []byte(`{"paymentId":"` + id + `","paymentRequestId":"2","paymentStatus":"` + status + `","paymentAmount":{"currency":"EUR","value":"2500"},"merchantData":{"rate":1.5}}`)
	}
	return harness.Notifications{
		Signing: signing(clientID), Body: func(id string) []byte { return payment(id, "SUCCESS") },
		OtherAccount: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return consumer(t, signing("TEST_5X00000000000002"), "1", opts)
		},
		NewSecrets: func(t *testing.T, opts ...pay.Option) harness.Consumer {
			return consumer(t, signing(clientID), "2", opts)
		},
		History: [][]byte{
			payment("p", "AUTH_SUCCESS"), payment("p", "SUCCESS"),
			[]byte(`{"refundId":"r","refundRequestId":"4","paymentId":"p","refundStatus":"SUCCESS","refundAmount":{"currency":"EUR","value":"1"}}`),
		},
		Unknown:  []byte(`{"somethingNew":true}`),
		Accepted: harness.Reply{Status: 200, Body: accepted},
		Forged:   harness.Reply{Status: 401, Body: `{"result":{"resultCode":"INVALID_SIGNATURE","resultStatus":"F","resultMessage":"invalid signature"}}`},
		Failed:   harness.Reply{Status: 503, Body: `{"result":{"resultCode":"UNKNOWN_EXCEPTION","resultStatus":"U","resultMessage":"send it again"}}`},
		Within:   time.Minute,
	}
}

// consumer makes a client whose provider signs with a version of its key.
func consumer(t *testing.T, signing *harness.Signing, version string, opts []pay.Option) harness.Consumer {
	t.Helper()
	signing.Secrets[0] = version
	n := harness.Notifications{Signing: signing}
	return harness.Consumer{Webhook: n.NewClient(t, opts...), Request: func(body []byte) *http.Request { return n.NewRequest(t, body) }}
}

const clientID = "TEST_5X00000000000001"

// signing describes RSA signatures for one client. A secret is the version of a key: 1 is the key of
// the vectors, 2 a new one, and "short" one that is too short.
func signing(clientID string) *harness.Signing {
	var pair *rsa.PrivateKey
	key := func(t *testing.T, version string) *rsa.PrivateKey {
		if pair == nil {
			pair = pairKey(t)
		}
		switch version {
		case "2":
			return nextKey()
		case "short":
			return shortKey()
		}
		return pair
	}
	return &harness.Signing{
		Secrets: [2]string{"1", "2"},
		Bad:     [][]string{{}, {""}, {"1", ""}, {"short"}, {"1", "short"}},
		Client: func(t *testing.T, versions []string, opts ...pay.Option) (harness.Verifier, error) {
			creds := pairCredentials(t)
			creds.ClientID = clientID
			creds.PlatformPublicKeys = map[string]string{}
			for _, version := range versions {
				creds.PlatformPublicKeys[version] = ""
				if version != "" {
					creds.PlatformPublicKeys[version] = pemOf(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&key(t, version).PublicKey))
				}
			}
			c, err := openapi.New(creds, opts...)
			return harness.Verifier{
				Verify: func(now time.Time, h http.Header, body []byte) error {
					_, err := c.VerifyAt(now, harness.NotificationPath, h, body)
					return err
				},
				Webhook: func(handle func(context.Context) error, opts ...pay.WebhookOption) http.Handler {
					return c.Webhook(func(ctx context.Context, _ openapi.Event) error { return handle(ctx) }, opts...)
				},
			}, err
		},
		Window: 5 * time.Minute, MaxAge: 71 * time.Hour,
		Stamp: func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		Sign: func(t *testing.T, version, stamp string, body []byte) string {
			sum := sha256.Sum256([]byte("POST " + harness.NotificationPath + "\n" + clientID + "." + stamp + "." + string(body)))
			signature, err := rsa.SignPKCS1v15(nil, key(t, version), crypto.SHA256, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return base64.StdEncoding.EncodeToString(signature)
		},
		Header: func(version, stamp string, macs ...string) http.Header {
			h := http.Header{"Client-Id": {clientID}, "Signature": {"algorithm=RSA256, keyVersion=" + version + ", signature=" + strings.Join(macs, ", signature=")}}
			if stamp != "" {
				h.Set("Request-Time", stamp)
			}
			return h
		},
		Spellings: spellings, Forged: openapi.ErrForged, Stale: openapi.ErrStale,
	}
}

// spellings returns the four encodings that the provider documents. Blanks around a
// part, and parts with an unknown name, are ignored.
func spellings(mac string) []string {
	safe := strings.NewReplacer("+", "-", "/", "_").Replace(mac)
	return []string{mac, url.QueryEscape(mac), safe, strings.TrimRight(safe, "="), mac + " ", mac + "," + mac}
}

// pairKey is the private key of the vectors' pair.
func pairKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(pairCredentials(t).PrivateKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// The keys are generated once per process: that takes long.
var nextKey, shortKey = newKey(2048), newKey(1024)

// newKey returns a function that generates a key on its first call.
func newKey(bits int) func() *rsa.PrivateKey {
	return sync.OnceValue(func() *rsa.PrivateKey {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			return nil
		}
		return key
	})
}
