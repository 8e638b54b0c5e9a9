package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/xpay"
)

// TestClientsFromEnv connects a client of each provider with only the written settings
// and requests a resource that does not exist.
func TestClientsFromEnv(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	got := runCommand(t, func() {
		env := readEnv(t, file)
		for name, request := range map[string]func(context.Context, map[string]string) error{
			"qpay": requestQPay, "openapi": requestOpenAPI, "xpay": requestXPay, "gateway": requestGateway,
		} {
			err := request(t.Context(), env)
			var e *apierr.Error
			if !errors.As(err, &e) || e.Provider != name || !errors.Is(err, apierr.ErrNotFound) {
				t.Errorf("%s: got %v, want an error of the provider that is ErrNotFound", name, err)
			}
		}
	}, "-base-port", "0", "-env", file)
	if got.code != exitDone || got.errs != "" {
		t.Errorf("exit %d, errors %q", got.code, got.errs)
	}
	for _, name := range []string{
		"OPENAPI_BASE_URL", "OPENAPI_CLIENT_ID", "OPENAPI_PRIVATE_KEY_FILE", "OPENAPI_PLATFORM_PUBLIC_KEY_FILE", "OPENAPI_KEY_VERSION", "OPENAPI_PRODUCT_CODE",
		"OPENAPI_REFERENCE_CLIENT_ID", "XPAY_BASE_URL", "XPAY_SECRET_KEY", "XPAY_WEBHOOK_SECRET", "PAYMENT_GATEWAY_BASE_URL", "PAYMENT_GATEWAY_PUBLIC_KEY",
		"PAYMENT_GATEWAY_SECRET", "PAYMENT_GATEWAY_WEBHOOK_SECRET",
	} {
		if !strings.Contains(got.out, name) {
			t.Errorf("the table does not have %s", name)
		}
	}
}

func requestQPay(ctx context.Context, env map[string]string) error {
	c, err := qpay.New(qpay.Credentials{Username: env["QPAY_USERNAME"], Password: env["QPAY_PASSWORD"]}, pay.WithBaseURL(env["QPAY_BASE_URL"]))
	if err != nil {
		return err
	}
	_, err = c.GetInvoice(ctx, "00000000-0000-0000-0000-000000000000")
	return err
}

func requestOpenAPI(ctx context.Context, env map[string]string) error {
	private, err := os.ReadFile(env["OPENAPI_PRIVATE_KEY_FILE"])
	if err != nil {
		return err
	}
	public, err := os.ReadFile(env["OPENAPI_PLATFORM_PUBLIC_KEY_FILE"])
	if err != nil {
		return err
	}
	c, err := openapi.New(openapi.Credentials{
		ClientID: env["OPENAPI_CLIENT_ID"], PrivateKey: string(private), KeyVersion: env["OPENAPI_KEY_VERSION"],
		PlatformPublicKeys: map[string]string{env["OPENAPI_KEY_VERSION"]: string(public)},
	}, pay.WithBaseURL(env["OPENAPI_BASE_URL"]))
	if err != nil {
		return err
	}
	_, err = c.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: "404"})
	return err
}

func requestXPay(ctx context.Context, env map[string]string) error {
	c, err := xpay.New(xpay.Credentials{APIKey: env["XPAY_SECRET_KEY"], WebhookSecret: env["XPAY_WEBHOOK_SECRET"]}, pay.WithBaseURL(env["XPAY_BASE_URL"]))
	if err != nil {
		return err
	}
	_, err = c.GetCustomer(ctx, "cus_test_none")
	return err
}

func requestGateway(ctx context.Context, env map[string]string) error {
	c, err := gateway.New(gateway.Credentials{
		PublicKey: env["PAYMENT_GATEWAY_PUBLIC_KEY"], Secret: env["PAYMENT_GATEWAY_SECRET"], WebhookSecret: env["PAYMENT_GATEWAY_WEBHOOK_SECRET"],
	}, pay.WithBaseURL(env["PAYMENT_GATEWAY_BASE_URL"]))
	if err != nil {
		return err
	}
	_, err = c.GetPayment(ctx, "00000000000000000000000000000000")
	return err
}
