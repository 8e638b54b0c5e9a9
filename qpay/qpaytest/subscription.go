package qpaytest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// subscription is a repeated card payment. The sandbox takes no payment after
// the first: what QPay sends then is not known.
type subscription struct {
	id, merchantID, clientID string
	invoice                  *invoice
	active                   bool
	made, changed, next      time.Time
}

func (m *merchant) subscribe(inv *invoice) *subscription {
	now := m.core.Clock().Now()
	s := &subscription{
		id: m.core.IDs().UUID(), merchantID: m.id, clientID: m.clientID, invoice: inv,
		active: true, made: now, changed: now,
	}
	s.next = nextDate(now, inv.request.SubscriptionInterval)
	if at, given, _ := parseMoment(inv.request.NextPaymentDate, false); given {
		s.next = at
	}
	return s
}

// nextDate adds an interval such as 31D, 1W or 1M, whose form was checked.
func nextDate(from time.Time, interval string) time.Time {
	n, _ := strconv.Atoi(interval[:len(interval)-1])
	switch interval[len(interval)-1] {
	case 'W':
		return from.AddDate(0, 0, 7*n)
	case 'M':
		return from.AddDate(0, n, 0)
	}
	return from.AddDate(0, 0, n)
}

func (s *subscription) body() object {
	return object{
		{"id", s.id},
		{"is_active", s.active},
		{"merchant_id", s.merchantID},
		{"g_invoice_id", s.invoice.id},
		{"webhook", s.invoice.request.SubscriptionWebhook},
		{"next_payment_date", isoTime(s.next)},
		{"start_date", isoTime(s.made)},
		{"interval", s.invoice.request.SubscriptionInterval},
		{"last_interval_date", isoTime(s.made)},
		{"note", orNull(s.invoice.request.Note)},
		{"created_by", s.clientID},
		{"created_date", isoTime(s.made)},
		{"updated_by", s.clientID},
		{"updated_date", isoTime(s.changed)},
		{"status", s.active},
	}
}

func (m *merchant) subscription(id string) (*subscription, error) {
	for _, inv := range m.invoices {
		if inv.subscription != nil && inv.subscription.id == id {
			return inv.subscription, nil
		}
	}
	return nil, refusal(codeInformNotFound)
}

// GetSubscription reads a subscription. Its invoices and payments are wide
// internal rows at the provider, and empty here.
func (m *merchant) GetSubscription(_ *http.Request, id string) (sandbox.Answer, error) {
	s, err := m.subscription(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	body := append(s.body(), member{"invoices", []object{}}, member{"payments", []object{}})
	return sandbox.JSON(http.StatusOK, body), nil
}

// CancelSubscription ends a subscription; to end it twice changes nothing.
func (m *merchant) CancelSubscription(_ *http.Request, id string) (sandbox.Answer, error) {
	s, err := m.subscription(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if s.active {
		s.active, s.changed = false, m.core.Clock().Now()
		m.core.Record("subscription.canceled", s.id, s.invoice.request.SenderInvoiceNo, "")
	}
	return m.config.Get().nothing(), nil
}
