package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// ProductionURL is the only server. The key pair selects the mode of an app: test,
// sandbox or live.
const ProductionURL = "https://payment.uncle-z.com" // the default

// Error is what a failed call returns. Retrieve it with errors.As or
// errors.AsType; see package apierr.
type Error = apierr.Error

// Credentials holds an app's public key and secrets. They are redacted when
// printed, logged or encoded. They can be read from JSON and YAML.
type Credentials struct {
	PublicKey string // pk_ and 24 hexadecimal digits
	Secret    string // signs requests; 64 hexadecimal digits

	// WebhookSecret verifies notifications; 64 hexadecimal digits. It may be empty
	// in a program that receives none.
	WebhookSecret string
	// OldWebhookSecrets are accepted as well, while a new secret is rolled out.
	OldWebhookSecrets []string
}

func (c Credentials) check() error {
	key, prefixed := strings.CutPrefix(c.PublicKey, "pk_")
	switch {
	case c.PublicKey == "":
		return errors.New("gateway: Credentials.PublicKey is empty; want pk_ and 24 hexadecimal digits")
	case !prefixed || len(key) != 24 || !isHex(key):
		return errors.New("gateway: Credentials.PublicKey is not pk_ and 24 hexadecimal digits" + hint(c.PublicKey))
	}
	if err := checkSecret("Secret", c.Secret); err != nil {
		return err
	}
	if c.WebhookSecret == "" && len(c.OldWebhookSecrets) > 0 {
		return errors.New("gateway: Credentials.OldWebhookSecrets are set, but WebhookSecret is empty; want the current secret in WebhookSecret")
	}
	for i, secret := range c.webhookSecrets() {
		name := "WebhookSecret"
		if i > 0 {
			name = fmt.Sprintf("OldWebhookSecrets[%d]", i-1)
		}
		if err := checkSecret(name, secret); err != nil {
			return err
		}
		if secret == c.Secret {
			return errors.New("gateway: Credentials." + name + " is the same as Secret; want the webhook secret, which the operator issues separately")
		}
	}
	return nil
}

func (c Credentials) webhookSecrets() []string {
	if c.WebhookSecret == "" {
		return nil
	}
	return append([]string{c.WebhookSecret}, c.OldWebhookSecrets...)
}

// checkSecret returns an error that does not contain the secret.
func checkSecret(name, secret string) error {
	switch {
	case secret == "":
		return errors.New("gateway: Credentials." + name + " is empty; want 64 hexadecimal digits")
	case len(secret) != 64 || !isHex(secret):
		return fmt.Errorf("gateway: Credentials.%s has %d characters; want 64 hexadecimal digits without a line end%s", name, len(secret), hint(secret))
	}
	return nil
}

// hint recognizes a value that belongs in another field.
func hint(value string) string {
	switch {
	case strings.HasPrefix(value, "pk_"):
		return "; the value begins like a public key"
	case len(value) == 64 && isHex(value):
		return "; the value looks like a secret"
	}
	return ""
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// Client calls the gateway for one app. It is safe for concurrent use; create one
// and share it. Package fmt does not print its secrets, whatever the verb.
type Client struct {
	transport *transport.Client
	auth      func() *auth // a function, because fmt would print the secrets behind a pointer
	webhooks  *webhook.Client
}

// New returns a client, or an error if a credential or an option is invalid. It
// does no I/O: a wrong secret is reported by the first call, as ErrBadSignature.
func New(creds Credentials, opts ...pay.Option) (*Client, error) {
	if err := creds.check(); err != nil {
		return nil, err
	}
	cfg, err := transport.NewConfig("gateway", ProductionURL, opts)
	if err != nil {
		return nil, err
	}
	a := &auth{publicKey: creds.PublicKey, secret: creds.Secret, webhookSecrets: creds.webhookSecrets(), now: cfg.Now}
	return &Client{
		transport: transport.New(cfg, transport.Profile{Catalog: &errorCatalog, Account: creds.PublicKey, Authorize: a.authorize, Headers: signatureHeaders, Recover: a.recover}),
		auth:      func() *auth { return a },
		webhooks:  webhook.NewClient("gateway", creds.PublicKey, cfg.EventStore, cfg.Now, cfg.Logger),
	}, nil
}

// pollInterval is the interval of the gateway's own examples.
const pollInterval = time.Second

// Wait calls GetPayment once a second until the payment has succeeded, failed or
// been canceled. Use it at a point of sale, or when a notification does not
// arrive; the gateway's examples give up after 20 minutes. If ctx ends first, Wait
// returns the last state and a *pay.WaitError. A payment that does not exist is
// ErrPaymentNotFound at once. If the gateway refuses the inquiry, its error is
// returned at once and says nothing about the payment.
func (c *Client) Wait(ctx context.Context, paymentID string, opts ...pay.CallOption) (*Payment, error) {
	var missing error // an ID that does not exist now will not exist later
	last, err := transport.Wait(ctx, "gateway getPayment", pollInterval, func(ctx context.Context) (*Payment, bool, error) {
		p, err := c.GetPayment(ctx, paymentID, opts...)
		if errors.Is(err, ErrPaymentNotFound) {
			missing = err
			return nil, true, nil
		}
		return p, err == nil && p.Status.Final(), err
	})
	if missing != nil {
		return nil, missing
	}
	return last, err
}

// Final reports whether a payment has ended: succeeded, failed or canceled. An
// unknown status is not final.
func (s PaymentStatus) Final() bool {
	return s == PaymentStatusSucceeded || s == PaymentStatusFailed || s == PaymentStatusCanceled
}
