package qpaytest

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/internal/sandbox"
)

// How a payer pays, and what becomes of it.
const (
	methodP2P     = "P2P"
	methodCard    = "CARD"
	outcomePaid   = "paid"
	outcomeFailed = "failed"
)

// PayOption changes how the payer pays.
type PayOption func(*sandbox.Payment)

// ByCard pays with a card instead of a bank transfer.
func ByCard() PayOption { return func(p *sandbox.Payment) { p.Method = methodCard } }

// PayAmount pays a part, or more, in decimal text such as "40.00". The
// invoice must allow it.
func PayAmount(amount string) PayOption { return func(p *sandbox.Payment) { p.Amount = amount } }

// PayFails lets the payment fail: it is kept with the status FAILED, the
// invoice stays open and there is no callback.
func PayFails() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeFailed } }

// Pay is the payer: it pays an invoice, by default in full by bank transfer,
// and returns the payment's id. The callback has been sent and answered when
// Pay returns; [Server.Deliveries] has the answer. An invoice that cannot be
// paid so is an error.
func (s *Server) Pay(invoiceID string, opts ...PayOption) (paymentID string, err error) {
	order := sandbox.Payment{ID: invoiceID}
	for _, option := range opts {
		option(&order)
	}
	made, _, err := s.merchant.pay(context.Background(), order)
	if err != nil {
		return "", s.handle.Report(err)
	}
	return made.id, nil
}

// controlPay is Pay for the control route.
func (m *merchant) controlPay(ctx context.Context, order sandbox.Payment) (any, error) {
	made, delivery, err := m.pay(context.WithoutCancel(ctx), order)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	body := object{{"payment_id", made.id}, {"payment_status", made.status}, {"invoice_status", made.invoice.status}}
	if delivery != nil {
		body = append(body, member{"delivery", delivery})
	}
	return body, nil
}

func (m *merchant) pay(ctx context.Context, order sandbox.Payment) (*payment, *sandbox.Delivery, error) {
	made, err := m.book(order)
	if err != nil {
		return nil, nil, err
	}
	if order.Outcome == outcomeFailed {
		return made, nil, nil
	}
	delivery, err := m.callBack(ctx, made)
	return made, delivery, err
}

// book writes a payment down, or says why the payer cannot make it.
func (m *merchant) book(order sandbox.Payment) (*payment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	inv, err := m.payable(&order)
	if err != nil {
		return nil, err
	}
	amount, err := m.payAmount(inv, order.Amount)
	if err != nil {
		return nil, err
	}
	now := m.core.Clock().Now().Truncate(time.Millisecond)
	p := &payment{invoice: inv, method: order.Method, amount: amount, date: now, status: paymentPaid}
	p.fee = amount.Mul(decimal.New(1, -2)).Round(2)
	p.id = m.core.IDs().Digits(15)
	if p.method == methodCard {
		p.id = m.core.IDs().UUID()
	}
	m.payments = append(m.payments, p)
	if order.Outcome == outcomeFailed {
		p.status = paymentFailed
		m.core.Record("payment.failed", p.id, inv.request.SenderInvoiceNo, moneyText(amount))
		return p, nil
	}
	if m.paid(inv).GreaterThanOrEqual(inv.totals.total) {
		inv.status = invoiceClosed
	}
	m.core.Record("payment.paid", p.id, inv.request.SenderInvoiceNo, moneyText(amount))
	return p, nil
}

// payable finds the invoice of an order and fills in the order's defaults.
func (m *merchant) payable(order *sandbox.Payment) (*invoice, error) {
	inv, err := m.invoice(order.ID)
	if err != nil {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("no invoice has the id %q", order.ID)}
	}
	if order.Method == "" {
		order.Method = methodP2P
	}
	if order.Method != methodP2P && order.Method != methodCard {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("unknown method %q", order.Method), Known: []string{methodCard, methodP2P}}
	}
	if order.Outcome != "" && order.Outcome != outcomePaid && order.Outcome != outcomeFailed {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("unknown outcome %q", order.Outcome), Known: []string{outcomeFailed, outcomePaid}}
	}
	switch {
	case inv.status != invoiceOpen:
		return nil, fmt.Errorf("invoice %s is %s; only an OPEN one can be paid", inv.id, inv.status)
	case inv.expired(m.core.Clock().Now()):
		return nil, fmt.Errorf("invoice %s expired on %s and does not have enable_expiry", inv.id, inv.request.ExpiryDate)
	case inv.subscription != nil && order.Method != methodCard:
		return nil, fmt.Errorf("invoice %s begins a subscription, which takes card payments only", inv.id)
	}
	return inv, nil
}

// payAmount is the sum of one payment; empty text means what is left to pay.
func (m *merchant) payAmount(inv *invoice, text string) (decimal.Decimal, error) {
	left := inv.totals.total.Sub(m.paid(inv))
	if text == "" {
		return left, nil
	}
	amount, ok := parseDecimal(text)
	if !ok || !amount.IsPositive() {
		return amount, &sandbox.InputError{Detail: fmt.Sprintf("amount %q is no positive decimal such as 40.00", text)}
	}
	q := inv.request
	least, most := lenient(q.MinimumAmount), lenient(q.MaximumAmount)
	switch {
	case amount.LessThan(left) && !q.AllowPartial:
		return amount, fmt.Errorf("amount %s is below the %s that is due, and the invoice does not have allow_partial", amount, left)
	case amount.LessThan(left) && amount.LessThan(least):
		return amount, fmt.Errorf("amount %s is below the invoice's minimum_amount %s", amount, least)
	case amount.GreaterThan(left) && !q.AllowExceed:
		return amount, fmt.Errorf("amount %s is above the %s that is due, and the invoice does not have allow_exceed", amount, left)
	case amount.GreaterThan(left) && most.IsPositive() && amount.GreaterThan(most):
		return amount, fmt.Errorf("amount %s is above the invoice's maximum_amount %s", amount, most)
	}
	return amount, nil
}
