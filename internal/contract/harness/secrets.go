package harness

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// EncodedForms returns the forms in which a secret can appear in a text: plain,
// reversed, in hexadecimal, as a list of bytes, percent-encoded, and in Base64 at
// any offset.
func EncodedForms(secret string) []string {
	backwards := []byte(secret)
	slices.Reverse(backwards)
	list := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	all := []string{
		secret, string(backwards), hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))), list,
		strings.ReplaceAll(list, " ", ","), strings.Trim(fmt.Sprintf("%#v", []byte(secret)), "[]byte{}"), url.QueryEscape(secret), url.PathEscape(secret),
	}
	for before := range 3 { // bytes before the secret in its group of three
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), secret...))
		text = text[[]int{0, 2, 3}[before]:]
		if (before+len(secret))%3 > 0 {
			text = text[:len(text)-1]
		}
		all = append(all, text, strings.NewReplacer("+", "-", "/", "_").Replace(text))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// CheckSecrets fails the test for each secret that a text contains in any form, and
// returns their number.
func (e *Session) CheckSecrets(t *testing.T, text string) (found int) {
	t.Helper()
	for _, secret := range append(e.Traffic.Credentials(), e.Secrets...) {
		if len(secret) < 6 {
			t.Fatalf("a secret has %d characters, want at least 6: shorter ones appear by chance", len(secret))
		}
		for _, form := range EncodedForms(secret) {
			if i := strings.Index(text, form); i >= 0 {
				found++
				t.Errorf("the text contains a secret: ...%.200q", text[max(0, i-120):])
			}
		}
	}
	return found
}

// Credentials returns what the requests so far had in their Authorization header:
// API keys, tokens, user names with passwords.
func (x *Traffic) Credentials() []string {
	var all []string
	for _, r := range x.Since(0) {
		if _, text, found := strings.Cut(r.Header.Get("Authorization"), " "); found && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}
