package xpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/specpay/specpay/internal/transport"
)

// The shortest that a key or a secret can be after its prefix. What is shorter
// was cut off, or made up.
const minSecret = 8

// auth is what a client proves itself and XPay with.
type auth struct {
	key     string
	live    bool
	webhook []string // the newest first
}

// authorize puts the key on a request.
func (a *auth) authorize(_ context.Context, _ *transport.Operation, req *http.Request, _ []byte) error {
	req.Header.Set("Authorization", "Bearer "+a.key)
	return nil
}

// newAuth says what is wrong with credentials without repeating any of them.
func newAuth(c Credentials) (*auth, error) {
	a := &auth{key: c.APIKey}
	kind, rest, _ := strings.Cut(c.APIKey, "_")
	mode, secret, _ := strings.Cut(rest, "_")
	switch {
	case c.APIKey == "":
		return nil, errors.New("xpay: Credentials.APIKey is empty")
	case kind == "pk":
		return nil, errors.New("xpay: Credentials.APIKey is a publishable key (pk_), which is for browsers; want a secret key (sk_) or a restricted one (rk_)")
	case kind != "sk" && kind != "rk", mode != "test" && mode != "live":
		return nil, errors.New("xpay: Credentials.APIKey does not begin like a key; want sk_test_, sk_live_, rk_test_ or rk_live_")
	case !whole(secret):
		return nil, fmt.Errorf("xpay: Credentials.APIKey has %d characters after its prefix; want %d or more, without spaces and line ends", len(secret), minSecret)
	case c.WebhookSecret == "" && len(c.OldWebhookSecrets) > 0:
		return nil, errors.New("xpay: Credentials.OldWebhookSecrets are set, but WebhookSecret is empty")
	case c.WebhookSecret != "":
		a.webhook = append([]string{c.WebhookSecret}, c.OldWebhookSecrets...)
	}
	a.live = mode == "live"
	for i, secret := range a.webhook {
		if text, ok := strings.CutPrefix(secret, "whsec_"); !ok || !whole(text) {
			name := fmt.Sprintf("OldWebhookSecrets[%d]", i-1)
			if i == 0 {
				name = "WebhookSecret"
			}
			return nil, fmt.Errorf("xpay: Credentials.%s is not whsec_ and at least %d characters without spaces", name, minSecret)
		}
	}
	return a, nil
}

// whole reports whether a secret can be all of it: long enough, and visible ASCII.
func whole(s string) bool {
	return len(s) >= minSecret && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
