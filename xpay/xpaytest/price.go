package xpaytest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// The kinds of prices.
const (
	priceOneTime   = "ONE_TIME"
	priceRecurring = "RECURRING"
	priceCustom    = "CUSTOM"
)

// price is the provider's record of a price.
type price struct {
	id                 string
	product            *product
	currency, kind     string
	name, description  string
	unit               *int64
	interval           string
	intervalCount      int
	custom             *api.CustomUnitAmountInput
	stock              *int
	start, end         time.Time
	active, used       bool
	created, updated   time.Time
	startText, endText string
}

func (st *store) price(id string) (*price, error) {
	if p := find(st.prices, func(p *price) bool { return p.id == id }); p != nil {
		return p, nil
	}
	return nil, notFound("price", id)
}

// allCurrencies are the currencies of XPay.
const allCurrencies = "EGP USD EUR GBP SAR AED QAR KWD JOD OMR BHD LYD AUD CAD CNY"

// currency checks a currency code and converts it to upper case.
func currency(param, text, otherwise string) (string, error) {
	if text == "" {
		return otherwise, nil
	}
	code := strings.ToUpper(text)
	if !slices.Contains(strings.Fields(allCurrencies), code) {
		return "", errorf(codeCurrencyInvalid, param, "Invalid currency: %s", text)
	}
	return code, nil
}

// newPrice checks and returns a price without adding it. The prefix is the path of its
// fields in the request.
func (m *merchant) newPrice(prefix string, q api.CreatePriceRequest) (*price, error) {
	p := &price{kind: q.Type, name: q.Name, description: q.Description, unit: q.UnitAmount, custom: q.CustomUnitAmount, stock: q.Stock, active: true}
	if p.kind == "" {
		p.kind = priceOneTime
	}
	var err error
	if p.currency, err = currency(prefix+"currency", q.Currency, processingCurrency); err != nil {
		return nil, err
	}
	if q.Recurring != nil {
		p.interval, p.intervalCount = q.Recurring.Interval, max(q.Recurring.IntervalCount, 1)
	}
	if q.Active != nil {
		p.active = *q.Active
	}
	p.startText, p.endText = q.StartDate, q.ExpirationDate
	p.id, p.created = m.newID("price"), m.now()
	p.updated = p.created
	return p, p.check(prefix)
}

// check reports whether the fields of a price are valid together.
func (p *price) check(prefix string) error {
	var err error
	if p.start, err = parseTime(prefix+"startDate", p.startText); err != nil {
		return err
	}
	if p.end, err = parseTime(prefix+"expirationDate", p.endText); err != nil {
		return err
	}
	switch {
	case p.kind != priceCustom && p.unit == nil:
		return errorf(codeParameterMissing, prefix+"unitAmount", "Missing required parameter: %sunitAmount", prefix)
	case p.kind == priceCustom && p.unit != nil:
		return errorf(codeParametersExclusive, prefix+"unitAmount", "A CUSTOM price has no unitAmount")
	case p.kind == priceRecurring && p.interval == "":
		return errorf(codeParameterRequires, prefix+"recurring", "A RECURRING price requires recurring")
	case p.kind != priceCustom && p.custom != nil:
		return errorf(codeParameterRequires, prefix+"customUnitAmount", "customUnitAmount requires type CUSTOM")
	case p.stock != nil && *p.stock < 0:
		return errorf(codePriceStock, prefix+"stock", "stock cannot be negative")
	case !p.start.IsZero() && !p.end.IsZero() && !p.start.Before(p.end):
		return errorf(codePriceDates, prefix+"startDate", "startDate must be before expirationDate")
	}
	return nil
}

// sellable reports why a price cannot be sold now.
func (p *price) sellable(param string, quantity int, now time.Time) error {
	switch {
	case p.kind == priceRecurring:
		return errorf(codePriceRecurring, param, "Recurring prices are not supported")
	case !p.active:
		return errorf(codePriceInactive, param, "The price %s is archived", p.id)
	case !p.start.IsZero() && now.Before(p.start):
		return errorf(codePriceNotYet, param, "The price %s is not active yet", p.id)
	case !p.end.IsZero() && !now.Before(p.end):
		return errorf(codePriceExpired, param, "The price %s has expired", p.id)
	case p.stock != nil && *p.stock < quantity:
		return errorf(codePriceSoldOut, param, "The price %s is sold out", p.id)
	}
	return nil
}

// locked returns the fields that cannot change after the price was used.
func (p *price) locked() any {
	unit := int64(-1)
	if p.unit != nil {
		unit = *p.unit
	}
	return [...]any{p.currency, p.kind, unit, p.interval, p.intervalCount}
}

// amount returns the price of one unit. If the customer chooses the price, it is the
// preset or the minimum, whichever is larger.
func (p *price) amount() int64 {
	switch {
	case p.unit != nil:
		return *p.unit
	case p.custom == nil:
		return 0
	}
	return max(p.custom.Preset, p.custom.Minimum)
}

// CreatePrice adds a price to a product.
func (m *merchant) CreatePrice(r *http.Request, params api.CreatePriceParams, body api.CreatePriceRequest) (sandbox.Response, error) {
	st := m.store(r)
	if params.ProductID == "" {
		return sandbox.Response{}, errorf(codeParameterMissing, "productId", "Missing required parameter: productId")
	}
	of, err := st.product(params.ProductID)
	if err != nil {
		return sandbox.Response{}, reference("productId", err)
	}
	if err := validate(r, priceRules("")); err != nil {
		return sandbox.Response{}, err
	}
	p, err := m.newPrice("", body)
	if err != nil {
		return sandbox.Response{}, err
	}
	p.product = of
	st.prices = append(st.prices, p)
	m.record(r, "price.created", p.id, p.amount())
	return sandbox.JSON(http.StatusCreated, p.body()), nil
}

// UpdatePrice changes a price.
func (m *merchant) UpdatePrice(r *http.Request, id string, body api.UpdatePriceRequest) (sandbox.Response, error) {
	p, err := m.store(r).price(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if err := validate(r, append(notNull("currency", "type", "recurring"), priceRules("")...)); err != nil {
		return sandbox.Response{}, err
	}
	next := *p
	if next.currency, err = currency("currency", body.Currency, p.currency); err != nil {
		return sandbox.Response{}, err
	}
	override(&next.kind, body.Type)
	body.Name.Apply(&next.name)
	body.Description.Apply(&next.description)
	body.UnitAmount.ApplyPointer(&next.unit)
	body.CustomUnitAmount.ApplyPointer(&next.custom)
	body.Stock.ApplyPointer(&next.stock)
	body.StartDate.Apply(&next.startText)
	body.ExpirationDate.Apply(&next.endText)
	if body.Recurring != nil {
		next.interval, next.intervalCount = body.Recurring.Interval, max(body.Recurring.IntervalCount, 1)
	}
	if body.Active != nil {
		next.active = *body.Active
	}
	if p.used && next.locked() != p.locked() {
		return sandbox.Response{}, errorf(codePriceUsed, "", "The price %s was used; its currency, amount, type and recurrence are locked", id)
	}
	if err := next.check(""); err != nil {
		return sandbox.Response{}, err
	}
	next.updated = m.now()
	*p = next
	m.record(r, "price.updated", p.id, p.amount())
	return sandbox.JSON(http.StatusOK, p.body()), nil
}

// DeletePrice removes a price that has never been used.
func (m *merchant) DeletePrice(r *http.Request, id string) (sandbox.Response, error) {
	st := m.store(r)
	p, err := st.price(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if p.used {
		return sandbox.Response{}, statusErrorf(http.StatusBadRequest, codeInvalidState, "id", "The price %s was used and cannot be deleted", id)
	}
	st.prices = remove(st.prices, p)
	if p.product.defaultPrice == p {
		p.product.defaultPrice = nil
	}
	m.record(r, "price.deleted", p.id, 0)
	return noContent(), nil
}

// noContent returns the response of a successful operation without a result.
func noContent() sandbox.Response {
	return sandbox.Response{Status: http.StatusNoContent, Header: http.Header{}}
}

// summary returns a price in the form of a list of products.
func (p *price) summary() object {
	return object{
		"id": p.id, "currency": p.currency, "type": p.kind, "createdAt": formatTime(p.created), "unitAmount": pointerOrNull(p.unit),
		"recurring": p.recurring(), "customUnitAmount": pointerOrNull(p.custom), "stock": pointerOrNull(p.stock),
	}
}

func (p *price) body() object {
	body := p.summary()
	for name, value := range (object{
		"object": "price", "active": p.active, "updatedAt": formatTime(p.updated), "productId": p.product.id, "name": orNull(p.name),
		"description": orNull(p.description), "startDate": timeOrNull(p.start), "expirationDate": timeOrNull(p.end),
	}) {
		body[name] = value
	}
	return body
}

// inLine returns a price in the form of a line item, where some members are absent
// instead of null.
func (p *price) inLine() object {
	body := p.summary()
	for name, absent := range map[string]bool{"unitAmount": p.unit == nil, "recurring": p.interval == "", "customUnitAmount": p.custom == nil} {
		if absent {
			delete(body, name)
		}
	}
	body["active"], body["startDate"], body["expirationDate"] = p.active, timeOrNull(p.start), timeOrNull(p.end)
	body["product"] = object{
		"id": p.product.id, "name": p.product.name, "description": orNull(p.product.description), "image": orNull(p.product.image),
		"unitLabel": orNull(p.product.unitLabel), "active": p.product.active,
	}
	return body
}

func (p *price) recurring() any {
	if p.interval == "" {
		return null()
	}
	return object{"interval": p.interval, "intervalCount": p.intervalCount}
}
