package xpay_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// shop starts a sandbox and a merchant that can call every operation.
func shop(t *testing.T) harness.Shop {
	t.Helper()
	srv, err := xpaytest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := func(t testing.TB, opts ...pay.Option) *xpay.Client {
		c, err := xpay.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return harness.Shop{URL: srv.URL, Server: srv, Client: func(t testing.TB, opts ...pay.Option) pay.Inquirer { return client(t, opts...) }, Calls: func(t testing.TB, opts ...pay.Option) []harness.Call {
		c := client(t, opts...)
		s := &merchant{srv, c}
		return append(append(s.sessionCalls(), s.shelfCalls()...), append(s.linkCalls(), s.endpointCalls()...)...)
	}}
}

// merchant calls the operations of a sandbox.
type merchant struct {
	srv *xpaytest.Server
	c   *xpay.Client
}

type (
	do   = harness.Do
	opts = []pay.CallOption
)

// call is an operation that needs one resource, named by an id.
func call(operation string, make func(context.Context, int) (string, error), run func(context.Context, string, int, opts) error) harness.Call {
	return harness.Call{Operation: operation, Prepare: func(ctx context.Context, n int) (do, error) {
		id, err := make(ctx, n)
		return func(ctx context.Context, opts ...pay.CallOption) error { return run(ctx, id, n, opts) }, err
	}}
}

// nothing prepares an operation that needs no resource.
func nothing(context.Context, int) (string, error) { return "", nil }

func (s *merchant) order(n int) xpay.CreateCheckoutSessionRequest {
	body := order()
	body.Metadata["order"] = fmt.Sprint(n)
	return body
}

func (s *merchant) session(ctx context.Context, n int) (string, error) {
	made, err := s.c.CreateCheckoutSession(ctx, s.order(n))
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// charge creates a session, pays it and returns its charge.
func (s *merchant) charge(ctx context.Context, n int) (string, error) {
	id, err := s.session(ctx, n)
	if err != nil {
		return "", err
	}
	paid, err := s.srv.Pay(id)
	return paid.ChargeID, err
}

func (s *merchant) refund(ctx context.Context, n int) (string, error) {
	id, err := s.charge(ctx, n)
	if err != nil {
		return "", err
	}
	made, err := s.c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: id})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (s *merchant) sessionCalls() []harness.Call {
	return []harness.Call{
		call("getAccount", nothing, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.GetAccount(ctx, o...))
		}),
		call("createCheckoutSession", nothing, func(ctx context.Context, _ string, n int, o opts) error {
			return harness.Result(s.c.CreateCheckoutSession(ctx, s.order(n), o...))
		}),
		call("getCheckoutSession", s.session, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.GetCheckoutSession(ctx, id, o...))
		}),
		call("updateMerchantCheckoutSession", s.session, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.UpdateMerchantCheckoutSession(ctx, id, xpay.UpdateCheckoutSessionRequest{CancelURL: xpay.Set(fmt.Sprint("https://shop.example/", n))}, o...))
		}),
		call("expireCheckoutSession", s.session, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.ExpireCheckoutSession(ctx, id, o...))
		}),
		call("listRefunds", s.charge, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.ListRefunds(ctx, &xpay.ListRefundsParams{ChargeID: id}, o...))
		}),
		call("createRefund", s.charge, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.CreateRefund(ctx, xpay.CreateRefundRequest{ChargeID: id, Amount: new(xpay.Amount(1 + n%1000))}, o...))
		}),
		call("getRefund", s.refund, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.GetRefund(ctx, id, o...))
		}),
	}
}

func (s *merchant) product(ctx context.Context, n int) (string, error) {
	made, err := s.c.CreateProduct(ctx, xpay.CreateProductRequest{Name: fmt.Sprint("Ticket ", n), DefaultPrice: &xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(500))}})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (s *merchant) price(ctx context.Context, n int) (string, error) {
	made, err := s.c.CreateProduct(ctx, xpay.CreateProductRequest{Name: fmt.Sprint("Ticket ", n), DefaultPrice: &xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(500))}})
	if err != nil {
		return "", err
	}
	return made.Prices[0].ID, nil
}

func (s *merchant) shelfCalls() []harness.Call {
	return []harness.Call{
		call("listProducts", s.product, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.ListProducts(ctx, &xpay.ListProductsParams{Limit: 3}, o...))
		}),
		call("createProduct", nothing, func(ctx context.Context, _ string, n int, o opts) error {
			return harness.Result(s.c.CreateProduct(ctx, xpay.CreateProductRequest{Name: fmt.Sprint("Ticket ", n)}, o...))
		}),
		call("getProduct", s.product, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.GetProduct(ctx, id, o...))
		}),
		call("updateProduct", s.product, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.UpdateProduct(ctx, id, xpay.UpdateProductRequest{Description: xpay.Set(fmt.Sprint("row ", n))}, o...))
		}),
		call("deleteProduct", s.product, func(ctx context.Context, id string, _ int, o opts) error { return s.c.DeleteProduct(ctx, id, o...) }),
		call("createPrice", s.product, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.CreatePrice(ctx, &xpay.CreatePriceParams{ProductID: id}, xpay.CreatePriceRequest{UnitAmount: new(xpay.Amount(n))}, o...))
		}),
		call("updatePrice", s.price, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.UpdatePrice(ctx, id, xpay.UpdatePriceRequest{Stock: xpay.Set(n)}, o...))
		}),
		call("deletePrice", s.price, func(ctx context.Context, id string, _ int, o opts) error { return s.c.DeletePrice(ctx, id, o...) }),
		call("listCustomers", nothing, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.ListCustomers(ctx, nil, o...))
		}),
		call("createCustomer", nothing, func(ctx context.Context, _ string, n int, o opts) error {
			return harness.Result(s.c.CreateCustomer(ctx, xpay.CreateCustomerRequest{Email: fmt.Sprintf("c%d@shop.example", n)}, o...))
		}),
		call("getCustomer", s.customer, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.GetCustomer(ctx, id, o...))
		}),
	}
}

func (s *merchant) customer(ctx context.Context, n int) (string, error) {
	made, err := s.c.CreateCustomer(ctx, xpay.CreateCustomerRequest{Email: fmt.Sprintf("c%d@shop.example", n)})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (s *merchant) link(ctx context.Context, n int) (string, error) {
	price, err := s.price(ctx, n)
	if err != nil {
		return "", err
	}
	made, err := s.c.CreatePaymentLink(ctx, link(price))
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func link(price string) xpay.CreatePaymentLinkRequest {
	return xpay.CreatePaymentLinkRequest{
		LineItems:       []xpay.LinkLineItemInput{{PriceID: price, Quantity: 2}},
		AfterCompletion: xpay.AfterCompletion{Type: xpay.AfterCompletionTypeHostedConfirmation},
	}
}

func (s *merchant) linkCalls() []harness.Call {
	return []harness.Call{
		call("listPaymentLinks", s.link, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.ListPaymentLinks(ctx, &xpay.ListPaymentLinksParams{Limit: 3}, o...))
		}),
		call("createPaymentLink", s.price, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.CreatePaymentLink(ctx, link(id), o...))
		}),
		call("getPaymentLink", s.link, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.GetPaymentLink(ctx, id, o...))
		}),
		call("updatePaymentLink", s.link, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.UpdatePaymentLink(ctx, id, xpay.UpdatePaymentLinkRequest{Active: new(false)}, o...))
		}),
	}
}

func endpoint(n int) xpay.CreateWebhookEndpointRequest {
	return xpay.CreateWebhookEndpointRequest{URL: fmt.Sprint("https://shop.example/xpay/", n), EnabledEvents: []xpay.EventType{xpay.EventTypeChargeRefunded}}
}

// endpoint creates an endpoint. Their number is limited, so it deletes the others.
func (s *merchant) endpoint(ctx context.Context, n int) (string, error) {
	if err := s.deleteEndpoints(ctx); err != nil {
		return "", err
	}
	made, err := s.c.CreateWebhookEndpoint(ctx, endpoint(n))
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// deleteEndpoints deletes all endpoints.
func (s *merchant) deleteEndpoints(ctx context.Context) error {
	list, err := s.c.ListWebhookEndpoints(ctx)
	if err != nil {
		return err
	}
	for _, e := range list.Data {
		if err := s.c.DeleteWebhookEndpoint(ctx, e.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *merchant) endpointCalls() []harness.Call {
	return []harness.Call{
		call("listWebhookEndpoints", s.endpoint, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.ListWebhookEndpoints(ctx, o...))
		}),
		call("createWebhookEndpoint", func(ctx context.Context, _ int) (string, error) { return "", s.deleteEndpoints(ctx) },
			func(ctx context.Context, _ string, n int, o opts) error {
				return harness.Result(s.c.CreateWebhookEndpoint(ctx, endpoint(n), o...))
			}),
		call("getWebhookEndpoint", s.endpoint, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.GetWebhookEndpoint(ctx, id, o...))
		}),
		call("updateWebhookEndpoint", s.endpoint, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.UpdateWebhookEndpoint(ctx, id, xpay.UpdateWebhookEndpointRequest{URL: fmt.Sprint("https://shop.example/", n)}, o...))
		}),
		call("deleteWebhookEndpoint", s.endpoint, func(ctx context.Context, id string, _ int, o opts) error {
			return s.c.DeleteWebhookEndpoint(ctx, id, o...)
		}),
	}
}
