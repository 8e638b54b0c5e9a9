package openapi

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
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

const (
	window  = 5 * time.Minute // by which the clocks of both sides may differ
	minBits = 2048            // of an RSA key
)

// signer signs requests and verifies responses and notifications.
type signer struct {
	clientID, keyVersion string
	privateKey           *rsa.PrivateKey
	platformKeys         map[string]*rsa.PublicKey // by key version
	now                  func() time.Time
}

// newSigner parses the credentials. Its errors contain no part of a key.
func newSigner(creds Credentials, now func() time.Time) (*signer, error) {
	s := &signer{now: now, clientID: creds.ClientID, keyVersion: creds.KeyVersion, platformKeys: map[string]*rsa.PublicKey{}}
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
	key, err := parsePEM[*rsa.PrivateKey](text, "a private RSA key", map[string]func([]byte) (any, error){
		"PRIVATE KEY":     x509.ParsePKCS8PrivateKey,
		"RSA PRIVATE KEY": func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
	})
	if err != nil {
		return nil, err
	}
	return key, checkLength(&key.PublicKey)
}

func parsePublicKey(text string) (*rsa.PublicKey, error) {
	key, err := parsePEM[*rsa.PublicKey](text, "the provider's public RSA key", map[string]func([]byte) (any, error){
		"PUBLIC KEY":     x509.ParsePKIXPublicKey,
		"RSA PUBLIC KEY": func(der []byte) (any, error) { return x509.ParsePKCS1PublicKey(der) },
	})
	if err != nil {
		return nil, err
	}
	return key, checkLength(key)
}

// parsePEM parses the only PEM block of a text. forms are the parsers by the type
// of the block.
func parsePEM[K any](text, want string, forms map[string]func([]byte) (any, error)) (key K, err error) {
	b, rest := pem.Decode([]byte(text))
	switch {
	case b == nil:
		return key, errors.New("the text is not PEM; want a BEGIN and an END line")
	case len(bytes.TrimSpace(rest)) > 0:
		return key, errors.New("there is text after the PEM block; want one PEM block")
	case strings.Contains(b.Type, "ENCRYPTED") || b.Headers["Proc-Type"] != "":
		return key, errors.New("the key is encrypted; want a decrypted key")
	case forms[b.Type] == nil:
		return key, fmt.Errorf("the type of the PEM block is %.30q; want %s", b.Type, want)
	}
	value, err := forms[b.Type](b.Bytes)
	if err != nil {
		return key, errors.New("the PEM block cannot be parsed as a key") // without the parser's error, which could contain parts of it
	}
	key, ok := value.(K)
	if !ok {
		return key, fmt.Errorf("the key is a %T; want %s", value, want)
	}
	return key, nil
}

func checkLength(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minBits {
		return fmt.Errorf("the key has %d bits; want %d or more", bits, minBits)
	}
	return nil
}

// content returns what is signed. path is the path as it was sent.
func content(method, path, clientID, timestamp string, body []byte) []byte {
	out := make([]byte, 0, len(method)+len(path)+len(clientID)+len(timestamp)+len(body)+4)
	for _, part := range []string{method, " ", path, "\n", clientID, ".", timestamp, "."} {
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
	signature, err := sign.RSA(s.privateKey, content(req.Method, pathOf(req.URL), s.clientID, timestamp, body))
	if err != nil {
		return err
	}
	req.Header.Set("Client-Id", s.clientID)
	req.Header.Set("Request-Time", timestamp)
	req.Header.Set("Signature", "algorithm=RSA256, keyVersion="+s.keyVersion+", signature="+signature)
	return nil
}

// verifyResponse verifies a response with the path of its request. It refuses an
// old response, which could be replayed, unless it reports that the clocks differ.
// The signature does not cover the request's body: x-echo in the spec makes the
// client compare what the response repeats of it.
func (s *signer) verifyResponse(req *http.Request, resp *http.Response, body []byte) error {
	at, err := s.verify(resp.Header, "Response-Time", req.Method, []string{pathOf(req.URL)}, body)
	if err != nil {
		return err
	}
	clockError := bytes.Contains(body, []byte(ErrRequestTimeInvalid)) || bytes.Contains(body, []byte(ErrTimestampInvalid))
	if !clockError && !sign.Within(s.now(), at, window) {
		return outsideWindow("Response-Time", at)
	}
	return nil
}

func outsideWindow(header string, at time.Time) error {
	return fmt.Errorf("%s %s differs by more than %v from the clock of this machine", header, at.UTC().Format(time.RFC3339), window)
}

// verify checks a signature over any of the paths and returns its time.
func (s *signer) verify(h http.Header, timeName, method string, paths []string, body []byte) (time.Time, error) {
	if len(h.Values("Signature")) != 1 || len(h.Values(timeName)) != 1 || len(h.Values("Client-Id")) > 1 {
		return time.Time{}, fmt.Errorf("a Signature or %s header is missing or repeated; want one of each", timeName)
	}
	if id := h.Get("Client-Id"); id != "" && id != s.clientID {
		return time.Time{}, errors.New("the Client-Id header is not the ID of this client")
	}
	at, err := time.Parse(time.RFC3339, h.Get(timeName))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a time; want ISO 8601 with an offset", timeName)
	}
	algorithm, version, signature := parseSignature(h.Get("Signature"))
	key := s.platformKeys[version]
	switch {
	case algorithm != "" && !strings.EqualFold(algorithm, "RSA256") && !strings.EqualFold(algorithm, "SHA256withRSA"):
		return time.Time{}, fmt.Errorf("the algorithm of the signature is %.30q; want RSA256", algorithm)
	case key == nil:
		return time.Time{}, fmt.Errorf("the signature has key version %.30q; want one of Credentials.PlatformPublicKeys", version)
	}
	err = sign.ErrMismatch
	for _, path := range paths {
		if err != nil {
			err = sign.VerifyRSA(key, signature, content(method, path, s.clientID, h.Get(timeName), body))
		}
	}
	return at, err
}

// parseSignature reads a Signature header. Values may contain "="; a header with a
// repeated name is invalid and has no values.
func parseSignature(header string) (algorithm, version, signature string) {
	found := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " "), "=")
		if _, repeated := found[name]; repeated {
			return "", "", ""
		}
		found[name] = value
	}
	return found["algorithm"], found["keyVersion"], found["signature"]
}
