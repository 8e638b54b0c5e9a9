package xpaytest

import (
	"fmt"
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
)

// GetAccount returns the account that the API key belongs to.
func (m *merchant) GetAccount(r *http.Request) (sandbox.Response, error) {
	c, live := m.config.Get(), apiKey(r) == liveKey
	kind, permissions := "SECRET", allPermissions()
	if apiKey(r) == restrictedKey {
		kind, permissions = "RESTRICTED", c.permissions()
	}
	currencies := []object{}
	for _, code := range split(c.Currencies) {
		currencies = append(currencies, object{"code": code, "decimals": decimals(code), "paymentMethodTypes": c.methodsFor(code)})
	}
	return sandbox.JSON(http.StatusOK, object{
		"id": m.id, "displayName": "Sandbox", "country": "EG", "defaultCurrency": processingCurrency, "defaultLocale": "en",
		"supportedCurrencies": currencies, "livemode": live, "livePaymentsEnabled": c.LivePayments,
		"apiKey": object{"type": kind, "mode": keyMode(r), "permissions": permissions},
	}), nil
}

// record adds a side effect to the ledger, with the idempotency key of its request.
func (m *merchant) record(r *http.Request, kind, id string, amount int64) {
	text := ""
	if amount != 0 {
		text = fmt.Sprint(amount)
	}
	m.core.Record(kind, id, r.Header.Get("Idempotency-Key"), text)
}
