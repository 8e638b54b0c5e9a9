package xpaytest

import (
	"net/http"
	"slices"
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

// session is the provider's record of a checkout session.
type session struct {
	id, secret, mode, uiMode, submit, creation string
	status, payment                            string
	store                                      *store
	created, updated, expires                  time.Time
	terms
	rate exchange
	fees feeTerms
	// accepted are the account's payment methods for the currency of the prices.
	accepted []string
	link     *link
	intent   *intent
}

// terms is the part of a session that an update can change.
type terms struct {
	lines                                      []*line
	discount                                   *discount
	after                                      api.AfterCompletion
	cancelURL, locale, configuration           string
	customer                                   *customer
	details                                    *api.CustomerDetailsInput
	update                                     *api.CustomerUpdate
	allowCodes, name, billing, shipping, phone bool
	fields                                     []api.CustomFieldInput
	metadata                                   jsontext.Value
	fee                                        *api.FeeConfigInput
	branding                                   *api.Branding
	methods                                    []string
}

func (st *store) session(id string) (*session, error) {
	if s := find(st.sessions, func(s *session) bool { return s.id == id }); s != nil {
		return s, nil
	}
	return nil, notFound("checkout_session", id)
}

// CreateCheckoutSession adds an open session.
func (m *merchant) CreateCheckoutSession(r *http.Request, q api.CreateCheckoutSessionRequest) (sandbox.Response, error) {
	if err := validate(r, slices.Concat(required("afterCompletion"), sessionRules())); err != nil {
		return sandbox.Response{}, err
	}
	st := m.store(r)
	t := terms{
		after: q.AfterCompletion, cancelURL: q.CancelURL, locale: q.Locale, configuration: q.PaymentMethodConfigurationID,
		details: q.CustomerDetails, update: q.CustomerUpdate, fields: q.CustomFields, metadata: q.Metadata, fee: q.FeeConfig,
		branding: q.BrandingSettings, methods: q.PaymentMethodTypes,
		allowCodes: isTrue(q.AllowPromotionCodes), name: isTrue(q.NameCollection), billing: isTrue(q.BillingAddressCollection),
		shipping: isTrue(q.ShippingAddressCollection), phone: isTrue(q.PhoneNumberCollection),
	}
	wanted, err := m.sessionCurrency(q.Currency)
	if err != nil {
		return sandbox.Response{}, err
	}
	if t.lines, err = m.lines(st, wanted, q.LineItems); err != nil {
		return sandbox.Response{}, err
	}
	s := m.newSession(st, t)
	override(&s.mode, q.Mode)
	override(&s.uiMode, q.UIMode)
	override(&s.submit, q.SubmitType)
	override(&s.creation, q.CustomerCreation)
	if q.ExpiresAfterMinutes > 0 {
		s.expires = s.created.Add(time.Duration(q.ExpiresAfterMinutes) * time.Minute)
	}
	if err := m.resolve(s, q.CustomerID, q.Discounts); err != nil {
		return sandbox.Response{}, err
	}
	flags := []*bool{q.NameCollection, q.BillingAddressCollection, q.ShippingAddressCollection, q.PhoneNumberCollection}
	if err := s.checkUIMode(q.SubmitType, flags); err != nil {
		return sandbox.Response{}, err
	}
	m.addSession(r, s)
	return sandbox.JSON(http.StatusCreated, m.sessionBody(s)), nil
}

// sessionCurrency checks the currency of a session, which does not depend on its line
// items. The account must accept it.
func (m *merchant) sessionCurrency(text string) (string, error) {
	code, err := currency("currency", text, processingCurrency)
	if err == nil && !slices.Contains(split(m.config.Get().Currencies), code) {
		return "", errorf(codeParameterInvalid, "currency", "The account does not accept %s", code)
	}
	return code, err
}

func isTrue(p *bool) bool { return p != nil && *p }

// newSession returns an open session with the defaults, without adding it.
func (m *merchant) newSession(st *store, t terms) *session {
	at := m.now()
	s := &session{
		id: m.newID(st.idPrefix("cs")), mode: "payment", uiMode: "hosted", submit: "PAY", creation: "if_required",
		status: sessionOpen, payment: unpaid, store: st, created: at, updated: at, expires: at.Add(24 * time.Hour), terms: t,
	}
	s.secret = s.id + "_secret_" + m.core.IDs().Token(16)
	return s
}

// addSession adds a session that has been checked.
func (m *merchant) addSession(r *http.Request, s *session) {
	s.store.markUsed(s.lines)
	s.store.sessions = append(s.store.sessions, s)
	m.record(r, "session.created", s.id, s.total())
}

// resolve checks and sets the customer, the exchange rate and the discount of a session,
// and checks its payment methods.
func (m *merchant) resolve(s *session, customerID string, discounts []api.DiscountInput) error {
	var err error
	switch {
	case customerID != "" && s.details != nil:
		return errorf(codeParametersExclusive, "customerId", "customerId and customerDetails are mutually exclusive")
	case customerID != "" && s.creation == "always":
		return errorf(codeParametersExclusive, "customerCreation", "customerId and customerCreation always are mutually exclusive")
	case customerID == "" && s.update != nil && m.config.Get().CustomerUpdateAlone == "refused":
		return errorf(codeParameterRequires, "customerUpdate", "customerUpdate requires customerId")
	case customerID != "":
		if s.customer, err = s.store.customer(customerID); err != nil {
			return reference("customerId", err)
		}
		if s.customer.kind == customerGuest {
			return errorf(codeParameterInvalid, "customerId", "Guest customers cannot be referenced")
		}
	}
	s.fees = m.feeTerms(s.fee)
	if s.rate, err = m.lockRate(s.lines[0].price.currency); err != nil {
		return err
	}
	s.accepted = m.config.Get().methodsFor(s.lines[0].price.currency)
	if err := s.checkMethods(); err != nil {
		return err
	}
	s.discount, err = m.discountFor(s, discounts)
	return err
}

// checkMethods requires payment methods that the account accepts in the currency.
func (s *session) checkMethods() error {
	if s.methods != nil && s.configuration != "" {
		return errorf(codeParametersExclusive, "paymentMethodTypes", "paymentMethodTypes and paymentMethodConfigurationId are mutually exclusive")
	}
	if s.methods != nil && len(s.methods) == 0 {
		return errorf("must_have_enabled_method", "paymentMethodTypes", "At least one payment method must be enabled")
	}
	for _, method := range s.methods {
		if !slices.Contains(s.accepted, method) {
			return errorf(codeParameterInvalid, "paymentMethodTypes", "The account does not accept %s in this currency", method)
		}
	}
	return nil
}

// isLocal reports whether a payment method supports EGP only.
func isLocal(method string) bool { return method == methodFawry || method == methodValu }

// checkUIMode checks the members that depend on the UI mode or on each other. The flags
// are the collection members of the request; with uiMode custom even false is rejected.
func (s *session) checkUIMode(submitType string, flags []*bool) error {
	outside := s.uiMode != "hosted"
	switch a := s.after; {
	case a.Type == "redirect" && a.Redirect == nil:
		return errorf(codeParameterRequires, "afterCompletion.redirect", "type redirect requires redirect")
	case a.Type == "redirect" && a.HostedConfirmation != nil, a.Type != "redirect" && a.Redirect != nil:
		return errorf(codeParametersExclusive, "afterCompletion", "redirect and hostedConfirmation are mutually exclusive")
	case a.Type != "redirect" && outside:
		return errorf(codeParametersExclusive, "afterCompletion.type", "hosted_confirmation requires uiMode hosted")
	case s.cancelURL != "" && outside:
		return errorf(codeParametersExclusive, "cancelUrl", "cancelUrl requires uiMode hosted")
	case s.uiMode == "custom" && submitType != "":
		return errorf(codeParametersExclusive, "submitType", "uiMode custom does not permit submitType")
	}
	for i, flag := range flags {
		if member := collectionFlags()[i]; s.uiMode == "custom" && flag != nil {
			return errorf(codeParametersExclusive, member, "uiMode custom does not permit %s", member)
		}
	}
	return nil
}

// collectionFlags returns the members that make the page ask for data of the customer.
func collectionFlags() []string {
	return []string{"nameCollection", "billingAddressCollection", "shippingAddressCollection", "phoneNumberCollection"}
}

// GetCheckoutSession returns a session.
func (m *merchant) GetCheckoutSession(r *http.Request, id string) (sandbox.Response, error) {
	s, err := m.store(r).session(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, m.sessionBody(s)), nil
}

// ExpireCheckoutSession expires an open session.
func (m *merchant) ExpireCheckoutSession(r *http.Request, id string) (sandbox.Response, error) {
	s, err := m.store(r).session(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if s.status != sessionOpen {
		return sandbox.Response{}, errorf(codeInvalidState, "id", "The session is %s; only an open session can be expired", s.status)
	}
	m.expireSession(s)
	return sandbox.JSON(http.StatusOK, m.sessionBody(s)), nil
}

// expireSession expires an open session and emits the event.
func (m *merchant) expireSession(s *session) {
	s.status, s.updated = sessionExpired, m.now()
	m.core.Record("session.expired", s.id, "", "")
	m.emit(s.store, "checkout.session.expired", s.id, m.sessionBody(s))
}

// expireDue expires the sessions and payment references whose time is over.
func (m *merchant) expireDue() {
	now := m.now()
	for _, st := range []*store{m.test, m.live} {
		for _, s := range st.sessions {
			switch {
			case s.status == sessionOpen && !now.Before(s.expires):
				m.expireSession(s)
			case s.awaitsPayment() && !now.Before(s.intent.voucherEnds):
				m.expireReference(s)
			}
		}
	}
}
