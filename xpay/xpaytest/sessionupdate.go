package xpaytest

import (
	"net/http"
	"slices"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// UpdateMerchantCheckoutSession changes an open session.
func (m *merchant) UpdateMerchantCheckoutSession(r *http.Request, id string, q api.UpdateCheckoutSessionRequest) (sandbox.Response, error) {
	st := m.store(r)
	s, err := st.session(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if s.status != sessionOpen {
		return sandbox.Response{}, errorf(codeInvalidState, "id", "The session is %s; only an open session can be updated", s.status)
	}
	if err := validate(r, slices.Concat(notNull("customerCreation", "allowPromotionCodes"), notNull(collectionFlags()...), sessionRules())); err != nil {
		return sandbox.Response{}, err
	}
	next, err := m.updatedSession(st, s, q)
	if err != nil {
		return sandbox.Response{}, err
	}
	next.updated = m.now()
	*s = *next
	st.markUsed(s.lines)
	m.record(r, "session.updated", s.id, s.total())
	body := m.sessionBody(s)
	if q.LineItems.Given && m.config.Get().EmptyLinesAfterUpdate {
		body["lineItems"] = []object{}
	}
	return sandbox.JSON(http.StatusOK, body), nil
}

// updatedSession returns a copy of a session with an update applied.
func (m *merchant) updatedSession(st *store, s *session, q api.UpdateCheckoutSessionRequest) (*session, error) {
	next, err := *s, error(nil)
	if q.LineItems.Given {
		// The exchange rate stays locked, so the currency must not change.
		if next.lines, err = m.lines(st, s.rate.currency, q.LineItems.Value); err != nil {
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
	override(&next.creation, q.CustomerCreation)
	for to, given := range map[*bool]*bool{
		&next.allowCodes: q.AllowPromotionCodes, &next.name: q.NameCollection, &next.billing: q.BillingAddressCollection,
		&next.shipping: q.ShippingAddressCollection, &next.phone: q.PhoneNumberCollection,
	} {
		if given != nil {
			*to = *given
		}
	}
	return &next, m.resolveUpdate(&next, q)
}

// resolveUpdate checks an updated session as a whole. It keeps the exchange rate.
func (m *merchant) resolveUpdate(next *session, q api.UpdateCheckoutSessionRequest) error {
	rate, customerID, discounts := next.rate, "", next.discount.inputs()
	if next.customer != nil {
		customerID = next.customer.id
	}
	next.customer = nil
	q.CustomerID.Apply(&customerID)
	q.Discounts.Apply(&discounts)
	if err := m.resolve(next, customerID, discounts); err != nil {
		return err
	}
	next.rate = rate
	return next.checkUIMode("", []*bool{q.NameCollection, q.BillingAddressCollection, q.ShippingAddressCollection, q.PhoneNumberCollection})
}
