package xpaytest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/oapi-codegen/runtime"

	"github.com/specpay/specpay/internal/sandbox"
)

// The codes that the sandbox returns by its own rules. All other codes are returned
// only on request: by FailNext or the header Sandbox-Scenario.
const (
	codeInvalidRequest        = "invalid_request"
	codeParameterMissing      = "parameter_missing"
	codeParameterInvalid      = "parameter_invalid"
	codeParameterOutOfRange   = "parameter_out_of_range"
	codeParameterUnknown      = "parameter_unknown"
	codeParametersExclusive   = "parameters_exclusive"
	codeParameterRequires     = "parameter_requires_another"
	codeValidation            = "validation_error"
	codeResourceMissing       = "resource_missing"
	codeInvalidState          = "resource_invalid_state"
	codeAuthenticationMissing = "authentication_required"
	codeInvalidKey            = "invalid_api_key"
	codeKeyInactive           = "api_key_inactive"
	codeNotActivated          = "merchant_not_activated"
	codePermission            = "permission_denied"
	codeAmountInvalid         = "amount_invalid"
	codeCurrencyInvalid       = "currency_invalid"
	codeNoRate                = "exchange_rate_not_found"
	codePriceInactive         = "price_inactive"
	codePriceNotYet           = "price_not_yet_active"
	codePriceExpired          = "price_expired"
	codePriceSoldOut          = "price_sold_out"
	codePriceRecurring        = "price_recurring_not_supported"
	codePriceUsed             = "price_immutable_while_used"
	codePriceDates            = "price_date_range_invalid"
	codePriceStock            = "price_stock_invalid"
	codeLineWithoutPrice      = "line_item_missing_price"
	codePromotionMissing      = "promotion_code_not_found"
	codePromotionInactive     = "promotion_code_inactive"
	codePromotionExpired      = "promotion_code_expired"
	codeCouponInvalid         = "coupon_invalid"
	codeCouponCurrency        = "coupon_currency_mismatch"
	codeCouponMinimum         = "coupon_minimum_amount"
	codeTooManyDiscounts      = "too_many_discounts"
	codeNotCaptured           = "charge_not_captured"
	codeNoBalance             = "insufficient_balance"
	codeKeyInUse              = "idempotency_key_in_use"
)

// apiError is a failure with a code.
type apiError struct {
	status               int
	code, param, message string
}

func (r *apiError) Error() string { return r.code + ": " + r.message }

// errorf returns an apiError with the status that the spec gives its code.
func errorf(code, param, message string, args ...any) error {
	return statusErrorf(statusOf(code), code, param, message, args...)
}

// statusErrorf returns an apiError with another status.
func statusErrorf(status int, code, param, message string, args ...any) error {
	return &apiError{status, code, param, fmt.Sprintf(message, args...)}
}

// notFound returns the error for an unknown ID.
func notFound(kind, id string) error {
	return errorf(codeResourceMissing, "id", "No such %s: %s", kind, id)
}

// reference returns the error for an unknown ID that a member of a request names.
func reference(param string, err error) error {
	var missing *apiError
	if !errors.As(err, &missing) || missing.code != codeResourceMissing {
		return err
	}
	named := *missing
	named.param = param
	return &named
}

// lookupCode finds a code of the spec.
func lookupCode(value string) (sandbox.Code, bool) {
	for _, code := range errorCodes {
		if code.Value == value {
			return code, true
		}
	}
	return sandbox.Code{}, false
}

// statusOf returns the status that the spec gives a code, or 400.
func statusOf(value string) int {
	if code, known := lookupCode(value); known && len(code.Statuses) > 0 {
		return code.Statuses[0]
	}
	return http.StatusBadRequest
}

// typeOf returns the error type that the spec gives a code.
func typeOf(value string) string {
	code, _ := lookupCode(value)
	var body struct {
		Error struct {
			Type string `json:"type"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(code.Body), &body) != nil || body.Error.Type == "" {
		return "invalid_request_error"
	}
	return body.Error.Type
}

// apiErrorDocs is the page about the codes. The code follows as the fragment.
const apiErrorDocs = "https://docs.xpay.app/integrate/errors/api-error-codes#"

// errorResponse returns XPay's response to an error. addRequestID completes it.
func (m *merchant) errorResponse(_ *http.Request, err error) sandbox.Response {
	r := asAPIError(err)
	body := object{"type": typeOf(r.code), "code": r.code, "message": strings.ToValidUTF8(r.message, "?")}
	if r.param != "" {
		body["param"] = strings.ToValidUTF8(r.param, "?")
	}
	return sandbox.JSON(r.status, object{"error": body})
}

func asAPIError(err error) *apiError {
	var (
		own     *apiError
		bindErr *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &bindErr):
		return bindFailure(bindErr)
	case errors.As(err, &problem) && problem.Kind != sandbox.ProblemJSON:
		return &apiError{status: int(problem.Kind), code: codeInvalidRequest, message: problem.Detail}
	}
	return &apiError{status: http.StatusBadRequest, code: codeInvalidRequest, message: err.Error()}
}

// bindFailure returns the error for a member that is unknown or of the wrong type.
func bindFailure(bindErr *sandbox.BindError) *apiError {
	r := &apiError{status: http.StatusBadRequest, code: codeParameterInvalid, param: bindErr.Field}
	var wrong *json.SemanticError
	if errors.As(bindErr.Err, &wrong) && wrong.JSONPointer != "" {
		r.param = paramOf(wrong.JSONPointer)
	}
	r.message = "Invalid value for " + r.param
	var absent *runtime.RequiredParameterError
	if errors.As(bindErr.Err, &absent) {
		r.code, r.message = codeParameterMissing, "Missing required parameter: "+r.param
	}
	if errors.Is(bindErr.Err, json.ErrUnknownName) {
		r.code, r.message = codeParameterUnknown, "Received unknown parameter: "+r.param
	}
	return r
}

// paramOf converts a JSON pointer to the form of XPay, such as lineItems[0].price.
func paramOf(pointer jsontext.Pointer) string {
	var b strings.Builder
	for token := range pointer.Tokens() {
		switch {
		case strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	return b.String()
}
