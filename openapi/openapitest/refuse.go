package openapitest

import (
	"errors"
	"net/http"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
)

// The codes that the rules of the sandbox answer. All others are answered by
// name only.
const (
	codeInvalidSignature    = "INVALID_SIGNATURE"
	codeInvalidClient       = "INVALID_CLIENT"
	codeInvalidAccessToken  = "INVALID_ACCESS_TOKEN"
	codeExpiredAccessToken  = "EXPIRED_ACCESS_TOKEN"
	codeInsufficientScope   = "INSUFFICIENT_SCOPE"
	codeParamIllegal        = "PARAM_ILLEGAL"
	codeMissingParam        = "MISSING_REQUIRED_PARAM"
	codeInvalidAmount       = "INVALID_AMOUNT"
	codeInvalidCurrency     = "INVALID_CURRENCY"
	codeRequestTime         = "REQUEST_TIME_INVALID"
	codeOrderNotExist       = "ORDER_NOT_EXIST"
	codeOrderClosed         = "ORDER_IS_CLOSED"
	codeOrderStatus         = "ORDER_STATUS_INVALID"
	codeRepeatInconsistent  = "REPEAT_REQ_INCONSISTENT"
	codePaymentInProcess    = "PAYMENT_IN_PROCESS"
	codeInvalidAuthCode     = "INVALID_AUTH_CODE"
	codeUserNotExist        = "USER_NOT_EXIST"
	codePaymentTimeout      = "PAYMENT_TIMEOUT"
	codePaymentFail         = "PAYMENT_FAIL"
	codeUserRejected        = "USER_REJECTED"
	codeQRExpired           = "QR_EXPIRED"
	codeRefundExceed        = "REFUND_AMOUNT_EXCEED"
	codeRefundNotAllowed    = "REFUND_NOT_ALLOWED"
	codeRefundInProcess     = "REFUND_IN_PROCESS"
	codeRefundNotExist      = "REFUND_NOT_EXIST"
	codeVoidNotAllowed      = "VOID_NOT_ALLOWED"
	codeAlreadySettled      = "ORDER_ALREADY_SETTLED"
	codeVoidInProcess       = "VOID_IN_PROCESS"
	codeVoidNotExist        = "VOID_BILL_NOT_EXIST"
	codeCaptureExceed       = "CAPTURE_AMOUNT_EXCEED"
	codeAuthorizationOver   = "AUTHORIZATION_EXPIRED"
	codeCaptureInProcess    = "CAPTURE_IN_PROCESS"
	codeInvalidAuthClient   = "INVALID_AUTH_CLIENT"
	codeInvalidScope        = "INVALID_SCOPE"
	codeInvalidCode         = "INVALID_CODE"
	codeExpiredCode         = "EXPIRED_CODE"
	codeUsedCode            = "USED_CODE"
	codeInvalidRefreshToken = "INVALID_REFRESH_TOKEN"
	codeExpiredRefreshToken = "EXPIRED_REFRESH_TOKEN"
	codeGrantType           = "AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE"
	codeNotSubscribed       = "USER_NOT_SUBSCRIBED"
	codeSending             = "SENDING"
	codeNoInterface         = "NO_INTERFACE_DEF"
)

// refusal is an answer with one code that is not success.
type refusal string

func (r refusal) Error() string { return string(r) }

// badMember is a refusal that names the member it is about.
type badMember struct{ code, member string }

func (b badMember) Error() string { return b.code + ": " + b.member }

// refuse writes an error the way the provider does.
func (p *platform) refuse(_ *http.Request, err error) sandbox.Answer {
	c := p.config.Get()
	var (
		code    refusal
		member  badMember
		misfit  *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &code):
		return c.refusal(string(code), titleOf(string(code)))
	case errors.As(err, &member):
		return c.refusal(member.code, titleOf(member.code)+": "+member.member)
	case errors.As(err, &misfit):
		return c.refusal(codeParamIllegal, misfit.Error())
	case errors.As(err, &problem) && problem.Kind == sandbox.ProblemRoute, errors.As(err, &problem) && problem.Kind == sandbox.ProblemMethod:
		a := c.refusal(codeNoInterface, problem.Detail)
		a.Status = int(problem.Kind)
		return a
	}
	return c.refusal(codeParamIllegal, err.Error())
}

// limitOfMessage is what the provider allows resultMessage.
const limitOfMessage = 256

func (c Config) refusal(code, text string) sandbox.Answer {
	status := statusOf(code)
	if c.Statuses == "200" {
		status = http.StatusOK
	}
	return sandbox.JSON(status, object{"result": object{
		"resultCode": code, "resultStatus": letterOf(code), "resultMessage": text[:min(len(text), limitOfMessage)],
	}})
}

// statusOf is the HTTP status of a code. The provider gives a table of statuses
// and none of codes, so which code has which is a guess; the codes of business
// rules have 200.
func statusOf(code string) int {
	switch code {
	case codeInvalidSignature, codeInvalidClient, "UNAUTHORIZED", codeRequestTime, "TIMESTAMP_INVALID":
		return http.StatusUnauthorized
	case codeParamIllegal, codeMissingParam, codeInvalidAmount, codeInvalidCurrency:
		return http.StatusBadRequest
	case codeInsufficientScope, "ACCESS_DENIED":
		return http.StatusForbidden
	case "REQUEST_TRAFFIC_EXCEED_LIMIT":
		return http.StatusTooManyRequests
	case "SYSTEM_BUSY", "SERVICE_UNAVAILABLE":
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// letterOf is the result status of a code.
func letterOf(code string) string {
	switch code {
	case "ACCEPT":
		return "A"
	case "REQUEST_TRAFFIC_EXCEED_LIMIT", "SYSTEM_BUSY", "UNKNOWN_EXCEPTION", "SERVICE_UNAVAILABLE",
		codePaymentInProcess, codeRefundInProcess, codeVoidInProcess, codeCaptureInProcess, codeSending:
		return "U"
	}
	return "F"
}

// codesWithStatus gives the codes that are answered by name the status that
// rules answer them with.
func codesWithStatus() []sandbox.Code {
	codes := slices.Clone(errorCodes)
	for i := range codes {
		codes[i].Statuses = []int{statusOf(codes[i].Value)}
	}
	return codes
}

// titleOf is the sentence that the catalog has for a code.
func titleOf(value string) string {
	for _, code := range errorCodes {
		if code.Value == value {
			return code.Title
		}
	}
	return value
}
