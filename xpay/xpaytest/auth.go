package xpaytest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/sandbox"
)

// What the sandbox's only merchant was given.
const (
	secretKey      = "sk_test_sandbox-secret"
	restrictedKey  = "rk_test_sandbox-restricted"
	publishableKey = "pk_test_sandbox-publishable"
	inactiveKey    = "sk_test_sandbox-switched-off"
	liveKey        = "sk_live_sandbox-secret"
	webhookSecret  = "whsec_sandbox-endpoint"
)

// bearer is the key of a request. The scheme is matched as HTTP does, without
// regard to case.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// admit looks at the key: before the body, and before any object.
func (m *merchant) admit(r *http.Request, op sandbox.Operation) error {
	c := m.config.Get()
	switch key := bearer(r); key {
	case "":
		return refuse(codeAuthenticationMissing, "", "No API key was provided")
	case publishableKey:
		return refuse(codePermission, "", "Publishable keys cannot be used here")
	case inactiveKey:
		return refuse(codeKeyInactive, "", "This API key is disabled")
	case secretKey:
	case restrictedKey:
		if want := permissionFor(r.Method, op.Name); want != "" && !c.permits(want) {
			return refuse(codePermission, "", "This API key lacks the permission %s", want)
		}
	case liveKey:
		if op.Name != "getAccount" && !c.LivePayments {
			return refuse(codeNotActivated, "", "This account is not activated for live payments")
		}
	default:
		return refuse(codeInvalidKey, "", "Invalid API key provided")
	}
	if mode := r.URL.Query().Get("liveMode"); mode != "" && (mode == "true") != (bearer(r) == liveKey) {
		return refuse(codeInvalidRequest, "liveMode", "liveMode does not match the API key")
	}
	return nil
}

// permissionFor is the right that a call needs; "" for none.
func permissionFor(method, operation string) string {
	right := "_WRITE"
	if method == http.MethodGet {
		right = "_READ"
	}
	for area, word := range map[string]string{
		"CheckoutSession": "CHECKOUT_SESSIONS", "Customer": "CUSTOMERS", "PaymentLink": "PAYMENT_LINKS", "Product": "PRODUCTS",
		"Price": "PRODUCTS", "WebhookEndpoint": "WEBHOOK_ENDPOINTS", "Refund": "REFUNDS",
	} {
		if strings.Contains(operation, area) {
			return word + right
		}
	}
	return ""
}

// permits tells whether the restricted key has a right. WRITE includes READ.
func (c Config) permits(right string) bool {
	area := strings.TrimSuffix(strings.TrimSuffix(right, "_READ"), "_WRITE")
	has := c.permissions()
	return slices.Contains(has, right) || slices.Contains(has, area+"_WRITE")
}

// book is what the key of a request works on.
func (m *merchant) book(r *http.Request) *book {
	if bearer(r) == liveKey {
		return m.live
	}
	return m.test
}

// keyed runs each write once for its Idempotency-Key, one call at a time, and
// sends the events it brought before it answers.
func (m *merchant) keyed(operations []sandbox.Operation) []sandbox.Operation {
	for i, op := range operations {
		write := strings.HasPrefix(op.Pattern, "POST ") || strings.HasPrefix(op.Pattern, "PATCH ")
		operations[i].Handler = func(r *http.Request) (sandbox.Answer, error) {
			m.pass(r.Context())
			key := r.Header.Get("Idempotency-Key")
			if !write {
				key = ""
			}
			if len(key) > 255 {
				return sandbox.Answer{}, refuse(codeParameterInvalid, "Idempotency-Key", "Idempotency-Key is longer than 255 characters")
			}
			if key != "" {
				key = bearerMode(r) + " " + key
			}
			a, _, err := m.keys.Do(r.Context(), key, fingerprint(r), func() sandbox.Answer { return m.run(op, r) })
			m.deliver(r.Context())
			return a, m.keyError(err)
		}
	}
	return operations
}

// run makes one call, alone.
func (m *merchant) run(op sandbox.Operation, r *http.Request) sandbox.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, err := op.Handler(r)
	if err != nil {
		return m.refuse(r, err)
	}
	return a
}

func (m *merchant) keyError(err error) error {
	switch {
	case errors.Is(err, sandbox.ErrKeyReused):
		return refuseWith(m.config.Get().KeyMismatchStatus, codeKeyInUse, "", "This Idempotency-Key was used with another request")
	case errors.Is(err, sandbox.ErrKeyBusy):
		return refuseWith(http.StatusConflict, codeKeyInUse, "", "A request with this Idempotency-Key is in progress")
	}
	return err
}

func bearerMode(r *http.Request) string {
	if bearer(r) == liveKey {
		return "live"
	}
	return "test"
}

// fingerprint is what makes two requests the same: method, path, query, body.
func fingerprint(r *http.Request) string {
	sum := sha256.Sum256(sandbox.Body(r))
	return r.Method + " " + r.URL.EscapedPath() + " " + r.URL.RawQuery + " " + hex.EncodeToString(sum[:])
}

// seal gives each answer a request id: in a header, and beside the error. An
// error answered by name gets its address.
func (m *merchant) seal(_ *http.Request, a sandbox.Answer) sandbox.Answer {
	id := m.newID("req")
	if a.Header = a.Header.Clone(); a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set("X-Request-Id", id)
	var body object
	if a.Status >= 400 && json.Unmarshal(a.Body, &body) == nil {
		body["request_id"] = id
		if e, ok := body["error"].(object); ok {
			e["doc_url"] = docs + fmt.Sprint(e["code"])
		}
		a.Body = sandbox.JSON(a.Status, body).Body
	}
	return a
}
