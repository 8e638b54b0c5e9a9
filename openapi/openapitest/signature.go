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
// and the exact bytes of the body. The prefix is the client ID and a dot, or what
// Config.NotificationContent selects.
func content(method string, u *url.URL, prefix, at string, body []byte) []byte {
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return append([]byte(method+" "+path+"\n"+prefix+at+"."), body...)
}

// sign returns the value of a Signature header in the form that c selects. caller is the
// Signature header of the request that is responded to, or empty.
func (c Config) sign(key *rsa.PrivateKey, message []byte, caller string) string {
	sum := sha256.Sum256(message)
	raw, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "" // does not happen with a key of this size; the receiver would reject the message
	}
	encoding := c.Encoding
	if encoding == "caller" {
		encoding = encodingOf(signatureParts(caller)["signature"])
	}
	text := base64.StdEncoding.EncodeToString(raw)
	switch encoding {
	case "percent":
		text = url.QueryEscape(text)
	case "base64url":
		text = base64.URLEncoding.EncodeToString(raw)
	case "base64url-unpadded":
		text = base64.RawURLEncoding.EncodeToString(raw)
	}
	parameters := []string{c.name("algorithm") + "=" + c.Algorithm}
	if c.KeyVersion == "sent" {
		parameters = append(parameters, c.name("keyVersion")+"="+c.PlatformKey)
	}
	return strings.Join(append(parameters, c.name("signature")+"="+text), ", ")
}

// name returns the name of a parameter in the case that Config.ParameterNames selects.
func (c Config) name(documented string) string {
	switch c.ParameterNames {
	case "lower":
		return strings.ToLower(documented)
	case "upper":
		return strings.ToUpper(documented)
	}
	return documented
}

// encodingOf returns the encoding of a signature. Standard Base64 is the one of a
// signature that has no sign of another.
func encodingOf(signature string) string {
	switch {
	case strings.Contains(signature, "%"):
		return "percent"
	case signature == "" || strings.ContainsAny(signature, "+/"):
		return "base64"
	case !strings.HasSuffix(signature, "="):
		return "base64url-unpadded"
	case strings.ContainsAny(signature, "-_"):
		return "base64url"
	}
	return "base64"
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
func (p *platform) signature(r *http.Request, prefix, at string, body []byte) string {
	c := p.config.Get()
	return c.sign(p.keys.platform[c.PlatformKey], content(r.Method, r.URL, prefix, at, body), r.Header.Get("Signature"))
}
