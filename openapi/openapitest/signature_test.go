package openapitest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"os"
	"testing"

	"github.com/go-json-experiment/json"
)

type vectors struct {
	Published keySet `json:"published"`
	Pair      keySet `json:"pair"`
	Encodings []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"encodings"`
}

type keySet struct {
	PrivateKey string   `json:"privateKey"`
	PublicKey  string   `json:"publicKey"`
	Cases      []vector `json:"cases"`
}

type vector struct {
	Name      string `json:"name"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	ClientID  string `json:"clientId"`
	Time      string `json:"time"`
	Body      string `json:"body"`
	Form      string `json:"form"`
	Signature string `json:"signature"`
}

// content returns the signed content of a vector.
func (c vector) content() []byte {
	prefix := c.ClientID + "."
	switch c.Form {
	case "empty client id":
		prefix = "."
	case "no client id":
		prefix = ""
	}
	return content(c.Method, &url.URL{Path: c.Path}, prefix, c.Time, []byte(c.Body))
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("../../specs/vectors/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func public(t *testing.T, text string) map[string]*rsa.PublicKey {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*rsa.PublicKey{"1": key.(*rsa.PublicKey)}
}

// TestSandboxAgreesWithVectors verifies signatures made by OpenSSL. Each one
// fails if a byte of the content or of the signature changes.
func TestSandboxAgreesWithVectors(t *testing.T) {
	v := readVectors(t)
	for _, set := range []keySet{v.Published, v.Pair} {
		keys := public(t, set.PublicKey)
		for _, c := range set.Cases {
			message := c.content()
			header := "algorithm=RSA256, keyVersion=1, signature=" + c.Signature
			if !verify(keys, header, message) {
				t.Errorf("%s: not accepted", c.Name)
			}
			for i := range message {
				message[i] ^= 1
				if verify(keys, header, message) {
					t.Errorf("%s: changing byte %d is not detected", c.Name, i)
				}
				message[i] ^= 1
			}
			for i := len(header) - len(c.Signature); i < len(header); i++ {
				changed := []byte(header)
				changed[i] ^= 1
				if verify(keys, string(changed), message) {
					t.Errorf("%s: changing byte %d of the header is not detected", c.Name, i)
				}
			}
		}
	}
}

// TestSigning checks that the sandbox makes the same signatures as OpenSSL.
func TestSigning(t *testing.T) {
	set := readVectors(t).Pair
	key, err := parseKey(set.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range set.Cases {
		got := defaultConfig().sign(key, c.content(), "")
		if want := "algorithm=RSA256, keyVersion=1, signature=" + c.Signature; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.Name, got, want)
		}
	}
}

func TestEncodings(t *testing.T) {
	v := readVectors(t)
	c := v.Published.Cases[0]
	keys := public(t, v.Published.PublicKey)
	message := c.content()
	for _, encoding := range v.Encodings {
		for _, head := range []string{"algorithm=RSA256,keyVersion=1,signature=", "algorithm=sha256WithRSA, keyVersion=1, signature=", "keyVersion=1, signature="} {
			if !verify(keys, head+encoding.Value, message) {
				t.Errorf("%s with %s: not accepted", encoding.Name, head)
			}
		}
	}
	for _, header := range []string{
		"", c.Signature, "algorithm=RSA256, keyVersion=1", "algorithm=RSA512, keyVersion=1, signature=" + c.Signature,
		"algorithm=RSA256, keyVersion=2, signature=" + c.Signature, "algorithm=RSA256, signature=" + c.Signature,
		"algorithm=RSA256, keyVersion=1, signature=%zz",
	} {
		if verify(keys, header, message) {
			t.Errorf("accepted %.60q", header)
		}
	}
	config := defaultConfig()
	key, err := parseKey(v.Pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"base64", "percent", "base64url", "base64url-unpadded"} {
		config.Encoding = encoding
		if !verify(public(t, v.Pair.PublicKey), config.sign(key, message, ""), message) {
			t.Errorf("%s: the sandbox does not accept its own signature", encoding)
		}
	}
}
