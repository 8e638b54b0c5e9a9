package qpaytest

import (
	"errors"
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
)

// The codes that the operations return. All other codes are returned only on request.
const (
	codeAuthenticationFailed   = "AUTHENTICATION_FAILED"
	codeNoCredendials          = "NO_CREDENDIALS"
	codeNoCredentials          = "NO_CREDENTIALS"
	codePermissionDenied       = "PERMISSION_DENIED"
	codeInvoiceNotFound        = "INVOICE_NOTFOUND"
	codeInvoicePaid            = "INVOICE_PAID"
	codeInvoiceAlreadyCanceled = "INVOICE_ALREADY_CANCELED"
	codeInvoiceCodeInvalid     = "INVOICE_CODE_INVALID"
	codeInvoiceLineRequired    = "INVOICE_LINE_REQUIRED"
	codeInvalidAmount          = "INVALID_AMOUNT"
	codePaymentNotFound        = "PAYMENT_NOTFOUND"
	codePaymentNotPaid         = "PAYMENT_NOT_PAID"
	codePaymentAlreadyCanceled = "PAYMENT_ALREADY_CANCELED"
	codePaymentSettled         = "PAYMENT_SETTLED"
	codeQRCodeNotFound         = "QRCODE_NOTFOUND"
	codeInvalidObjectType      = "INVALID_OBJECT_TYPE"
	codeObjectData             = "OBJECT_DATA_ERROR"
	codeInformNotFound         = "INFORM_NOTFOUND"
	codeVATAmountInvalid       = "VAT_AMOUNT_INVALID"
	codeClassInvalid           = "CLASSIFICATION_CODE_INVALID"
	codeTaxLineRequired        = "TAX_LINE_REQUIRED"
	codeCustomerRegister       = "CUSTOMER_REGISTER_INVALID"
	codeCancelNotSupported     = "EBARIMT_CANCEL_NOTSUPPERDED"
	codeBarimtNotFound         = "BARIMT_NOT_FOUND"
	codeSystemBusy             = "SYSTEM_BUSY"
)

// codeError is an error with a code.
type codeError string

func (e codeError) Error() string { return string(e) }

// errorResponse converts an error to a response in QPay's format.
func (m *merchant) errorResponse(_ *http.Request, err error) sandbox.Response {
	c := m.config.Get()
	var (
		code    codeError
		fields  fieldErrors
		bindErr *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &code):
		return c.codeResponse(c.status(code), string(code), m.title(string(code)))
	case errors.As(err, &bindErr) && bindErr.Field != "":
		return c.fieldsResponse(fieldErrors{invalid(bindErr.Field, "Type is invalid!")})
	case errors.As(err, &fields):
		return c.fieldsResponse(fields)
	case errors.As(err, &problem) && problem.Kind != sandbox.ProblemJSON:
		return c.codeResponse(int(problem.Kind), problemCode(problem.Kind), problem.Detail)
	}
	return c.codeResponse(http.StatusBadRequest, codeObjectData, err.Error())
}

func problemCode(kind sandbox.ProblemKind) string {
	switch kind {
	case sandbox.ProblemMethod:
		return "METHOD_NOT_ALLOWED"
	case sandbox.ProblemSize:
		return "REQUEST_TOO_LARGE"
	case sandbox.ProblemMedia:
		return "UNSUPPORTED_MEDIA_TYPE"
	}
	return "NOT_FOUND"
}

func (c Config) codeResponse(status int, code, text string) sandbox.Response {
	message := code
	if c.Messages == "text" {
		message = text
	}
	return c.errorResponse(status, object{{c.ErrorKey, code}, {"message", message}})
}

func (c Config) fieldsResponse(p fieldErrors) sandbox.Response {
	return c.errorResponse(http.StatusBadRequest, object{{"error", p.byField()}, {"message", p.byField()}})
}

func (c Config) errorResponse(status int, body object) sandbox.Response {
	if c.ErrorsInside200 {
		status = http.StatusOK
	}
	return sandbox.JSON(status, body)
}

// status returns the HTTP status of a code. Sources differ on it.
func (c Config) status(code codeError) int {
	switch code {
	case codeAuthenticationFailed, codeNoCredendials, codeNoCredentials:
		return http.StatusUnauthorized
	case codePermissionDenied:
		return c.PermissionStatus
	case codeInvoiceNotFound, codePaymentNotFound, codeQRCodeNotFound, codeInformNotFound:
		return c.NotFoundStatus
	case codeBarimtNotFound:
		return http.StatusUnprocessableEntity
	case codeInvoicePaid, codeInvoiceAlreadyCanceled, codePaymentNotPaid, codePaymentAlreadyCanceled:
		return c.ConflictStatus
	case codeInvalidAmount:
		return c.AmountStatus
	case codeSystemBusy:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// title returns the title of a code in the catalog.
func (m *merchant) title(value string) string {
	for _, code := range errorCodes {
		if code.Value == value {
			return code.Title
		}
	}
	return value
}

// emptyResponse is the successful response of an operation that returns nothing.
func (c Config) emptyResponse() sandbox.Response {
	switch c.EmptyResponse {
	case "204":
		return sandbox.Response{Status: http.StatusNoContent, Header: http.Header{}}
	case "no-body":
		return sandbox.Response{Status: http.StatusOK, Header: http.Header{}}
	}
	return sandbox.JSON(http.StatusOK, object{})
}
