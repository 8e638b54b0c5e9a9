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

// Pay charges the user under an agreement. With a valid access token of a signed
// agreement the payment succeeds at once, unless Config.AgreementPay lets the user pay.
func (p *platform) Pay(r *http.Request, body api.PayRequest) (sandbox.Response, error) {
	if err := checkFields(required("productCode", body.ProductCode, 32), required("paymentRequestId", body.PaymentRequestID, idLimit),
		required("accessToken", body.AccessToken, tokenLimit)); err != nil {
		return sandbox.Response{}, err
	}
	amount, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Response{}, err
	}
	return p.idempotent(r, keyedRequest{"payment", body.PaymentRequestID, codePaymentInProcess}, func(fingerprint string) (sandbox.Response, error) {
		if err := p.checkAccessToken(body.AccessToken); err != nil {
			return sandbox.Response{}, err
		}
		pay, err := p.existing(body.PaymentRequestID, fingerprint)
		switch {
		case err != nil:
			return sandbox.Response{}, err
		case pay == nil && p.config.Get().AgreementPay == "charged":
			pay = p.newPayment(body.PaymentRequestID, fingerprint, amount, body.PaymentNotifyURL)
			p.finish(pay, succeeded, "")
		case pay == nil:
			pay = p.newOrder(body.PaymentRequestID, fingerprint, amount, body.PaymentNotifyURL)
			pay.redirectURL = "https://wallet.example/pay?id=" + pay.id
		}
		if pay.status == processing {
			return p.acceptedResponse(pay), nil
		}
		return p.paymentResponse(pay)
	})
}

// acceptedResponse returns the response to pay while the user has not paid yet.
func (p *platform) acceptedResponse(pay *payment) sandbox.Response {
	members := object{
		"result":    object{"resultCode": codeAccept, "resultStatus": resultStatusOf(codeAccept), "resultMessage": titleOf(codeAccept)},
		"paymentId": pay.id, "paymentRequestId": pay.requestID, "redirectUrl": pay.redirectURL,
	}
	if p.config.Get().AgreementPay == "redirect-form" {
		delete(members, "redirectUrl")
		members["redirectActionForm"] = object{"method": http.MethodGet, "redirectionUrl": pay.redirectURL}
	}
	return sandbox.JSON(http.StatusOK, members)
}

// RetailPay charges the user whose payment code was scanned. The code determines
// the result; see [Server.PaymentCode].
func (p *platform) RetailPay(r *http.Request, body api.RetailPayRequest) (sandbox.Response, error) {
	if err := checkFields(required("productCode", body.ProductCode, 32), required("paymentRequestId", body.PaymentRequestID, idLimit),
		required("paymentAuthCode", body.PaymentAuthCode, tokenLimit), required("paymentNotifyUrl", body.PaymentNotifyURL, 2048),
		optional("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Response{}, err
	}
	amount, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Response{}, err
	}
	return p.idempotent(r, keyedRequest{"payment", body.PaymentRequestID, codePaymentInProcess}, func(fingerprint string) (sandbox.Response, error) {
		pay, err := p.existing(body.PaymentRequestID, fingerprint)
		if err != nil {
			return sandbox.Response{}, err
		}
		if pay != nil {
			return p.paymentResponse(pay)
		}
		return p.scanned(body, fingerprint, amount)
	})
}

func (p *platform) scanned(body api.RetailPayRequest, fingerprint string, amount money) (sandbox.Response, error) {
	code := p.findCode(body.PaymentAuthCode, forPayment)
	if code == nil || code.used || !p.now().Before(code.expires) {
		return sandbox.Response{}, codeError(codeInvalidAuthCode)
	}
	code.used = true
	pay := p.newPayment(body.PaymentRequestID, fingerprint, amount, body.PaymentNotifyURL)
	switch code.result {
	case "":
		p.finish(pay, succeeded, "")
	case codePaymentInProcess:
		pay.expires = p.now().Add(duration(p.config.Get().OrderLife))
		p.core.Record("payment.started", pay.id, pay.requestID, amount.String())
	default:
		p.finish(pay, failed, code.result)
	}
	return p.paymentResponse(pay)
}

// CreateQROrder creates an order with a QR code for the user to scan.
func (p *platform) CreateQROrder(r *http.Request, body api.CreateQROrderRequest) (sandbox.Response, error) {
	if err := checkFields(required("bizType", body.BizType, 16), required("productCode", body.ProductCode, 32), required("codeType", body.CodeType, 16),
		required("paymentRequestId", body.PaymentRequestID, idLimit), optional("paymentNotifyUrl", body.PaymentNotifyURL, 2048),
		optional("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Response{}, err
	}
	if body.BizType != "ORDER_CODE" || body.CodeType != "CGCP" {
		return sandbox.Response{}, memberError{codeParamIllegal, "bizType or codeType"}
	}
	amount, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Response{}, err
	}
	return p.idempotent(r, keyedRequest{"payment", body.PaymentRequestID, codePaymentInProcess}, func(fingerprint string) (sandbox.Response, error) {
		pay := p.newOrder(body.PaymentRequestID, fingerprint, amount, body.PaymentNotifyURL)
		pay.qrCode = "00020101021226280024" + p.core.IDs().Digits(40)
		return success(object{"paymentId": pay.id, "paymentRequestId": pay.requestID, "qrCode": pay.qrCode}), nil
	})
}

// LinkPayCreate creates a payment with a link into the user's wallet.
func (p *platform) LinkPayCreate(r *http.Request, body api.LinkPayCreateRequest) (sandbox.Response, error) {
	if err := checkFields(required("productCode", body.ProductCode, 32), required("paymentRequestId", body.PaymentRequestID, idLimit),
		optional("paymentNotifyUrl", body.PaymentNotifyURL, 2048), optional("paymentRedirectUrl", body.PaymentRedirectURL, 2048)); err != nil {
		return sandbox.Response{}, err
	}
	amount, err := p.checkAmount("paymentAmount", body.PaymentAmount)
	if err != nil {
		return sandbox.Response{}, err
	}
	return p.idempotent(r, keyedRequest{"payment", body.PaymentRequestID, codePaymentInProcess}, func(fingerprint string) (sandbox.Response, error) {
		pay := p.newOrder(body.PaymentRequestID, fingerprint, amount, body.PaymentNotifyURL)
		pay.redirectURL = "rebell://pay?id=" + pay.id
		short := "https://wallet.example/" + p.core.IDs().Token(8)
		return success(object{"paymentId": pay.id, "redirectUrl": pay.redirectURL, "appLinks": object{
			"android": object{"applicationId": "example.wallet", "targetPath": pay.redirectURL, "shortUrl": short},
			"ios":     object{"bundleId": "example.wallet", "targetPath": pay.redirectURL, "shortUrl": short},
		}}), nil
	})
}

// newOrder adds an open payment that expires after Config.OrderLife.
func (p *platform) newOrder(requestID, fingerprint string, amount money, notifyURL string) *payment {
	pay := p.newPayment(requestID, fingerprint, amount, notifyURL)
	pay.expires = p.now().Add(duration(p.config.Get().OrderLife))
	p.core.Record("order.created", pay.id, requestID, amount.String())
	return pay
}
