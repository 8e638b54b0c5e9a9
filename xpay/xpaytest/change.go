package xpaytest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// UpdateMerchantCheckoutSession changes an open session.
func (m *merchant) UpdateMerchantCheckoutSession(r *http.Request, id string, q api.UpdateCheckoutSessionRequest) (sandbox.Answer, error) {
	b := m.book(r)
	s, err := b.session(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if s.status != sessionOpen {
		return sandbox.Answer{}, refuse(codeInvalidState, "id", "The session is %s; only an open one can be changed", s.status)
	}
	if err := check(r, sessionRules()); err != nil {
		return sandbox.Answer{}, err
	}
	next, err := m.changed(b, s, q)
	if err != nil {
		return sandbox.Answer{}, err
	}
	next.updated = m.now()
	*s = *next
	b.use(s.lines)
	m.record(r, "session.updated", s.id, s.total())
	body := m.sessionBody(s)
	if q.LineItems.Given && m.config.Get().EmptyLinesAfterUpdate {
		body["lineItems"] = []object{}
	}
	return sandbox.JSON(http.StatusOK, body), nil
}

// changed is a session after an update; the session itself stays as it is.
func (m *merchant) changed(b *book, s *session, q api.UpdateCheckoutSessionRequest) (*session, error) {
	next, err := *s, error(nil)
	if q.LineItems.Given {
		// The rate stays locked, so the currency has to stay too.
		if next.lines, err = m.lines(b, s.rate.currency, q.LineItems.Value); err != nil {
			return nil, err
		}
	}
	q.AfterCompletion.Apply(&next.after)
	q.CancelURL.Apply(&next.cancelURL)
	q.Locale.Apply(&next.locale)
	q.PaymentMethodConfigurationID.Apply(&next.configuration)
	q.PaymentMethodTypes.Apply(&next.methods)
	q.CustomFields.Apply(&next.fields)
	q.Metadata.Apply(&next.metadata)
	q.CustomerDetails.ApplyPointer(&next.details)
	q.CustomerUpdate.ApplyPointer(&next.update)
	q.FeeConfig.ApplyPointer(&next.fee)
	q.BrandingSettings.ApplyPointer(&next.branding)
	keep(&next.creation, q.CustomerCreation)
	for to, given := range map[*bool]*bool{
		&next.allowCodes: q.AllowPromotionCodes, &next.name: q.NameCollection, &next.billing: q.BillingAddressCollection,
		&next.shipping: q.ShippingAddressCollection, &next.tele: q.PhoneNumberCollection,
	} {
		if given != nil {
			*to = *given
		}
	}
	return &next, m.resettle(&next, q)
}

// resettle checks what the parts of a changed session say together.
func (m *merchant) resettle(next *session, q api.UpdateCheckoutSessionRequest) error {
	rate, customerID, discounts := next.rate, "", next.discount.inputs()
	if next.customer != nil {
		customerID = next.customer.id
	}
	next.customer = nil
	q.CustomerID.Apply(&customerID)
	q.Discounts.Apply(&discounts)
	if err := m.settle(next, customerID, discounts); err != nil {
		return err
	}
	next.rate = rate
	return next.checkForm(false)
}
