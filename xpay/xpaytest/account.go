package xpaytest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/specpay/specpay/internal/sandbox"
)

// GetAccount tells whose key it is.
func (m *merchant) GetAccount(r *http.Request) (sandbox.Answer, error) {
	c, live := m.config.Get(), bearer(r) == liveKey
	kind, permissions := "SECRET", allPermissions()
	if bearer(r) == restrictedKey {
		kind, permissions = "RESTRICTED", c.permissions()
	}
	currencies := []object{{"code": processing, "decimals": 2, "paymentMethodTypes": strings.Fields("card fawry valu")}}
	for _, code := range []string{"USD", "EUR", "SAR"} {
		currencies = append(currencies, object{"code": code, "decimals": 2, "paymentMethodTypes": []string{methodCard}})
	}
	return sandbox.JSON(http.StatusOK, object{
		"id": m.id, "displayName": "Sandbox", "country": "EG", "defaultCurrency": processing, "defaultLocale": "en",
		"supportedCurrencies": currencies, "livemode": live, "livePaymentsEnabled": c.LivePayments,
		"apiKey": object{"type": kind, "mode": bearerMode(r), "permissions": permissions},
	}), nil
}

// record writes a side effect down, with the idempotency key that it came under.
func (m *merchant) record(r *http.Request, kind, id string, amount int64) {
	text := ""
	if amount != 0 {
		text = fmt.Sprint(amount)
	}
	m.core.Record(kind, id, r.Header.Get("Idempotency-Key"), text)
}
