// Package sign holds the primitives of signed requests and notifications:
// HMAC-SHA256, RSA-SHA256 and the time window. Which content is signed is defined
// by each provider's package.
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

// ErrMismatch reports that a signature does not match the content.
var ErrMismatch = errors.New("the signature does not match the content")

// HMAC returns the HMAC-SHA256 of the concatenated parts, in lower-case hexadecimal.
func HMAC(key string, parts ...[]byte) string {
	return hex.EncodeToString(mac(key, parts))
}

// VerifyHMAC compares an HMAC-SHA256 in lower-case hexadecimal in constant time. It
// refuses an empty key, upper case and any other encoding.
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

// BodyHash returns the SHA-256 of a body, which may be empty, in lower-case
// hexadecimal.
func BodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// RSA returns an RSA PKCS#1 v1.5 signature over the SHA-256 of the content, in
// standard Base64. It is deterministic.
func RSA(key *rsa.PrivateKey, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", errors.New("signing with the private key failed")
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

// VerifyRSA verifies a signature in one of four encodings: standard Base64, the same
// percent-encoded, and URL-safe Base64 with or without padding. It refuses any other
// encoding of the same bytes.
func VerifyRSA(key *rsa.PublicKey, signature string, content []byte) error {
	sum := sha256.Sum256(content)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], decode(signature)) != nil {
		return ErrMismatch
	}
	return nil
}

// decode reads the four encodings; nil for any other. It accepts a text only if
// encoding its bytes again returns the same text, so invalid texts need no check of
// their own.
func decode(text string) []byte {
	plain, _ := url.PathUnescape(text)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		sig, _ := encoding.DecodeString(plain)
		again := encoding.AppendEncode(make([]byte, 0, 512), sig) // on the stack for keys of up to 3072 bits
		if string(again) == text || url.QueryEscape(string(again)) == text {
			return sig
		}
	}
	return nil
}

// Within reports whether then is at most tolerance before or after now.
func Within(now, then time.Time, tolerance time.Duration) bool {
	return now.Sub(then).Abs() <= tolerance
}
