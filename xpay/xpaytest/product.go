package xpaytest

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// product is what the provider keeps of one.
type product struct {
	id, name, description, image, unitLabel string
	metadata                                jsontext.Value
	active, system                          bool
	defaultPrice                            *price
	created, updated                        time.Time
}

func (b *book) product(id string) (*product, error) {
	if p := find(b.products, func(p *product) bool { return p.id == id }); p != nil {
		return p, nil
	}
	return nil, missing("product", id)
}

// pricesOf are the prices of a product, oldest first.
func (b *book) pricesOf(p *product) []*price {
	var list []*price
	for _, one := range b.prices {
		if one.product == p {
			list = append(list, one)
		}
	}
	return list
}

// CreateProduct adds a product and perhaps its first price.
func (m *merchant) CreateProduct(r *http.Request, body api.CreateProductRequest) (sandbox.Answer, error) {
	rules := append(need("name"), sized("name", 1, 0))
	if body.DefaultPrice != nil {
		rules = append(rules, priceRules("defaultPrice?.")...)
	}
	if err := check(r, rules); err != nil {
		return sandbox.Answer{}, err
	}
	b := m.book(r)
	p := &product{
		id: m.newID("prod"), name: body.Name, description: body.Description, image: body.Image, unitLabel: body.UnitLabel,
		metadata: body.Metadata, active: body.Active == nil || *body.Active, created: m.now(), updated: m.now(),
	}
	if body.DefaultPrice != nil {
		first, err := m.newPrice("defaultPrice.", *body.DefaultPrice)
		if err != nil {
			return sandbox.Answer{}, err
		}
		first.product, p.defaultPrice = p, first
		b.prices = append(b.prices, first)
	}
	b.products = append(b.products, p)
	m.record(r, "product.created", p.id, 0)
	return sandbox.JSON(http.StatusCreated, b.productRow(p)), nil
}

// GetProduct reads a product.
func (m *merchant) GetProduct(r *http.Request, id string) (sandbox.Answer, error) {
	b := m.book(r)
	p, err := b.product(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return sandbox.JSON(http.StatusOK, m.productBody(b, p)), nil
}

// ListProducts lists products, oldest first.
func (m *merchant) ListProducts(r *http.Request, params api.ListProductsParams) (sandbox.Answer, error) {
	b := m.book(r)
	rows := []any{}
	for _, p := range b.products {
		if isWanted(params.Active, p.active) && matches(params.Search, p.name, p.description, p.unitLabel) && holds(p.metadata, params.Metadata) {
			rows = append(rows, b.productRow(p))
		}
	}
	page, limit, err := paging(r, params.Page, params.Limit)
	if err != nil {
		return sandbox.Answer{}, err
	}
	return sandbox.JSON(http.StatusOK, object{
		"data": cut(rows, (page-1)*limit, limit), "totalCount": len(rows), "page": page, "limit": limit, "totalPages": (len(rows) + limit - 1) / limit,
	}), nil
}

// UpdateProduct changes a product; metadata is merged.
func (m *merchant) UpdateProduct(r *http.Request, id string, body api.UpdateProductRequest) (sandbox.Answer, error) {
	b := m.book(r)
	p, err := b.product(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	next := *p
	keep(&next.name, body.Name)
	body.Description.Apply(&next.description)
	body.Image.Apply(&next.image)
	body.UnitLabel.Apply(&next.unitLabel)
	if body.Active != nil {
		next.active = *body.Active
	}
	if body.DefaultPrice.Given {
		next.defaultPrice = nil
		if body.DefaultPrice.Value != "" {
			if next.defaultPrice, err = b.price(body.DefaultPrice.Value); err != nil {
				return sandbox.Answer{}, err
			}
		}
	}
	if body.Metadata.Given {
		next.metadata = merged(p.metadata, body.Metadata.Value)
	}
	next.updated = m.now()
	*p = next
	m.record(r, "product.updated", p.id, 0)
	return sandbox.JSON(http.StatusOK, m.productBody(b, p)), nil
}

// DeleteProduct removes a product and its prices, none of which was used.
func (m *merchant) DeleteProduct(r *http.Request, id string) (sandbox.Answer, error) {
	b := m.book(r)
	p, err := b.product(id)
	if err != nil {
		return sandbox.Answer{}, err
	}
	for _, one := range b.pricesOf(p) {
		if one.used {
			return sandbox.Answer{}, refuseWith(http.StatusBadRequest, codeInvalidState, "id", "The product %s has a price that was used", id)
		}
	}
	for _, one := range b.pricesOf(p) {
		b.prices = remove(b.prices, one)
	}
	b.products = remove(b.products, p)
	m.record(r, "product.deleted", p.id, 0)
	return nothing(), nil
}

// productRow is a product as lists and the answer of a creation show it.
func (b *book) productRow(p *product) object {
	prices := []object{}
	for _, one := range b.pricesOf(p) {
		prices = append(prices, one.brief())
	}
	return object{
		"id": p.id, "name": p.name, "active": p.active, "isSystemCreated": p.system, "prices": prices,
		"createdAt": moment(p.created), "updatedAt": moment(p.updated), "description": orNull(p.description),
		"image": orNull(p.image), "unitLabel": orNull(p.unitLabel), "metadata": rawOrNull(p.metadata),
	}
}

func (m *merchant) productBody(b *book, p *product) object {
	body := b.productRow(p)
	prices := []object{}
	for _, one := range b.pricesOf(p) {
		prices = append(prices, one.body())
	}
	body["object"], body["merchantId"], body["prices"], body["defaultPriceId"] = "product", m.id, prices, null()
	if p.defaultPrice != nil {
		body["defaultPriceId"] = p.defaultPrice.id
	}
	return body
}

// merged puts the members of a change into those that are there.
func merged(old, change jsontext.Value) jsontext.Value {
	var have, more map[string]jsontext.Value
	if len(change) == 0 || change.Kind() == 'n' || json.Unmarshal(change, &more) != nil {
		return change
	}
	if json.Unmarshal(old, &have) != nil || have == nil {
		return change
	}
	for name, value := range more {
		have[name] = value
	}
	return jsontext.Value(sandbox.JSON(http.StatusOK, have).Body)
}

// holds tells whether metadata has what a filter names.
func holds(metadata jsontext.Value, filter string) bool {
	var have, want map[string]any
	if filter == "" {
		return true
	}
	if json.Unmarshal([]byte(filter), &want) != nil || json.Unmarshal(metadata, &have) != nil {
		return false
	}
	for name, value := range want {
		if have[name] != value {
			return false
		}
	}
	return true
}
