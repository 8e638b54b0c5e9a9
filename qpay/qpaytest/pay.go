package qpaytest

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/specpay/specpay/internal/sandbox"
)

// The payment methods and the outcomes of [Server.Pay].
const (
	methodP2P     = "P2P"
	methodCard    = "CARD"
	outcomePaid   = "paid"
	outcomeFailed = "failed"
)

// PayOption changes the payment that [Server.Pay] makes.
type PayOption func(*sandbox.Payment)

// PayByCard pays by card instead of by bank transfer.
func PayByCard() PayOption { return func(p *sandbox.Payment) { p.Method = methodCard } }

// PayAmount pays a decimal amount in MNT such as "40.00" instead of the amount due.
// The invoice must allow a partial or excess payment.
func PayAmount(amount string) PayOption { return func(p *sandbox.Payment) { p.Amount = amount } }

// PayFails makes the payment fail: its status is FAILED, the invoice stays open, and
// no callback is sent.
func PayFails() PayOption { return func(p *sandbox.Payment) { p.Outcome = outcomeFailed } }

// Pay pays an invoice as the payer and returns the payment ID. By default it pays the
// amount due by bank transfer; [PayByCard], [PayAmount] and [PayFails] change this. Pay
// returns after the callback has been sent; [Server.Deliveries] has the response. An
// unknown invoice, and one that cannot be paid this way, are errors.
func (s *Server) Pay(invoiceID string, opts ...PayOption) (paymentID string, err error) {
	order := sandbox.Payment{ID: invoiceID}
	for _, option := range opts {
		option(&order)
	}
	paid, _, err := s.merchant.pay(context.Background(), order)
	if err != nil {
		return "", s.handle.Report(err)
	}
	return paid.id, nil
}

// controlPay implements the control route for Pay.
func (m *merchant) controlPay(ctx context.Context, order sandbox.Payment) (any, error) {
	paid, delivery, err := m.pay(context.WithoutCancel(ctx), order)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	body := object{{"payment_id", paid.id}, {"payment_status", paid.status}, {"invoice_status", paid.invoice.status}}
	if delivery != nil {
		body = append(body, member{"delivery", delivery})
	}
	return body, nil
}

func (m *merchant) pay(ctx context.Context, order sandbox.Payment) (*payment, *sandbox.Delivery, error) {
	paid, err := m.recordPayment(order)
	if err != nil {
		return nil, nil, err
	}
	if order.Outcome == outcomeFailed {
		return paid, nil, nil
	}
	delivery, err := m.sendCallback(ctx, paid)
	return paid, delivery, err
}

// recordPayment adds a payment, or returns why it is not possible.
func (m *merchant) recordPayment(order sandbox.Payment) (*payment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	inv, err := m.payableInvoice(&order)
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
		m.core.Record("payment.failed", p.id, inv.request.SenderInvoiceNo, formatAmount(amount))
		return p, nil
	}
	if m.paid(inv).GreaterThanOrEqual(inv.totals.total) {
		inv.status = invoiceClosed
	}
	m.core.Record("payment.paid", p.id, inv.request.SenderInvoiceNo, formatAmount(amount))
	return p, nil
}

// payableInvoice returns the invoice of an order and sets the order's defaults.
func (m *merchant) payableInvoice(order *sandbox.Payment) (*invoice, error) {
	inv, err := m.invoice(order.ID)
	if err != nil {
		return nil, &sandbox.InputError{Detail: fmt.Sprintf("no invoice has the ID %q", order.ID)}
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
		return nil, fmt.Errorf("invoice %s is %s; only an OPEN invoice can be paid", inv.id, inv.status)
	case inv.expired(m.core.Clock().Now()):
		return nil, fmt.Errorf("invoice %s expired on %s and does not have enable_expiry", inv.id, inv.request.ExpiryDate)
	case inv.subscription != nil && order.Method != methodCard:
		return nil, fmt.Errorf("invoice %s starts a subscription, which accepts only card payments", inv.id)
	}
	return inv, nil
}

// payAmount returns the amount of a payment. An empty text means the amount due.
func (m *merchant) payAmount(inv *invoice, text string) (decimal.Decimal, error) {
	due := inv.totals.total.Sub(m.paid(inv))
	if text == "" {
		return due, nil
	}
	amount, ok := parseDecimal(text)
	if !ok || !amount.IsPositive() {
		return amount, &sandbox.InputError{Detail: fmt.Sprintf("amount %q is not a positive decimal such as 40.00", text)}
	}
	q := inv.request
	least, most := parseOrZero(q.MinimumAmount), parseOrZero(q.MaximumAmount)
	switch {
	case amount.LessThan(due) && !q.AllowPartial:
		return amount, fmt.Errorf("amount %s is less than the %s due, and the invoice does not have allow_partial", amount, due)
	case amount.LessThan(due) && amount.LessThan(least):
		return amount, fmt.Errorf("amount %s is less than the invoice's minimum_amount %s", amount, least)
	case amount.GreaterThan(due) && !q.AllowExceed:
		return amount, fmt.Errorf("amount %s is more than the %s due, and the invoice does not have allow_exceed", amount, due)
	case amount.GreaterThan(due) && most.IsPositive() && amount.GreaterThan(most):
		return amount, fmt.Errorf("amount %s is more than the invoice's maximum_amount %s", amount, most)
	}
	return amount, nil
}
