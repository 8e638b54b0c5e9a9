package xpaytest

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// Coupon describes a coupon for [Server.AddCoupon]. Set either PercentOff or
// AmountOff. In production the merchant creates coupons in XPay's dashboard; the API
// has no operation for it.
type Coupon struct {
	PercentOff int    // 1 to 100
	AmountOff  int64  // minor units of Currency
	Currency   string // default EGP
	Minimum    int64  // smallest subtotal it applies to, in minor units
	Ended      bool   // deleted or expired
}

// PromotionCode describes a promotion code for [Server.AddPromotionCode]. Customers
// enter it to get the discount of a coupon.
type PromotionCode struct {
	Coupon   string // ID of the coupon
	Code     string // what customers enter
	Inactive bool
	Ends     time.Time // when it expires; zero: never
}

type coupon struct {
	Coupon
	id       string
	created  time.Time
	redeemed int
}

type promotion struct {
	PromotionCode
	id     string
	coupon *coupon
}

// discount is a coupon that is applied to a session.
type discount struct {
	coupon    *coupon
	promotion *promotion
	since     time.Time
}

// AddCoupon adds a coupon in test mode and returns its ID.
func (s *Server) AddCoupon(c Coupon) string {
	m := s.merchant
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Currency == "" {
		c.Currency = processingCurrency
	}
	made := &coupon{Coupon: c, id: m.newID("coupon"), created: m.now()}
	m.test.coupons = append(m.test.coupons, made)
	return made.id
}

// AddPromotionCode adds a promotion code in test mode and returns its ID. An unknown
// coupon is an error.
func (s *Server) AddPromotionCode(p PromotionCode) (string, error) {
	m := s.merchant
	m.mu.Lock()
	defer m.mu.Unlock()
	of := find(m.test.coupons, func(c *coupon) bool { return c.id == p.Coupon })
	if of == nil {
		return "", s.handle.Report(notFound("coupon", p.Coupon))
	}
	made := &promotion{PromotionCode: p, id: m.newID("promo"), coupon: of}
	m.test.codes = append(m.test.codes, made)
	return made.id, nil
}

// inputs returns a discount in the form of a request.
func (d *discount) inputs() []api.DiscountInput {
	switch {
	case d == nil:
		return nil
	case d.promotion != nil:
		return []api.DiscountInput{{PromotionCode: d.promotion.id}}
	}
	return []api.DiscountInput{{Coupon: d.coupon.id}}
}

// discountFor returns the discount that a request names. A session has at most one.
func (m *merchant) discountFor(s *session, list []api.DiscountInput) (*discount, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if len(list) > 1 {
		return nil, errorf(codeTooManyDiscounts, "discounts", "A session can have at most one discount")
	}
	q, st, d := list[0], s.store, &discount{since: m.now()}
	switch {
	case q.Coupon != "" && q.PromotionCode != "":
		return nil, errorf(codeParametersExclusive, "discounts[0].coupon", "coupon and promotionCode are mutually exclusive")
	case q.Coupon == "" && q.PromotionCode == "":
		return nil, errorf(codeParameterMissing, "discounts[0].coupon", "A discount requires coupon or promotionCode")
	case q.PromotionCode != "":
		if d.promotion = find(st.codes, func(p *promotion) bool { return p.id == q.PromotionCode }); d.promotion == nil {
			return nil, errorf(codePromotionMissing, "discounts[0].promotionCode", "No such promotion code: %s", q.PromotionCode)
		}
		d.coupon = d.promotion.coupon
	default:
		if d.coupon = find(st.coupons, func(c *coupon) bool { return c.id == q.Coupon }); d.coupon == nil {
			return nil, reference("discounts[0].coupon", notFound("coupon", q.Coupon))
		}
	}
	return d, d.check(s, m.now())
}

// check reports why a discount does not apply to a session.
func (d *discount) check(s *session, now time.Time) error {
	if p := d.promotion; p != nil && p.Inactive {
		return errorf(codePromotionInactive, "discounts[0].promotionCode", "The promotion code is inactive")
	} else if p != nil && !p.Ends.IsZero() && !now.Before(p.Ends) {
		return errorf(codePromotionExpired, "discounts[0].promotionCode", "The promotion code has expired")
	}
	switch c := d.coupon; {
	case c.Ended:
		return errorf(codeCouponInvalid, "discounts[0].coupon", "The coupon %s is not valid", c.id)
	case c.AmountOff > 0 && c.Currency != s.lines[0].price.currency:
		return errorf(codeCouponCurrency, "discounts[0].coupon", "The coupon requires the currency %s", c.Currency)
	case sum(s.lines) < c.Minimum:
		return errorf(codeCouponMinimum, "discounts[0].coupon", "The coupon requires a subtotal of at least %d", c.Minimum)
	}
	return nil
}

// amountOff returns the reduction of a subtotal in the same currency.
func (d *discount) amountOff(subtotal int64) int64 {
	if d == nil {
		return 0
	}
	return min(subtotal, max(d.coupon.AmountOff, subtotal*int64(d.coupon.PercentOff)/100))
}

// bodies returns the discounts of a session. Until it is paid they are pending.
func (d *discount) bodies(m *merchant, s *session) []object {
	if d == nil {
		return []object{}
	}
	body := object{
		"id": "pending", "object": "discount", "coupon": d.coupon.pendingBody(), "checkoutSessionId": s.id, "start": formatTime(d.since),
	}
	if s.payment == paid {
		body["id"], body["coupon"] = "di_"+s.id, d.coupon.body(m)
	}
	if s.customer != nil {
		body["customerId"] = s.customer.id
	}
	if d.promotion != nil {
		body["promotionCodeId"], body["promotionCodeCode"] = d.promotion.id, d.promotion.Code
	}
	return []object{body}
}

// body returns a redeemed coupon. What does not apply to it is absent.
func (c *coupon) body(m *merchant) object {
	body := object{
		"id": c.id, "object": "coupon", "discountType": "percentage", "percentOff": c.PercentOff, "valid": !c.Ended, "livemode": false,
		"createdAt": formatTime(c.created), "duration": "once", "timesRedeemed": c.redeemed, "active": !c.Ended, "merchantId": m.id,
	}
	if c.AmountOff > 0 {
		delete(body, "percentOff")
		body["discountType"], body["amountOff"], body["currency"] = "fixed_amount", c.AmountOff, c.Currency
	}
	return body
}

// pendingBody returns the coupon of a pending discount. It has fewer members, its amount
// is text, and what does not apply is null.
func (c *coupon) pendingBody() object {
	body := object{
		"id": c.id, "object": "coupon", "name": null(), "discountType": "percentage", "percentOff": c.PercentOff, "amountOff": null(),
		"currency": null(), "valid": !c.Ended, "livemode": false,
	}
	if c.AmountOff > 0 {
		body["discountType"], body["percentOff"], body["amountOff"], body["currency"] = "fixed_amount", null(), jsontext.Value(quote(c.AmountOff)), c.Currency
	}
	return body
}
