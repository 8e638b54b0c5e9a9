package openapi

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// The servers of the provider. Client ids and keys of one do not work on the
// other.
const (
	ProductionURL = "https://api.rebellapp.com" // the default
	SandboxURL    = "https://sandbox-api.rebellapp.com"
)

// pollEvery is the pause of the Wait functions. The provider asks for 3 to 5
// seconds between inquiries of a payment and says nothing of the others.
const pollEvery = 5 * time.Second

// Credentials are what the merchant and the provider know of each other. They
// print as nothing.
type Credentials struct {
	ClientID           string            // from the provider
	PrivateKey         string            // secret; RSA in PEM, PKCS #1 or PKCS #8, 2048 bits or more
	KeyVersion         string            // under which the provider has the public half: "1"
	PlatformPublicKeys map[string]string // the provider's RSA keys in PEM by key version; give the next one too while keys change
}

const redacted = transport.Redacted("openapi.Credentials")

// Format keeps the credentials out of the output of package fmt.
func (Credentials) Format(f fmt.State, verb rune) { redacted.Format(f, verb) }

// LogValue keeps the credentials out of logs.
func (Credentials) LogValue() slog.Value { return redacted.LogValue() }

// MarshalText keeps the credentials out of JSON and other encodings.
func (Credentials) MarshalText() ([]byte, error) { return redacted.MarshalText() }

// GobEncode returns an error: gob would write the credentials as they are.
func (Credentials) GobEncode() ([]byte, error) { return redacted.GobEncode() }

// Client calls the provider for one merchant. Make it once and share it: it is
// safe for concurrent use. It holds the keys out of reach of fmt, whatever the
// verb.
type Client struct {
	transport *transport.Client
	signer    *signer
	events    pay.EventStore
}

// New checks credentials and options and returns a client. It does no I/O; a key
// that the provider does not know shows at the first call, as
// ErrInvalidSignature.
func New(creds Credentials, opts ...pay.Option) (*Client, error) {
	cfg, err := transport.NewConfig("openapi", ProductionURL, opts)
	if err != nil {
		return nil, err
	}
	s, err := newSigner(creds, cfg.Now)
	if err != nil {
		return nil, err
	}
	return &Client{
		transport: transport.New(cfg, transport.Profile{Envelope: &errorEnvelope, Authorize: s.authorize, Verify: s.verifyResponse}),
		signer:    s,
		events:    webhook.StoreOrMemory(cfg.EventStore, cfg.Now),
	}, nil
}

// WaitPayment asks InquiryPayment every 5 seconds until the payment is final;
// see PaymentStatus.Final. A payment that failed is a result too. When ctx ends
// first, the error is a *pay.WaitError that holds the last state, and the
// payment may still go either way. Use it beside the notification, not instead.
func (c *Client) WaitPayment(ctx context.Context, body InquiryPaymentRequest, opts ...pay.CallOption) (*PaymentInquiry, error) {
	return transport.Wait(ctx, opInquiryPayment.ID, pollEvery, func(ctx context.Context) (*PaymentInquiry, bool, error) {
		s, err := c.InquiryPayment(ctx, body, opts...)
		return s, err == nil && s.PaymentStatus.Final(), err
	})
}

// WaitRefund does for a refund what WaitPayment does for a payment.
func (c *Client) WaitRefund(ctx context.Context, body InquiryRefundRequest, opts ...pay.CallOption) (*RefundInquiry, error) {
	return transport.Wait(ctx, opInquiryRefund.ID, pollEvery, func(ctx context.Context) (*RefundInquiry, bool, error) {
		s, err := c.InquiryRefund(ctx, body, opts...)
		return s, err == nil && s.RefundStatus.Final(), err
	})
}

// WaitCapture does for a capture what WaitPayment does for a payment. There is
// no such function for a void: what its inquiry says of the state is not
// documented.
func (c *Client) WaitCapture(ctx context.Context, body InquiryCaptureRequest, opts ...pay.CallOption) (*CaptureInquiry, error) {
	return transport.Wait(ctx, opInquiryCapture.ID, pollEvery, func(ctx context.Context) (*CaptureInquiry, bool, error) {
		s, err := c.InquiryCapture(ctx, body, opts...)
		return s, err == nil && s.CaptureStatus.Final(), err
	})
}

// Final reports whether the payment waits for nobody but the merchant: paid,
// failed, or authorized and ready to be captured. A state that is not known yet
// is not final.
func (s PaymentStatus) Final() bool {
	return s == PaymentStatusSuccess || s == PaymentStatusFail || s == PaymentStatusAuthSuccess
}

// Final reports whether the refund has reached its end.
func (s RefundStatus) Final() bool { return s == RefundStatusSuccess || s == RefundStatusFail }

// Final reports whether the capture has reached its end.
func (s CaptureStatus) Final() bool { return s == CaptureStatusSuccess || s == CaptureStatusFail }

// Waiting is what a call that was accepted waits for.
type Waiting string

// What can be waited for.
const (
	WaitingForNothing  Waiting = ""         // the call is finished
	WaitingForUser     Waiting = "user"     // the user acts at the address or code of the answer; the notification or an inquiry tells the end
	WaitingForDelivery Waiting = "delivery" // the message is queued and will arrive; nothing is left to do
)

// Wait says what the call waits for. An answer that waits may lack what a
// finished one has.
func (r Result) Wait() Waiting {
	switch {
	case r.ResultCode == ErrSending:
		return WaitingForDelivery
	case r.ResultStatus == ResultStatusAccepted || r.ResultCode == ErrAccept:
		return WaitingForUser
	}
	return WaitingForNothing
}
