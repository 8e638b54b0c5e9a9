package xpaytest

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// rule is a constraint on a member of a request. The names in its path are separated by
// dots. After a name, [] applies the rule to each element of a list, and ? skips a
// member that is absent or null.
type rule struct {
	path      string
	min, max  int64 // of a number; max 0: no limits
	minLength int   // of a string, in characters
	maxLength int   // of a string, in characters; 0: no limit
	values    []string
	form      *regexp.Regexp // of a string
	example   string         // of a string in that form
	kinds     string         // first characters of the permitted JSON; empty: any
	notNull   bool
	optional  bool
}

const maxInt = 2147483647

// required returns rules that require members to be present.
func required(paths ...string) []rule {
	rules := make([]rule, 0, len(paths))
	for _, path := range paths {
		rules = append(rules, rule{path: path})
	}
	return rules
}

// atLeast returns a rule that requires a number from low to the largest 32-bit integer.
func atLeast(path string, low int64) rule {
	return rule{path: path, min: low, max: maxInt, optional: true}
}

func oneOf(path, values string) rule {
	return rule{path: path, values: strings.Fields(values), optional: true}
}

func lengthBetween(path string, low, high int) rule {
	return rule{path: path, minLength: low, maxLength: high, optional: true}
}

// notNull returns rules that reject null for members that may be absent, and for elements
// of lists.
func notNull(paths ...string) []rule {
	rules := make([]rule, 0, len(paths))
	for _, path := range paths {
		rules = append(rules, rule{path: path, notNull: true, optional: true})
	}
	return rules
}

// The forms of text.
var (
	uriForm   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:(//[^/?#\s<>"\\^` + "`" + `]+|/?[^/\s<>"\\^` + "`" + `])[^\s<>"\\^` + "`" + `]*$`)
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	colorForm = regexp.MustCompile(`^#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$`)
)

// isURI returns a rule that requires an absolute URI.
func isURI(path string) rule {
	return rule{path: path, form: uriForm, example: "https://shop.example", optional: true}
}

func isEmail(path string) rule {
	return rule{path: path, form: emailForm, example: "mona@shop.example", optional: true}
}

// isObject returns a rule for metadata, which XPay also accepts as another kind of JSON
// in some requests.
func isObject(path, kinds string) rule { return rule{path: path, kinds: kinds, optional: true} }

// validate checks the body of a request against rules, in their order.
func validate(r *http.Request, rules []rule) error {
	var doc any
	// The body is valid JSON or empty. An empty body has no required member.
	_ = json.Unmarshal(sandbox.Body(r), &doc, json.WithUnmarshalers(json.UnmarshalFromFunc(keepDigits)))
	for _, one := range rules {
		if err := one.check(doc, strings.Split(one.path, "."), ""); err != nil {
			return err
		}
	}
	return nil
}

// digits is the text of a JSON number.
type digits string

func keepDigits(d *jsontext.Decoder, v *any) error {
	if d.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	literal, err := d.ReadValue()
	*v = digits(literal)
	return err
}

// check follows the path and checks the members that it finds.
func (u rule) check(value any, path []string, param string) error {
	if len(path) == 0 {
		return u.checkValue(value, param)
	}
	name, optional := strings.CutSuffix(path[0], "?")
	name, each := strings.CutSuffix(name, "[]")
	members, _ := value.(map[string]any)
	at := strings.TrimPrefix(param+"."+name, ".")
	next := members[name]
	_, present := members[name]
	switch {
	case next == nil && present && u.notNull && len(path) == 1 && !each:
		return errorf(codeParameterInvalid, at, "%s cannot be null", at)
	case next == nil && (optional || len(path) == 1 && u.optional):
		return nil
	case next == nil:
		return errorf(codeParameterMissing, at, "Missing required parameter: %s", at)
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

func (u rule) checkValue(value any, param string) error {
	if kind := kindOf(value); u.kinds != "" && !strings.ContainsRune(u.kinds, kind) {
		return errorf(codeParameterInvalid, param, "%s must be an object", param)
	}
	switch v := value.(type) {
	case nil:
		if u.notNull {
			return errorf(codeParameterInvalid, param, "%s cannot be null", param)
		}
	case digits:
		if n, err := strconv.ParseInt(string(v), 10, 64); u.max != 0 && (err != nil || n < u.min || n > u.max) {
			return errorf(codeParameterOutOfRange, param, "%s must be a whole number from %d to %d", param, u.min, u.max)
		}
	case string:
		n := utf8.RuneCountInString(v)
		switch {
		case n < u.minLength:
			return errorf(codeParameterOutOfRange, param, "%s has %d characters; it must have at least %d", param, n, u.minLength)
		case u.maxLength != 0 && n > u.maxLength:
			return errorf(codeParameterOutOfRange, param, "%s has %d characters; it must have at most %d", param, n, u.maxLength)
		case u.form != nil && !u.form.MatchString(v):
			return errorf(codeParameterInvalid, param, "%s has an invalid form; %s would be valid", param, u.example)
		case u.values != nil && !slices.Contains(u.values, v):
			return errorf(codeParameterInvalid, param, "%s must be one of %s", param, strings.Join(u.values, ", "))
		}
	}
	return nil
}

// kindOf returns the first character of a value's JSON.
func kindOf(value any) rune {
	switch value.(type) {
	case map[string]any:
		return '{'
	case []any:
		return '['
	case string:
		return '"'
	}
	return '0'
}

// The permitted values of members that several requests have.
const (
	customerCreations = "always if_required"
	submitTypes       = "PAY SUBSCRIBE BOOK DONATE"
	customFieldTypes  = "TEXT NUMBER DROPDOWN CHECKBOX"
	limitTypes        = "AT_MOST BETWEEN AT_LEAST EXACTLY"
	intervals         = "DAY WEEK MONTH YEAR CUSTOM"
	paymentMethods    = `card fawry aman valu sympl tabby tamara vodafone_cash etisalat_cash orange_cash we_pay apple_pay google_pay
		samsung_pay instapay bank_transfer cash_on_delivery`
)

func afterCompletionRules() []rule {
	return slices.Concat(required("afterCompletion?.type", "afterCompletion?.redirect?.url"), []rule{
		oneOf("afterCompletion?.type", "redirect hosted_confirmation"),
		isURI("afterCompletion?.redirect?.url"), isURI("afterCompletion?.hostedConfirmation?.returnUrl"),
		lengthBetween("afterCompletion?.hostedConfirmation?.customMessage", 0, 500),
	})
}

func fieldRules() []rule {
	return slices.Concat(notNull("customFields[]?", "customFields[]?.dropdownOptions[]?"), required("customFields[]?.label", "customFields[]?.type"), []rule{
		lengthBetween("customFields[]?.label", 1, 0),
		oneOf("customFields[]?.type", customFieldTypes), oneOf("customFields[]?.limitType", limitTypes),
		atLeast("customFields[]?.minCharacters", 1), atLeast("customFields[]?.maxCharacters", 1),
	}, required("customFields[]?.dropdownOptions[]?.label"))
}

func quantityRules() []rule {
	return slices.Concat(required("lineItems[]?.quantity", "lineItems[]?.adjustableQuantity?.enabled"), []rule{
		atLeast("lineItems[]?.quantity", 0),
		atLeast("lineItems[]?.adjustableQuantity?.minimum", 0), atLeast("lineItems[]?.adjustableQuantity?.maximum", 1),
	})
}

func sessionRules() []rule {
	return slices.Concat(
		[]rule{
			oneOf("mode", "payment setup subscription"), oneOf("uiMode", "hosted embedded custom"), oneOf("submitType", submitTypes),
			oneOf("customerCreation", customerCreations), oneOf("locale", "en ar"), atLeast("expiresAfterMinutes", 30),
		},
		notNull("lineItems[]?", "discounts[]?", "paymentMethodTypes[]?"),
		afterCompletionRules(), quantityRules(), fieldRules(), brandingRules(),
		required("lineItems[]?.priceData?.currency", "lineItems[]?.priceData?.unitAmount", "lineItems[]?.priceData?.productData.name",
			"lineItems[]?.priceData?.recurring?.interval", "feeConfig?.feesPassThrough", "feeConfig?.vatCollectionEnabled"),
		[]rule{
			atLeast("feeConfig?.vatCollectionRate", 0), atLeast("lineItems[]?.priceData?.unitAmount", 0),
			lengthBetween("lineItems[]?.priceData?.productData.name", 1, 255), lengthBetween("lineItems[]?.priceData?.productData.description", 0, 500),
			lengthBetween("lineItems[]?.priceData?.productData.unitLabel", 0, 50),
			oneOf("lineItems[]?.priceData?.recurring?.interval", intervals), atLeast("lineItems[]?.priceData?.recurring?.intervalCount", 1),
			isObject("lineItems[]?.priceData?.metadata", "{"), isObject("lineItems[]?.priceData?.productData.metadata", "{"), isObject("metadata", "{["),
			isURI("cancelUrl"), isURI("lineItems[]?.priceData?.productData.image"),
			isEmail("customerDetails?.email"), isEmail("customerDetails?.billingDetails?.email"),
			oneOf("customerUpdate?.address", "auto never"), oneOf("customerUpdate?.name", "auto never"), oneOf("customerUpdate?.shipping", "auto never"),
		})
}

func linkRules() []rule {
	return slices.Concat(
		notNull("lineItems[]?", "lineItems[]?.adjustableQuantity", "customerCreation"),
		required("lineItems[]?.priceId"), quantityRules(), afterCompletionRules(), fieldRules(), brandingRules(),
		required("customFields[]?.isOptional", "feeConfig?.feesPassThrough", "feeConfig?.vatCollectionEnabled"),
		[]rule{oneOf("submitType", submitTypes), oneOf("customerCreation", customerCreations), atLeast("feeConfig?.vatCollectionRate", 0), isObject("metadata", "{")})
}

func brandingRules() []rule {
	rules := []rule{
		oneOf("brandingSettings?.colorMode", "light dark system"), oneOf("brandingSettings?.borderStyle", "rounded sharp pill"),
		oneOf("brandingSettings?.spacing", "condensed normal spacious"), oneOf("brandingSettings?.inputSize", "small medium large"),
		oneOf("brandingSettings?.inputStyle", "flat outlined filled"), oneOf("brandingSettings?.formLayout", "compact spacious"),
		lengthBetween("brandingSettings?.fontFamily", 0, 512),
	}
	for _, name := range strings.Fields(`primary primaryForeground background foreground border input ring muted mutedForeground accent
		accentForeground destructive`) {
		rules = append(rules, rule{path: "brandingSettings?.colors?." + name, form: colorForm, example: "#1a2b3c", optional: true})
	}
	return rules
}

func priceRules(prefix string) []rule {
	return []rule{
		{path: prefix + "active", notNull: true, optional: true}, isObject(prefix+"metadata", "{"),
		oneOf(prefix+"type", "ONE_TIME RECURRING CUSTOM"), atLeast(prefix+"unitAmount", 0),
		oneOf(prefix+"recurring?.interval", intervals), atLeast(prefix+"recurring?.intervalCount", 1),
		atLeast(prefix+"customUnitAmount?.minimum", 1), atLeast(prefix+"customUnitAmount?.maximum", 1),
		atLeast(prefix+"customUnitAmount?.preset", 1),
	}
}
