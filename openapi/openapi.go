package openapi

import (
	"cmp"
	"context"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// Servers of the provider. Client IDs and keys of one are not valid on the other.
const (
	ProductionURL = "https://api.rebellapp.com" // the default
	SandboxURL    = "https://sandbox-api.rebellapp.com"
)

// pollInterval is the interval of the Wait methods. The provider asks for 3 to 5
// seconds between inquiries of a payment and documents nothing for the others.
const pollInterval = 5 * time.Second

// Error is what a failed call returns. Retrieve it with errors.As or
// errors.AsType; see package apierr.
type Error = apierr.Error

// Credentials holds a merchant's client ID and keys. They are redacted when
// printed, logged or encoded. They can be read from JSON and YAML.
type Credentials struct {
	ClientID           string            // issued by the provider
	PrivateKey         string            // secret; RSA, PKCS #1 or PKCS #8 in PEM or the Base64 of its DER, 2048 bits or more
	KeyVersion         string            // of the merchant's public key at the provider: "1"
	PlatformPublicKeys map[string]string // the provider's RSA keys in PEM or the Base64 of their DER, by key version; include the next one while keys are exchanged
}

// Client calls the provider for one merchant. It is safe for concurrent use;
// create one and share it. Package fmt does not print its keys, whatever the verb.
type Client struct {
	transport *transport.Client
	signer    *signer
	webhooks  *webhook.Client
}

// New returns a client, or an error if a credential or an option is invalid. It
// does no I/O: a key that the provider does not know is reported by the first
// call, as ErrInvalidSignature.
func New(creds Credentials, opts ...pay.Option) (*Client, error) {
	cfg, err := transport.NewConfig("openapi", ProductionURL, opts)
	if err != nil {
		return nil, err
	}
	s, err := newSigner(creds, cfg.Now, cfg.MaxResponseAge)
	if err != nil {
		return nil, err
	}
	return &Client{
		transport: transport.New(cfg, transport.Profile{Catalog: &errorCatalog, Account: creds.ClientID, Authorize: s.authorize, Headers: signatureHeaders, Verify: s.verifyResponse}),
		signer:    s,
		webhooks:  webhook.NewClient("openapi", creds.ClientID, cfg.EventStore, cfg.Now, cfg.Logger),
	}, nil
}

// WaitPayment calls InquiryPayment every 5 seconds until the payment is final; see
// PaymentStatus.Final. A failed payment is returned without an error. If ctx ends
// first, the error is a *pay.WaitError with the last state; the payment may still
// succeed or fail. If the inquiry is refused, its error is returned at once. That
// error is about the inquiry, also what it says about the outcome: the payment may
// have succeeded. Use WaitPayment in addition to the notification, not instead.
func (c *Client) WaitPayment(ctx context.Context, body InquiryPaymentRequest, opts ...pay.CallOption) (*PaymentInquiry, error) {
	return transport.Wait(ctx, opInquiryPayment.ID, pollInterval, func(ctx context.Context) (*PaymentInquiry, bool, error) {
		s, err := c.InquiryPayment(ctx, body, opts...)
		return s, err == nil && s.PaymentStatus.Final(), err
	})
}

// WaitRefund waits for a refund, as WaitPayment does for a payment.
func (c *Client) WaitRefund(ctx context.Context, body InquiryRefundRequest, opts ...pay.CallOption) (*RefundInquiry, error) {
	return transport.Wait(ctx, opInquiryRefund.ID, pollInterval, func(ctx context.Context) (*RefundInquiry, bool, error) {
		s, err := c.InquiryRefund(ctx, body, opts...)
		return s, err == nil && s.RefundStatus.Final(), err
	})
}

// WaitCapture waits for a capture, as WaitPayment does for a payment. The states of a
// capture are inferred: FAIL does not prove that nothing was captured. There is no such
// method for a void, because the states of its inquiry are not documented.
func (c *Client) WaitCapture(ctx context.Context, body InquiryCaptureRequest, opts ...pay.CallOption) (*CaptureInquiry, error) {
	return transport.Wait(ctx, opInquiryCapture.ID, pollInterval, func(ctx context.Context) (*CaptureInquiry, bool, error) {
		s, err := c.InquiryCapture(ctx, body, opts...)
		return s, err == nil && s.CaptureStatus.Final(), err
	})
}

// Final reports whether a payment is paid, failed, or authorized and ready to be
// captured. An unknown status is not final.
func (s PaymentStatus) Final() bool {
	return s == PaymentStatusSuccess || s == PaymentStatusFail || s == PaymentStatusAuthSuccess
}

// Final reports whether a refund has succeeded or failed.
func (s RefundStatus) Final() bool { return s == RefundStatusSuccess || s == RefundStatusFail }

// Final reports whether a capture has succeeded or failed.
func (s CaptureStatus) Final() bool { return s == CaptureStatusSuccess || s == CaptureStatusFail }

// Waiting says what an accepted call waits for.
type Waiting string

// Values of Waiting.
const (
	WaitingForNothing  Waiting = ""         // the call is finished
	WaitingForUser     Waiting = "user"     // for the user, at the address (see Payment.UserURL) or code in the response; a notification or an inquiry reports the result
	WaitingForDelivery Waiting = "delivery" // for the delivery of a queued message; there is nothing left to do
)

// UserURL returns where the user continues a payment that was accepted and waits for the
// user, or "" if the response has no address. No page of v2 documents it; the members that
// may have it are from v1 and related platforms.
func (p Payment) UserURL() string {
	return string(cmp.Or(p.RedirectActionForm.RedirectionURL, p.RedirectActionForm.RedirectURL, p.RedirectURL, p.RedirectionURL))
}

// Wait returns what the call waits for. While a call waits, its response may lack
// members that a finished one has.
func (r Result) Wait() Waiting {
	switch {
	case r.ResultCode == ErrSending:
		return WaitingForDelivery
	case r.ResultStatus == ResultStatusAccepted || r.ResultCode == ErrAccept:
		return WaitingForUser
	}
	return WaitingForNothing
}
