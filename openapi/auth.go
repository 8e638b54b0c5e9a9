package openapi

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
)

const minBits = 2048 // of an RSA key

// signer signs requests and verifies responses and notifications.
type signer struct {
	clientID, keyVersion string
	privateKey           *rsa.PrivateKey
	platformKeys         map[string]*rsa.PublicKey // by key version
	now                  func() time.Time
	maxResponseAge       time.Duration // 0 = no limit
}

// newSigner parses the credentials. Its errors contain no part of a key.
func newSigner(creds Credentials, now func() time.Time, maxResponseAge time.Duration) (*signer, error) {
	s := &signer{now: now, maxResponseAge: maxResponseAge, clientID: creds.ClientID, keyVersion: creds.KeyVersion, platformKeys: map[string]*rsa.PublicKey{}}
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == ',' }
	switch {
	case s.clientID == "" || strings.ContainsFunc(s.clientID, odd):
		return nil, errors.New("openapi: Credentials.ClientID is empty, or contains a space, a comma or a non-ASCII character; want the ID as the provider issued it")
	case s.keyVersion == "" || strings.Trim(s.keyVersion, "0123456789") != "":
		return nil, errors.New(`openapi: Credentials.KeyVersion is empty or not a number; want a number such as "1"`)
	case len(creds.PlatformPublicKeys) == 0:
		return nil, errors.New("openapi: Credentials.PlatformPublicKeys is empty; want the provider's public keys, which verify responses and notifications")
	}
	var err error
	if s.privateKey, err = parsePrivateKey(creds.PrivateKey); err != nil {
		return nil, fmt.Errorf("openapi: Credentials.PrivateKey: %w", err)
	}
	for _, version := range slices.Sorted(maps.Keys(creds.PlatformPublicKeys)) {
		if s.platformKeys[version], err = parsePublicKey(creds.PlatformPublicKeys[version]); err != nil {
			return nil, fmt.Errorf("openapi: Credentials.PlatformPublicKeys[%s]: %w", shown(version), err)
		}
	}
	return s, nil
}

// shown returns a key version for an error. Anything but a number may be a key in the
// wrong place.
func shown(version string) string {
	if len(version) > 8 || strings.Trim(version, "0123456789") != "" {
		return "a version that is not a number"
	}
	return strconv.Quote(version)
}

func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	key, err := parseKey[*rsa.PrivateKey](text, "a private RSA key")
	if err != nil {
		return nil, err
	}
	return key, checkLength(&key.PublicKey)
}

func parsePublicKey(text string) (*rsa.PublicKey, error) {
	key, err := parseKey[*rsa.PublicKey](text, "the provider's public RSA key")
	if err != nil {
		return nil, err
	}
	return key, checkLength(key)
}

// keyForms are the forms of a key by the type of its PEM block.
var keyForms = map[string]func(der []byte) (any, error){
	"PRIVATE KEY":     x509.ParsePKCS8PrivateKey,
	"RSA PRIVATE KEY": func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
	"PUBLIC KEY":      x509.ParsePKIXPublicKey,
	"RSA PUBLIC KEY":  func(der []byte) (any, error) { return x509.ParsePKCS1PublicKey(der) },
}

// parseKey parses the only PEM block of a text, or the Base64 of a key's DER.
func parseKey[K any](text, want string) (key K, err error) {
	value := parseBase64Key(text)
	if value == nil {
		if value, err = parsePEM(text, want); err != nil {
			return key, err
		}
	}
	key, ok := value.(K)
	if !ok {
		return key, fmt.Errorf("the key is a %T; want %s", value, want)
	}
	return key, nil
}

// parseBase64Key parses the Base64 of a key's DER, which may have line breaks. It returns
// nil if the text is something else.
func parseBase64Key(text string) any {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)) // ignores line breaks
	if err != nil {
		return nil
	}
	for _, parse := range keyForms {
		if key, err := parse(der); err == nil {
			return key
		}
	}
	return nil
}

func parsePEM(text, want string) (any, error) {
	b, rest := pem.Decode([]byte(text))
	switch {
	case b == nil:
		return nil, errors.New("the text is not PEM; want a BEGIN and an END line, or the Base64 of the key's DER")
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("there is text after the PEM block; want one PEM block")
	case strings.Contains(b.Type, "ENCRYPTED") || b.Headers["Proc-Type"] != "":
		return nil, errors.New("the key is encrypted; want a decrypted key")
	case keyForms[b.Type] == nil:
		return nil, fmt.Errorf("the type of the PEM block is %.30q; want %s", b.Type, want)
	}
	key, err := keyForms[b.Type](b.Bytes)
	if err != nil {
		return nil, errors.New("the PEM block cannot be parsed as a key") // without the parser's error, which could contain parts of it
	}
	return key, nil
}

func checkLength(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minBits {
		return fmt.Errorf("the key has %d bits; want %d or more", bits, minBits)
	}
	return nil
}

// content returns what is signed. path is the path as it was sent, and id the client ID
// and a dot; see notificationIDs.
func content(method, path, id, timestamp string, body []byte) []byte {
	out := make([]byte, 0, len(method)+len(path)+len(id)+len(timestamp)+len(body)+3)
	for _, part := range []string{method, " ", path, "\n", id, timestamp, "."} {
		out = append(out, part...)
	}
	return append(out, body...)
}

// pathOf returns the path of a URL as it is sent, with its query if there is one.
func pathOf(u *url.URL) string {
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}

// signatureHeaders are the headers that authorize sets.
var signatureHeaders = []string{"Client-Id", "Request-Time", "Signature"}

// authorize signs one attempt.
func (s *signer) authorize(_ context.Context, _ *transport.Operation, req *http.Request, body []byte) error {
	timestamp := s.now().UTC().Format(time.RFC3339)
	signature, err := sign.RSA(s.privateKey, content(req.Method, pathOf(req.URL), s.clientID+".", timestamp, body))
	if err != nil {
		return err
	}
	req.Header.Set("Client-Id", s.clientID)
	req.Header.Set("Request-Time", timestamp)
	req.Header.Set("Signature", "algorithm=RSA256, keyVersion="+s.keyVersion+", signature="+signature)
	return nil
}

// verifyResponse verifies a response with the path of its request. If the caller limits
// the age of responses, it refuses an older one, which could be replayed, unless that
// reports that the clocks differ. The signature does not cover the request's body: x-echo
// in the spec makes the client compare what the response repeats of it.
func (s *signer) verifyResponse(req *http.Request, resp *http.Response, body []byte) error {
	at, err := s.verify(resp.Header, responseTimes, message{req.Method, []string{pathOf(req.URL)}, []string{s.clientID + "."}, body})
	if err != nil {
		return err
	}
	clockError := bytes.Contains(body, []byte(ErrRequestTimeInvalid)) || bytes.Contains(body, []byte(ErrTimestampInvalid))
	if s.maxResponseAge > 0 && !clockError && !sign.Within(s.now(), at, s.maxResponseAge) {
		return fmt.Errorf("the time of the response, %s, differs by more than %v from the clock of this machine", at.UTC().Format(time.RFC3339), s.maxResponseAge)
	}
	return nil
}

// responseTimes are the headers that may have the time of a response. Its headers are
// known from sister platforms only.
var responseTimes = []string{"Response-Time", "Request-Time"}

// notificationIDs returns the forms of the client ID in the signed content of a
// notification. Which one the provider uses is not documented. No two forms have the same
// content: a time starts with neither a dot nor the client ID.
func (s *signer) notificationIDs() []string { return []string{s.clientID + ".", ".", ""} }

// message is what a signature may cover: any of the paths with any of the IDs.
type message struct {
	method     string
	paths, ids []string
	body       []byte
}

// verify checks a signature and returns its time, which is in the first of the headers
// timeNames that is there.
func (s *signer) verify(h http.Header, timeNames []string, m message) (time.Time, error) {
	timeName := timeNames[0]
	for _, name := range slices.Backward(timeNames) {
		if len(h.Values(name)) > 0 {
			timeName = name
		}
	}
	if len(h.Values("Signature")) != 1 || len(h.Values(timeName)) != 1 || len(h.Values("Client-Id")) > 1 {
		return time.Time{}, fmt.Errorf("a Signature or %s header is missing or repeated; want one of each", timeName)
	}
	if id := h.Get("Client-Id"); id != "" && id != s.clientID {
		return time.Time{}, errors.New("the Client-Id header is not the ID of this client")
	}
	at, err := parseTime(h.Get(timeName))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a time; want ISO 8601 with an offset, or Unix milliseconds", timeName)
	}
	algorithm, version, signature := parseSignature(h.Get("Signature"))
	if algorithm != "" && !strings.EqualFold(algorithm, "RSA256") && !strings.EqualFold(algorithm, "SHA256withRSA") {
		return time.Time{}, fmt.Errorf("the algorithm of the signature is %.30q; want RSA256", algorithm)
	}
	keys := s.keys(version)
	if len(keys) == 0 {
		return time.Time{}, fmt.Errorf("the signature has key version %.30q; want one of Credentials.PlatformPublicKeys", version)
	}
	for _, path := range m.paths {
		for _, id := range m.ids {
			signed := content(m.method, path, id, h.Get(timeName), m.body)
			for _, key := range keys {
				if sign.VerifyRSA(key, signature, signed) == nil {
					return at, nil
				}
			}
		}
	}
	return time.Time{}, sign.ErrMismatch
}

// keys returns the key of a version, or all keys if a signature has no version.
func (s *signer) keys(version string) []*rsa.PublicKey {
	if version == "" {
		return slices.Collect(maps.Values(s.platformKeys))
	}
	if key := s.platformKeys[version]; key != nil {
		return []*rsa.PublicKey{key}
	}
	return nil
}

// parseSignature reads a Signature header. Names may be in any case, and values may contain
// "="; a header with a repeated name is invalid and has no values.
func parseSignature(header string) (algorithm, version, signature string) {
	found := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " "), "=")
		name = strings.ToLower(name)
		if _, repeated := found[name]; repeated {
			return "", "", ""
		}
		found[name] = value
	}
	return found["algorithm"], found["keyversion"], found["signature"]
}
