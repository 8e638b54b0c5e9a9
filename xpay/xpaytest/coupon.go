package xpaytest

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// CouponRule is a discount to make, as XPay's dashboard would; the API has no call
// for it. Either PercentOff or AmountOff is set.
type CouponRule struct {
	PercentOff int    // 1 to 100
	AmountOff  int64  // minor units of Currency
	Currency   string // default EGP
	Minimum    int64  // subtotal from which it counts, minor units
	Ended      bool   // deleted or past its end
}

// PromotionRule is a text that customers type to get a coupon's discount.
type PromotionRule struct {
	Coupon   string // id of the coupon
	Code     string // what customers type
	Inactive bool
	Ends     time.Time // zero: never
}

type coupon struct {
	CouponRule
	id       string
	created  time.Time
	redeemed int
}

type promotion struct {
	PromotionRule
	id     string
	coupon *coupon
}

// discount is a coupon on a session.
type discount struct {
	coupon    *coupon
	promotion *promotion
	since     time.Time
}

// AddCoupon makes a coupon in test mode and returns its id.
func (s *Server) AddCoupon(c CouponRule) string {
	m := s.merchant
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Currency == "" {
		c.Currency = processing
	}
	made := &coupon{CouponRule: c, id: m.newID("coupon"), created: m.now()}
	m.test.coupons = append(m.test.coupons, made)
	return made.id
}

// AddPromotionCode makes a promotion code in test mode and returns its id. An
// unknown coupon is an error.
func (s *Server) AddPromotionCode(p PromotionRule) (string, error) {
	m := s.merchant
	m.mu.Lock()
	defer m.mu.Unlock()
	of := find(m.test.coupons, func(c *coupon) bool { return c.id == p.Coupon })
	if of == nil {
		return "", s.Report(missing("coupon", p.Coupon))
	}
	made := &promotion{PromotionRule: p, id: m.newID("promo"), coupon: of}
	m.test.codes = append(m.test.codes, made)
	return made.id, nil
}

// inputs are a discount as a request names it.
func (d *discount) inputs() []api.DiscountInput {
	switch {
	case d == nil:
		return nil
	case d.promotion != nil:
		return []api.DiscountInput{{PromotionCode: d.promotion.id}}
	}
	return []api.DiscountInput{{Coupon: d.coupon.id}}
}

// discountFor checks the one discount that a session may have.
func (m *merchant) discountFor(s *session, list []api.DiscountInput) (*discount, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > 1 {
		return nil, refuse(codeTooManyDiscounts, "discounts", "A session takes one discount")
	}
	q, b, d := list[0], s.book, &discount{since: m.now()}
	switch {
	case q.Coupon != "" && q.PromotionCode != "":
		return nil, refuse(codeParametersExclusive, "discounts[0].coupon", "coupon and promotionCode exclude each other")
	case q.Coupon == "" && q.PromotionCode == "":
		return nil, refuse(codeParameterMissing, "discounts[0].coupon", "A discount needs coupon or promotionCode")
	case q.PromotionCode != "":
		if d.promotion = find(b.codes, func(p *promotion) bool { return p.id == q.PromotionCode }); d.promotion == nil {
			return nil, refuse(codePromotionMissing, "discounts[0].promotionCode", "No such promotion code: %s", q.PromotionCode)
		}
		d.coupon = d.promotion.coupon
	default:
		if d.coupon = find(b.coupons, func(c *coupon) bool { return c.id == q.Coupon }); d.coupon == nil {
			return nil, refuse(codeCouponInvalid, "discounts[0].coupon", "The coupon %s is not valid", q.Coupon)
		}
	}
	return d, d.check(s, m.now())
}

// check tells why a discount does not count.
func (d *discount) check(s *session, now time.Time) error {
	if p := d.promotion; p != nil && p.Inactive {
		return refuse(codePromotionInactive, "discounts[0].promotionCode", "The promotion code is inactive")
	} else if p != nil && !p.Ends.IsZero() && !now.Before(p.Ends) {
		return refuse(codePromotionExpired, "discounts[0].promotionCode", "The promotion code has expired")
	}
	switch c := d.coupon; {
	case c.Ended:
		return refuse(codeCouponInvalid, "discounts[0].coupon", "The coupon %s is not valid", c.id)
	case c.AmountOff > 0 && c.Currency != s.lines[0].price.currency:
		return refuse(codeCouponCurrency, "discounts[0].coupon", "The coupon is in %s", c.Currency)
	case sum(s.lines) < c.Minimum:
		return refuse(codeCouponMinimum, "discounts[0].coupon", "The coupon needs a subtotal of %d", c.Minimum)
	}
	return nil
}

// off is what a discount takes from a subtotal in the same currency.
func (d *discount) off(subtotal int64) int64 {
	if d == nil {
		return 0
	}
	return min(subtotal, max(d.coupon.AmountOff, subtotal*int64(d.coupon.PercentOff)/100))
}

// bodies are the discounts of a session. Until it is paid they are pending.
func (d *discount) bodies(m *merchant, s *session) []object {
	if d == nil {
		return []object{}
	}
	body := object{
		"id": "pending", "object": "discount", "coupon": d.coupon.body(m, s.payment != paid), "promotionCodeId": null(), "promotionCodeCode": null(),
		"checkoutSessionId": s.id, "customerId": null(), "start": moment(d.since),
	}
	if s.payment == paid {
		body["id"] = "di_" + s.id
	}
	if d.promotion != nil {
		body["promotionCodeId"], body["promotionCodeCode"] = d.promotion.id, d.promotion.Code
	}
	return []object{body}
}

// body is a coupon; inside a pending discount it is short, and its amount is text.
func (c *coupon) body(m *merchant, pending bool) object {
	body := object{
		"id": c.id, "object": "coupon", "name": null(), "discountType": "percentage", "percentOff": c.PercentOff, "amountOff": null(),
		"currency": null(), "valid": !c.Ended, "livemode": false,
	}
	if c.AmountOff > 0 {
		body["discountType"], body["percentOff"], body["amountOff"], body["currency"] = "fixed_amount", null(), c.AmountOff, c.Currency
	}
	if !pending {
		body["createdAt"], body["duration"], body["timesRedeemed"], body["active"], body["merchantId"] = moment(c.created), "once", c.redeemed, !c.Ended, m.id
	} else if c.AmountOff > 0 {
		body["amountOff"] = jsontext.Value(quote(c.AmountOff))
	}
	return body
}
