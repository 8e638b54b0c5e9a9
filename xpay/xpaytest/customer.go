package xpaytest

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// The kinds of customers.
const (
	customerRegistered = "registered"
	customerGuest      = "guest"
)

// customer is the provider's record of a customer.
type customer struct {
	id, kind, name, email, phone string
	address                      *api.CustomerAddress
	metadata                     jsontext.Value
	created, updated             time.Time
	first, last                  time.Time // purchase
	gross, refunded, payments    int64
}

func (st *store) customer(id string) (*customer, error) {
	if c := find(st.customers, func(c *customer) bool { return c.id == id }); c != nil {
		return c, nil
	}
	return nil, notFound("customer", id)
}

// CreateCustomer registers a customer. Each email address can be registered once.
func (m *merchant) CreateCustomer(r *http.Request, body api.CreateCustomerRequest) (sandbox.Response, error) {
	st := m.store(r)
	if err := validate(r, []rule{isEmail("email"), isObject("metadata", "{")}); err != nil {
		return sandbox.Response{}, err
	}
	if body.Email == "" && body.Phone == "" {
		return sandbox.Response{}, errorf(codeParameterMissing, "email", "email or phone is required")
	}
	if _, err := currency("currency", body.Currency, processingCurrency); err != nil {
		return sandbox.Response{}, err
	}
	taken := find(st.customers, func(c *customer) bool {
		return body.Email != "" && c.kind == customerRegistered && strings.EqualFold(c.email, body.Email)
	})
	if taken != nil {
		return sandbox.Response{}, errorf(codeInvalidState, "email", "A customer with this email already exists")
	}
	c := m.newCustomer(st, customerRegistered, body.Name, body.Email, body.Phone)
	c.address, c.metadata = body.Address, body.Metadata
	m.record(r, "customer.created", c.id, 0)
	return sandbox.JSON(http.StatusCreated, m.customerBody(c)), nil
}

func (m *merchant) newCustomer(st *store, kind, name, email, phone string) *customer {
	c := &customer{id: m.newID("cus"), kind: kind, name: name, email: email, phone: canonicalPhone(phone), created: m.now(), updated: m.now()}
	st.customers = append(st.customers, c)
	return c
}

// canonicalPhone converts an Egyptian mobile number to its international form. It
// returns any other text unchanged.
func canonicalPhone(text string) string {
	bare := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(text)
	if regexp.MustCompile(`^01[0-9]{9}$`).MatchString(bare) {
		return "+2" + bare
	}
	if regexp.MustCompile(`^\+[0-9]{7,15}$`).MatchString(bare) {
		return bare
	}
	return text
}

// GetCustomer returns a customer.
func (m *merchant) GetCustomer(r *http.Request, id string) (sandbox.Response, error) {
	c, err := m.store(r).customer(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, m.customerBody(c)), nil
}

// ListCustomers lists the customers, oldest first.
func (m *merchant) ListCustomers(r *http.Request, params api.ListCustomersParams) (sandbox.Response, error) {
	if t := params.Type; t != "" && t != customerRegistered && t != customerGuest {
		return sandbox.Response{}, errorf(codeParameterInvalid, "type", "type must be one of registered, guest")
	}
	rows := []any{}
	for _, c := range m.store(r).customers {
		if (params.Type == "" || params.Type == c.kind) && matches(params.Search, c.id, c.name, c.email, c.phone) {
			rows = append(rows, c.row())
		}
	}
	page, limit, err := paging(r, params.Page, params.Limit)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, object{"data": pageOf(rows, (page-1)*limit, limit), "totalCount": len(rows)}), nil
}

func (m *merchant) customerBody(c *customer) object {
	body := object{
		"id": c.id, "object": "customer", "type": c.kind, "createdAt": formatTime(c.created), "updatedAt": formatTime(c.updated), "merchantId": m.id,
		"name": orNull(c.name), "email": orNull(c.email), "phone": orNull(c.phone), "address": pointerOrNull(c.address),
		"metadata": rawOrNull(c.metadata), "guestFingerprint": null(),
	}
	if c.kind == customerGuest {
		body["guestFingerprint"] = object{"emails": known(c.email), "phones": known(c.phone), "cardFingerprints": []object{}}
	}
	return body
}

// knownAddress returns the members of the address that the document names, or null.
func (c *customer) knownAddress() any {
	if c.address == nil {
		return null()
	}
	return c.address.Address
}

func known(text string) []string {
	if text == "" {
		return []string{}
	}
	return []string{text}
}

// row returns a customer in the form of a list.
func (c *customer) row() object {
	country := ""
	if c.address != nil {
		country = c.address.Country
	}
	return object{
		"id": c.id, "type": c.kind, "createdAt": formatTime(c.created), "name": orNull(c.name), "email": orNull(c.email), "phone": orNull(c.phone),
		"country": orNull(country), "latestPaymentMethod": null(),
		"spendData": object{
			"amountDisputeLosses": 0, "amountRefunded": c.refunded, "averageOrderValue": c.gross / max(c.payments, 1), "currency": processingCurrency,
			"firstPurchaseAt": timeOrEmpty(c.first), "grossSpend": c.gross, "lastPurchaseAt": timeOrEmpty(c.last),
			"netSpend": c.gross - c.refunded, "numPayments": c.payments,
		},
	}
}

func timeOrEmpty(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return formatTime(at)
}
