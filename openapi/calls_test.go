package openapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// shop starts a sandbox and a merchant that can call every operation.
func shop(t *testing.T) harness.Shop {
	t.Helper()
	srv, err := openapitest.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	sign := func(h http.Handler) http.Handler { return genuine(srv, h) }
	client := func(t testing.TB, opts ...pay.Option) *openapi.Client {
		c, err := openapi.New(srv.Credentials(), append([]pay.Option{pay.WithBaseURL(srv.URL)}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	return harness.Shop{URL: srv.URL, Server: srv, Client: func(t testing.TB, opts ...pay.Option) pay.Inquirer { return client(t, opts...) }, Genuine: sign, Calls: func(t testing.TB, opts ...pay.Option) []harness.Call {
		c := client(t, opts...)
		s := &merchant{srv, c, kept}
		return append(s.orderCalls(), append(s.deedCalls(), s.userCalls()...)...)
	}}
}

// merchant calls the operations of a sandbox.
type merchant struct {
	srv  *openapitest.Server
	c    *openapi.Client
	kept map[string]string // ids of resources that many calls share; creating one takes signatures
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

func cents(n int) openapi.Amount {
	return openapi.Amount{Currency: "EUR", Value: openapi.MinorUnits(n)}
}

// keep creates a resource once.
func (s *merchant) keep(name string, make func(context.Context, int) (string, error)) func(context.Context, int) (string, error) {
	return func(ctx context.Context, n int) (id string, err error) {
		if s.kept[name] == "" {
			s.kept[name], err = make(ctx, n)
		}
		return s.kept[name], err
	}
}

// order creates an order that waits for its payer.
func (s *merchant) order(ctx context.Context, _ int) (string, error) {
	body := qrOrder(s.srv.ProductCode())
	body.PaymentAmount = cents(100_000_000)
	made, err := s.c.CreateQROrder(ctx, body)
	if err != nil {
		return "", err
	}
	return made.PaymentID, nil
}

func (s *merchant) paid(ctx context.Context, n int) (string, error) {
	id, err := s.order(ctx, n)
	if err == nil {
		err = s.srv.Pay(id)
	}
	return id, err
}

func (s *merchant) reserved(ctx context.Context, n int) (string, error) {
	id, err := s.order(ctx, n)
	if err == nil {
		err = s.srv.Pay(id, openapitest.PayAuthorized())
	}
	return id, err
}

func (s *merchant) orderCalls() []harness.Call {
	return []harness.Call{
		call("createQrOrder", nothing, func(ctx context.Context, _ string, n int, o opts) error {
			body := qrOrder(s.srv.ProductCode())
			body.PaymentAmount = cents(n)
			return harness.Result(s.c.CreateQROrder(ctx, body, o...))
		}),
		call("linkPayCreate", nothing, func(ctx context.Context, _ string, n int, o opts) error {
			return harness.Result(s.c.LinkPayCreate(ctx, openapi.LinkPayCreateRequest{ProductCode: s.srv.ProductCode(), PaymentAmount: cents(n)}, o...))
		}),
		call("pay", s.keep("token", s.token), func(ctx context.Context, token string, n int, o opts) error {
			return harness.Result(s.c.Pay(ctx, openapi.PayRequest{ProductCode: s.srv.ProductCode(), AccessToken: openapi.Secret(token), PaymentAmount: cents(n)}, o...))
		}),
		call("retailPay", func(context.Context, int) (string, error) { return s.srv.PaymentCode("") },
			func(ctx context.Context, code string, n int, o opts) error {
				body := retail()
				body.PaymentRequestID, body.PaymentAuthCode, body.PaymentAmount = "", code, cents(n)
				return harness.Result(s.c.RetailPay(ctx, body, o...))
			}),
		call("cancel", s.order, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.Cancel(ctx, openapi.CancelRequest{PaymentID: id}, o...))
		}),
		call("inquiryPayment", s.keep("order", s.order), func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: id}, o...))
		}),
	}
}

func (s *merchant) refund(ctx context.Context, n int) (string, error) {
	id, err := s.paid(ctx, n)
	if err != nil {
		return "", err
	}
	made, err := s.c.RefundApply(ctx, openapi.RefundApplyRequest{PaymentID: id, RefundAmount: cents(1)})
	if err != nil {
		return "", err
	}
	return made.RefundID, nil
}

func (s *merchant) voided(ctx context.Context, n int) (string, error) {
	id, err := s.paid(ctx, n)
	if err != nil {
		return "", err
	}
	made, err := s.c.Void(ctx, openapi.VoidRequest{PaymentID: id})
	if err != nil {
		return "", err
	}
	return made.VoidID, nil
}

func (s *merchant) captured(ctx context.Context, n int) (string, error) {
	id, err := s.reserved(ctx, n)
	if err != nil {
		return "", err
	}
	made, err := s.c.Capture(ctx, openapi.CaptureRequest{PaymentID: id, CaptureAmount: cents(1)})
	if err != nil {
		return "", err
	}
	return made.CaptureID, nil
}

func (s *merchant) deedCalls() []harness.Call {
	return []harness.Call{
		call("refundApply", s.keep("paid", s.paid), func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.RefundApply(ctx, openapi.RefundApplyRequest{PaymentID: id, RefundAmount: cents(n)}, o...))
		}),
		call("void", s.paid, func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.Void(ctx, openapi.VoidRequest{PaymentID: id}, o...))
		}),
		call("capture", s.reserved, func(ctx context.Context, id string, n int, o opts) error {
			return harness.Result(s.c.Capture(ctx, openapi.CaptureRequest{PaymentID: id, CaptureAmount: cents(n)}, o...))
		}),
		call("inquiryRefund", s.keep("refund", s.refund), func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.InquiryRefund(ctx, openapi.InquiryRefundRequest{RefundID: id}, o...))
		}),
		call("inquiryVoid", s.keep("void", s.voided), func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.InquiryVoid(ctx, openapi.InquiryVoidRequest{VoidID: id}, o...))
		}),
		call("inquiryCapture", s.keep("capture", s.captured), func(ctx context.Context, id string, _ int, o opts) error {
			return harness.Result(s.c.InquiryCapture(ctx, openapi.InquiryCaptureRequest{CaptureID: id}, o...))
		}),
	}
}

func (s *merchant) token(ctx context.Context, _ int) (string, error) {
	if _, err := s.c.Prepare(ctx, s.agreement()); err != nil {
		return "", err
	}
	code, err := s.srv.Contract("VALID")
	if err != nil {
		return "", err
	}
	made, err := s.c.ApplyToken(ctx, openapi.ApplyTokenRequest{GrantType: openapi.GrantTypeAuthorizationCode, AuthCode: code})
	if err != nil {
		return "", err
	}
	return string(made.AccessToken), nil
}

func (s *merchant) agreement() openapi.PrepareRequest {
	return openapi.PrepareRequest{ReferenceClientID: s.srv.ReferenceClientID(), Scopes: openapi.AgreementScopeAgreementPay}
}

func (s *merchant) userCalls() []harness.Call {
	return []harness.Call{
		call("prepare", nothing, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.Prepare(ctx, s.agreement(), o...))
		}),
		call("applyToken", func(context.Context, int) (string, error) { return s.srv.AuthCode(), nil },
			func(ctx context.Context, code string, _ int, o opts) error {
				return harness.Result(s.c.ApplyToken(ctx, openapi.ApplyTokenRequest{GrantType: openapi.GrantTypeAuthorizationCode, AuthCode: code}, o...))
			}),
		call("sendInbox", nothing, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.SendInbox(ctx, openapi.SendInboxRequest{TargetUserID: s.srv.CustomerID(), Title: "t", Content: "c"}, o...))
		}),
		call("sendPush", nothing, func(ctx context.Context, _ string, _ int, o opts) error {
			return harness.Result(s.c.SendPush(ctx, openapi.SendPushRequest{TargetUserID: s.srv.CustomerID(), Title: "t", Content: "c"}, o...))
		}),
	}
}
