package qpay

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"

	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// The servers of QPay. Credentials of one do not work on the other.
const (
	ProductionURL = "https://merchant.qpay.mn" // the default
	SandboxURL    = "https://merchant-sandbox.qpay.mn"
)

// Credentials are what QPay hands to a merchant. They print as nothing.
type Credentials struct {
	Username string // some documents call it client_id
	Password string // secret; some documents call it client_secret
}

const redacted = transport.Redacted("qpay.Credentials")

// Format keeps the credentials out of the output of package fmt.
func (Credentials) Format(f fmt.State, verb rune) { redacted.Format(f, verb) }

// LogValue keeps the credentials out of logs.
func (Credentials) LogValue() slog.Value { return redacted.LogValue() }

// MarshalText keeps the credentials out of JSON and other encodings.
func (Credentials) MarshalText() ([]byte, error) { return redacted.MarshalText() }

// GobEncode returns an error: gob would write the credentials as they are.
func (Credentials) GobEncode() ([]byte, error) { return redacted.GobEncode() }

func (c Credentials) check() error {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch {
	case c.Username == "":
		return errors.New("qpay: Credentials.Username is empty")
	case c.Password == "":
		return errors.New("qpay: Credentials.Password is empty")
	case strings.Contains(c.Username, ":"), strings.ContainsFunc(c.Username, control):
		return errors.New("qpay: Credentials.Username has a colon or a control character")
	case strings.ContainsFunc(c.Password, control):
		return errors.New("qpay: Credentials.Password has a control character, perhaps a line end that was copied with it")
	}
	return nil
}

// Client calls QPay for one merchant account. Make it once and share it: it is
// safe for concurrent use, and its token serves all calls. It holds credentials
// and token out of reach of fmt, whatever the verb.
type Client struct {
	transport *transport.Client
	events    pay.EventStore
}

// New checks credentials and options and returns a client. It does no I/O; a
// wrong password shows at the first call, as ErrAuthenticationFailed.
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
		transport: transport.New(cfg, transport.Profile{Envelope: &errorEnvelope, Authorize: a.authorize, Recover: a.recover}),
		events:    webhook.StoreOrMemory(cfg.EventStore, cfg.Now),
	}, nil
}

// Payments walks through all rows of ListPayments, page after page. A zero
// Offset starts at the first page, 100 rows at a time. It ends at the first
// error, which is the last thing it yields; breaking off early costs nothing.
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

// Paid reports whether an invoice is paid in full, and how much of it: the sum
// of the rows whose status is PAID, in the currency of the invoice. QPay wants
// this asked after a callback, not in a loop.
func (p *PaymentCheck) Paid(total Amount) (paid Amount, full bool) {
	for _, row := range p.Rows {
		if row.PaymentStatus == PaymentStatusPaid {
			paid = paid.Add(row.PaymentAmount)
		}
	}
	return paid, paid.Cmp(total) >= 0 && paid.Sign() > 0
}

// Links returns the links that open the invoice in the payer's bank, under
// whichever of its two names QPay sent them.
func (i *InvoiceCreated) Links() []BankLink {
	if len(i.URLs) > 0 {
		return i.URLs
	}
	return i.Deeplinks
}
