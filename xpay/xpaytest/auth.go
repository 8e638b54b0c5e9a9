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

// The API keys and the webhook secret of the sandbox's only merchant.
const (
	secretKey      = "sk_test_sandbox-secret"
	restrictedKey  = "rk_test_sandbox-restricted"
	publishableKey = "pk_test_sandbox-publishable"
	inactiveKey    = "sk_test_sandbox-switched-off"
	liveKey        = "sk_live_sandbox-secret"
	webhookSecret  = "whsec_sandbox-endpoint"
)

// apiKey returns the API key of a request. As HTTP requires, the scheme is not
// case-sensitive.
func apiKey(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// authenticate checks the API key. It runs before the body is decoded and before any
// object is looked up.
func (m *merchant) authenticate(r *http.Request, op sandbox.Operation) error {
	c := m.config.Get()
	switch key := apiKey(r); key {
	case "":
		return errorf(codeAuthenticationMissing, "", "No API key was provided")
	case publishableKey:
		return errorf(codePermission, "", "Publishable API keys cannot be used here")
	case inactiveKey:
		return errorf(codeKeyInactive, "", "This API key is disabled")
	case secretKey:
	case restrictedKey:
		if want := permissionFor(r.Method, op.Name); want != "" && !c.permits(want) {
			return errorf(codePermission, "", "This API key lacks the permission %s", want)
		}
	case liveKey:
		if op.Name != "getAccount" && !c.LivePayments {
			return errorf(codeNotActivated, "", "This account is not activated for live payments")
		}
	default:
		return errorf(codeInvalidKey, "", "Invalid API key provided")
	}
	if mode := r.URL.Query().Get("liveMode"); mode != "" && (mode == "true") != (apiKey(r) == liveKey) {
		return errorf(codeInvalidRequest, "liveMode", "liveMode does not match the API key")
	}
	return nil
}

// permissionFor returns the permission that an operation requires, or "" for none.
func permissionFor(method, operation string) string {
	permission := "_WRITE"
	if method == http.MethodGet {
		permission = "_READ"
	}
	for area, resource := range map[string]string{
		"CheckoutSession": "CHECKOUT_SESSIONS", "Customer": "CUSTOMERS", "PaymentLink": "PAYMENT_LINKS", "Product": "PRODUCTS",
		"Price": "PRODUCTS", "WebhookEndpoint": "WEBHOOK_ENDPOINTS", "Refund": "REFUNDS",
	} {
		if strings.Contains(operation, area) {
			return resource + permission
		}
	}
	return ""
}

// permits reports whether the restricted key has a permission. WRITE includes READ.
func (c Config) permits(permission string) bool {
	area := strings.TrimSuffix(strings.TrimSuffix(permission, "_READ"), "_WRITE")
	has := c.permissions()
	return slices.Contains(has, permission) || slices.Contains(has, area+"_WRITE")
}

// store returns the objects that the API key of a request can access.
func (m *merchant) store(r *http.Request) *store {
	if apiKey(r) == liveKey {
		return m.live
	}
	return m.test
}

// idempotent wraps the handlers: each write runs once for its Idempotency-Key, and
// the events that it emits are sent before the response.
func (m *merchant) idempotent(operations []sandbox.Operation) []sandbox.Operation {
	for i, op := range operations {
		write := strings.HasPrefix(op.Pattern, "POST ") || strings.HasPrefix(op.Pattern, "PATCH ")
		operations[i].Handler = func(r *http.Request) (sandbox.Response, error) {
			m.runDue(r.Context())
			key := r.Header.Get("Idempotency-Key")
			if !write {
				key = ""
			}
			if len(key) > 255 {
				return sandbox.Response{}, errorf(codeParameterInvalid, "Idempotency-Key", "Idempotency-Key is longer than 255 characters")
			}
			if key != "" {
				key = keyMode(r) + " " + key
			}
			a, _, err := m.idempotency.Do(r.Context(), key, fingerprint(r), func() sandbox.Response { return m.run(op, r) })
			m.sendQueued(r.Context())
			return a, m.keyError(err)
		}
	}
	return operations
}

// run calls a handler with the lock held.
func (m *merchant) run(op sandbox.Operation, r *http.Request) sandbox.Response {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, err := op.Handler(r)
	if err != nil {
		return m.errorResponse(r, err)
	}
	return a
}

func (m *merchant) keyError(err error) error {
	switch {
	case errors.Is(err, sandbox.ErrIdempotencyKeyReused):
		return statusErrorf(m.config.Get().KeyMismatchStatus, codeKeyInUse, "", "This Idempotency-Key was used with another request")
	case errors.Is(err, sandbox.ErrIdempotencyKeyInUse):
		return statusErrorf(http.StatusConflict, codeKeyInUse, "", "A request with this Idempotency-Key is in progress")
	}
	return err
}

func keyMode(r *http.Request) string {
	if apiKey(r) == liveKey {
		return "live"
	}
	return "test"
}

// fingerprint identifies a request by its method, path, query and body.
func fingerprint(r *http.Request) string {
	sum := sha256.Sum256(sandbox.Body(r))
	return r.Method + " " + r.URL.EscapedPath() + " " + r.URL.RawQuery + " " + hex.EncodeToString(sum[:])
}

// addRequestID adds a request ID to a response: in a header and, in an error, in the
// body. It also completes the doc_url of an error.
func (m *merchant) addRequestID(_ *http.Request, a sandbox.Response) sandbox.Response {
	id := m.newID("req")
	if a.Header = a.Header.Clone(); a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set("X-Request-Id", id)
	var body object
	if a.Status >= 400 && json.Unmarshal(a.Body, &body) == nil {
		body["request_id"] = id
		if e, ok := body["error"].(object); ok {
			e["doc_url"] = apiErrorDocs + fmt.Sprint(e["code"])
		}
		a.Body = sandbox.JSON(a.Status, body).Body
	}
	return a
}
