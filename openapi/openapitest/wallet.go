package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

const (
	idLimit    = 64
	tokenLimit = 128
)

// Pay charges the user under an agreement. Who holds a live token of a signed
// agreement is paid at once.
func (p *platform) Pay(r *http.Request, body api.PayRequest) (sandbox.Answer, error) {
	if err := checkFields(need("productCode", body.ProductCode, 32), need("paymentRequestId", body.PaymentRequestID, idLimit),
		need("accessToken", body.AccessToken, tokenLimit)); err != nil {
		return sandbox.Answer{}, err
	}
	sum, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return p.keyed(r, ask{"payment", body.PaymentRequestID, codePaymentInProcess}, func(print string) (sandbox.Answer, error) {
		if err := p.chargeable(body.AccessToken); err != nil {
			return sandbox.Answer{}, err
		}
		pay := p.newPayment(body.PaymentRequestID, print, sum, body.PaymentNotifyURL)
		p.finish(pay, succeeded, "")
		return p.outcome(pay)
	})
}

// RetailPay charges the user whose code was scanned. A code says by itself what
// becomes of its payment; see AuthCode.
func (p *platform) RetailPay(r *http.Request, body api.RetailPayRequest) (sandbox.Answer, error) {
	if err := checkFields(need("productCode", body.ProductCode, 32), need("paymentRequestId", body.PaymentRequestID, idLimit),
		need("paymentAuthCode", body.PaymentAuthCode, tokenLimit), need("paymentNotifyUrl", body.PaymentNotifyURL, 2048),
		may("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Answer{}, err
	}
	sum, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return p.keyed(r, ask{"payment", body.PaymentRequestID, codePaymentInProcess}, func(print string) (sandbox.Answer, error) {
		pay, err := p.begun(body.PaymentRequestID, print)
		if err != nil {
			return sandbox.Answer{}, err
		}
		if pay != nil {
			return p.outcome(pay)
		}
		return p.scanned(body, print, sum)
	})
}

func (p *platform) scanned(body api.RetailPayRequest, print string, sum money) (sandbox.Answer, error) {
	code := p.consent(body.PaymentAuthCode, forPayment)
	if code == nil || code.used || !p.now().Before(code.ends) {
		return sandbox.Answer{}, refusal(codeInvalidAuthCode)
	}
	code.used = true
	pay := p.newPayment(body.PaymentRequestID, print, sum, body.PaymentNotifyURL)
	switch code.answer {
	case "":
		p.finish(pay, succeeded, "")
	case codePaymentInProcess:
		pay.expires = p.now().Add(span(p.config.Get().OrderLife))
		p.core.Record("payment.started", pay.id, pay.requestID, sum.text())
	default:
		p.finish(pay, failed, code.answer)
	}
	return p.outcome(pay)
}

// CreateQROrder makes an order with a code for the user to scan.
func (p *platform) CreateQROrder(r *http.Request, body api.CreateQROrderRequest) (sandbox.Answer, error) {
	if err := checkFields(need("bizType", body.BizType, 16), need("productCode", body.ProductCode, 32), need("codeType", body.CodeType, 16),
		need("paymentRequestId", body.PaymentRequestID, idLimit), may("paymentNotifyUrl", body.PaymentNotifyURL, 2048),
		may("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Answer{}, err
	}
	if body.BizType != "ORDER_CODE" || body.CodeType != "CGCP" {
		return sandbox.Answer{}, badMember{codeParamIllegal, "bizType or codeType"}
	}
	sum, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return p.keyed(r, ask{"payment", body.PaymentRequestID, codePaymentInProcess}, func(print string) (sandbox.Answer, error) {
		pay := p.order(body.PaymentRequestID, print, sum, body.PaymentNotifyURL)
		pay.qrCode = "00020101021226280024" + p.core.IDs().Digits(40)
		return success(object{"paymentId": pay.id, "paymentRequestId": pay.requestID, "qrCode": pay.qrCode}), nil
	})
}

// LinkPayCreate makes a payment with a link into the user's wallet.
func (p *platform) LinkPayCreate(r *http.Request, body api.LinkPayCreateRequest) (sandbox.Answer, error) {
	if err := checkFields(need("productCode", body.ProductCode, 32), need("paymentRequestId", body.PaymentRequestID, idLimit),
		may("paymentNotifyUrl", body.PaymentNotifyURL, 2048), may("paymentRedirectUrl", body.PaymentRedirectURL, 2048)); err != nil {
		return sandbox.Answer{}, err
	}
	sum, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return p.keyed(r, ask{"payment", body.PaymentRequestID, codePaymentInProcess}, func(print string) (sandbox.Answer, error) {
		pay := p.order(body.PaymentRequestID, print, sum, body.PaymentNotifyURL)
		pay.redirectURL = "rebell://pay?id=" + pay.id
		short := "https://wallet.example/" + p.core.IDs().Token(8)
		return success(object{"paymentId": pay.id, "redirectUrl": pay.redirectURL, "appLinks": object{
			"android": object{"applicationId": "example.wallet", "targetPath": pay.redirectURL, "shortUrl": short},
			"ios":     object{"bundleId": "example.wallet", "targetPath": pay.redirectURL, "shortUrl": short},
		}}), nil
	})
}

// order is a payment that waits for its user for a time.
func (p *platform) order(requestID, print string, sum money, notifyURL string) *payment {
	pay := p.newPayment(requestID, print, sum, notifyURL)
	pay.expires = p.now().Add(span(p.config.Get().OrderLife))
	p.core.Record("order.created", pay.id, requestID, sum.text())
	return pay
}
