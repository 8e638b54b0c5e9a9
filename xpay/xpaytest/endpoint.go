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

// endpointCap is how many endpoints a mode may have; the real number is not known.
const endpointCap = 16

// endpoint is an address that events are sent to.
type endpoint struct {
	id, url, secret, status, description string
	events                               []string
	metadata                             jsontext.Value
	created, updated                     time.Time
}

func (b *book) endpoint(id string) (*endpoint, error) {
	if e := find(b.endpoints, func(e *endpoint) bool { return e.id == id }); e != nil {
		return e, nil
	}
	return nil, missing("webhook_endpoint", id)
}

// wants tells whether an endpoint gets a type of event.
func (e *endpoint) wants(kind string) bool {
	return e.status == "enabled" && (len(e.events) == 0 || slices.Contains(e.events, "*") || slices.Contains(e.events, kind))
}

// checkURL wants https; on this machine http will do, which XPay would refuse.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isHere(u.Hostname())) {
		return nil
	}
	return refuse(codeParameterInvalid, "url", "url must be an https address")
}

func isHere(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }

func checkEvents(list []string) error {
	for _, kind := range list {
		if kind != "*" && !slices.Contains(eventTypes(), kind) {
			return refuse(codeParameterInvalid, "enabledEvents", "Unknown event type: %s", kind)
		}
	}
	return nil
}

// ListWebhookEndpoints lists all endpoints.
func (m *merchant) ListWebhookEndpoints(r *http.Request) (sandbox.Answer, error) {
	b := m.book(r)
	rows := []object{}
	for _, e := range b.endpoints {
		rows = append(rows, e.body(b))
	}
	return sandbox.JSON(http.StatusOK, object{"object": "list", "data": rows}), nil
}

// CreateWebhookEndpoint adds an endpoint and shows its secret once.
func (m *merchant) CreateWebhookEndpoint(r *http.Request, q api.CreateWebhookEndpointRequest) (sandbox.Answer, error) {
	if err := check(r, need("url", "enabledEvents")); err != nil {
		return sandbox.Answer{}, err
	}
	if err := checkURL(q.URL); err != nil {
		return sandbox.Answer{}, err
	}
	if err := checkEvents(q.EnabledEvents); err != nil {
		return sandbox.Answer{}, err
	}
	b := m.book(r)
	if len(b.endpoints) >= endpointCap {
		return sandbox.Answer{}, refuse(codeInvalidRequest, "", "An account can have %d webhook endpoints", endpointCap)
	}
	e := &endpoint{
		id: m.newID("we"), url: q.URL, secret: "whsec_" + m.core.IDs().Token(32), status: "enabled", description: q.Description,
		events: q.EnabledEvents, metadata: q.Metadata, created: m.now(), updated: m.now(),
	}
	b.endpoints = append(b.endpoints, e)
	m.record(r, "endpoint.created", e.id, 0)
	body := e.body(b)
	body["secret"] = e.secret
	return sandbox.JSON(http.StatusCreated, body), nil
}

// GetWebhookEndpoint reads an endpoint.
func (m *merchant) GetWebhookEndpoint(r *http.Request, id string) (sandbox.Answer, error) {
	b := m.book(r)
	e, err := b.endpoint(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return sandbox.JSON(http.StatusOK, e.body(b)), nil
}

// UpdateWebhookEndpoint changes an endpoint.
func (m *merchant) UpdateWebhookEndpoint(r *http.Request, id string, q api.UpdateWebhookEndpointRequest) (sandbox.Answer, error) {
	b := m.book(r)
	e, err := b.endpoint(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	if err := check(r, []rule{oneOf("status", "enabled disabled")}); err != nil {
		return sandbox.Answer{}, err
	}
	next := *e
	keep(&next.url, q.URL)
	keep(&next.status, q.Status)
	q.Description.Apply(&next.description)
	q.EnabledEvents.Apply(&next.events)
	if len(q.Metadata) > 0 {
		next.metadata = q.Metadata
	}
	if err := checkURL(next.url); err != nil {
		return sandbox.Answer{}, err
	}
	if err := checkEvents(next.events); err != nil {
		return sandbox.Answer{}, err
	}
	next.updated = m.now()
	*e = next
	m.record(r, "endpoint.updated", e.id, 0)
	return sandbox.JSON(http.StatusOK, e.body(b)), nil
}

// DeleteWebhookEndpoint removes an endpoint.
func (m *merchant) DeleteWebhookEndpoint(r *http.Request, id string) (sandbox.Answer, error) {
	b := m.book(r)
	e, err := b.endpoint(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	b.endpoints = remove(b.endpoints, e)
	m.record(r, "endpoint.deleted", e.id, 0)
	return nothing(), nil
}

func (e *endpoint) body(b *book) object {
	return object{
		"id": e.id, "object": "webhook_endpoint", "url": e.url, "description": orNull(e.description), "status": e.status,
		"enabledEvents": append([]string{}, e.events...), "livemode": b.live, "metadata": rawOrNull(e.metadata),
		"createdAt": moment(e.created), "updatedAt": moment(e.updated),
	}
}
