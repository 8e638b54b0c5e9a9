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

// window is how far Request-Time may be away from the sandbox's clock.
const window = 5 * time.Minute

// content is what is signed: the path as it was sent, and the bytes of the body.
func content(method string, to *url.URL, clientID, moment string, body []byte) []byte {
	path := to.EscapedPath()
	if to.RawQuery != "" {
		path += "?" + to.RawQuery
	}
	return append([]byte(method+" "+path+"\n"+clientID+"."+moment+"."), body...)
}

// sign makes the value of a Signature header in the switches' form.
func (c Config) sign(key *rsa.PrivateKey, message []byte) string {
	sum := sha256.Sum256(message)
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "" // not with a key of this size; the other side then refuses the message
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

// signatureParts reads a Signature header; the value may itself hold "=".
func signatureParts(header string) map[string]string {
	parts := map[string]string{}
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		parts[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return parts
}

// verify checks a Signature header against the keys of the merchant.
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

// decodeSignature reads all four text forms that are around. They cannot be
// confused with each other.
func decodeSignature(text string) ([]byte, error) {
	if strings.Contains(text, "%") {
		plain, err := url.PathUnescape(text)
		if err != nil {
			return nil, err
		}
		text = plain
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

// seal signs an answer with the platform's key; the path is the request's.
func (p *platform) seal(r *http.Request, clientID, moment string, body []byte) string {
	c := p.config.Get()
	return c.sign(p.keys.platform[c.PlatformKey], content(r.Method, r.URL, clientID, moment, body))
}
