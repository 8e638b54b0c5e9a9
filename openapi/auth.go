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
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sign"
	"github.com/specpay/specpay/internal/transport"
)

const (
	window  = 5 * time.Minute // between the clocks of both sides
	minBits = 2048            // of an RSA key
)

// signer signs what leaves and verifies what comes.
type signer struct {
	clientID, keyVersion string
	key                  *rsa.PrivateKey
	platform             map[string]*rsa.PublicKey // by key version
	now                  func() time.Time
}

// newSigner reads the credentials. No error holds a part of a key.
func newSigner(creds Credentials, now func() time.Time) (*signer, error) {
	s := &signer{now: now, clientID: creds.ClientID, keyVersion: creds.KeyVersion, platform: map[string]*rsa.PublicKey{}}
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == ',' }
	switch {
	case s.clientID == "" || strings.ContainsFunc(s.clientID, odd):
		return nil, errors.New("openapi: Credentials.ClientID is empty or has a blank, a comma or a character beyond ASCII")
	case s.keyVersion == "" || strings.Trim(s.keyVersion, "0123456789") != "":
		return nil, errors.New(`openapi: Credentials.KeyVersion is not a number in text, such as "1"`)
	case len(creds.PlatformPublicKeys) == 0:
		return nil, errors.New("openapi: Credentials.PlatformPublicKeys is empty; answers and notifications could not be verified")
	}
	var err error
	if s.key, err = privateKey(creds.PrivateKey); err != nil {
		return nil, fmt.Errorf("openapi: Credentials.PrivateKey: %w", err)
	}
	for _, version := range slices.Sorted(maps.Keys(creds.PlatformPublicKeys)) {
		if s.platform[version], err = publicKey(creds.PlatformPublicKeys[version]); err != nil {
			return nil, fmt.Errorf("openapi: Credentials.PlatformPublicKeys[%q]: %w", version, err)
		}
	}
	return s, nil
}

func privateKey(text string) (*rsa.PrivateKey, error) {
	key, err := parsed[*rsa.PrivateKey](text, "a private RSA key", map[string]func([]byte) (any, error){
		"PRIVATE KEY":     x509.ParsePKCS8PrivateKey,
		"RSA PRIVATE KEY": func(der []byte) (any, error) { return x509.ParsePKCS1PrivateKey(der) },
	})
	if err != nil {
		return nil, err
	}
	return key, longEnough(&key.PublicKey)
}

func publicKey(text string) (*rsa.PublicKey, error) {
	key, err := parsed[*rsa.PublicKey](text, "the provider's public RSA key", map[string]func([]byte) (any, error){
		"PUBLIC KEY":     x509.ParsePKIXPublicKey,
		"RSA PUBLIC KEY": func(der []byte) (any, error) { return x509.ParsePKCS1PublicKey(der) },
	})
	if err != nil {
		return nil, err
	}
	return key, longEnough(key)
}

// parsed reads the one PEM block of a text, in one of the forms by their names.
func parsed[K any](text, want string, forms map[string]func([]byte) (any, error)) (key K, err error) {
	b, rest := pem.Decode([]byte(text))
	switch {
	case b == nil:
		return key, errors.New("not PEM: want a text with a BEGIN and an END line")
	case len(bytes.TrimSpace(rest)) > 0:
		return key, errors.New("more than one PEM block, or text after it")
	case strings.Contains(b.Type, "ENCRYPTED") || b.Headers["Proc-Type"] != "":
		return key, errors.New("the key is encrypted; decrypt it before it is handed to the client")
	case forms[b.Type] == nil:
		return key, fmt.Errorf("the PEM block is a %.30q; want %s", b.Type, want)
	}
	value, err := forms[b.Type](b.Bytes)
	if err != nil {
		return key, errors.New("the PEM block holds no readable key") // the parser's text could repeat parts of it
	}
	key, ok := value.(K)
	if !ok {
		return key, fmt.Errorf("the key is a %T; want %s", value, want)
	}
	return key, nil
}

func longEnough(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minBits {
		return fmt.Errorf("the key has %d bits; want %d or more", bits, minBits)
	}
	return nil
}

// content is what is signed: a path as it was sent and the bytes of a body.
func content(method, path, clientID, moment string, body []byte) []byte {
	out := make([]byte, 0, len(method)+len(path)+len(clientID)+len(moment)+len(body)+4)
	for _, part := range []string{method, " ", path, "\n", clientID, ".", moment, "."} {
		out = append(out, part...)
	}
	return append(out, body...)
}

// pathOf is the path of a URL as it stands on the wire, with its query if there
// is one.
func pathOf(u *url.URL) string {
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}

// authorize signs one attempt.
func (s *signer) authorize(_ context.Context, _ *transport.Operation, req *http.Request, body []byte) error {
	moment := s.now().UTC().Format(time.RFC3339)
	signature, err := sign.RSA(s.key, content(req.Method, pathOf(req.URL), s.clientID, moment, body))
	if err != nil {
		return err
	}
	req.Header.Set("Client-Id", s.clientID)
	req.Header.Set("Request-Time", moment)
	req.Header.Set("Signature", "algorithm=RSA256, keyVersion="+s.keyVersion+", signature="+signature)
	return nil
}

// verifyResponse checks an answer with the path of its request. An old one is
// refused, so that it cannot be played again, except for the refusal that tells
// that the clocks differ.
func (s *signer) verifyResponse(req *http.Request, resp *http.Response, body []byte) error {
	moment, err := s.verify(resp.Header, "Response-Time", req.Method, []string{pathOf(req.URL)}, body)
	if err != nil {
		return err
	}
	clocks := bytes.Contains(body, []byte(ErrRequestTimeInvalid)) || bytes.Contains(body, []byte(ErrTimestampInvalid))
	if !clocks && !sign.Within(s.now(), moment, window) {
		return outside("Response-Time", moment)
	}
	return nil
}

func outside(name string, moment time.Time) error {
	return fmt.Errorf("%s %s is more than %v away from the clock of this machine", name, moment.UTC().Format(time.RFC3339), window)
}

// verify checks a signature over any of the paths and returns the time that is
// part of it.
func (s *signer) verify(h http.Header, timeName, method string, paths []string, body []byte) (time.Time, error) {
	if len(h.Values("Signature")) != 1 || len(h.Values(timeName)) != 1 || len(h.Values("Client-Id")) > 1 {
		return time.Time{}, fmt.Errorf("want exactly one Signature and one %s header", timeName)
	}
	if id := h.Get("Client-Id"); id != "" && id != s.clientID {
		return time.Time{}, errors.New("the Client-Id header names another client")
	}
	moment, err := time.Parse(time.RFC3339, h.Get(timeName))
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is no ISO 8601 time with an offset", timeName)
	}
	algorithm, version, signature := parts(h.Get("Signature"))
	key := s.platform[version]
	switch {
	case algorithm != "" && !strings.EqualFold(algorithm, "RSA256") && !strings.EqualFold(algorithm, "SHA256withRSA"):
		return time.Time{}, fmt.Errorf("the signature's algorithm is %.30q; want RSA256", algorithm)
	case key == nil:
		return time.Time{}, fmt.Errorf("signed with key version %.30q, which Credentials.PlatformPublicKeys does not have", version)
	}
	err = sign.ErrMismatch
	for _, path := range paths {
		if err != nil {
			err = sign.VerifyRSA(key, signature, content(method, path, s.clientID, h.Get(timeName), body))
		}
	}
	return moment, err
}

// parts reads a Signature header. Its values may hold "=", and a part that comes
// twice makes all of it worthless.
func parts(header string) (algorithm, version, signature string) {
	found := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " "), "=")
		if _, twice := found[name]; twice {
			return "", "", ""
		}
		found[name] = value
	}
	return found["algorithm"], found["keyVersion"], found["signature"]
}
