package sign_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/sign"
)

// vectors are signatures made with the OpenSSL command line.
type vectors struct {
	HMAC []struct{ Name, Key, Content, Signature string }
	RSA  struct {
		PublicKey string
		Cases     []struct{ Name, Content, Signature string }
	}
}

func load(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("../../specs/vectors/primitives.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil || len(v.HMAC) == 0 || len(v.RSA.Cases) == 0 {
		t.Fatalf("%v, %d and %d vectors", err, len(v.HMAC), len(v.RSA.Cases))
	}
	return v
}

func TestHMACVectors(t *testing.T) {
	all := load(t).HMAC
	for _, c := range all {
		content := []byte(c.Content)
		if got := sign.HMAC(c.Key, content); got != c.Signature {
			t.Errorf("%s: %s, want %s", c.Name, got, c.Signature)
		}
		if got := sign.HMAC(c.Key, content[:5], content[5:]); got != c.Signature {
			t.Errorf("%s in two parts: %s", c.Name, got)
		}
		for i := range content {
			changed := []byte(c.Content)
			changed[i] ^= 1
			if sign.VerifyHMAC(c.Key, c.Signature, changed) == nil {
				t.Fatalf("%s: a change of byte %d is not detected", c.Name, i)
			}
		}
		for name, bad := range map[string]string{"upper case": strings.ToUpper(c.Signature), "cut": c.Signature[1:], "empty": "", "spaced": " " + c.Signature} {
			if sign.VerifyHMAC(c.Key, bad, content) == nil {
				t.Errorf("%s: %s was accepted", c.Name, name)
			}
		}
		if sign.VerifyHMAC("", sign.HMAC("", content), content) == nil {
			t.Errorf("%s: an empty key was accepted", c.Name)
		}
	}
}

func TestRSAVectors(t *testing.T) {
	v := load(t).RSA
	der, err := base64.StdEncoding.DecodeString(v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	key := parsed.(*rsa.PublicKey)
	for _, c := range v.Cases {
		urlSafe := strings.NewReplacer("+", "-", "/", "_").Replace(c.Signature)
		for _, form := range []string{c.Signature, url.QueryEscape(c.Signature), urlSafe, strings.TrimRight(urlSafe, "=")} {
			if err := sign.VerifyRSA(key, form, []byte(c.Content)); err != nil {
				t.Errorf("%s: %.20s…: %v", c.Name, form, err)
			}
		}
		for i := range c.Content {
			changed := []byte(c.Content)
			changed[i] ^= 1
			if sign.VerifyRSA(key, c.Signature, changed) == nil {
				t.Fatalf("%s: a change of byte %d is not detected", c.Name, i)
			}
		}
		escaped := url.QueryEscape(c.Signature)
		for _, bad := range []string{"", "%zz", "!", c.Signature[4:], c.Signature + "AAAA", c.Signature + "%zz",
			c.Signature + "\n", c.Signature[:4] + "\r\n" + c.Signature[4:], // encoding/base64 skips line breaks
			fmt.Sprintf("%%%X", c.Signature[0]) + escaped[1:], strings.NewReplacer("%2B", "%2b", "%2F", "%2f", "%3D", "%3d").Replace(escaped),
			strings.TrimRight(c.Signature, "="), url.QueryEscape(escaped), " " + c.Signature} {
			if sign.VerifyRSA(key, bad, []byte(c.Content)) == nil {
				t.Errorf("%s: %q was accepted", c.Name, bad)
			}
		}
	}
}

func TestRSASignAndVerify(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	a, err := sign.RSA(key, []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := sign.RSA(key, []byte("content")); a != b || sign.VerifyRSA(&key.PublicKey, a, []byte("content")) != nil {
		t.Error("signing is not deterministic, or the signature does not verify")
	}
}

// TestRSAWithAnInvalidKey: a key that cannot sign is an error, which does not say
// what the key is.
func TestRSAWithAnInvalidKey(t *testing.T) {
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(4711), E: 3}, D: big.NewInt(1723)}
	signature, err := sign.RSA(key, []byte("content"))
	if signature != "" || err == nil || strings.Contains(err.Error(), "4711") || strings.Contains(err.Error(), "1723") {
		t.Errorf("got %q, %v; want an error without the key", signature, err)
	}
}

func TestBodyHash(t *testing.T) {
	if got := sign.BodyHash(nil); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("empty body: %s", got)
	}
}

func TestWithin(t *testing.T) {
	now := time.Unix(1_778_330_096, 0)
	for offset, want := range map[time.Duration]bool{
		0: true, 300 * time.Second: true, -300 * time.Second: true,
		301 * time.Second: false, -301 * time.Second: false, 10 * 365 * 24 * time.Hour: false,
	} {
		if got := sign.Within(now, now.Add(offset), 300*time.Second); got != want {
			t.Errorf("%v: %v", offset, got)
		}
	}
}
