package qpaytest

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// The states of a tax receipt.
const (
	receiptRegistered = "REGISTERED"
	receiptCanceled   = "CANCELED"
)

// receipt is a tax receipt.
type receipt struct {
	id, status, receiverType, receiver string
	district, number, qrData, lottery  string
	items                              []string // IDs, one for each line of the invoice
	payment                            *payment
	created, updated                   time.Time
	v3                                 bool
}

// receiptRequest has the parameters of both operations that create a receipt.
type receiptRequest struct{ paymentID, receiverType, receiver, district, class string }

// CreateEbarimt creates a receipt in the older e-barimt.
func (m *merchant) CreateEbarimt(_ *http.Request, body api.CreateEbarimtRequest) (sandbox.Response, error) {
	created, err := m.issueReceipt(receiptRequest{body.PaymentID, body.EbarimtReceiverType, body.EbarimtReceiver, "", ""}, false)
	if err != nil {
		return sandbox.Response{}, err
	}
	if m.config.Get().EmptyEbarimt {
		return sandbox.JSON(http.StatusOK, object{}), nil
	}
	return sandbox.JSON(http.StatusOK, m.receiptBody(created)), nil
}

// CreateEbarimtV3 creates a receipt in e-barimt 3.0.
func (m *merchant) CreateEbarimtV3(_ *http.Request, body api.CreateEbarimtV3Request) (sandbox.Response, error) {
	created, err := m.issueReceipt(receiptRequest{
		body.PaymentID, body.EbarimtReceiverType, body.EbarimtReceiver, body.DistrictCode, body.ClassificationCode,
	}, true)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, m.receiptBody(created)), nil
}

func (m *merchant) issueReceipt(q receiptRequest, v3 bool) (*receipt, error) {
	found := checkLimits([]limit{{"payment_id", q.paymentID, 255, true}})
	if q.receiverType != "CITIZEN" && q.receiverType != "COMPANY" {
		found = append(found, invalid("ebarimt_receiver_type", "Value is invalid!"))
	}
	if len(found) > 0 {
		return nil, found
	}
	if register, _ := regexp.MatchString(`^\d{7}$`, q.receiver); q.receiverType == "COMPANY" && !register {
		return nil, codeError(codeCustomerRegister)
	}
	if q.class != "" && !isClassificationCode(q.class) {
		return nil, codeError(codeClassInvalid)
	}
	p, err := m.payment(q.paymentID)
	if err != nil {
		return nil, err
	}
	if p.status != paymentPaid {
		return nil, codeError(codePaymentNotPaid)
	}
	ids, now := m.core.IDs(), m.core.Clock().Now()
	created := &receipt{
		id: ids.UUID(), status: receiptRegistered, receiverType: q.receiverType, receiver: q.receiver, district: q.district,
		number: ids.Digits(33), qrData: ids.Digits(120), lottery: strings.ToUpper(ids.Token(2)) + " " + ids.Digits(8),
		payment: p, created: now, updated: now, v3: v3,
	}
	for range p.invoice.request.Lines {
		created.items = append(created.items, ids.UUID())
	}
	m.receipts = append(m.receipts, created)
	m.core.Record("ebarimt.registered", created.id, p.invoice.request.SenderInvoiceNo, formatAmount(p.amount))
	return created, nil
}

// GetEbarimt returns a receipt of either version.
func (m *merchant) GetEbarimt(_ *http.Request, barimtID string) (sandbox.Response, error) {
	for _, one := range m.receipts {
		if one.id == barimtID {
			return sandbox.JSON(http.StatusOK, m.receiptBody(one)), nil
		}
	}
	return sandbox.Response{}, codeError(codeBarimtNotFound)
}

// CancelEbarimt cancels a receipt by its ID. For an unknown ID the provider was seen
// to return SYSTEM_BUSY.
func (m *merchant) CancelEbarimt(_ *http.Request, barimtID string) (sandbox.Response, error) {
	for _, one := range m.receipts {
		if one.id == barimtID {
			if err := m.cancelReceipt(one); err != nil {
				return sandbox.Response{}, err
			}
			return m.config.Get().emptyResponse(), nil
		}
	}
	return sandbox.Response{}, codeError(codeSystemBusy)
}

// CancelEbarimtV3 cancels the newest receipt of a payment and returns it.
func (m *merchant) CancelEbarimtV3(r *http.Request, paymentID string, q api.CancelEbarimtV3Request) (sandbox.Response, error) {
	if len(sandbox.Body(r)) > 0 && q.Note == "" { // older clients send no body
		return sandbox.Response{}, fieldErrors{invalid("note", "Value is required!")}
	}
	p, err := m.payment(paymentID)
	if err != nil {
		return sandbox.Response{}, err
	}
	for i := len(m.receipts) - 1; i >= 0; i-- {
		if one := m.receipts[i]; one.payment == p && one.v3 {
			if err := m.cancelReceipt(one); err != nil {
				return sandbox.Response{}, err
			}
			return sandbox.JSON(http.StatusOK, m.receiptBody(one)), nil
		}
	}
	return sandbox.Response{}, codeError(codeBarimtNotFound)
}

func (m *merchant) cancelReceipt(one *receipt) error {
	if one.status == receiptCanceled {
		return codeError(codeCancelNotSupported)
	}
	one.status, one.updated = receiptCanceled, m.core.Clock().Now()
	m.core.Record("ebarimt.canceled", one.id, one.payment.invoice.request.SenderInvoiceNo, formatAmount(one.payment.amount))
	return nil
}
