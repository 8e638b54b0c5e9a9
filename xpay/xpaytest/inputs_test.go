package xpaytest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/contract/specmodel"
)

// member is a member of a request body in the spec.
type member struct {
	path   string // such as lineItems[].quantity
	schema *openapi3.Schema
	null   bool // XPay allows null
}

// membersOf lists the members of a request body, including those of its members, and
// returns a body that has all of them.
func membersOf(ref *openapi3.SchemaRef, path string) ([]member, any) {
	s, null := ref.Value, ref.Value.Nullable
	for len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
		null = null || s.Nullable
	}
	for _, branch := range s.AnyOf {
		null = null || branch.Value.Nullable
	}
	list := []member{{path, s, null}}
	if len(s.AnyOf) > 0 {
		s = s.AnyOf[0].Value
	}
	switch {
	case s.Type.Is("object"):
		body := map[string]any{}
		for name, property := range s.Properties {
			more, value := membersOf(property, strings.TrimPrefix(path+"."+name, "."))
			list, body[name] = append(list, more...), value
		}
		return list, body
	case s.Type.Is("array"):
		if s.Items.Value.Type == nil && len(s.Items.Value.AllOf) == 0 {
			return list, []any{}
		}
		more, value := membersOf(s.Items, path+"[]")
		return append(list, more...), []any{value}
	case len(s.Enum) > 0:
		return list, s.Enum[0]
	case s.Type.Is("boolean"):
		return list, true
	case s.Type.Is("integer"):
		return list, 30
	case s.Format == "uri":
		return list, "https://shop.example/x"
	case s.Format == "email":
		return list, "mona@shop.example"
	case s.Pattern != "":
		return list, "#1a2b3c"
	}
	return list, "x"
}

// invalid returns values that the schema of a member forbids.
func (m member) invalid() []any {
	var values []any
	if !m.null && m.path != "" {
		values = append(values, nil)
	}
	switch s := m.schema; {
	case s.Format == "uri":
		values = append(values, "", "shop", "/thanks", "https://", "https://shop.example/a b")
	case s.Format == "email":
		values = append(values, "mona", "mona@", "mona @shop.example")
	case s.Pattern != "":
		values = append(values, "red", "#12", "#12345", "#1234567")
	case strings.HasSuffix(m.path, "currency") || m.path == "paymentMethodTypes[]" || m.path == "enabledEvents[]":
		// What these may be depends on more than the spec.
	case specmodel.OpenEnum(s) != nil:
		values = append(values, "nonsense")
	case s.MaxLength != nil:
		values = append(values, strings.Repeat("x", int(*s.MaxLength)+1))
	case strings.HasSuffix(m.path, "metadata") && len(s.AnyOf) == 0:
		values = append(values, "{}", []any{1}, 1)
	case strings.HasSuffix(m.path, "metadata"):
		values = append(values, 1, true)
	}
	return values
}

// with returns a copy of a body with another value at a path.
func with(body any, path string, value any) any {
	if path == "" {
		return value
	}
	first, rest, _ := strings.Cut(path, ".")
	name, element := strings.CutSuffix(first, "[]")
	changed := maps.Clone(body.(map[string]any))
	if element {
		changed[name] = []any{with(changed[name].([]any)[0], rest, value)}
	} else {
		changed[name] = with(changed[name], rest, value)
	}
	return changed
}

// TestRequestsAreCheckedAsTheSpecSays sends each member of each request with null and
// with values that the spec forbids.
func TestRequestsAreCheckedAsTheSpecSays(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../specs/xpay.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t)
	s.offSpec = true
	product := s.call("POST", "/products", `{"name":"Ticket","defaultPrice":{"unitAmount":500}}`)
	price := s.text(product, "prices.0.id")
	endpoint, _ := s.endpoint("https://shop.example/xpay", `[]`)
	link := s.call("POST", "/payment-links", `{"lineItems":[{"priceId":"`+price+`","quantity":1}],`+after+`}`)
	id := strings.NewReplacer(
		"/checkout/sessions/{id}", "/checkout/sessions/"+s.text(s.session(""), "id"), "/products/{id}", "/products/"+s.text(product, "id"),
		"/prices/{id}", "/prices/"+price, "/webhook-endpoints/{id}", "/webhook-endpoints/"+endpoint, "/payment-links/{id}", "/payment-links/"+s.text(link, "id"),
	)
	count := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			members, body := membersOf(op.RequestBody.Value.Content["application/json"].Schema, "")
			target := id.Replace(path)
			if path == "/prices" {
				target += "?productId=" + s.text(product, "id")
			}
			for _, m := range members {
				count++
				s.checkMember(method, target, body, m)
			}
		}
	}
	if count < 300 {
		t.Errorf("only %d members were checked", count)
	}
}

func (s *shop) checkMember(method, target string, body any, m member) {
	s.t.Helper()
	param := strings.ReplaceAll(m.path, "[]", "[0]")
	for _, value := range m.invalid() {
		raw, _ := json.Marshal(with(body, m.path, value))
		a := s.call(method, target, string(raw))
		codes := []string{"parameter_invalid", "parameter_missing", "parameter_out_of_range", "currency_invalid"}
		if a.status != http.StatusBadRequest || a.at("error.param") != param || !slices.Contains(codes, fmt.Sprint(a.at("error.code"))) {
			s.t.Errorf("%s %s: %s = %.40q: %d %s", method, target, m.path, fmt.Sprint(value), a.status, a.raw)
		}
	}
	// A session without line items is rejected, although the document allows null.
	if !m.null || m.path == "" || m.path == "lineItems" {
		return
	}
	raw, _ := json.Marshal(with(body, m.path, nil))
	a := s.call(method, target, string(raw))
	if message, _ := a.at("error.message").(string); a.at("error.param") == param && strings.Contains(message, "null") || strings.HasPrefix(message, "Invalid value for "+param) {
		s.t.Errorf("%s %s: null for %s: %d %s", method, target, m.path, a.status, a.raw)
	}
}

func TestRequestsCanHaveTheFormsThatXPayAccepts(t *testing.T) {
	s := open(t)
	for active, want := range map[string]any{`true`: true, `false`: false, `"true"`: true, `"false"`: false} {
		s.values(s.call("POST", "/products", `{"name":"","active":`+active+`}`), map[string]any{"name": "", "active": want})
	}
	s.want(s.call("POST", "/products", `{"name":"Ticket","active":"yes"}`), 400, "parameter_invalid", "active")
	s.want(s.call("POST", "/products", `{"name":"Ticket","active":null}`), 400, "parameter_invalid", "active")
	product := s.call("POST", "/products", `{"name":"Ticket","metadata":"{\"sku\":\"1\"}"}`)
	s.shape(product, map[string]string{"metadata": `{"sku":"1"}`})
	s.shape(s.call("PATCH", "/products/"+s.text(product, "id"), `{"metadata":"{\"size\":\"2\"}"}`), map[string]string{"metadata": `{"size":"2","sku":"1"}`})
	s.want(s.call("POST", "/products", `{"name":"Ticket","metadata":"size 2"}`), 400, "parameter_invalid", "metadata")
	s.shape(s.session(`,"metadata":[1,"a"]`), map[string]string{"metadata": `[1,"a"]`})

	customer := s.call("POST", "/customers", `{"email":"mona@shop.example","address":{"city":"Cairo","country":"EG","floor":3}}`)
	s.shape(customer, map[string]string{"address": `{"city":"Cairo","country":"EG","floor":3}`})
	s.values(s.call("GET", "/customers", ""), map[string]any{"data.0.country": "EG"})
	s.want(s.call("POST", "/customers", `{"email":"omar@shop.example","address":{"city":3}}`), 400, "parameter_invalid", "address.city")
	a := s.session(`,"customerId":"` + s.text(customer, "id") + `"`)
	s.shape(a, map[string]string{"customer.address": `{"city":"Cairo","country":"EG"}`})
}

func TestCustomersAreFilteredByKnownTypesOnly(t *testing.T) {
	s := open(t)
	s.want(s.call("GET", "/customers?type=vip", ""), 400, "parameter_invalid", "type")
	s.values(s.call("GET", "/customers?type=guest", ""), map[string]any{"totalCount": 0})
}
