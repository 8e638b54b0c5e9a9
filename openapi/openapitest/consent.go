package openapitest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// What a code of the user's wallet is good for.
const (
	forLogin     = "login"
	forAgreement = "agreement"
	forPayment   = "payment"
)

// consent is a code that the user's wallet shows or hands out.
type consent struct {
	code, purpose string
	answer        string // what becomes of the payment; "" is success
	agreement     *agreement
	ends          time.Time
	used          bool
}

// CodeOption changes what a code is good for.
type CodeOption func(*codeOrder)

type codeOrder struct {
	For    string `json:"for"`
	Answer string `json:"answer"`
}

// ForPayment makes the code that a till scans, for retailPay. It works once,
// for a minute.
func ForPayment() CodeOption { return func(o *codeOrder) { o.For = forPayment } }

// Answering lets the payment with this code be answered with a code of
// retailPay, such as INSUFFICIENT_BALANCE; PAYMENT_IN_PROCESS leaves it open
// until Pay decides. It implies ForPayment.
func Answering(code string) CodeOption {
	return func(o *codeOrder) { o.For, o.Answer = forPayment, code }
}

// AuthCode is the user opening the wallet: it returns a code for applyToken with
// the rights of a plain login, or what the options say. The code that follows a
// signed agreement comes from Contract.
func (s *Server) AuthCode(opts ...CodeOption) (string, error) {
	var order codeOrder
	for _, option := range opts {
		option(&order)
	}
	code, err := s.platform.authCode(order)
	return code, s.Report(err)
}

func (p *platform) authCode(order codeOrder) (string, error) {
	if order.For == "" {
		order.For = forLogin
	}
	if known := []string{forLogin, forPayment}; !slices.Contains(known, order.For) {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a code cannot be for %q", order.For), Known: known}
	}
	if known := retailAnswers(); order.Answer != "" && (order.For != forPayment || !slices.Contains(known, order.Answer)) {
		return "", &sandbox.InputError{Detail: fmt.Sprintf("a code for %s cannot be answered with %q", order.For, order.Answer), Known: known}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newConsent(&consent{purpose: order.For, answer: order.Answer}), nil
}

// retailAnswers are the codes with which a scanned payment can end, or wait.
func retailAnswers() []string {
	known := []string{codePaymentInProcess}
	for _, code := range errorCodes {
		if slices.Contains(code.Operations, "retailPay") && statusOf(code.Value) == http.StatusOK && letterOf(code.Value) == "F" {
			known = append(known, code.Value)
		}
	}
	return known
}

func (p *platform) newConsent(c *consent) string {
	life, config := "", p.config.Get()
	if c.purpose == forPayment {
		c.code, life = "28"+p.core.IDs().Digits(16), config.PaymentCodeLife
	} else {
		c.code, life = p.core.IDs().Token(36), config.AuthCodeLife
	}
	c.ends = p.now().Add(span(life))
	p.consents = append(p.consents, c)
	return c.code
}

// consent finds a code of one of the purposes; nil when there is none.
func (p *platform) consent(code string, purposes ...string) *consent {
	for _, c := range p.consents {
		if c.code == code && slices.Contains(purposes, c.purpose) {
			return c
		}
	}
	return nil
}

// Contract is the user's side of the agreement prepared last. VALID signs it and
// returns the code that the wallet hands to the merchant's app, for applyToken;
// INVALID ends it, which is notified. An agreement in another state is an error.
func (s *Server) Contract(state string) (authCode string, err error) {
	authCode, err = s.platform.contract(context.Background(), state)
	return authCode, s.Report(err)
}

func (p *platform) contract(ctx context.Context, state string) (authCode string, err error) {
	_, err = p.locked(ctx, func() (sandbox.Answer, error) {
		if len(p.agreements) == 0 {
			return sandbox.Answer{}, errors.New("no agreement was prepared")
		}
		a := p.agreements[len(p.agreements)-1]
		switch {
		case state != "VALID" && state != "INVALID":
			return sandbox.Answer{}, &sandbox.InputError{Detail: fmt.Sprintf("unknown state %q", state), Known: []string{"INVALID", "VALID"}}
		case a.ended:
			return sandbox.Answer{}, errors.New("the agreement prepared last has ended")
		case state == "INVALID" && a.token == nil:
			return sandbox.Answer{}, errors.New("no token stands for the agreement prepared last yet; sign it and exchange the code first")
		case state == "INVALID":
			a.ended = true
			p.core.Record("agreement.ended", a.authURL, "", "")
			p.notifyContract(a.token, "INVALID")
		default:
			a.signed = true
			p.core.Record("agreement.signed", a.authURL, "", "")
			authCode = p.newConsent(&consent{purpose: forAgreement, agreement: a})
		}
		return sandbox.Answer{}, nil
	})
	return authCode, err
}

// controlAuthCode is AuthCode for the control route.
func (p *platform) controlAuthCode(_ *http.Request, raw []byte) (any, error) {
	order := codeOrder{}
	if len(raw) > 0 {
		var err error
		if order, err = sandbox.Decode[codeOrder](raw, `{"for"?: "login" or "payment", "answer"?: "INSUFFICIENT_BALANCE"}`); err != nil {
			return nil, err
		}
	}
	code, err := p.authCode(order)
	if err != nil {
		return nil, err
	}
	return object{"authCode": code}, nil
}

// controlContract is Contract for the control route.
func (p *platform) controlContract(r *http.Request, raw []byte) (any, error) {
	in, err := sandbox.Decode[struct {
		State string `json:"state"`
	}](raw, `{"state": "VALID" or "INVALID"}`)
	if err != nil {
		return nil, err
	}
	code, err := p.contract(r.Context(), in.State)
	if err != nil {
		return nil, err
	}
	return object{"state": in.State, "authCode": code}, nil
}
