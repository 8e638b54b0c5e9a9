package xpay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/url"

	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// The hosts of XPay. Test and live share them; the key decides.
const (
	ProductionURL = "https://api.xpay.app"      // the default
	CheckoutURL   = "https://checkout.xpay.app" // where customers pay
)

// Credentials are what XPay's dashboard shows to a merchant. They print as
// nothing.
type Credentials struct {
	APIKey string // a secret key (sk_test_, sk_live_) or a restricted one (rk_test_, rk_live_)

	// WebhookSecret is the endpoint's, whsec_ included; "" when there are no events.
	WebhookSecret string
	// OldWebhookSecrets are accepted too: during a change, and for more endpoints.
	OldWebhookSecrets []string
}

const redacted = transport.Redacted("xpay.Credentials")

// Format keeps the credentials out of the output of package fmt.
func (Credentials) Format(f fmt.State, verb rune) { redacted.Format(f, verb) }

// LogValue keeps the credentials out of logs.
func (Credentials) LogValue() slog.Value { return redacted.LogValue() }

// MarshalText keeps the credentials out of JSON and other encodings.
func (Credentials) MarshalText() ([]byte, error) { return redacted.MarshalText() }

// GobEncode returns an error: gob would write the credentials as they are.
func (Credentials) GobEncode() ([]byte, error) { return redacted.GobEncode() }

// Client calls XPay for one merchant account, in the mode of its key. Make it
// once and share it: it is safe for concurrent use, and fmt does not print its
// key and secrets, whatever the verb.
type Client struct {
	transport *transport.Client
	auth      func() *auth // a function, because fmt looks into everything else
	events    pay.EventStore
}

// New checks credentials and options and returns a client. It does no I/O; a
// key that XPay does not know shows at the first call, as ErrInvalidAPIKey.
func New(creds Credentials, opts ...pay.Option) (*Client, error) {
	a, err := newAuth(creds)
	if err != nil {
		return nil, err
	}
	cfg, err := transport.NewConfig("xpay", ProductionURL, opts)
	if err != nil {
		return nil, err
	}
	return &Client{
		transport: transport.New(cfg, transport.Profile{Envelope: &errorEnvelope, Authorize: a.authorize}),
		auth:      func() *auth { return a },
		events:    webhook.StoreOrMemory(cfg.EventStore, cfg.Now),
	}, nil
}

// Mode is what the key works on, test or live. Neither sees what the other has.
func (c *Client) Mode() Mode {
	if c.auth().live {
		return ModeLive
	}
	return ModeTest
}

// TypeOf returns XPay's kind of the first *Error in err's chain; "" when there is
// none. XPay asks to branch on it first and on the code second.
func TypeOf(err error) ErrorType {
	var e *Error
	if errors.As(err, &e) && e.Provider == "xpay" {
		return ErrorType(e.Type)
	}
	return ""
}

// URL is the address at which anybody can pay; XPay's answers do not have it.
func (l *PaymentLink) URL() string { return linkURL(l.ID) }

// URL is the address at which anybody can pay; XPay's answers do not have it.
func (l *PaymentLinkRow) URL() string { return linkURL(l.ID) }

func linkURL(id string) string { return CheckoutURL + "/p/" + url.PathEscape(id) }

// Paid reports whether the money of a session has arrived. Nothing else does: a
// complete session may hold a voucher that is never paid.
func (s *CheckoutSession) Paid() bool { return s.PaymentStatus == PaymentStatusPaid }

// pageSize is how many rows the walks below ask for at a time; XPay's maximum.
const pageSize = 100

// Customers walks through all rows of ListCustomers, from params.Page on. It ends
// at the first error, which is the last thing it yields. Rows that are added or
// removed meanwhile may be met twice or not at all.
func (c *Client) Customers(ctx context.Context, params *ListCustomersParams, opts ...pay.CallOption) iter.Seq2[CustomerRow, error] {
	return byPage(ctx, "listCustomers", c.ListCustomers, params, opts, func(p *ListCustomersParams) (*int, *int) { return &p.Page, &p.Limit },
		func(p *CustomerPage) ([]CustomerRow, Int) { return p.Data, p.TotalCount }, func(r CustomerRow) string { return r.ID })
}

// PaymentLinks walks through all rows of ListPaymentLinks, like Customers.
func (c *Client) PaymentLinks(ctx context.Context, params *ListPaymentLinksParams, opts ...pay.CallOption) iter.Seq2[PaymentLinkRow, error] {
	return byPage(ctx, "listPaymentLinks", c.ListPaymentLinks, params, opts, func(p *ListPaymentLinksParams) (*int, *int) { return &p.Page, &p.Limit },
		func(p *PaymentLinkPage) ([]PaymentLinkRow, Int) { return p.Data, p.TotalCount }, func(r PaymentLinkRow) string { return r.ID })
}

// Products walks through all rows of ListProducts, like Customers.
func (c *Client) Products(ctx context.Context, params *ListProductsParams, opts ...pay.CallOption) iter.Seq2[ProductItem, error] {
	return byPage(ctx, "listProducts", c.ListProducts, params, opts, func(p *ListProductsParams) (*int, *int) { return &p.Page, &p.Limit },
		func(p *ProductPage) ([]ProductItem, Int) { return p.Data, p.TotalCount }, func(r ProductItem) string { return r.ID })
}

// byPage walks through a list that has pages and says how many rows there are.
// P are the parameters, G is a page, T a row.
func byPage[P, G, T any](ctx context.Context, operation string, list func(context.Context, *P, ...pay.CallOption) (*G, error), params *P,
	opts []pay.CallOption, where func(*P) (page, limit *int), rows func(*G) ([]T, Int), id func(T) string) iter.Seq2[T, error] {
	return transport.Pages("xpay "+operation, id, func() func() ([]T, bool, error) {
		p := new(P)
		if params != nil {
			*p = *params
		}
		page, limit := where(p)
		*page, *limit = max(*page, 1), cmp.Or(*limit, pageSize)
		return func() ([]T, bool, error) {
			g, err := list(ctx, p, opts...)
			if err != nil {
				return nil, false, err
			}
			found, total := rows(g)
			more := Int(*page**limit) < total
			*page++
			return found, more, nil
		}
	})
}

// Refunds walks through all rows of ListRefunds, from params.Offset on. XPay does
// not say how many there are: a page that is not full is the last.
func (c *Client) Refunds(ctx context.Context, params *ListRefundsParams, opts ...pay.CallOption) iter.Seq2[Refund, error] {
	return transport.Pages("xpay listRefunds", func(r Refund) string { return r.ID }, func() func() ([]Refund, bool, error) {
		p := ListRefundsParams{}
		if params != nil {
			p = *params
		}
		p.Limit = cmp.Or(p.Limit, pageSize)
		return func() ([]Refund, bool, error) {
			rows, err := c.ListRefunds(ctx, &p, opts...)
			p.Offset += len(rows)
			return rows, len(rows) == p.Limit, err
		}
	})
}

// WebhookEndpoints walks through all webhook endpoints, which come at once.
func (c *Client) WebhookEndpoints(ctx context.Context, opts ...pay.CallOption) iter.Seq2[WebhookEndpoint, error] {
	return transport.Pages("xpay listWebhookEndpoints", func(e WebhookEndpoint) string { return e.ID }, func() func() ([]WebhookEndpoint, bool, error) {
		return func() ([]WebhookEndpoint, bool, error) {
			all, err := c.ListWebhookEndpoints(ctx, opts...)
			if err != nil {
				return nil, false, err
			}
			return all.Data, false, nil
		}
	})
}
