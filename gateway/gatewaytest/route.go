package gatewaytest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The PSPs and the modes of an app.
const (
	pspNicepay = "nicepay"
	pspPolar   = "polar"
	pspPayPal  = "paypal"
	pspMock    = "mock"

	modeTest    = "test"
	modeSandbox = "sandbox"
	modeLive    = "live"
)

// route selects the PSP for a currency and a method. It ignores the mode: in test mode
// the mock replaces the PSP later, so that the errors of routing are the same.
func (c Config) route(currency, method string) (psp string, err error) {
	if psp, err = c.pick(currency, method); err != nil {
		return "", err
	}
	if !c.hasMethod(psp, method) {
		return "", textError{http.StatusUnprocessableEntity, fmt.Sprintf("method %s not enabled for provider %s on this app", method, psp)}
	}
	return psp, nil
}

func (c Config) pick(currency, method string) (string, error) {
	switch {
	case method == pspPolar || method == pspPayPal:
		if !c.OverridesBypassAllowlist && !c.allows(method) {
			return "", notAllowed(method)
		}
		return method, nil
	case currency == "IDR":
		if isNicepayMethod(method) && c.allows(pspNicepay) {
			return pspNicepay, nil
		}
	case c.GlobalProvider != "":
		if !c.allows(c.GlobalProvider) {
			return "", notAllowed(c.GlobalProvider)
		}
		return c.GlobalProvider, nil
	case c.MockNonIDRFallback:
		return pspMock, nil
	}
	return "", textError{http.StatusUnprocessableEntity, fmt.Sprintf("no provider supports method=%s for currency=%s", method, currency)}
}

func notAllowed(psp string) error {
	return textError{http.StatusUnprocessableEntity, fmt.Sprintf("provider %s not allowed for this app", psp)}
}

func (c Config) allows(psp string) bool {
	return len(c.AllowedProviders) == 0 || slices.Contains(c.AllowedProviders, psp)
}

func (c Config) hasMethod(psp, method string) bool {
	listed := false
	for _, entry := range c.AllowedMethods {
		if entry == psp+":"+method {
			return true
		}
		listed = listed || strings.HasPrefix(entry, psp+":")
	}
	return !listed
}

func isNicepayMethod(method string) bool {
	return slices.Contains([]string{"qris", "va_bca", "va_mandiri", "va_bni", "va_bri", "va_permata"}, method)
}
