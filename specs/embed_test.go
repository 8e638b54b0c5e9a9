package specs_test

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/specs"
)

func TestBytes(t *testing.T) {
	for _, provider := range []string{"qpay", "openapi", "xpay", "gateway"} {
		want, err := os.ReadFile(provider + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		got, err := specs.Bytes(provider)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %d bytes and %v, want the file", provider, len(got), err)
		}
	}
	for _, name := range []string{"", "stripe", "../go", "xpay.yaml"} {
		if _, err := specs.Bytes(name); err == nil {
			t.Errorf("%q: no error", name)
		}
	}
}

// reviewed are the members and parameters that are numbers. None of them identifies a
// person, so recordings keep them (x-record-numbers). Add a name only if that is true of
// it. If it is not, write x-record-numbers: replace.
const reviewed = `
allow_exceed allow_partial amount amountCapturable amountCaptured amountCollectedVat amountDiscount
amountDisputeLosses amountOff amountPlatformFee amountReceived amountRefunded amountShipping amountSubtotal
amountTax amountTotal amount_minor attempts averageOrderValue chargeCount city_tax city_tax_amount
collectedVatAmount computedAmount count customerMaxRedemptions decimals discount discount_amount
durationInMonths enable_expiry exchangeRate expiresAfterMinutes expires_in fee feeAmount feePercentage
grossSpend gross_amount intervalCount is_active is_cross_border is_default limit line_quantity
line_unit_price maxCharacters maxDiscountAmount maxRedemptions maximum maximum_amount merchantFeeDeduction
minCharacters minValue minimum minimumAmount minimum_amount net netSpend numPayments offset page page_limit
page_number paid_amount paymentTime payment_amount payment_fee percentOff preset productAmount quantity
rateBps refresh_expires_in riskScore status stock surcharge_amount tax_amount tenure timesRedeemed tip
totalAmount totalCount totalPages total_amount transaction_amount trx_fee unitAmount unit_price value
vatAmount vatCollectionRate vat_amount
`

func TestNumbersThatAreRecordedAreReviewed(t *testing.T) {
	found := map[string]bool{}
	for _, provider := range []string{"qpay", "openapi", "xpay", "gateway"} {
		text, err := specs.Bytes(provider)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Fatal(err)
		}
		if doc.Extensions["x-record-numbers"] != "keep" {
			t.Errorf("%s has no x-record-numbers", provider)
		}
		n := numbers{found: found, seen: map[*openapi3.Schema]bool{}}
		for _, schema := range doc.Components.Schemas {
			n.add("", schema.Value)
		}
		for _, item := range doc.Paths.Map() {
			for _, op := range item.Operations() {
				for _, p := range append(item.Parameters, op.Parameters...) {
					n.add(p.Value.Name, p.Value.Schema.Value)
				}
			}
		}
	}
	want := strings.Fields(reviewed)
	for name := range found {
		if !slices.Contains(want, name) {
			t.Errorf("%s is a number that recordings keep, but is not reviewed", name)
		}
	}
	for _, name := range want {
		if !found[name] {
			t.Errorf("%s is reviewed, but is no number of any spec", name)
		}
	}
	if t.Failed() {
		t.Logf("found: %s", strings.Join(slices.Sorted(maps.Keys(found)), " "))
	}
}

// numbers collects the names of members that can be numbers.
type numbers struct {
	found map[string]bool
	seen  map[*openapi3.Schema]bool
}

func (n numbers) add(name string, s *openapi3.Schema) {
	if s == nil || s.Extensions["x-record-numbers"] == "replace" {
		return
	}
	if kept(s) && name != "" {
		n.found[name] = true
	}
	if n.seen[s] {
		return
	}
	n.seen[s] = true
	for below, p := range s.Properties {
		n.add(below, p.Value)
	}
	if s.Items != nil {
		n.add(name, s.Items.Value)
	}
	for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range parts {
			if part.Value != nil && !part.Value.Type.Is("number") && !part.Value.Type.Is("integer") {
				n.add(name, part.Value)
			}
		}
	}
}

// kept reports whether recordings keep the numbers of a schema.
func kept(s *openapi3.Schema) bool {
	number, free := s.Type.Is("number") || s.Type.Is("integer"), false
	for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range parts {
			number = number || part.Value.Type.Is("number") || part.Value.Type.Is("integer") || kept(part.Value)
			free = free || part.Value.Type.Is("string") && part.Value.Pattern == "" && part.Value.Enum == nil
		}
	}
	return number && (!free || s.Extensions["x-record-numbers"] == "keep")
}
