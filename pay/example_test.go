package pay_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
	"github.com/specpay/specpay/xpay"
	"github.com/specpay/specpay/xpay/xpaytest"
)

// A shop with all four providers handles their errors in one place, by category.
func Example() {
	handle := func(err error) {
		var e *apierr.Error
		if !errors.As(err, &e) {
			fmt.Println("not a payment error:", err)
			return
		}
		next := "stop"
		switch {
		case errors.Is(err, apierr.ErrOutcomeUnknown):
			next = "read the state"
		case errors.Is(err, apierr.ErrRateLimited), errors.Is(err, apierr.ErrUnavailable):
			next = "later"
		case errors.Is(err, apierr.ErrNotFound):
			next = "check the ID"
		}
		fmt.Printf("%s %s: %s, %s\n", e.Provider, e.Operation, e.RawCode, next)
	}
	for _, read := range []func(context.Context) error{readQPay, readOpenAPI, readXPay, readGateway} {
		handle(read(context.Background()))
	}
	// Output:
	// qpay getInvoice: INVOICE_NOTFOUND, check the ID
	// openapi inquiryPayment: ORDER_NOT_EXIST, check the ID
	// xpay getCustomer: resource_missing, check the ID
	// gateway getPayment: PAYMENT_NOT_FOUND, check the ID
}

func readQPay(ctx context.Context) error {
	srv, err := qpaytest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer srv.Close()
	c, err := qpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		return err
	}
	_, err = c.GetInvoice(ctx, "00000000-0000-0000-0000-000000000000")
	return err
}

func readOpenAPI(ctx context.Context) error {
	srv, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer srv.Close()
	c, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		return err
	}
	_, err = c.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: "404"})
	return err
}

func readXPay(ctx context.Context) error {
	srv, err := xpaytest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer srv.Close()
	c, err := xpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		return err
	}
	_, err = c.GetCustomer(ctx, "cus_test_none")
	return err
}

func readGateway(ctx context.Context) error {
	srv, err := gatewaytest.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer srv.Close()
	c, err := gateway.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
	if err != nil {
		return err
	}
	_, err = c.GetPayment(ctx, "00000000000000000000000000000000")
	return err
}
