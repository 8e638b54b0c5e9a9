package xpaytest

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// maxEndpoints is the number of endpoints that a mode can have. XPay's limit is not
// known.
const maxEndpoints = 16

// endpoint is a webhook endpoint.
type endpoint struct {
	id, url, secret, status, description string
	events                               []string
	metadata                             jsontext.Value
	created, updated                     time.Time
}

func (st *store) endpoint(id string) (*endpoint, error) {
	if e := find(st.endpoints, func(e *endpoint) bool { return e.id == id }); e != nil {
		return e, nil
	}
	return nil, notFound("webhook_endpoint", id)
}

// subscribes reports whether an endpoint receives events of a type.
func (e *endpoint) subscribes(kind string) bool {
	return e.status == "enabled" && (len(e.events) == 0 || slices.Contains(e.events, "*") || slices.Contains(e.events, kind))
}

// checkURL requires https. It also permits http on this machine, which XPay would
// reject.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil
	}
	return errorf(codeParameterInvalid, "url", "url must be an https URL")
}

func isLoopback(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }

func checkEvents(list []string) error {
	for _, kind := range list {
		if kind != "*" && !slices.Contains(eventTypes(), kind) {
			return errorf(codeParameterInvalid, "enabledEvents", "Unknown event type: %s", kind)
		}
	}
	return nil
}

func endpointRules() []rule {
	return append(notNull("enabledEvents[]?"), isURI("url"), oneOf("status", "enabled disabled"), isObject("metadata", "{"))
}

// ListWebhookEndpoints lists the endpoints.
func (m *merchant) ListWebhookEndpoints(r *http.Request) (sandbox.Response, error) {
	st := m.store(r)
	rows := []object{}
	for _, e := range st.endpoints {
		rows = append(rows, e.body(st))
	}
	return sandbox.JSON(http.StatusOK, object{"object": "list", "data": rows}), nil
}

// CreateWebhookEndpoint adds an endpoint. Only this response contains its secret.
func (m *merchant) CreateWebhookEndpoint(r *http.Request, q api.CreateWebhookEndpointRequest) (sandbox.Response, error) {
	if err := validate(r, append(required("url", "enabledEvents"), endpointRules()...)); err != nil {
		return sandbox.Response{}, err
	}
	if err := checkURL(q.URL); err != nil {
		return sandbox.Response{}, err
	}
	if err := checkEvents(q.EnabledEvents); err != nil {
		return sandbox.Response{}, err
	}
	st := m.store(r)
	if len(st.endpoints) >= maxEndpoints {
		return sandbox.Response{}, errorf(codeInvalidRequest, "", "The account has the maximum of %d webhook endpoints", maxEndpoints)
	}
	e := &endpoint{
		id: m.newID("we"), url: q.URL, secret: "whsec_" + m.core.IDs().Token(32), status: "enabled", description: q.Description,
		events: q.EnabledEvents, metadata: q.Metadata, created: m.now(), updated: m.now(),
	}
	st.endpoints = append(st.endpoints, e)
	m.record(r, "endpoint.created", e.id, 0)
	body := e.body(st)
	body["secret"] = e.secret
	return sandbox.JSON(http.StatusCreated, body), nil
}

// GetWebhookEndpoint returns an endpoint.
func (m *merchant) GetWebhookEndpoint(r *http.Request, id string) (sandbox.Response, error) {
	st := m.store(r)
	e, err := st.endpoint(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, e.body(st)), nil
}

// UpdateWebhookEndpoint changes an endpoint.
func (m *merchant) UpdateWebhookEndpoint(r *http.Request, id string, q api.UpdateWebhookEndpointRequest) (sandbox.Response, error) {
	st := m.store(r)
	e, err := st.endpoint(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if err := validate(r, append(notNull("url", "enabledEvents", "status", "metadata"), endpointRules()...)); err != nil {
		return sandbox.Response{}, err
	}
	next := *e
	override(&next.url, q.URL)
	override(&next.status, q.Status)
	q.Description.Apply(&next.description)
	q.EnabledEvents.Apply(&next.events)
	if len(q.Metadata) > 0 {
		next.metadata = q.Metadata
	}
	if err := checkURL(next.url); err != nil {
		return sandbox.Response{}, err
	}
	if err := checkEvents(next.events); err != nil {
		return sandbox.Response{}, err
	}
	next.updated = m.now()
	*e = next
	m.record(r, "endpoint.updated", e.id, 0)
	return sandbox.JSON(http.StatusOK, e.body(st)), nil
}

// DeleteWebhookEndpoint removes an endpoint.
func (m *merchant) DeleteWebhookEndpoint(r *http.Request, id string) (sandbox.Response, error) {
	st := m.store(r)
	e, err := st.endpoint(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	st.endpoints = remove(st.endpoints, e)
	m.record(r, "endpoint.deleted", e.id, 0)
	return noContent(), nil
}

func (e *endpoint) body(st *store) object {
	return object{
		"id": e.id, "object": "webhook_endpoint", "url": e.url, "description": orNull(e.description), "status": e.status,
		"enabledEvents": append([]string{}, e.events...), "livemode": st.live, "metadata": objectOrEmpty(e.metadata),
		"createdAt": formatTime(e.created), "updatedAt": formatTime(e.updated),
	}
}
