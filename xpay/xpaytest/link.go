package xpaytest

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// link is the provider's record of a payment link.
type link struct {
	id, submit, creation, configuration        string
	active                                     bool
	lines                                      []*line
	after                                      api.AfterCompletion
	name, billing, shipping, phone, allowCodes bool
	fields                                     []api.CustomFieldInput
	endText                                    string
	ends, created, updated                     time.Time
	metadata                                   jsontext.Value
	fee                                        *api.FeeConfigInput
	branding                                   *api.Branding
}

func (st *store) link(id string) (*link, error) {
	if l := find(st.links, func(l *link) bool { return l.id == id }); l != nil {
		return l, nil
	}
	return nil, notFound("payment_link", id)
}

// linkLines checks the line items of a link. They name existing prices.
func (m *merchant) linkLines(st *store, list []api.LinkLineItemInput) ([]*line, error) {
	if len(list) == 0 {
		return nil, errorf(codeParameterMissing, "lineItems", "Missing required parameter: lineItems")
	}
	made := make([]*line, 0, len(list))
	for i, q := range list {
		param := fmt.Sprintf("lineItems[%d].priceId", i)
		p, err := st.price(q.PriceID)
		if err != nil {
			return nil, reference(param, err)
		}
		if err := p.sellable(param, q.Quantity, m.now()); err != nil {
			return nil, err
		}
		made = append(made, &line{id: m.newID("li"), price: p, quantity: q.Quantity, adjustable: q.AdjustableQuantity})
	}
	return made, checkLines("priceId", made, "")
}

// CreatePaymentLink adds a link.
func (m *merchant) CreatePaymentLink(r *http.Request, q api.CreatePaymentLinkRequest) (sandbox.Response, error) {
	if err := validate(r, slices.Concat(required("lineItems", "afterCompletion"), linkRules())); err != nil {
		return sandbox.Response{}, err
	}
	st, at := m.store(r), m.now()
	l := &link{
		submit: "PAY", creation: "if_required", configuration: q.PaymentMethodConfigurationID, active: true, after: q.AfterCompletion,
		name: q.NameCollection, billing: q.BillingAddressCollection, shipping: q.ShippingAddressCollection, phone: q.PhoneNumberCollection,
		allowCodes: q.AllowPromotionCodes, fields: linkFields(q.CustomFields), endText: q.ExpiresAt, created: at, updated: at,
		metadata: q.Metadata, fee: q.FeeConfig, branding: q.BrandingSettings,
	}
	override(&l.submit, q.SubmitType)
	override(&l.creation, q.CustomerCreation)
	var err error
	if l.lines, err = m.linkLines(st, q.LineItems); err != nil {
		return sandbox.Response{}, err
	}
	if err := l.check(); err != nil {
		return sandbox.Response{}, err
	}
	l.id = m.newID("plink")
	st.markUsed(l.lines)
	st.links = append(st.links, l)
	m.record(r, "link.created", l.id, sum(l.lines))
	return sandbox.JSON(http.StatusCreated, m.linkBody(l)), nil
}

// check reports whether the fields of a link are valid together.
func (l *link) check() error {
	var err error
	if l.ends, err = parseTime("expiresAt", l.endText); err != nil {
		return err
	}
	if len(l.fields) > 3 {
		return errorf(codeParameterOutOfRange, "customFields", "A payment link can have at most 3 custom fields")
	}
	return (&session{uiMode: "hosted", terms: terms{after: l.after}}).checkUIMode("", nil)
}

func linkFields(list []api.LinkCustomFieldInput) []api.CustomFieldInput {
	if list == nil {
		return nil
	}
	fields := make([]api.CustomFieldInput, 0, len(list))
	for _, f := range list {
		fields = append(fields, api.CustomFieldInput(f))
	}
	return fields
}

// UpdatePaymentLink changes a link.
func (m *merchant) UpdatePaymentLink(r *http.Request, id string, q api.UpdatePaymentLinkRequest) (sandbox.Response, error) {
	st := m.store(r)
	l, err := st.link(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if err := validate(r, slices.Concat(linkRules(), notNull(collectionFlags()...), notNull("lineItems", "allowPromotionCodes", "submitType", "afterCompletion", "customFields", "active"))); err != nil {
		return sandbox.Response{}, err
	}
	next := *l
	if q.LineItems != nil {
		if next.lines, err = m.linkLines(st, q.LineItems); err != nil {
			return sandbox.Response{}, err
		}
	}
	next.change(q)
	if err := next.check(); err != nil {
		return sandbox.Response{}, err
	}
	next.updated = m.now()
	*l = next
	st.markUsed(l.lines)
	m.record(r, "link.updated", l.id, sum(l.lines))
	return sandbox.JSON(http.StatusOK, m.linkBody(l)), nil
}

// change applies an update, except for the line items.
func (l *link) change(q api.UpdatePaymentLinkRequest) {
	override(&l.submit, q.SubmitType)
	override(&l.creation, q.CustomerCreation)
	q.ExpiresAt.Apply(&l.endText)
	q.Metadata.Apply(&l.metadata)
	q.PaymentMethodConfigurationID.Apply(&l.configuration)
	q.FeeConfig.ApplyPointer(&l.fee)
	q.BrandingSettings.ApplyPointer(&l.branding)
	if q.AfterCompletion != nil {
		l.after = *q.AfterCompletion
	}
	if q.CustomFields.Given {
		l.fields = linkFields(q.CustomFields.Value)
	}
	for to, given := range map[*bool]*bool{
		&l.active: q.Active, &l.allowCodes: q.AllowPromotionCodes, &l.name: q.NameCollection, &l.billing: q.BillingAddressCollection,
		&l.shipping: q.ShippingAddressCollection, &l.phone: q.PhoneNumberCollection,
	} {
		if given != nil {
			*to = *given
		}
	}
}

// GetPaymentLink returns a link.
func (m *merchant) GetPaymentLink(r *http.Request, id string) (sandbox.Response, error) {
	l, err := m.store(r).link(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, m.linkBody(l)), nil
}

// ListPaymentLinks lists the links, oldest first.
func (m *merchant) ListPaymentLinks(r *http.Request, params api.ListPaymentLinksParams) (sandbox.Response, error) {
	amount, date, err := filters(params, m.now())
	if err != nil {
		return sandbox.Response{}, err
	}
	rows := []any{}
	for _, l := range m.store(r).links {
		if matchesFlag(params.Active, l.active) && l.matches(params.Search) && amount(sum(l.lines)) && date(l.created) {
			rows = append(rows, m.linkRow(l))
		}
	}
	page, limit, err := paging(r, params.Page, params.Limit)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, object{"data": pageOf(rows, (page-1)*limit, limit), "totalCount": len(rows)}), nil
}

func (l *link) matches(search string) bool {
	return slices.ContainsFunc(l.lines, func(one *line) bool {
		p := one.price.product
		return matches(search, p.name, p.description, p.unitLabel)
	})
}

// linkRow returns a link in the form of a list.
func (m *merchant) linkRow(l *link) object {
	own := exchange{currency: l.lines[0].price.currency}
	body := object{
		"id": l.id, "merchantId": m.id, "active": l.active, "currency": own.currency, "computedAmount": sum(l.lines), "submitType": l.submit,
		"lineItems": lineBodies(l.lines, own), "createdAt": formatTime(l.created), "updatedAt": formatTime(l.updated),
		"afterCompletion": afterBody(l.after, func(s string) string { return s }),
	}
	if !l.ends.IsZero() {
		body["expiresAt"] = formatTime(l.ends)
	}
	return body
}

func (m *merchant) linkBody(l *link) object {
	body := m.linkRow(l)
	fee := m.feeTerms(l.fee).body()
	delete(fee, "source")
	for name, value := range (object{
		"object": "payment_link", "nameCollection": l.name, "billingAddressCollection": l.billing, "shippingAddressCollection": l.shipping,
		"phoneNumberCollection": l.phone, "allowPromotionCodes": l.allowCodes, "customerCreation": l.creation, "customFields": fieldBodies(l.fields),
		"feeConfig": fee, "paymentMethodConfigurationId": orNull(l.configuration),
	}) {
		body[name] = value
	}
	if given(l.metadata) {
		body["metadata"] = l.metadata
	}
	return body
}

// openLink creates the session of a customer who opens a link.
func (m *merchant) openLink(st *store, l *link) (*session, error) {
	switch {
	case !l.active:
		return nil, errorf("payment_link_inactive", "", "The payment link %s is not active", l.id)
	case !l.ends.IsZero() && !m.now().Before(l.ends):
		return nil, errorf("payment_link_expired", "", "The payment link %s has expired", l.id)
	}
	s := m.newSession(st, terms{
		lines: l.lines, after: l.after, name: l.name, billing: l.billing, shipping: l.shipping, phone: l.phone, allowCodes: l.allowCodes,
		fields: l.fields, metadata: l.metadata, fee: l.fee, branding: l.branding, configuration: l.configuration,
	})
	s.link, s.submit, s.creation = l, l.submit, l.creation
	if err := m.resolve(s, "", nil); err != nil {
		return nil, err
	}
	st.sessions = append(st.sessions, s)
	m.core.Record("session.created", s.id, "", fmt.Sprint(s.total()))
	return s, nil
}
