package xpaytest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// The states of a session and of its payment.
const (
	sessionOpen     = "open"
	sessionComplete = "complete"
	sessionExpired  = "expired"
	unpaid          = "unpaid"
	paid            = "paid"
	nothingToPay    = "no_payment_required"
)

// session is what the provider keeps of one.
type session struct {
	id, secret, mode, uiMode, submit, creation string
	status, payment                            string
	book                                       *book
	created, updated, expires                  time.Time
	terms
	rate   exchange
	link   *link
	intent *intent
}

// terms are what an update can change.
type terms struct {
	lines                                     []*line
	discount                                  *discount
	after                                     api.AfterCompletion
	cancelURL, locale, configuration          string
	customer                                  *customer
	details                                   *api.CustomerDetailsInput
	update                                    *api.CustomerUpdate
	allowCodes, name, billing, shipping, tele bool
	fields                                    []api.CustomFieldInput
	metadata                                  jsontext.Value
	fee                                       *api.FeeConfigInput
	branding                                  *api.Branding
	methods                                   []string
}

func (b *book) session(id string) (*session, error) {
	if s := find(b.sessions, func(s *session) bool { return s.id == id }); s != nil {
		return s, nil
	}
	return nil, missing("checkout_session", id)
}

// CreateCheckoutSession opens a session.
func (m *merchant) CreateCheckoutSession(r *http.Request, q api.CreateCheckoutSessionRequest) (sandbox.Answer, error) {
	if err := check(r, append(need("afterCompletion"), sessionRules()...)); err != nil {
		return sandbox.Answer{}, err
	}
	b := m.book(r)
	t := terms{
		after: q.AfterCompletion, cancelURL: q.CancelURL, locale: q.Locale, configuration: q.PaymentMethodConfigurationID,
		details: q.CustomerDetails, update: q.CustomerUpdate, fields: q.CustomFields, metadata: q.Metadata, fee: q.FeeConfig,
		branding: q.BrandingSettings, methods: q.PaymentMethodTypes,
		allowCodes: isTrue(q.AllowPromotionCodes), name: isTrue(q.NameCollection), billing: isTrue(q.BillingAddressCollection),
		shipping: isTrue(q.ShippingAddressCollection), tele: isTrue(q.PhoneNumberCollection),
	}
	wanted, err := currency("currency", q.Currency, "")
	if err != nil {
		return sandbox.Answer{}, err
	}
	if t.lines, err = m.lines(b, wanted, q.LineItems); err != nil {
		return sandbox.Answer{}, err
	}
	s := m.newSession(b, t)
	keep(&s.mode, q.Mode)
	keep(&s.uiMode, q.UIMode)
	keep(&s.submit, q.SubmitType)
	keep(&s.creation, q.CustomerCreation)
	if q.ExpiresAfterMinutes > 0 {
		s.expires = s.created.Add(time.Duration(q.ExpiresAfterMinutes) * time.Minute)
	}
	if err := m.settle(s, q.CustomerID, q.Discounts); err != nil {
		return sandbox.Answer{}, err
	}
	if err := s.checkForm(q.SubmitType != ""); err != nil {
		return sandbox.Answer{}, err
	}
	m.open(r, s)
	return sandbox.JSON(http.StatusCreated, m.sessionBody(s)), nil
}

func isTrue(p *bool) bool { return p != nil && *p }

// newSession is an open session with the defaults; nothing is kept yet.
func (m *merchant) newSession(b *book, t terms) *session {
	at := m.now()
	s := &session{
		id: m.newID(b.infix("cs")), mode: "payment", uiMode: "hosted", submit: "PAY", creation: "if_required",
		status: sessionOpen, payment: unpaid, book: b, created: at, updated: at, expires: at.Add(24 * time.Hour), terms: t,
	}
	s.secret = s.id + "_secret_" + m.core.IDs().Token(16)
	return s
}

// open keeps a session that was checked.
func (m *merchant) open(r *http.Request, s *session) {
	s.book.use(s.lines)
	s.book.sessions = append(s.book.sessions, s)
	m.record(r, "session.created", s.id, s.total())
}

// settle checks customer, ways to pay, discount and rate of a session.
func (m *merchant) settle(s *session, customerID string, discounts []api.DiscountInput) error {
	var err error
	switch {
	case customerID != "" && s.details != nil:
		return refuse(codeParametersExclusive, "customerId", "customerId and customerDetails exclude each other")
	case customerID == "" && s.update != nil && m.config.Get().CustomerUpdateAlone == "refused":
		return refuse(codeParameterRequires, "customerUpdate", "customerUpdate requires customerId")
	case customerID != "":
		if s.customer, err = s.book.customer(customerID); err != nil {
			return err
		}
		if s.customer.kind == customerGuest {
			return refuse(codeParameterInvalid, "customerId", "Guests cannot be referenced")
		}
	}
	if s.rate, err = m.exchangeFor(s.lines[0].price.currency); err != nil {
		return err
	}
	if err := s.checkMethods(); err != nil {
		return err
	}
	s.discount, err = m.discountFor(s, discounts)
	return err
}

// checkMethods wants ways to pay that exist and take the currency.
func (s *session) checkMethods() error {
	if s.methods != nil && s.configuration != "" {
		return refuse(codeParametersExclusive, "paymentMethodTypes", "paymentMethodTypes and paymentMethodConfigurationId exclude each other")
	}
	if s.methods != nil && len(s.methods) == 0 {
		return refuse("must_have_enabled_method", "paymentMethodTypes", "At least one payment method must be enabled")
	}
	for _, method := range s.methods {
		switch {
		case !slices.Contains(strings.Fields(methodWords), method):
			return refuse(codeParameterInvalid, "paymentMethodTypes", "Unknown payment method: %s", method)
		case s.rate.foreign() && isLocal(method):
			return refuse(codeUnsupportedCurrency, "paymentMethodTypes", "%s takes %s only", method, processing)
		}
	}
	return nil
}

// isLocal tells whether a way to pay takes EGP only.
func isLocal(method string) bool { return method == methodFawry || method == methodValu }

// checkForm wants what the place of payment allows.
func (s *session) checkForm(submitGiven bool) error {
	outside := s.uiMode != "hosted"
	switch a := s.after; {
	case a.Type == "redirect" && a.Redirect == nil:
		return refuse(codeParameterRequires, "afterCompletion.redirect", "type redirect requires redirect")
	case a.Type == "redirect" && a.HostedConfirmation != nil, a.Type != "redirect" && a.Redirect != nil:
		return refuse(codeParametersExclusive, "afterCompletion", "redirect and hostedConfirmation exclude each other")
	case a.Type != "redirect" && outside:
		return refuse(codeParametersExclusive, "afterCompletion.type", "hosted_confirmation needs uiMode hosted")
	case s.cancelURL != "" && outside:
		return refuse(codeParametersExclusive, "cancelUrl", "cancelUrl needs uiMode hosted")
	case s.uiMode == "custom" && (submitGiven || s.name || s.billing || s.shipping || s.tele):
		return refuse(codeParametersExclusive, "uiMode", "uiMode custom has no form of XPay's")
	}
	return nil
}

// GetCheckoutSession reads a session.
func (m *merchant) GetCheckoutSession(r *http.Request, id string) (sandbox.Answer, error) {
	s, err := m.book(r).session(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return sandbox.JSON(http.StatusOK, m.sessionBody(s)), nil
}

// ExpireCheckoutSession closes an open session.
func (m *merchant) ExpireCheckoutSession(r *http.Request, id string) (sandbox.Answer, error) {
	s, err := m.book(r).session(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if s.status != sessionOpen {
		return sandbox.Answer{}, refuse(codeInvalidState, "id", "The session is %s; only an open one can be expired", s.status)
	}
	m.end(s)
	return sandbox.JSON(http.StatusOK, m.sessionBody(s)), nil
}

// end expires an open session.
func (m *merchant) end(s *session) {
	s.status, s.updated = sessionExpired, m.now()
	m.core.Record("session.expired", s.id, "", "")
	m.emit(s.book, "checkout.session.expired", s.id, m.sessionBody(s))
}

// expire ends what has run out: open sessions and vouchers.
func (m *merchant) expire() {
	now := m.now()
	for _, b := range []*book{m.test, m.live} {
		for _, s := range b.sessions {
			switch {
			case s.status == sessionOpen && !now.Before(s.expires):
				m.end(s)
			case s.awaits() && !now.Before(s.intent.voucherEnds):
				m.lapse(s)
			}
		}
	}
}
