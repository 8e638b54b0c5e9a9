package qpaytest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// subscription is a recurring card payment. The sandbox makes no payment after the
// first, because it is unknown what QPay sends then.
type subscription struct {
	id, merchantID, clientID string
	invoice                  *invoice
	active                   bool
	created, updated, next   time.Time
}

func (m *merchant) subscribe(inv *invoice) *subscription {
	now := m.core.Clock().Now()
	s := &subscription{
		id: m.core.IDs().UUID(), merchantID: m.id, clientID: m.clientID, invoice: inv,
		active: true, created: now, updated: now,
	}
	s.next = nextDate(now, inv.request.SubscriptionInterval)
	if at, given, _ := parseDateTime(inv.request.NextPaymentDate, false); given {
		s.next = at
	}
	return s
}

// nextDate adds a valid interval such as 31D, 1W or 1M.
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
		{"start_date", isoTime(s.created)},
		{"interval", s.invoice.request.SubscriptionInterval},
		{"last_interval_date", isoTime(s.created)},
		{"note", orNull(s.invoice.request.Note)},
		{"created_by", s.clientID},
		{"created_date", isoTime(s.created)},
		{"updated_by", s.clientID},
		{"updated_date", isoTime(s.updated)},
		{"status", s.active},
	}
}

func (m *merchant) subscription(id string) (*subscription, error) {
	for _, inv := range m.invoices {
		if inv.subscription != nil && inv.subscription.id == id {
			return inv.subscription, nil
		}
	}
	return nil, codeError(codeInformNotFound)
}

// GetSubscription returns a subscription. Its invoices and payments, which are
// internal records of the provider, are empty.
func (m *merchant) GetSubscription(_ *http.Request, id string) (sandbox.Response, error) {
	s, err := m.subscription(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	body := append(s.body(), member{"invoices", []object{}}, member{"payments", []object{}})
	return sandbox.JSON(http.StatusOK, body), nil
}

// CancelSubscription cancels a subscription. A second call has no effect.
func (m *merchant) CancelSubscription(_ *http.Request, id string) (sandbox.Response, error) {
	s, err := m.subscription(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if s.active {
		s.active, s.updated = false, m.core.Clock().Now()
		m.core.Record("subscription.canceled", s.id, s.invoice.request.SenderInvoiceNo, "")
	}
	return m.config.Get().emptyResponse(), nil
}
