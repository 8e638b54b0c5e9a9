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

// price is what the provider keeps of one.
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

func (b *book) price(id string) (*price, error) {
	if p := find(b.prices, func(p *price) bool { return p.id == id }); p != nil {
		return p, nil
	}
	return nil, missing("price", id)
}

// currency checks and unifies a currency.
func currency(param, text, otherwise string) (string, error) {
	if text == "" {
		return otherwise, nil
	}
	code := strings.ToUpper(text)
	if !slices.Contains(strings.Fields("EGP USD EUR GBP SAR AED QAR KWD JOD OMR BHD LYD AUD CAD CNY"), code) {
		return "", refuse(codeCurrencyInvalid, param, "Invalid currency: %s", text)
	}
	return code, nil
}

// newPrice checks a price and makes it; nothing is kept yet. The prefix names
// the place of its fields in the request.
func (m *merchant) newPrice(prefix string, q api.CreatePriceRequest) (*price, error) {
	p := &price{kind: q.Type, name: q.Name, description: q.Description, unit: q.UnitAmount, custom: q.CustomUnitAmount, stock: q.Stock, active: true}
	if p.kind == "" {
		p.kind = priceOneTime
	}
	var err error
	if p.currency, err = currency(prefix+"currency", q.Currency, processing); err != nil {
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

// check holds a price against the rules of its kind.
func (p *price) check(prefix string) error {
	var err error
	if p.start, err = parseMoment(prefix+"startDate", p.startText); err != nil {
		return err
	}
	if p.end, err = parseMoment(prefix+"expirationDate", p.endText); err != nil {
		return err
	}
	switch {
	case p.kind != priceCustom && p.unit == nil:
		return refuse(codeParameterMissing, prefix+"unitAmount", "Missing required parameter: %sunitAmount", prefix)
	case p.kind == priceCustom && p.unit != nil:
		return refuse(codeParametersExclusive, prefix+"unitAmount", "A CUSTOM price has no unitAmount")
	case p.kind == priceRecurring && p.interval == "":
		return refuse(codeParameterRequires, prefix+"recurring", "A RECURRING price requires recurring")
	case p.kind != priceCustom && p.custom != nil:
		return refuse(codeParameterRequires, prefix+"customUnitAmount", "customUnitAmount requires type CUSTOM")
	case p.stock != nil && *p.stock < 0:
		return refuse(codePriceStock, prefix+"stock", "stock cannot be negative")
	case !p.start.IsZero() && !p.end.IsZero() && !p.start.Before(p.end):
		return refuse(codePriceDates, prefix+"startDate", "startDate must be before expirationDate")
	}
	return nil
}

// sellable tells why a price cannot be sold now.
func (p *price) sellable(param string, quantity int, now time.Time) error {
	switch {
	case p.kind == priceRecurring:
		return refuse(codePriceRecurring, param, "Recurring prices are not supported")
	case !p.active:
		return refuse(codePriceInactive, param, "The price %s is archived", p.id)
	case !p.start.IsZero() && now.Before(p.start):
		return refuse(codePriceNotYet, param, "The price %s is not active yet", p.id)
	case !p.end.IsZero() && !now.Before(p.end):
		return refuse(codePriceExpired, param, "The price %s has expired", p.id)
	case p.stock != nil && *p.stock < quantity:
		return refuse(codePriceSoldOut, param, "The price %s is sold out", p.id)
	}
	return nil
}

// amount is what one costs; with a price of the customer's choice, what is preset.
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
func (m *merchant) CreatePrice(r *http.Request, params api.CreatePriceParams, body api.CreatePriceRequest) (sandbox.Answer, error) {
	b := m.book(r)
	if params.ProductID == "" {
		return sandbox.Answer{}, refuse(codeParameterMissing, "productId", "Missing required parameter: productId")
	}
	of, err := b.product(params.ProductID)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if err := check(r, priceRules("")); err != nil {
		return sandbox.Answer{}, err
	}
	p, err := m.newPrice("", body)
	if err != nil {
		return sandbox.Answer{}, err
	}
	p.product = of
	b.prices = append(b.prices, p)
	m.record(r, "price.created", p.id, p.amount())
	return sandbox.JSON(http.StatusCreated, p.body()), nil
}

// UpdatePrice changes a price.
func (m *merchant) UpdatePrice(r *http.Request, id string, body api.UpdatePriceRequest) (sandbox.Answer, error) {
	p, err := m.book(r).price(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if err := check(r, priceRules("")); err != nil {
		return sandbox.Answer{}, err
	}
	if p.used && (body.Currency != "" || body.Type != "" || body.UnitAmount.Given || body.Recurring != nil) {
		return sandbox.Answer{}, refuse(codePriceUsed, "", "The price %s was used; its currency, amount, type and recurrence are locked", id)
	}
	next := *p
	if next.currency, err = currency("currency", body.Currency, p.currency); err != nil {
		return sandbox.Answer{}, err
	}
	keep(&next.kind, body.Type)
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
	if err := next.check(""); err != nil {
		return sandbox.Answer{}, err
	}
	next.updated = m.now()
	*p = next
	m.record(r, "price.updated", p.id, p.amount())
	return sandbox.JSON(http.StatusOK, p.body()), nil
}

// DeletePrice removes a price that was never used.
func (m *merchant) DeletePrice(r *http.Request, id string) (sandbox.Answer, error) {
	b := m.book(r)
	p, err := b.price(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if p.used {
		return sandbox.Answer{}, refuseWith(http.StatusBadRequest, codeInvalidState, "id", "The price %s was used and cannot be deleted", id)
	}
	b.prices = remove(b.prices, p)
	if p.product.defaultPrice == p {
		p.product.defaultPrice = nil
	}
	m.record(r, "price.deleted", p.id, 0)
	return nothing(), nil
}

// nothing is the success of a call that returns nothing.
func nothing() sandbox.Answer {
	return sandbox.Answer{Status: http.StatusNoContent, Header: http.Header{}}
}

// brief is a price inside a list of products.
func (p *price) brief() object {
	return object{
		"id": p.id, "currency": p.currency, "type": p.kind, "createdAt": moment(p.created), "unitAmount": ptrOrNull(p.unit),
		"recurring": p.recurring(), "customUnitAmount": ptrOrNull(p.custom), "stock": ptrOrNull(p.stock),
	}
}

func (p *price) body() object {
	body := p.brief()
	for name, value := range (object{
		"object": "price", "active": p.active, "updatedAt": moment(p.updated), "productId": p.product.id, "name": orNull(p.name),
		"description": orNull(p.description), "startDate": momentOrNull(p.start), "expirationDate": momentOrNull(p.end),
	}) {
		body[name] = value
	}
	return body
}

// inLine is a price inside a line, where some members are absent and not null.
func (p *price) inLine() object {
	body := p.brief()
	for name, absent := range map[string]bool{"unitAmount": p.unit == nil, "recurring": p.interval == "", "customUnitAmount": p.custom == nil} {
		if absent {
			delete(body, name)
		}
	}
	body["active"], body["startDate"], body["expirationDate"] = p.active, momentOrNull(p.start), momentOrNull(p.end)
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
