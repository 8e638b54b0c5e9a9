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

// receipt is a tax receipt as the provider keeps it.
type receipt struct {
	id, status, receiverType, receiver string
	district, number, qrData, lottery  string
	payment                            *payment
	made, changed                      time.Time
	v3                                 bool
}

// wanted is what both ways to ask for a receipt have in common.
type wanted struct{ paymentID, receiverType, receiver, district, class string }

// CreateEbarimt issues a receipt through the older e-barimt.
func (m *merchant) CreateEbarimt(_ *http.Request, body api.CreateEbarimtRequest) (sandbox.Answer, error) {
	made, err := m.issueReceipt(wanted{body.PaymentID, body.EbarimtReceiverType, body.EbarimtReceiver, "", ""}, false)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if m.config.Get().EmptyEbarimt {
		return sandbox.JSON(http.StatusOK, object{}), nil
	}
	return sandbox.JSON(http.StatusOK, m.receiptBody(made)), nil
}

// CreateEbarimtV3 issues a receipt through e-barimt 3.0.
func (m *merchant) CreateEbarimtV3(_ *http.Request, body api.CreateEbarimtV3Request) (sandbox.Answer, error) {
	made, err := m.issueReceipt(wanted{
		body.PaymentID, body.EbarimtReceiverType, body.EbarimtReceiver, body.DistrictCode, body.ClassificationCode,
	}, true)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return sandbox.JSON(http.StatusOK, m.receiptBody(made)), nil
}

func (m *merchant) issueReceipt(w wanted, v3 bool) (*receipt, error) {
	found := checkLimits([]limit{{"payment_id", w.paymentID, 255, true}})
	if w.receiverType != "CITIZEN" && w.receiverType != "COMPANY" {
		found = append(found, invalid("ebarimt_receiver_type", "Value is invalid!"))
	}
	if len(found) > 0 {
		return nil, found
	}
	if register, _ := regexp.MatchString(`^\d{7}$`, w.receiver); w.receiverType == "COMPANY" && !register {
		return nil, refusal(codeCustomerRegister)
	}
	if w.class != "" && !isClass(w.class) {
		return nil, refusal(codeClassInvalid)
	}
	p, err := m.payment(w.paymentID)
	if err != nil {
		return nil, err
	}
	if p.status != paymentPaid {
		return nil, refusal(codePaymentNotPaid)
	}
	ids, now := m.core.IDs(), m.core.Clock().Now()
	made := &receipt{
		id: ids.UUID(), status: receiptRegistered, receiverType: w.receiverType, receiver: w.receiver, district: w.district,
		number: ids.Digits(33), qrData: ids.Digits(120), lottery: strings.ToUpper(ids.Token(2)) + " " + ids.Digits(8),
		payment: p, made: now, changed: now, v3: v3,
	}
	m.receipts = append(m.receipts, made)
	m.core.Record("ebarimt.registered", made.id, p.invoice.request.SenderInvoiceNo, moneyText(p.amount))
	return made, nil
}

// GetEbarimt reads a receipt of either kind.
func (m *merchant) GetEbarimt(_ *http.Request, barimtID string) (sandbox.Answer, error) {
	for _, one := range m.receipts {
		if one.id == barimtID {
			return sandbox.JSON(http.StatusOK, m.receiptBody(one)), nil
		}
	}
	return sandbox.Answer{}, refusal(codeBarimtNotFound)
}

// CancelEbarimt cancels a receipt by its own id; for an unknown id the
// provider was seen to be busy.
func (m *merchant) CancelEbarimt(_ *http.Request, barimtID string) (sandbox.Answer, error) {
	for _, one := range m.receipts {
		if one.id == barimtID {
			if err := m.cancelReceipt(one); err != nil {
				return sandbox.Answer{}, err
			}
			return m.config.Get().nothing(), nil
		}
	}
	return sandbox.Answer{}, refusal(codeSystemBusy)
}

// CancelEbarimtV3 cancels the newest receipt of a payment and returns it.
func (m *merchant) CancelEbarimtV3(r *http.Request, paymentID string, q api.CancelEbarimtV3Request) (sandbox.Answer, error) {
	if len(sandbox.Body(r)) > 0 && q.Note == "" { // no body at all is what older clients send
		return sandbox.Answer{}, problems{invalid("note", "Value is required!")}
	}
	p, err := m.payment(paymentID)
	if err != nil {
		return sandbox.Answer{}, err
	}
	for i := len(m.receipts) - 1; i >= 0; i-- {
		if one := m.receipts[i]; one.payment == p && one.v3 {
			if err := m.cancelReceipt(one); err != nil {
				return sandbox.Answer{}, err
			}
			return sandbox.JSON(http.StatusOK, m.receiptBody(one)), nil
		}
	}
	return sandbox.Answer{}, refusal(codeBarimtNotFound)
}

func (m *merchant) cancelReceipt(one *receipt) error {
	if one.status == receiptCanceled {
		return refusal(codeCancelNotSupported)
	}
	one.status, one.changed = receiptCanceled, m.core.Clock().Now()
	m.core.Record("ebarimt.canceled", one.id, one.payment.invoice.request.SenderInvoiceNo, moneyText(one.payment.amount))
	return nil
}
