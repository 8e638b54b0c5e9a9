package webhook

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
)

// defaultHandler is the name of a handler without pay.WithHandlerName.
const defaultHandler = "default"

// maxPart is the length of one part of a key, so that a key of four parts has at
// most 243 bytes.
const maxPart = 60

// eventKey names an event, or a notification, for one handler: the provider, the
// account, the handler's name and the provider's own ID, which may consist of
// several values. No two different combinations have the same key, whatever
// characters they contain. A key is visible ASCII without spaces.
func eventKey(provider, account, handler string, id []string) string {
	return part(provider) + ":" + part(account) + ":" + part(handler) + ":" + part(id...)
}

// part joins values to one part of a key. Only the hash of a long part contains an
// equals sign, and only the key a colon, because both are escaped in values.
func part(values ...string) string {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = url.QueryEscape(v)
	}
	p := strings.Join(escaped, "/")
	if len(p) <= maxPart {
		return p
	}
	sum := sha256.Sum256([]byte(p))
	return "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:])
}
