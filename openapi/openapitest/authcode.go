package openapitest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// The purposes of a code from the user's wallet.
const (
	forLogin     = "login"
	forAgreement = "agreement"
	forPayment   = "payment"
)

// authCode is a code that the user's wallet displays or passes to the merchant.
type authCode struct {
	code, purpose string
	result        string // result code of the payment; empty for success
	agreement     *agreement
	expires       time.Time
	used          bool
}

// codeRequest is the body of the control route authcode.
type codeRequest struct {
	For    string `json:"for"`
	Result string `json:"result"`
}

// AuthCode returns an authorization code for applyToken with the scope of a plain
// login, valid for [Config].AuthCodeLife. The code of a signed agreement comes from
// [Server.Contract].
func (s *Server) AuthCode() string {
	code, _ := s.platform.authCode(codeRequest{}) // fails only for a payment code
	return code
}

// PaymentCode returns a payment code from the user's wallet: the code that a cashier
// scans, for retailPay. It is valid for one payment and for [Config].PaymentCodeLife.
//
// The payment ends with the given result code; an empty one means success. The result
// code must be a business failure of retailPay, such as INSUFFICIENT_BALANCE, or
// PAYMENT_IN_PROCESS, with which the payment stays open until [Server.Pay] completes
// it. Any other result code is an error.
func (s *Server) PaymentCode(result string) (string, error) {
	code, err := s.platform.authCode(codeRequest{For: forPayment, Result: result})
	return code, s.handle.Report(err)
}

func (p *platform) authCode(req codeRequest) (string, error) {
	if req.For == "" {
		req.For = forLogin
	}
	if known := []string{forLogin, forPayment}; !slices.Contains(known, req.For) {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a code cannot be for %q", req.For), Known: known}
	}
	if req.Result != "" && req.For != forPayment {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a code for %s cannot have the result %q; only a code for payment can have one", req.For, req.Result)}
	}
	if known := retailResults(); req.Result != "" && !slices.Contains(known, req.Result) {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a code for payment cannot have the result %q", req.Result), Known: known}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newCode(&authCode{purpose: req.For, result: req.Result}), nil
}

// retailResults returns the result codes that [Server.PaymentCode] accepts.
func retailResults() []string {
	known := []string{codePaymentInProcess}
	for _, code := range errorCodes {
		if slices.Contains(code.Operations, "retailPay") && httpStatusOf(code.Value) == http.StatusOK && resultStatusOf(code.Value) == "F" {
			known = append(known, code.Value)
		}
	}
	return known
}

// newCode completes and stores a code, and returns its text.
func (p *platform) newCode(c *authCode) string {
	life, config := "", p.config.Get()
	if c.purpose == forPayment {
		c.code, life = "28"+p.core.IDs().Digits(16), config.PaymentCodeLife
	} else {
		c.code, life = p.core.IDs().Token(36), config.AuthCodeLife
	}
	c.expires = p.now().Add(duration(life))
	p.codes = append(sandbox.Keep(p.core, "auth_codes", p.codes), c)
	return c.code
}

// findCode finds a code with one of the purposes. It returns nil if there is none.
func (p *platform) findCode(code string, purposes ...string) *authCode {
	for _, c := range p.codes {
		if c.code == code && slices.Contains(purposes, c.purpose) {
			return c
		}
	}
	return nil
}

// controlAuthCode serves the control route authcode.
func (p *platform) controlAuthCode(_ *http.Request, raw []byte) (any, error) {
	req, err := sandbox.Decode[codeRequest](raw, `{"for"?: "login" or "payment", "result"?: "INSUFFICIENT_BALANCE"}`)
	if err != nil {
		return nil, err
	}
	code, err := p.authCode(req)
	if err != nil {
		return nil, err
	}
	return object{"authCode": code}, nil
}
