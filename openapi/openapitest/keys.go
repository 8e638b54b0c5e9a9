package openapitest

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed" // keys.json
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
)

//go:embed keys.json
var testKeys []byte

// The versions of the signing keys. The platform has two, so that tests can rotate
// them.
const (
	merchantKeyVersion = "1"
	oldPlatformKey     = "1"
	newPlatformKey     = "2"
)

// keyring holds the keys of both sides.
type keyring struct {
	merchant *rsa.PrivateKey
	accepted map[string]*rsa.PublicKey // of the merchant, by version
	platform map[string]*rsa.PrivateKey
}

// loadKeys parses the embedded keys. Every sandbox has the same ones, because
// generating one takes about a tenth of a second.
func loadKeys() (*keyring, error) {
	var file struct {
		Note      string `json:"note"`
		Merchant  string `json:"merchant"`
		Platform1 string `json:"platform1"`
		Platform2 string `json:"platform2"`
	}
	if err := json.Unmarshal(testKeys, &file); err != nil {
		return nil, fmt.Errorf("openapitest: cannot decode the embedded test keys: %w", err)
	}
	var keys []*rsa.PrivateKey
	for _, text := range []string{file.Merchant, file.Platform1, file.Platform2} {
		key, err := parseKey(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return &keyring{
		merchant: keys[0],
		accepted: map[string]*rsa.PublicKey{merchantKeyVersion: &keys[0].PublicKey},
		platform: map[string]*rsa.PrivateKey{oldPlatformKey: keys[1], newPlatformKey: keys[2]},
	}, nil
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("openapitest: an embedded test key is not valid Base64: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("openapitest: an embedded test key is not a PKCS #8 RSA key")
	}
	return key, nil
}

// privatePEM encodes a private key as PEM.
func privatePEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "" // does not happen with an RSA key
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// publicPEM encodes the public half of a key as PEM.
func publicPEM(key *rsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "" // does not happen with an RSA key
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
