// Package sign holds the primitives of signed requests and notifications:
// HMAC-SHA256, RSA-SHA256 and the time window. What is signed is each
// provider's own business. Keys, times and bytes are inputs.
package sign

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"time"
)

// ErrMismatch is a signature that does not fit what was signed.
var ErrMismatch = errors.New("the signature does not fit the content")

// HMAC returns the lower-case hex HMAC-SHA256 of the parts, one after another.
func HMAC(key string, parts ...[]byte) string {
	return hex.EncodeToString(mac(key, parts))
}

// VerifyHMAC compares a lower-case hex HMAC-SHA256 in constant time. Upper case
// and any other form of the same bytes are refused.
func VerifyHMAC(key, signature string, parts ...[]byte) error {
	if key == "" || !hmac.Equal([]byte(signature), []byte(HMAC(key, parts...))) {
		return ErrMismatch
	}
	return nil
}

func mac(key string, parts [][]byte) []byte {
	h := hmac.New(sha256.New, []byte(key))
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// BodyHash returns the lower-case hex SHA-256 of a body; of none, that of the
// empty text.
func BodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// RSA returns the standard Base64 of an RSA PKCS#1 v1.5 signature over the
// SHA-256 of the content. The same key and content always give the same one.
func RSA(key *rsa.PrivateKey, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", errors.New("the private key cannot sign")
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

// VerifyRSA checks a signature in one of the four forms that are around:
// standard Base64, the same percent-encoded, and URL-safe Base64 with or
// without padding. Any other spelling of the same bytes is refused.
func VerifyRSA(key *rsa.PublicKey, signature string, content []byte) error {
	sig, err := decode(signature)
	if err != nil {
		return ErrMismatch
	}
	sum := sha256.Sum256(content)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) != nil {
		return ErrMismatch
	}
	return nil
}

// decode reads the four forms. A text is one of them if writing its bytes in that
// form gives the text again.
func decode(text string) ([]byte, error) {
	plain, err := url.PathUnescape(text)
	if err != nil {
		return nil, err
	}
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		sig, err := form.DecodeString(plain)
		again := form.AppendEncode(make([]byte, 0, 512), sig) // on the stack, for keys up to 3072 bits
		if err == nil && (string(again) == text || url.QueryEscape(string(again)) == text) {
			return sig, nil
		}
	}
	return nil, ErrMismatch
}

// Within reports whether then lies at most tolerance before or after now.
func Within(now, then time.Time, tolerance time.Duration) bool {
	return now.Sub(then).Abs() <= tolerance
}
