package gateway_test

import (
	"context"
	"testing"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// shop starts a sandbox and a merchant that can call every operation.
func shop(t *testing.T) harness.Shop {
	t.Helper()
	srv, err := gatewaytest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := func(t testing.TB, opts ...pay.Option) *gateway.Client {
		c, err := gateway.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return harness.Shop{URL: srv.URL, Server: srv, Client: func(t testing.TB, opts ...pay.Option) pay.Inquirer { return client(t, opts...) }, Calls: func(t testing.TB, opts ...pay.Option) []harness.Call {
		c := client(t, opts...)
		return calls(srv, c)
	}}
}

func calls(srv *gatewaytest.Server, c *gateway.Client) []harness.Call {
	made := func(ctx context.Context, n int) (*gateway.PaymentCreated, error) {
		body := qris()
		body.AmountMinor += int64(n)
		return c.CreatePayment(ctx, body)
	}
	return []harness.Call{
		{Operation: "createPayment", Prepare: func(_ context.Context, n int) (harness.Do, error) {
			body := qris()
			body.AmountMinor += int64(n)
			return func(ctx context.Context, opts ...pay.CallOption) error {
				return harness.Result(c.CreatePayment(ctx, body, opts...))
			}, nil
		}},
		{Operation: "createRefund", Prepare: func(ctx context.Context, n int) (harness.Do, error) {
			p, err := made(ctx, n)
			if err == nil {
				err = srv.Pay(p.PaymentID)
			}
			if err != nil {
				return nil, err
			}
			body := gateway.CreateRefundRequest{PaymentID: p.PaymentID, AmountMinor: new(int64(n)), Reason: "returned"}
			return func(ctx context.Context, opts ...pay.CallOption) error {
				return harness.Result(c.CreateRefund(ctx, body, opts...))
			}, nil
		}},
		{Operation: "getPayment", Prepare: func(ctx context.Context, n int) (harness.Do, error) {
			p, err := made(ctx, n)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context, opts ...pay.CallOption) error {
				return harness.Result(c.GetPayment(ctx, p.PaymentID, opts...))
			}, nil
		}},
	}
}
