package xpaytest

import (
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/xpay/xpaytest/internal/api"
)

// product is the provider's record of a product.
type product struct {
	id, name, description, image, unitLabel string
	metadata                                jsontext.Value
	active, system                          bool
	defaultPrice                            *price
	created, updated                        time.Time
}

func (st *store) product(id string) (*product, error) {
	if p := find(st.products, func(p *product) bool { return p.id == id }); p != nil {
		return p, nil
	}
	return nil, notFound("product", id)
}

// pricesOf returns the prices of a product, oldest first.
func (st *store) pricesOf(p *product) []*price {
	var list []*price
	for _, one := range st.prices {
		if one.product == p {
			list = append(list, one)
		}
	}
	return list
}

// CreateProduct adds a product and, if given, its default price.
func (m *merchant) CreateProduct(r *http.Request, body api.CreateProductRequest) (sandbox.Response, error) {
	rules := slices.Concat(required("name"), notNull("active"), []rule{isObject("metadata", `{"`)}, priceRules("defaultPrice?."))
	if err := validate(r, rules); err != nil {
		return sandbox.Response{}, err
	}
	metadata, err := objectOf(body.Metadata)
	if err != nil {
		return sandbox.Response{}, err
	}
	st := m.store(r)
	p := &product{
		id: m.newID("prod"), name: body.Name, description: body.Description, image: body.Image, unitLabel: body.UnitLabel,
		metadata: metadata, active: body.Active == nil || bool(*body.Active), created: m.now(), updated: m.now(),
	}
	if body.DefaultPrice != nil {
		first, err := m.newPrice("defaultPrice.", *body.DefaultPrice)
		if err != nil {
			return sandbox.Response{}, err
		}
		first.product, p.defaultPrice = p, first
		st.prices = append(st.prices, first)
	}
	st.products = append(st.products, p)
	m.record(r, "product.created", p.id, 0)
	return sandbox.JSON(http.StatusCreated, st.productRow(p)), nil
}

// GetProduct returns a product.
func (m *merchant) GetProduct(r *http.Request, id string) (sandbox.Response, error) {
	st := m.store(r)
	p, err := st.product(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, m.productBody(st, p)), nil
}

// ListProducts lists the products, oldest first.
func (m *merchant) ListProducts(r *http.Request, params api.ListProductsParams) (sandbox.Response, error) {
	st := m.store(r)
	rows := []any{}
	for _, p := range st.products {
		if matchesFlag(params.Active, p.active) && matches(params.Search, p.name, p.description, p.unitLabel) && hasMetadata(p.metadata, params.Metadata) {
			rows = append(rows, st.productRow(p))
		}
	}
	page, limit, err := paging(r, params.Page, params.Limit)
	if err != nil {
		return sandbox.Response{}, err
	}
	return sandbox.JSON(http.StatusOK, object{
		"data": pageOf(rows, (page-1)*limit, limit), "totalCount": len(rows), "page": page, "limit": limit, "totalPages": (len(rows) + limit - 1) / limit,
	}), nil
}

// UpdateProduct changes a product. It merges the metadata.
func (m *merchant) UpdateProduct(r *http.Request, id string, body api.UpdateProductRequest) (sandbox.Response, error) {
	st := m.store(r)
	p, err := st.product(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	if err := validate(r, append(notNull("name", "active"), isObject("metadata", `{"`))); err != nil {
		return sandbox.Response{}, err
	}
	next := *p
	override(&next.name, body.Name)
	body.Description.Apply(&next.description)
	body.Image.Apply(&next.image)
	body.UnitLabel.Apply(&next.unitLabel)
	if body.Active != nil {
		next.active = *body.Active
	}
	if body.DefaultPrice.Given {
		next.defaultPrice = nil
		if body.DefaultPrice.Value != "" {
			if next.defaultPrice, err = st.price(body.DefaultPrice.Value); err != nil {
				return sandbox.Response{}, reference("defaultPrice", err)
			}
		}
	}
	if body.Metadata.Given {
		change, err := objectOf(body.Metadata.Value)
		if err != nil {
			return sandbox.Response{}, err
		}
		next.metadata = mergeMetadata(p.metadata, change)
	}
	next.updated = m.now()
	*p = next
	m.record(r, "product.updated", p.id, 0)
	return sandbox.JSON(http.StatusOK, m.productBody(st, p)), nil
}

// DeleteProduct removes a product and its prices. None of them may have been used.
func (m *merchant) DeleteProduct(r *http.Request, id string) (sandbox.Response, error) {
	st := m.store(r)
	p, err := st.product(id)
	if err != nil {
		return sandbox.Response{}, err
	}
	for _, one := range st.pricesOf(p) {
		if one.used {
			return sandbox.Response{}, statusErrorf(http.StatusBadRequest, codeInvalidState, "id", "The product %s has a price that was used", id)
		}
	}
	for _, one := range st.pricesOf(p) {
		st.prices = remove(st.prices, one)
	}
	st.products = remove(st.products, p)
	m.record(r, "product.deleted", p.id, 0)
	return noContent(), nil
}

// productRow returns a product in the form of a list, which creation returns too.
func (st *store) productRow(p *product) object {
	prices := []object{}
	for _, one := range st.pricesOf(p) {
		prices = append(prices, one.summary())
	}
	return object{
		"id": p.id, "name": p.name, "active": p.active, "isSystemCreated": p.system, "prices": prices,
		"createdAt": formatTime(p.created), "updatedAt": formatTime(p.updated), "description": orNull(p.description),
		"image": orNull(p.image), "unitLabel": orNull(p.unitLabel), "metadata": rawOrNull(p.metadata),
	}
}

func (m *merchant) productBody(st *store, p *product) object {
	body := st.productRow(p)
	prices := []object{}
	for _, one := range st.pricesOf(p) {
		prices = append(prices, one.body())
	}
	body["object"], body["merchantId"], body["prices"], body["defaultPriceId"] = "product", m.id, prices, null()
	if p.defaultPrice != nil {
		body["defaultPriceId"] = p.defaultPrice.id
	}
	return body
}

// objectOf returns the metadata of a product, which may be text, as an object or null.
func objectOf(metadata jsontext.Value) (jsontext.Value, error) {
	if metadata.Kind() != '"' {
		return metadata, nil
	}
	var text string
	var members map[string]jsontext.Value
	if json.Unmarshal(metadata, &text) != nil || json.Unmarshal([]byte(text), &members) != nil {
		return nil, errorf(codeParameterInvalid, "metadata", "metadata must be a JSON object")
	}
	return jsontext.Value(text), nil
}

// mergeMetadata adds the members of change to those of old.
func mergeMetadata(old, change jsontext.Value) jsontext.Value {
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

// hasMetadata reports whether metadata has the members of a filter.
func hasMetadata(metadata jsontext.Value, filter string) bool {
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
