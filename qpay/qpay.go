package qpay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// Servers of QPay. Credentials of one are not valid on the other.
const (
	ProductionURL = "https://merchant.qpay.mn" // the default
	SandboxURL    = "https://merchant-sandbox.qpay.mn"
)

// Error is what a failed call returns. Retrieve it with errors.As or
// errors.AsType; see package apierr.
type Error = apierr.Error

// Credentials holds a merchant's user name and password, and the merchant's own
// callback key. They are redacted when printed, logged or encoded.
// They can be read from JSON and YAML.
type Credentials struct {
	Username string // called client_id in some documents; without colon and control characters
	Password string // secret; called client_secret in some documents; without control characters

	// CallbackKey verifies the URLs of CallbackURL; it has at least 16 bytes. The
	// merchant chooses it, and QPay does not receive it. If it is empty, Webhook does
	// not verify callback URLs.
	CallbackKey string
	// OldCallbackKeys are accepted as well, while invoices with URLs of an old key are
	// open.
	OldCallbackKeys []string
}

func (c Credentials) check() error {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch {
	case c.Username == "":
		return errors.New("qpay: Credentials.Username is empty; want the merchant's user name")
	case c.Password == "":
		return errors.New("qpay: Credentials.Password is empty; want the merchant's password")
	case strings.Contains(c.Username, ":"), strings.ContainsFunc(c.Username, control):
		return errors.New("qpay: Credentials.Username contains a colon or a control character; want the user name as QPay issued it")
	case strings.ContainsFunc(c.Password, control):
		return errors.New("qpay: Credentials.Password contains a control character, perhaps a copied line end; want the password as QPay issued it")
	case c.CallbackKey == "" && len(c.OldCallbackKeys) > 0:
		return errors.New("qpay: Credentials.OldCallbackKeys are set, but CallbackKey is empty; want the current key in CallbackKey")
	case c.CallbackKey != "" && len(c.CallbackKey) < minCallbackKey:
		return fmt.Errorf("qpay: Credentials.CallbackKey has %d bytes; want at least %d", len(c.CallbackKey), minCallbackKey)
	}
	for i, key := range c.OldCallbackKeys {
		if len(key) < minCallbackKey {
			return fmt.Errorf("qpay: Credentials.OldCallbackKeys[%d] has %d bytes; want at least %d", i, len(key), minCallbackKey)
		}
	}
	return nil
}

// Client calls QPay for one merchant account. It is safe for concurrent use;
// create one and share it, so that all calls use one token. Package fmt does not
// print its credentials and token, whatever the verb.
type Client struct {
	transport *transport.Client
	webhooks  *webhook.Client

	// verifyOrder is a function, because fmt would print the keys in a field.
	verifyOrder func(callback url.Values) (orderID string, err error)
}

// New returns a client, or an error if a credential or an option is invalid. It
// does no I/O: a wrong password is reported by the first call, as
// ErrAuthenticationFailed.
func New(creds Credentials, opts ...pay.Option) (*Client, error) {
	if err := creds.check(); err != nil {
		return nil, err
	}
	cfg, err := transport.NewConfig("qpay", ProductionURL, opts)
	if err != nil {
		return nil, err
	}
	a := newAuth(creds, cfg)
	return &Client{
		transport: transport.New(cfg, transport.Profile{Catalog: &errorCatalog, Account: creds.Username, NumbersAsText: true, Authorize: a.authorize, Recover: a.recover, Close: a.close}),
		webhooks:  webhook.NewClient("qpay", creds.Username, cfg.EventStore, cfg.Now, cfg.Logger),

		verifyOrder: orderVerifier(creds),
	}, nil
}

// Payments returns an iterator over all rows of ListPayments. It fetches one page
// at a time, from body.Offset on; a zero Offset means page 1 and 100 rows per
// page. An error is yielded once, with a zero row, and ends the iteration.
func (c *Client) Payments(ctx context.Context, body ListPaymentsRequest, opts ...pay.CallOption) iter.Seq2[PaymentListRow, error] {
	if body.Offset == (Offset{}) {
		body.Offset = Offset{PageNumber: 1, PageLimit: 100}
	}
	return transport.Pages("qpay listPayments", func(r PaymentListRow) string { return r.PaymentID }, func() func() ([]PaymentListRow, bool, error) {
		body := body
		return func() ([]PaymentListRow, bool, error) {
			page, err := c.ListPayments(ctx, body, opts...)
			if err != nil {
				return nil, false, err
			}
			body.Offset.PageNumber++
			return page.Rows, len(page.Rows) == body.Offset.PageLimit, nil
		}
	})
}

// Paid returns the sum of the rows whose status is PAID, in the currency of the
// invoice, and whether it reaches total. QPay asks merchants to check a payment
// after a callback, not in a loop.
func (p *PaymentCheck) Paid(total Amount) (paid Amount, full bool) {
	for _, row := range p.Rows {
		if row.PaymentStatus == PaymentStatusPaid {
			paid = paid.Add(row.PaymentAmount)
		}
	}
	return paid, paid.Cmp(total) >= 0 && paid.Sign() > 0
}

// Links returns the links that open the invoice in the app of the payer's bank.
// QPay sends them as URLs or as Deeplinks.
func (i *InvoiceCreated) Links() []BankLink {
	if len(i.URLs) > 0 {
		return i.URLs
	}
	return i.Deeplinks
}
