package qpaytest

import (
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/qpay/qpaytest/internal/api"
)

// The payment statuses that the sandbox uses.
const (
	paymentPaid     = "PAID"
	paymentFailed   = "FAILED"
	paymentRefunded = "REFUNDED"
)

// The wallet is an ID in getPayment and a name in the other responses.
const (
	walletID   = "0fc9b71c-cd87-4ffd-9cac-2279ebd9deb0"
	walletName = "qPay wallet"
	khanBank   = "050000"
)

// payment is a stored payment.
type payment struct {
	id, status, method string
	invoice            *invoice
	amount, fee        decimal.Decimal
	date               time.Time
}

// isoTime formats a time the way QPay does.
func isoTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func (m *merchant) payment(id string) (*payment, error) {
	for _, one := range m.payments {
		if one.id == id {
			return one, nil
		}
	}
	return nil, codeError(codePaymentNotFound)
}

// GetPayment returns a payment.
func (m *merchant) GetPayment(_ *http.Request, paymentID string) (sandbox.Response, error) {
	p, err := m.payment(paymentID)
	if err != nil {
		return sandbox.Response{}, err
	}
	c := m.config.Get()
	return sandbox.JSON(http.StatusOK, object{
		{"payment_id", p.id},
		{"payment_status", p.status},
		{"payment_fee", c.money(p.fee)},
		{"payment_amount", c.money(p.amount)},
		{"payment_currency", "MNT"},
		{"payment_date", isoTime(p.date)},
		{"payment_wallet", walletID},
		{"transaction_type", p.method},
		{"object_type", "INVOICE"},
		{"object_id", p.invoice.id},
		{"next_payment_date", p.nextDate()},
		{"next_payment_datetime", p.nextDate()},
		{"card_transactions", c.cards(p, true)},
		{"p2p_transactions", c.transfers(p)},
	}), nil
}

// nextDate is null unless the payment belongs to a subscription.
func (p *payment) nextDate() any {
	if p.invoice.subscription == nil {
		return null()
	}
	return isoTime(p.invoice.subscription.next)
}

func (p *payment) transactionStatus() string {
	if p.status == paymentFailed {
		return "FAILED"
	}
	return "SUCCESS"
}

// cards returns the card transactions of a payment, with long names for getPayment and
// short names for checkPayment.
func (c Config) cards(p *payment, long bool) []object {
	if p.method != methodCard {
		return []object{}
	}
	card := object{{"card_type", "UNIONPAY"}, {"is_cross_border", false}}
	if long || c.Cards == "both" {
		card = append(card, object{
			{"card_merchant_code", "SANDBOX"}, {"card_terminal_code", "SANDBOX1"}, {"card_number", "621234******0000"},
			{"transaction_amount", c.money(p.amount)}, {"transaction_currency", "MNT"},
			{"transaction_date", isoTime(p.date)}, {"transaction_status", p.transactionStatus()},
		}...)
	}
	if !long || c.Cards == "both" {
		card = append(card, object{
			{"amount", c.money(p.amount)}, {"currency", "MNT"},
			{"date", isoTime(p.date)}, {"status", p.transactionStatus()},
		}...)
	}
	return []object{append(card, object{
		{"settlement_status", "PENDING"}, {"settlement_status_date", isoTime(p.date)},
	}...)}
}

// transfers returns the bank transfers of a payment. Their amount excludes the fee.
func (c Config) transfers(p *payment) []object {
	if p.method != methodP2P {
		return []object{}
	}
	return []object{{
		{"id", p.id}, {"transaction_bank_code", khanBank}, {"account_bank_code", khanBank},
		{"account_bank_name", "Хаан банк"}, {"account_number", "50*******"},
		{"status", p.transactionStatus()}, {"amount", c.money(p.amount.Sub(p.fee))},
		{"currency", "MNT"}, {"settlement_status", "SETTLED"},
	}}
}

// CancelPayment refunds a card payment.
func (m *merchant) CancelPayment(_ *http.Request, paymentID string, body api.CancelPaymentRequest) (sandbox.Response, error) {
	return m.refund(paymentID, body.Note, "payment.canceled")
}

// RefundPayment also refunds a card payment. How it differs from CancelPayment is
// unknown.
func (m *merchant) RefundPayment(_ *http.Request, paymentID string, body api.RefundPaymentRequest) (sandbox.Response, error) {
	return m.refund(paymentID, body.Note, "payment.refunded")
}

func (m *merchant) refund(paymentID, note, kind string) (sandbox.Response, error) {
	if utf8.RuneCountInString(note) > 255 {
		return sandbox.Response{}, fieldErrors{tooLong("note", 255)}
	}
	p, err := m.payment(paymentID)
	if err != nil {
		return sandbox.Response{}, err
	}
	switch {
	case p.status == paymentRefunded:
		return sandbox.Response{}, codeError(codePaymentAlreadyCanceled)
	case p.status != paymentPaid:
		return sandbox.Response{}, codeError(codePaymentNotPaid)
	case p.method != methodCard:
		return sandbox.Response{}, codeError(codePaymentSettled)
	}
	p.status = paymentRefunded
	m.core.Record(kind, p.id, p.invoice.request.SenderInvoiceNo, formatAmount(p.amount))
	return m.config.Get().emptyResponse(), nil
}
