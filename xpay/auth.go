package xpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/specpay/specpay/internal/transport"
)

// minSecret is the shortest plausible length of an API key or a secret after its
// prefix.
const minSecret = 8

// auth holds the credentials of a client.
type auth struct {
	apiKey         string
	live           bool
	webhookSecrets []string // the newest first
}

// authorize adds the API key to a request.
func (a *auth) authorize(_ context.Context, _ *transport.Operation, req *http.Request, _ []byte) error {
	req.Header.Set("Authorization", "Bearer "+a.apiKey)
	return nil
}

// newAuth checks credentials. Its errors contain no part of them.
func newAuth(c Credentials) (*auth, error) {
	a := &auth{apiKey: c.APIKey}
	kind, rest, _ := strings.Cut(c.APIKey, "_")
	mode, secret, _ := strings.Cut(rest, "_")
	switch {
	case c.APIKey == "":
		return nil, errors.New("xpay: Credentials.APIKey is empty; want a key that begins with sk_test_, sk_live_, rk_test_ or rk_live_")
	case kind == "pk":
		return nil, errors.New("xpay: Credentials.APIKey is a publishable key (pk_), which is for browsers; want a secret (sk_) or restricted (rk_) key")
	case kind != "sk" && kind != "rk", mode != "test" && mode != "live":
		return nil, errors.New("xpay: Credentials.APIKey has an unknown prefix; want sk_test_, sk_live_, rk_test_ or rk_live_")
	case !plausible(secret):
		return nil, fmt.Errorf("xpay: Credentials.APIKey has %d characters after its prefix; want %d or more, visible ASCII without spaces and line ends", len(secret), minSecret)
	case !visible(c.AccountID):
		return nil, errors.New("xpay: Credentials.AccountID contains a space or other characters than visible ASCII; want an ID as GetAccount returns it, or none")
	case c.WebhookSecret == "" && len(c.OldWebhookSecrets) > 0:
		return nil, errors.New("xpay: Credentials.OldWebhookSecrets are set, but WebhookSecret is empty; want the current secret in WebhookSecret")
	case c.WebhookSecret != "":
		a.webhookSecrets = append([]string{c.WebhookSecret}, c.OldWebhookSecrets...)
	}
	a.live = mode == "live"
	for i, secret := range a.webhookSecrets {
		if text, ok := strings.CutPrefix(secret, "whsec_"); !ok || !plausible(text) {
			name := fmt.Sprintf("OldWebhookSecrets[%d]", i-1)
			if i == 0 {
				name = "WebhookSecret"
			}
			return nil, fmt.Errorf("xpay: Credentials.%s is not a webhook secret; want whsec_ and at least %d characters without spaces", name, minSecret)
		}
	}
	return a, nil
}

// account identifies the account without a secret, and does not change with the API
// key. Each mode has its own data.
func (a *auth) account(c Credentials) string {
	mode := ModeTest
	if a.live {
		mode = ModeLive
	}
	return strings.TrimRight(string(mode)+" "+c.AccountID, " ")
}

// plausible reports whether a secret is long enough and visible ASCII.
func plausible(s string) bool { return len(s) >= minSecret && visible(s) }

// visible reports whether a text is visible ASCII without spaces.
func visible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
