package xpaytest

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// rule is what a member of a request must be. A path is written with dots; []
// goes through a list, ? passes over what is absent or null.
type rule struct {
	path     string
	min, max int64 // of a number, when max is not 0
	length   int   // of a text at most, when not 0
	least    int   // of a text at least
	words    []string
	optional bool
}

const maxInt = 2147483647

// need wants members to be there.
func need(paths ...string) []rule {
	rules := make([]rule, 0, len(paths))
	for _, path := range paths {
		rules = append(rules, rule{path: path})
	}
	return rules
}

// from wants a number of at least low, and no more than 32 bits hold.
func from(path string, low int64) rule {
	return rule{path: path, min: low, max: maxInt, optional: true}
}

func oneOf(path, words string) rule {
	return rule{path: path, words: strings.Fields(words), optional: true}
}

func sized(path string, least, most int) rule {
	return rule{path: path, least: least, length: most, optional: true}
}

// check holds the body of a request against rules, in their order.
func check(r *http.Request, rules []rule) error {
	var doc any
	// What is no JSON was refused before; no body at all lacks what is needed.
	_ = json.Unmarshal(sandbox.Body(r), &doc, json.WithUnmarshalers(json.UnmarshalFromFunc(keepDigits)))
	for _, one := range rules {
		if err := one.check(doc, strings.Split(one.path, "."), ""); err != nil {
			return err
		}
	}
	return nil
}

// digits is a JSON number as it came.
type digits string

func keepDigits(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	literal, err := d.ReadValue()
	*v = digits(literal)
	return err
}

// check follows the path and looks at what is there.
func (u rule) check(value any, path []string, param string) error {
	if len(path) == 0 {
		return u.judge(value, param)
	}
	name, passOver := strings.CutSuffix(path[0], "?")
	name, each := strings.CutSuffix(name, "[]")
	members, _ := value.(map[string]any)
	at := strings.TrimPrefix(param+"."+name, ".")
	next := members[name]
	switch {
	case next == nil && (passOver || len(path) == 1 && u.optional):
		return nil
	case next == nil:
		return refuse(codeParameterMissing, at, "Missing required parameter: %s", at)
	case !each:
		return u.check(next, path[1:], at)
	}
	list, _ := next.([]any)
	for i, item := range list {
		if err := u.check(item, path[1:], at+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	return nil
}

func (u rule) judge(value any, param string) error {
	switch v := value.(type) {
	case digits:
		if n, err := strconv.ParseInt(string(v), 10, 64); u.max != 0 && (err != nil || n < u.min || n > u.max) {
			return refuse(codeParameterOutOfRange, param, "%s is outside its bounds", param)
		}
	case string:
		n := utf8.RuneCountInString(v)
		if n < u.least || u.length != 0 && n > u.length {
			return refuse(codeParameterOutOfRange, param, "%s has %d characters", param, n)
		}
		if u.words != nil && !slices.Contains(u.words, v) {
			return refuse(codeParameterInvalid, param, "%s must be one of %s", param, strings.Join(u.words, ", "))
		}
	}
	return nil
}

// What several requests share.
const (
	creationWords = "always if_required"
	submitWords   = "PAY SUBSCRIBE BOOK DONATE"
	fieldWords    = "TEXT NUMBER DROPDOWN CHECKBOX"
	limitWords    = "AT_MOST BETWEEN AT_LEAST EXACTLY"
	intervalWords = "DAY WEEK MONTH YEAR CUSTOM"
	methodWords   = `card fawry aman valu sympl tabby tamara vodafone_cash etisalat_cash orange_cash we_pay apple_pay google_pay
		samsung_pay instapay bank_transfer cash_on_delivery`
)

func afterCompletionRules() []rule {
	return slices.Concat(need("afterCompletion?.type", "afterCompletion?.redirect?.url"), []rule{
		oneOf("afterCompletion?.type", "redirect hosted_confirmation"),
		sized("afterCompletion?.redirect?.url", 1, 0),
		sized("afterCompletion?.hostedConfirmation?.customMessage", 0, 500),
	})
}

func fieldRules() []rule {
	return slices.Concat(need("customFields[]?.label", "customFields[]?.type"), []rule{
		sized("customFields[]?.label", 1, 0),
		oneOf("customFields[]?.type", fieldWords), oneOf("customFields[]?.limitType", limitWords),
		from("customFields[]?.minCharacters", 1), from("customFields[]?.maxCharacters", 1),
	}, need("customFields[]?.dropdownOptions[]?.label"))
}

func quantityRules() []rule {
	return slices.Concat(need("lineItems[]?.quantity", "lineItems[]?.adjustableQuantity?.enabled"), []rule{
		from("lineItems[]?.quantity", 0),
		from("lineItems[]?.adjustableQuantity?.minimum", 0), from("lineItems[]?.adjustableQuantity?.maximum", 1),
	})
}

func sessionRules() []rule {
	return slices.Concat(
		[]rule{
			oneOf("mode", "payment setup subscription"), oneOf("uiMode", "hosted embedded custom"), oneOf("submitType", submitWords),
			oneOf("customerCreation", creationWords), oneOf("locale", "en ar"), from("expiresAfterMinutes", 30),
		},
		afterCompletionRules(), quantityRules(), fieldRules(),
		need("lineItems[]?.priceData?.currency", "lineItems[]?.priceData?.unitAmount", "lineItems[]?.priceData?.productData.name",
			"lineItems[]?.priceData?.recurring?.interval", "feeConfig?.feesPassThrough", "feeConfig?.vatCollectionEnabled"),
		[]rule{
			from("lineItems[]?.priceData?.unitAmount", 0),
			sized("lineItems[]?.priceData?.productData.name", 1, 255), sized("lineItems[]?.priceData?.productData.description", 0, 500),
			sized("lineItems[]?.priceData?.productData.unitLabel", 0, 50),
			oneOf("lineItems[]?.priceData?.recurring?.interval", intervalWords),
			oneOf("customerUpdate?.address", "auto never"), oneOf("customerUpdate?.name", "auto never"), oneOf("customerUpdate?.shipping", "auto never"),
		})
}

func linkRules() []rule {
	return slices.Concat(
		need("lineItems[]?.priceId"), quantityRules(), afterCompletionRules(), fieldRules(),
		need("customFields[]?.isOptional", "feeConfig?.feesPassThrough", "feeConfig?.vatCollectionEnabled"),
		[]rule{oneOf("submitType", submitWords), oneOf("customerCreation", creationWords)})
}

func priceRules(prefix string) []rule {
	return []rule{
		oneOf(prefix+"type", "ONE_TIME RECURRING CUSTOM"), from(prefix+"unitAmount", 0),
		oneOf(prefix+"recurring?.interval", intervalWords), from(prefix+"recurring?.intervalCount", 1),
		from(prefix+"customUnitAmount?.minimum", 1), from(prefix+"customUnitAmount?.maximum", 1),
		from(prefix+"customUnitAmount?.preset", 1),
	}
}
