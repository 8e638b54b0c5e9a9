package xpaytest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// The codes that the rules of the sandbox answer. All others are answered by
// name only.
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
	codeUnsupportedCurrency   = "unsupported_currency"
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

// refusal is an answer with one code.
type refusal struct {
	status               int
	code, param, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

// refuse is a refusal with the status that a code usually has.
func refuse(code, param, message string, args ...any) error {
	return refuseWith(statusOf(code), code, param, message, args...)
}

func refuseWith(status int, code, param, message string, args ...any) error {
	return &refusal{status, code, param, fmt.Sprintf(message, args...)}
}

// missing is the refusal of an id that nothing has.
func missing(kind, id string) error {
	return refuse(codeResourceMissing, "id", "No such %s: %s", kind, id)
}

// catalog finds a code of the spec.
func catalog(value string) (sandbox.Code, bool) {
	for _, code := range errorCodes {
		if code.Value == value {
			return code, true
		}
	}
	return sandbox.Code{}, false
}

// statusOf is the status that the spec gives a code, else 400.
func statusOf(value string) int {
	if code, known := catalog(value); known && len(code.Statuses) > 0 {
		return code.Statuses[0]
	}
	return http.StatusBadRequest
}

// typeOf is the kind of error that the spec gives a code.
func typeOf(value string) string {
	code, _ := catalog(value)
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

// docs is where XPay explains a code.
const docs = "https://docs.xpay.app/integrate/errors/api-error-codes#"

// refuse writes an error the way XPay does. Seal adds address and request id.
func (m *merchant) refuse(_ *http.Request, err error) sandbox.Answer {
	r := asRefusal(err)
	body := object{"type": typeOf(r.code), "code": r.code, "message": strings.ToValidUTF8(r.message, "?")}
	if r.param != "" {
		body["param"] = strings.ToValidUTF8(r.param, "?")
	}
	return sandbox.JSON(r.status, object{"error": body})
}

func asRefusal(err error) *refusal {
	var (
		own     *refusal
		misfit  *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &misfit):
		return misfitRefusal(misfit)
	case errors.As(err, &problem) && problem.Kind != sandbox.ProblemJSON:
		return &refusal{status: int(problem.Kind), code: codeInvalidRequest, message: problem.Detail}
	}
	return &refusal{status: http.StatusBadRequest, code: codeInvalidRequest, message: err.Error()}
}

// misfitRefusal says which member of a body is unknown or of the wrong type.
func misfitRefusal(misfit *sandbox.BindError) *refusal {
	r := &refusal{status: http.StatusBadRequest, code: codeParameterInvalid, param: misfit.Field}
	var wrong *json.SemanticError
	if errors.As(misfit.Err, &wrong) && wrong.JSONPointer != "" {
		r.param = paramOf(wrong.JSONPointer)
	}
	r.message = "Invalid value for " + r.param
	if errors.Is(misfit.Err, json.ErrUnknownName) {
		r.code, r.message = codeParameterUnknown, "Received unknown parameter: "+r.param
	}
	return r
}

// paramOf writes a JSON pointer as XPay writes a field: lineItems[0].price.
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
