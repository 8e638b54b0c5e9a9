package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// ProductionURL is the only server, for every mode: the key pair decides whether
// an app is in test, sandbox or live mode.
const ProductionURL = "https://payment.uncle-z.com" // the default

// Credentials are what the operator hands to an app. They print as nothing.
type Credentials struct {
	PublicKey string // pk_ and 24 hexadecimal digits
	Secret    string // 64 hexadecimal digits; signs requests

	// WebhookSecret has 64 hexadecimal digits; the gateway signs notifications
	// with it. It may stay empty in a program that receives none.
	WebhookSecret string
	// OldWebhookSecrets are accepted too, while a new one is being rolled out.
	OldWebhookSecrets []string
}

const redacted = transport.Redacted("gateway.Credentials")

// Format keeps the credentials out of the output of package fmt.
func (Credentials) Format(f fmt.State, verb rune) { redacted.Format(f, verb) }

// LogValue keeps the credentials out of logs.
func (Credentials) LogValue() slog.Value { return redacted.LogValue() }

// MarshalText keeps the credentials out of JSON and other encodings.
func (Credentials) MarshalText() ([]byte, error) { return redacted.MarshalText() }

// GobEncode returns an error: gob would write the credentials as they are.
func (Credentials) GobEncode() ([]byte, error) { return redacted.GobEncode() }

func (c Credentials) check() error {
	key, prefixed := strings.CutPrefix(c.PublicKey, "pk_")
	switch {
	case c.PublicKey == "":
		return errors.New("gateway: Credentials.PublicKey is empty")
	case !prefixed || len(key) != 24 || !isHex(key):
		return errors.New("gateway: Credentials.PublicKey is not pk_ and 24 hexadecimal digits" + hint(c.PublicKey))
	}
	if err := checkSecret("Secret", c.Secret); err != nil {
		return err
	}
	if c.WebhookSecret == "" && len(c.OldWebhookSecrets) > 0 {
		return errors.New("gateway: Credentials.OldWebhookSecrets are set, but WebhookSecret is empty")
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
			return errors.New("gateway: Credentials." + name + " is the same as Secret; the operator gives out two different ones")
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

// checkSecret says what is wrong with a secret without repeating any of it.
func checkSecret(name, secret string) error {
	switch {
	case secret == "":
		return errors.New("gateway: Credentials." + name + " is empty")
	case len(secret) != 64 || !isHex(secret):
		return fmt.Errorf("gateway: Credentials.%s has %d characters; want 64 hexadecimal digits, without a line end%s", name, len(secret), hint(secret))
	}
	return nil
}

// hint recognises values that were put into the wrong place.
func hint(value string) string {
	switch {
	case strings.HasPrefix(value, "pk_"):
		return "; it begins like a public key"
	case len(value) == 64 && isHex(value):
		return "; it looks like a secret"
	}
	return ""
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// Client calls the gateway for one app. Make it once and share it: it is safe
// for concurrent use. It holds its secrets out of reach of fmt, whatever the
// verb.
type Client struct {
	transport *transport.Client
	auth      func() *auth // not the thing itself: fmt would follow it to the secrets
	events    pay.EventStore
}

// New checks credentials and options and returns a client. It does no I/O; a
// wrong secret shows at the first call, as ErrBadSignature.
func New(creds Credentials, opts ...pay.Option) (*Client, error) {
	if err := creds.check(); err != nil {
		return nil, err
	}
	cfg, err := transport.NewConfig("gateway", ProductionURL, opts)
	if err != nil {
		return nil, err
	}
	a := &auth{key: creds.PublicKey, secret: creds.Secret, webhook: creds.webhookSecrets(), now: cfg.Now}
	return &Client{
		transport: transport.New(cfg, transport.Profile{Envelope: &errorEnvelope, Authorize: a.authorize, Recover: a.recover}),
		auth:      func() *auth { return a },
		events:    webhook.StoreOrMemory(cfg.EventStore, cfg.Now),
	}, nil
}

// pollEvery is the pace of the gateway's own examples.
const pollEvery = time.Second

// Wait asks for a payment, once a second, until it has succeeded, failed or been
// canceled. It is for a point of sale and for notifications that do not come;
// the gateway's examples give up after 20 minutes. When ctx ends first, the error
// is a *pay.WaitError with the last state, which the payment returned has too.
func (c *Client) Wait(ctx context.Context, paymentID string, opts ...pay.CallOption) (*Payment, error) {
	var missing error // an id that does not exist now never will
	last, err := transport.Wait(ctx, "gateway getPayment", pollEvery, func(ctx context.Context) (*Payment, bool, error) {
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

// Final reports whether a payment never changes again. A status that nobody
// knows is not final.
func (s PaymentStatus) Final() bool {
	return s == PaymentStatusSucceeded || s == PaymentStatusFailed || s == PaymentStatusCanceled
}
