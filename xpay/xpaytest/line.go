package xpaytest

import (
	"fmt"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// line is one line of a session or a payment link.
type line struct {
	id         string
	price      *price
	quantity   int
	adjustable *api.AdjustableQuantityInput
}

// lines checks the lines of a session. Prices of their own become products and
// prices that the system made.
func (m *merchant) lines(b *book, currencyWanted string, list []api.LineItemInput) ([]*line, error) {
	if len(list) == 0 {
		return nil, refuse(codeParameterMissing, "lineItems", "Missing required parameter: lineItems")
	}
	made := make([]*line, 0, len(list))
	for i, q := range list {
		param := fmt.Sprintf("lineItems[%d]", i)
		p, err := m.linePrice(b, param, q)
		if err != nil {
			return nil, err
		}
		if err := p.sellable(param+".price", q.Quantity, m.now()); err != nil {
			return nil, err
		}
		made = append(made, &line{id: m.newID("li"), price: p, quantity: q.Quantity, adjustable: q.AdjustableQuantity})
	}
	return made, checkLines("price", made, currencyWanted)
}

// linePrice is the price that a line names, or one of its own.
func (m *merchant) linePrice(b *book, param string, q api.LineItemInput) (*price, error) {
	switch {
	case q.Price != "" && q.PriceData != nil:
		return nil, refuse(codeParametersExclusive, param+".price", "price and priceData exclude each other")
	case q.Price != "":
		return b.price(q.Price)
	case q.PriceData == nil:
		return nil, refuse(codeLineWithoutPrice, param+".price", "A line needs price or priceData")
	}
	d := q.PriceData
	unit := d.UnitAmount
	order := api.CreatePriceRequest{Currency: d.Currency, UnitAmount: &unit, Metadata: d.Metadata}
	if d.Recurring != nil {
		order.Type = priceRecurring
		order.Recurring = &api.PriceRecurringInput{Interval: d.Recurring.Interval, IntervalCount: d.Recurring.IntervalCount}
	}
	p, err := m.newPrice(param+".priceData.", order)
	if err != nil {
		return nil, err
	}
	p.product = &product{
		id: m.newID("prod"), name: d.ProductData.Name, description: d.ProductData.Description, image: d.ProductData.Image,
		unitLabel: d.ProductData.UnitLabel, metadata: d.ProductData.Metadata, active: true, system: true, created: m.now(), updated: m.now(),
	}
	return p, nil
}

// checkLines wants one currency, and quantities that fit.
func checkLines(member string, lines []*line, currencyWanted string) error {
	for i, l := range lines {
		param := fmt.Sprintf("lineItems[%d]", i)
		switch {
		case l.price.currency != lines[0].price.currency, currencyWanted != "" && l.price.currency != currencyWanted:
			return refuse(codeValidation, param+"."+member, "All line items must share one currency")
		case l.quantity == 0 && (l.adjustable == nil || !l.adjustable.Enabled || l.adjustable.Minimum == nil || *l.adjustable.Minimum != 0):
			return refuse(codeParameterOutOfRange, param+".quantity", "quantity can be 0 only when it is adjustable from 0 on")
		case l.price.amount() > 0 && int64(l.quantity) > maxInt/l.price.amount():
			return refuse(codeAmountInvalid, param+".quantity", "The amount of the line is too large")
		}
	}
	if sum(lines) > maxInt {
		return refuse(codeAmountInvalid, "lineItems", "The amount is too large")
	}
	return nil
}

// sum is what lines come to in their own currency.
func sum(lines []*line) int64 {
	total := int64(0)
	for _, l := range lines {
		total += l.amount()
	}
	return total
}

func (l *line) amount() int64 { return l.price.amount() * int64(l.quantity) }

// use marks the prices of lines as used and keeps those of the lines' own.
func (b *book) use(lines []*line) {
	for _, l := range lines {
		l.price.used = true
		if l.price.product.system && find(b.prices, func(p *price) bool { return p == l.price }) == nil {
			b.prices, b.products = append(b.prices, l.price), append(b.products, l.price.product)
		}
	}
}

// sell takes what was sold from the stock, which can go below 0.
func sell(lines []*line, now time.Time) {
	for _, l := range lines {
		if l.price.stock != nil {
			left := *l.price.stock - l.quantity
			l.price.stock, l.price.updated = &left, now
		}
	}
}

// body is a line; rate makes its sums those of the processing currency.
func (l *line) body(rate exchange) object {
	whole := rate.process(l.amount())
	body := object{
		"id": l.id, "quantity": l.quantity, "price": l.price.inLine(), "amountSubtotal": whole, "amountTotal": whole,
		"amountDiscount": 0, "amountTax": 0, "currency": processing, "description": l.price.product.name,
	}
	if l.adjustable != nil {
		body["adjustableQuantity"] = object{
			"enabled": l.adjustable.Enabled, "minimum": ptrOrNull(l.adjustable.Minimum), "maximum": intOrNull(l.adjustable.Maximum),
		}
	}
	if rate.foreign() {
		body["presentmentDetails"] = object{
			"unitAmount": l.price.amount(), "amountSubtotal": l.amount(), "amountDiscount": 0, "amountTotal": l.amount(), "currency": rate.currency,
		}
	}
	return body
}

func intOrNull(n int) any {
	if n == 0 {
		return null()
	}
	return n
}

func lineBodies(lines []*line, rate exchange) []object {
	bodies := make([]object, 0, len(lines))
	for _, l := range lines {
		bodies = append(bodies, l.body(rate))
	}
	return bodies
}
