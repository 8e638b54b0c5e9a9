package qpay_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// shop starts a sandbox and a merchant that can call every operation.
func shop(t *testing.T) harness.Shop {
	t.Helper()
	srv, err := qpaytest.Start("127.0.0.1:0", qpaytest.WithConfig(func(c *qpaytest.Config) { c.EmptyQRImage = true })) // drawing images takes most of the time
	if err != nil {
		t.Fatal(err)
	}
	client := func(t testing.TB, opts ...pay.Option) *qpay.Client {
		c, err := qpay.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return harness.Shop{URL: srv.URL, Server: srv, Client: func(t testing.TB, opts ...pay.Option) pay.Inquirer { return client(t, opts...) }, Calls: func(t testing.TB, opts ...pay.Option) []harness.Call {
		connect := func() *qpay.Client { return client(t, opts...) }
		s := &merchant{srv, connect(), connect}
		return append(s.tokenCalls(), append(s.paymentCalls(), s.receiptCalls()...)...)
	}}
}

// merchant calls the operations of a sandbox.
type merchant struct {
	srv     *qpaytest.Server
	c       *qpay.Client
	connect func() *qpay.Client // makes another client
}

type (
	do   = harness.Do
	opts = []pay.CallOption
)

// call is an operation that needs one resource, named by an id.
func call(operation string, make func(context.Context, int) (string, error), run func(context.Context, string, opts) error) harness.Call {
	return harness.Call{Operation: operation, Prepare: func(ctx context.Context, n int) (do, error) {
		id, err := make(ctx, n)
		return func(ctx context.Context, opts ...pay.CallOption) error { return run(ctx, id, opts) }, err
	}}
}

func (s *merchant) order(n int) qpay.CreateInvoiceRequest {
	body := invoice(s.srv.InvoiceCode(), "https://shop.example/paid")
	body.SenderInvoiceNo, body.Amount = strconv.Itoa(n), qpay.NewAmount(int64(1000+n))
	return body
}

func (s *merchant) invoice(ctx context.Context, n int) (string, error) {
	inv, err := s.c.CreateInvoice(ctx, s.order(n))
	if err != nil {
		return "", err
	}
	return inv.InvoiceID, nil
}

// paid creates an invoice, pays it by card and returns the payment.
func (s *merchant) paid(ctx context.Context, n int) (string, error) {
	id, err := s.invoice(ctx, n)
	if err != nil {
		return "", err
	}
	return s.srv.Pay(id, qpaytest.PayByCard())
}

func (s *merchant) subscription(ctx context.Context, n int) (string, error) {
	body := s.order(n)
	body.AllowSubscribe, body.SubscriptionInterval, body.SubscriptionWebhook = true, "1M", "http://127.0.0.1:1/s"
	body.Amount = qpay.Amount{}
	body.Lines = []qpay.InvoiceLine{{LineDescription: "a month", LineQuantity: qpay.NewAmount(1), LineUnitPrice: qpay.NewAmount(200)}}
	inv, err := s.c.CreateInvoice(ctx, body)
	if err != nil {
		return "", err
	}
	return inv.Subscription.ID, nil
}

func (s *merchant) receipt(ctx context.Context, n int) (string, error) {
	id, err := s.paid(ctx, n)
	if err != nil {
		return "", err
	}
	made, err := s.c.CreateEbarimt(ctx, qpay.CreateEbarimtRequest{PaymentID: id, EbarimtReceiverType: qpay.ReceiverTypeCitizen})
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// newReceipt creates a receipt of the newer kind and returns its payment.
func (s *merchant) newReceipt(ctx context.Context, n int) (string, error) {
	id, err := s.paid(ctx, n)
	if err == nil {
		_, err = s.c.CreateEbarimtV3(ctx, qpay.CreateEbarimtV3Request{PaymentID: id, EbarimtReceiverType: qpay.ReceiverTypeCitizen})
	}
	return id, err
}

// tokenCalls are the calls that the client makes by itself before another one.
func (s *merchant) tokenCalls() []harness.Call {
	list := func(c *qpay.Client) do {
		return func(ctx context.Context, opts ...pay.CallOption) error {
			return harness.Result(c.ListPayments(ctx, s.page(), opts...))
		}
	}
	return []harness.Call{
		{Operation: "createToken", Prepare: func(context.Context, int) (do, error) { return list(s.connect()), nil }},
		{Operation: "refreshToken", Ages: true, Prepare: func(ctx context.Context, _ int) (do, error) {
			if _, err := s.srv.Config(func(c *qpaytest.Config) { c.ExpiresIn = "seconds" }); err != nil {
				return nil, err
			}
			c := s.connect()
			if err := list(c)(ctx); err != nil {
				return nil, err
			}
			<-time.After(11 * time.Minute) // the access token has expired, the refresh token has not
			return list(c), nil
		}},
	}
}

func (s *merchant) page() qpay.ListPaymentsRequest {
	return qpay.ListPaymentsRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: s.srv.InvoiceCode(), Offset: qpay.Offset{PageNumber: 1, PageLimit: 10}}
}

func (s *merchant) paymentCalls() []harness.Call {
	return []harness.Call{
		{Operation: "createInvoice", Prepare: func(ctx context.Context, n int) (do, error) {
			body := s.order(n)
			return func(ctx context.Context, opts ...pay.CallOption) error {
				return harness.Result(s.c.CreateInvoice(ctx, body, opts...))
			}, harness.Result(s.c.ListPayments(ctx, s.page())) // logs in
		}},
		call("cancelInvoice", s.invoice, func(ctx context.Context, id string, o opts) error { return s.c.CancelInvoice(ctx, id, o...) }),
		call("getInvoice", s.invoice, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.GetInvoice(ctx, id, o...))
		}),
		call("cancelPayment", s.paid, func(ctx context.Context, id string, o opts) error { return s.c.CancelPayment(ctx, id, nil, o...) }),
		call("checkPayment", s.invoice, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.CheckPayment(ctx, qpay.CheckPaymentRequest{ObjectType: qpay.ObjectTypeInvoice, ObjectID: id}, o...))
		}),
		call("listPayments", s.invoice, func(ctx context.Context, _ string, o opts) error {
			return harness.Result(s.c.ListPayments(ctx, s.page(), o...))
		}),
		call("refundPayment", s.paid, func(ctx context.Context, id string, o opts) error {
			return s.c.RefundPayment(ctx, id, &qpay.RefundPaymentRequest{Note: "returned"}, o...)
		}),
		call("getPayment", s.paid, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.GetPayment(ctx, id, o...))
		}),
		call("cancelSubscription", s.subscription, func(ctx context.Context, id string, o opts) error {
			return s.c.CancelSubscription(ctx, id, o...)
		}),
		call("getSubscription", s.subscription, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.GetSubscription(ctx, id, o...))
		}),
	}
}

func (s *merchant) receiptCalls() []harness.Call {
	return []harness.Call{
		call("createEbarimt", s.paid, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.CreateEbarimt(ctx, qpay.CreateEbarimtRequest{PaymentID: id, EbarimtReceiverType: qpay.ReceiverTypeCitizen}, o...))
		}),
		call("cancelEbarimt", s.receipt, func(ctx context.Context, id string, o opts) error { return s.c.CancelEbarimt(ctx, id, o...) }),
		call("getEbarimt", s.receipt, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.GetEbarimt(ctx, id, o...))
		}),
		call("createEbarimtV3", s.paid, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.CreateEbarimtV3(ctx, qpay.CreateEbarimtV3Request{PaymentID: id, EbarimtReceiverType: qpay.ReceiverTypeCitizen}, o...))
		}),
		call("cancelEbarimtV3", s.newReceipt, func(ctx context.Context, id string, o opts) error {
			return harness.Result(s.c.CancelEbarimtV3(ctx, id, nil, o...))
		}),
	}
}
