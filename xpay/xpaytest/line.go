package xpaytest

import (
	"fmt"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// line is a line item of a session or a payment link.
type line struct {
	id         string
	price      *price
	quantity   int
	adjustable *api.AdjustableQuantityInput
}

// lines checks the line items of a session. The priceData of a line becomes a product
// and a price that the system created.
func (m *merchant) lines(st *store, currencyWanted string, list []api.LineItemInput) ([]*line, error) {
	if len(list) == 0 {
		return nil, errorf(codeParameterMissing, "lineItems", "Missing required parameter: lineItems")
	}
	made := make([]*line, 0, len(list))
	for i, q := range list {
		param := fmt.Sprintf("lineItems[%d]", i)
		p, err := m.linePrice(st, param, q)
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

// linePrice returns the price that a line names, or a new one from its priceData.
func (m *merchant) linePrice(st *store, param string, q api.LineItemInput) (*price, error) {
	switch {
	case q.Price != "" && q.PriceData != nil:
		return nil, errorf(codeParametersExclusive, param+".price", "price and priceData are mutually exclusive")
	case q.Price != "":
		p, err := st.price(q.Price)
		return p, reference(param+".price", err)
	case q.PriceData == nil:
		return nil, errorf(codeLineWithoutPrice, param+".price", "A line item requires price or priceData")
	}
	d := q.PriceData
	unit := d.UnitAmount
	req := api.CreatePriceRequest{Currency: d.Currency, UnitAmount: &unit, Metadata: d.Metadata}
	if d.Recurring != nil {
		req.Type = priceRecurring
		req.Recurring = &api.PriceRecurringInput{Interval: d.Recurring.Interval, IntervalCount: d.Recurring.IntervalCount}
	}
	p, err := m.newPrice(param+".priceData.", req)
	if err != nil {
		return nil, err
	}
	p.product = &product{
		id: m.newID("prod"), name: d.ProductData.Name, description: d.ProductData.Description, image: d.ProductData.Image,
		unitLabel: d.ProductData.UnitLabel, metadata: d.ProductData.Metadata, active: true, system: true, created: m.now(), updated: m.now(),
	}
	return p, nil
}

// checkLines requires a single currency and valid quantities.
func checkLines(member string, lines []*line, currencyWanted string) error {
	for i, l := range lines {
		param := fmt.Sprintf("lineItems[%d]", i)
		switch {
		case currencyWanted != "" && l.price.currency != currencyWanted:
			return errorf(codeValidation, param+"."+member, "The session is in %s and the line item in %s", currencyWanted, l.price.currency)
		case l.price.currency != lines[0].price.currency:
			return errorf(codeValidation, param+"."+member, "All line items must share one currency")
		case l.quantity == 0 && (l.adjustable == nil || !l.adjustable.Enabled || l.adjustable.Minimum == nil || *l.adjustable.Minimum != 0):
			return errorf(codeParameterOutOfRange, param+".quantity", "quantity can be 0 only if adjustableQuantity is enabled with minimum 0")
		case l.price.amount() > 0 && int64(l.quantity) > maxInt/l.price.amount():
			return errorf(codeAmountInvalid, param+".quantity", "The amount of the line is too large")
		}
	}
	if sum(lines) > maxInt {
		return errorf(codeAmountInvalid, "lineItems", "The amount is too large")
	}
	return nil
}

// sum returns the total of lines in their own currency.
func sum(lines []*line) int64 {
	total := int64(0)
	for _, l := range lines {
		total += l.amount()
	}
	return total
}

func (l *line) amount() int64 { return l.price.amount() * int64(l.quantity) }

// markUsed marks the prices of lines as used and adds those that the system created.
func (st *store) markUsed(lines []*line) {
	for _, l := range lines {
		l.price.used = true
		if l.price.product.system && find(st.prices, func(p *price) bool { return p == l.price }) == nil {
			st.prices, st.products = append(st.prices, l.price), append(st.products, l.price.product)
		}
	}
}

// reduceStock subtracts the quantities of lines from the stock, which can become
// negative.
func reduceStock(lines []*line, now time.Time) {
	for _, l := range lines {
		if l.price.stock != nil {
			left := *l.price.stock - l.quantity
			l.price.stock, l.price.updated = &left, now
		}
	}
}

// body returns a line. Its amounts are converted to the processing currency.
func (l *line) body(rate exchange) object {
	whole := rate.toEGP(l.amount())
	body := object{
		"id": l.id, "quantity": l.quantity, "price": l.price.inLine(), "amountSubtotal": whole, "amountTotal": whole,
		"amountDiscount": 0, "amountTax": 0, "currency": processingCurrency, "description": l.price.product.name,
	}
	if l.adjustable != nil {
		body["adjustableQuantity"] = object{
			"enabled": l.adjustable.Enabled, "minimum": pointerOrNull(l.adjustable.Minimum), "maximum": intOrNull(l.adjustable.Maximum),
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
