package xpay

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/url"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// Hosts of XPay. The API key selects test or live mode; both use the same hosts.
const (
	ProductionURL = "https://api.xpay.app"      // the default
	CheckoutURL   = "https://checkout.xpay.app" // where customers pay
)

// Error is what a failed call returns. Retrieve it with errors.As or
// errors.AsType; see package apierr.
type Error = apierr.Error

// Credentials holds a merchant's API key and webhook secrets, from XPay's
// dashboard. They are redacted when printed, logged or encoded.
// They can be read from JSON and YAML.
type Credentials struct {
	APIKey string // secret (sk_test_, sk_live_) or restricted (rk_test_, rk_live_)

	// WebhookSecret verifies the events of an endpoint; it begins with whsec_. It may
	// be empty in a program that receives none.
	WebhookSecret string
	// OldWebhookSecrets are accepted as well: while a secret is rolled out, and for
	// further endpoints.
	OldWebhookSecrets []string

	// AccountID names the account in the event store, such as the ID that GetAccount
	// returns, in visible ASCII without spaces. Set it if several accounts share an event
	// store: neither an API key nor every event names its account. It may be empty
	// otherwise. Do not change it later: events that were handled before would be
	// handled again if they are delivered again.
	AccountID string
}

// Client calls XPay for one merchant account, in the mode of its API key. It is
// safe for concurrent use; create one and share it. Package fmt does not print its
// API key and secrets, whatever the verb.
type Client struct {
	transport *transport.Client
	auth      func() *auth // a function, because fmt would print the secrets behind a pointer
	webhooks  *webhook.Client
}

// New returns a client, or an error if a credential or an option is invalid. It
// does no I/O: an API key that XPay does not know is reported by the first call,
// as ErrInvalidAPIKey.
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
		transport: transport.New(cfg, transport.Profile{Catalog: &errorCatalog, Account: a.account(creds), Authorize: a.authorize}),
		auth:      func() *auth { return a },
		webhooks:  webhook.NewClient("xpay", a.account(creds), cfg.EventStore, cfg.Now, cfg.Logger),
	}, nil
}

// Mode returns the mode of the API key, test or live. Each has its own data.
func (c *Client) Mode() Mode {
	if c.auth().live {
		return ModeLive
	}
	return ModeTest
}

// TypeOf returns the type of the first *Error of XPay in err's chain; "" if there
// is none. XPay asks to branch on the type first and on the code second.
func TypeOf(err error) ErrorType {
	var e *Error
	if errors.As(err, &e) && e.Provider == "xpay" {
		return ErrorType(e.Type)
	}
	return ""
}

// URL returns the address at which customers pay, which XPay's responses lack.
func (l *PaymentLink) URL() string { return linkURL(l.ID) }

// URL returns the address at which customers pay, which XPay's responses lack.
func (l *PaymentLinkRow) URL() string { return linkURL(l.ID) }

func linkURL(id string) string { return CheckoutURL + "/p/" + url.PathEscape(id) }

// Paid reports whether the session has been paid. The session's status does not
// tell: a complete session may have a voucher that is never paid.
func (s *CheckoutSession) Paid() bool { return s.PaymentStatus == PaymentStatusPaid }

// pageSize is the default number of rows per page of the iterators below, XPay's
// maximum.
const pageSize = 100

// Customers returns an iterator over all rows of ListCustomers. It fetches one
// page at a time, from params.Page on; params may be nil. A zero Page means page 1,
// a zero Limit 100 rows per page. An error is yielded once, with a zero row, and
// ends the iteration. Rows that are added or removed meanwhile may be yielded twice
// or not at all.
func (c *Client) Customers(ctx context.Context, params *ListCustomersParams, opts ...pay.CallOption) iter.Seq2[CustomerRow, error] {
	return byPage(ctx, "listCustomers", c.ListCustomers, params, opts, func(p *ListCustomersParams) (*int, *int) { return &p.Page, &p.Limit },
		func(p *CustomerPage) ([]CustomerRow, Int) { return p.Data, p.TotalCount }, func(r CustomerRow) string { return r.ID })
}

// PaymentLinks returns an iterator over all rows of ListPaymentLinks; see
// Customers.
func (c *Client) PaymentLinks(ctx context.Context, params *ListPaymentLinksParams, opts ...pay.CallOption) iter.Seq2[PaymentLinkRow, error] {
	return byPage(ctx, "listPaymentLinks", c.ListPaymentLinks, params, opts, func(p *ListPaymentLinksParams) (*int, *int) { return &p.Page, &p.Limit },
		func(p *PaymentLinkPage) ([]PaymentLinkRow, Int) { return p.Data, p.TotalCount }, func(r PaymentLinkRow) string { return r.ID })
}

// Products returns an iterator over all rows of ListProducts; see Customers.
func (c *Client) Products(ctx context.Context, params *ListProductsParams, opts ...pay.CallOption) iter.Seq2[ProductItem, error] {
	return byPage(ctx, "listProducts", c.ListProducts, params, opts, func(p *ListProductsParams) (*int, *int) { return &p.Page, &p.Limit },
		func(p *ProductPage) ([]ProductItem, Int) { return p.Data, p.TotalCount }, func(r ProductItem) string { return r.ID })
}

// byPage iterates over a list with page numbers and a total count. P is the type
// of the parameters, G of a page and T of a row.
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

// Refunds returns an iterator over all rows of ListRefunds. It fetches one page at
// a time, from params.Offset on, 100 rows per page if params.Limit is zero; params
// may be nil. The first page that is not full is the last one, because XPay sends
// no total. An error is yielded once, with a zero row, and ends the iteration.
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

// WebhookEndpoints returns an iterator over all webhook endpoints, which XPay sends
// in one response. An error is yielded once, with a zero row.
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
