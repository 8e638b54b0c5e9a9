package openapitest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// timeWindow is the greatest permitted difference between Request-Time and the
// sandbox's clock.
const timeWindow = 5 * time.Minute

// content returns the bytes that are signed. They include the path as it was sent
// and the exact bytes of the body.
func content(method string, u *url.URL, clientID, at string, body []byte) []byte {
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return append([]byte(method+" "+path+"\n"+clientID+"."+at+"."), body...)
}

// sign returns the value of a Signature header in the form that c selects.
func (c Config) sign(key *rsa.PrivateKey, message []byte) string {
	sum := sha256.Sum256(message)
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "" // does not happen with a key of this size; the receiver would reject the message
	}
	text := base64.StdEncoding.EncodeToString(raw)
	switch c.Encoding {
	case "percent":
		text = url.QueryEscape(text)
	case "base64url":
		text = base64.URLEncoding.EncodeToString(raw)
	case "base64url-unpadded":
		text = base64.RawURLEncoding.EncodeToString(raw)
	}
	return "algorithm=" + c.Algorithm + ", keyVersion=" + c.PlatformKey + ", signature=" + text
}

// signatureParts splits a Signature header. The signature itself may contain "=".
func signatureParts(header string) map[string]string {
	parts := map[string]string{}
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		parts[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return parts
}

// verify checks a Signature header against the merchant's keys, by version.
func verify(keys map[string]*rsa.PublicKey, header string, message []byte) bool {
	parts := signatureParts(header)
	switch strings.ToLower(parts["algorithm"]) {
	case "rsa256", "sha256withrsa", "":
	default:
		return false
	}
	key := keys[parts["keyversion"]]
	raw, err := decodeSignature(parts["signature"])
	if key == nil || err != nil {
		return false
	}
	sum := sha256.Sum256(message)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) == nil
}

// decodeSignature decodes a signature in any of its four encodings, which are
// unambiguous.
func decodeSignature(text string) ([]byte, error) {
	if strings.Contains(text, "%") {
		unescaped, err := url.PathUnescape(text)
		if err != nil {
			return nil, err
		}
		text = unescaped
	}
	encoding := base64.StdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.URLEncoding
	}
	if !strings.HasSuffix(text, "=") {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	return encoding.Strict().DecodeString(text)
}

// signature signs a body with the platform's key. The path is the request's.
func (p *platform) signature(r *http.Request, clientID, at string, body []byte) string {
	c := p.config.Get()
	return c.sign(p.keys.platform[c.PlatformKey], content(r.Method, r.URL, clientID, at, body))
}
