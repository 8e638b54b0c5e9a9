package openapitest

import (
	"errors"
	"net/http"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
)

// The codes that the sandbox returns by its own rules. All other codes are returned
// only on request: by FailNext or the header Sandbox-Scenario.
const (
	codeInvalidSignature     = "INVALID_SIGNATURE"
	codeInvalidClient        = "INVALID_CLIENT"
	codeInvalidAccessToken   = "INVALID_ACCESS_TOKEN"
	codeExpiredAccessToken   = "EXPIRED_ACCESS_TOKEN"
	codeInsufficientScope    = "INSUFFICIENT_SCOPE"
	codeParamIllegal         = "PARAM_ILLEGAL"
	codeMissingParam         = "MISSING_REQUIRED_PARAM"
	codeInvalidAmount        = "INVALID_AMOUNT"
	codeInvalidCurrency      = "INVALID_CURRENCY"
	codeRequestTime          = "REQUEST_TIME_INVALID"
	codeOrderNotExist        = "ORDER_NOT_EXIST"
	codeOrderClosed          = "ORDER_IS_CLOSED"
	codeOrderStatus          = "ORDER_STATUS_INVALID"
	codeRepeatInconsistent   = "REPEAT_REQ_INCONSISTENT"
	codePaymentInProcess     = "PAYMENT_IN_PROCESS"
	codeInvalidAuthCode      = "INVALID_AUTH_CODE"
	codeUserNotExist         = "USER_NOT_EXIST"
	codePaymentTimeout       = "PAYMENT_TIMEOUT"
	codePaymentFail          = "PAYMENT_FAIL"
	codeUserRejected         = "USER_REJECTED"
	codeQRExpired            = "QR_EXPIRED"
	codeRefundExceed         = "REFUND_AMOUNT_EXCEED"
	codeRefundNotAllowed     = "REFUND_NOT_ALLOWED"
	codeRefundInProcess      = "REFUND_IN_PROCESS"
	codeRefundNotExist       = "REFUND_NOT_EXIST"
	codeVoidNotAllowed       = "VOID_NOT_ALLOWED"
	codeAlreadySettled       = "ORDER_ALREADY_SETTLED"
	codeVoidInProcess        = "VOID_IN_PROCESS"
	codeVoidNotExist         = "VOID_BILL_NOT_EXIST"
	codeCaptureExceed        = "CAPTURE_AMOUNT_EXCEED"
	codeAuthorizationExpired = "AUTHORIZATION_EXPIRED"
	codeCaptureInProcess     = "CAPTURE_IN_PROCESS"
	codeInvalidAuthClient    = "INVALID_AUTH_CLIENT"
	codeInvalidScope         = "INVALID_SCOPE"
	codeInvalidCode          = "INVALID_CODE"
	codeExpiredCode          = "EXPIRED_CODE"
	codeUsedCode             = "USED_CODE"
	codeInvalidRefreshToken  = "INVALID_REFRESH_TOKEN"
	codeExpiredRefreshToken  = "EXPIRED_REFRESH_TOKEN"
	codeGrantType            = "AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE"
	codeNotSubscribed        = "USER_NOT_SUBSCRIBED"
	codeSending              = "SENDING"
	codeNoInterface          = "NO_INTERFACE_DEF"
	codeAccept               = "ACCEPT"
)

// codeError is a failure with a result code.
type codeError string

func (e codeError) Error() string { return string(e) }

// memberError is a failure with a result code that is about one member.
type memberError struct{ code, member string }

func (e memberError) Error() string { return e.code + ": " + e.member }

// errorResponse returns the provider's response to an error.
func (p *platform) errorResponse(_ *http.Request, err error) sandbox.Response {
	var (
		code    codeError
		member  memberError
		bind    *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &code):
		return failure(string(code), titleOf(string(code)))
	case errors.As(err, &member):
		return failure(member.code, titleOf(member.code)+": "+member.member)
	case errors.As(err, &bind):
		return failure(codeParamIllegal, bind.Error())
	case errors.As(err, &problem) && problem.Kind == sandbox.ProblemRoute, errors.As(err, &problem) && problem.Kind == sandbox.ProblemMethod:
		resp := failure(codeNoInterface, problem.Detail)
		resp.Status = int(problem.Kind)
		return resp
	}
	return failure(codeParamIllegal, err.Error())
}

// messageLimit is the provider's limit on the length of resultMessage.
const messageLimit = 256

// failure returns a response with a result code other than SUCCESS.
func failure(code, message string) sandbox.Response {
	return sandbox.JSON(httpStatusOf(code), object{"result": object{
		"resultCode": code, "resultStatus": resultStatusOf(code), "resultMessage": message[:min(len(message), messageLimit)],
	}})
}

// httpStatusOf returns the HTTP status of a code. The provider documents the
// statuses but not which code has which, so this mapping is a guess. The codes of
// business rules have 200.
func httpStatusOf(code string) int {
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

// resultStatusOf returns the result status of a code.
func resultStatusOf(code string) string {
	switch code {
	case codeAccept:
		return "A"
	case "REQUEST_TRAFFIC_EXCEED_LIMIT", "SYSTEM_BUSY", "UNKNOWN_EXCEPTION", "SERVICE_UNAVAILABLE",
		codePaymentInProcess, codeRefundInProcess, codeVoidInProcess, codeCaptureInProcess, codeSending:
		return "U"
	}
	return "F"
}

// codesWithStatus returns the codes of the catalog, each with the HTTP status that
// the sandbox's own rules use.
func codesWithStatus() []sandbox.Code {
	codes := slices.Clone(errorCodes)
	for i := range codes {
		codes[i].Statuses = []int{httpStatusOf(codes[i].Value)}
	}
	return codes
}

// titleOf returns the catalog's title of a code.
func titleOf(value string) string {
	for _, code := range errorCodes {
		if code.Value == value {
			return code.Title
		}
	}
	return value
}
