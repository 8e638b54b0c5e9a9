package finding

// Rule is the stable id of a rule. An id is never reused for another rule.
type Rule string

// The rules, in groups of ten: input, names, statuses, meaning, links, references, text catalogs, texts, unused declarations,
// output.
const (
	Syntax       Rule = "EG001"
	DuplicateKey Rule = "EG002"
	NotString    Rule = "EG003"
	Shape        Rule = "EG004"
	Limit        Rule = "EG005"
	Reference    Rule = "EG006"

	GoName    Rule = "EG010"
	Folded    Rule = "EG011"
	Alias     Rule = "EG012"
	Ambiguous Rule = "EG013"

	Status       Rule = "EG020"
	ListedStatus Rule = "EG021"
	BodyExample  Rule = "EG022"
	NoExample    Rule = "EG023"

	Category       Rule = "EG030"
	UnusualAdvice  Rule = "EG031"
	Contradiction  Rule = "EG032"
	AdviceByStatus Rule = "EG033"

	Anchor   Rule = "EG040"
	Link     Rule = "EG041"
	Customer Rule = "EG042"

	Drift          Rule = "EG050"
	Envelope       Rule = "EG051"
	ListedCode     Rule = "EG052"
	NeverListed    Rule = "EG053"
	Inquiry        Rule = "EG054"
	Class          Rule = "EG055"
	Key            Rule = "EG056"
	UnknownOutcome Rule = "EG057"
	BlindRetry     Rule = "EG058"
	Echo           Rule = "EG059"

	TextOverlap Rule = "EG060"
	TextPattern Rule = "EG061"
	TextExample Rule = "EG062"

	Hygiene   Rule = "EG070"
	Recording Rule = "EG071"

	Unused    Rule = "EG080"
	NoCatalog Rule = "EG081"

	Output Rule = "EG090"
	Stale  Rule = "EG091"
)

// RuleInfo describes a rule.
type RuleInfo struct {
	ID    Rule
	Title string // one line without a period
}

// Rules returns all rules, sorted by id.
func Rules() []RuleInfo {
	return []RuleInfo{
		{Syntax, "the input is one non-empty YAML or JSON document"},
		{DuplicateKey, "a map has each key once"},
		{NotString, "a code is a string for every YAML parser"},
		{Shape, "fields are known, have the right type, and required ones are present"},
		{Limit, "the input stays within the limits on size, nesting and alias expansion"},
		{Reference, "a $ref or pointer resolves within this file or the spec's folder"},
		{GoName, "Go names are exported identifiers and do not conflict"},
		{Folded, "two wire values do not map to the same Go name"},
		{Alias, "an alias is neither a code nor an alias of another code"},
		{Ambiguous, "a code of a response is in one catalog"},
		{Status, "an HTTP status is one that an error can have"},
		{ListedStatus, "a code listed on a response has that response's status"},
		{BodyExample, "the example of a response has a code that the response can have"},
		{NoExample, "every error response has an example, once one does"},
		{Category, "a code has one of the known categories"},
		{UnusualAdvice, "status, category and advice fit together"},
		{Contradiction, "advice and outcome are known values and do not contradict each other"},
		{AdviceByStatus, "advice_by_status uses only the code's own statuses"},
		{Anchor, "an anchor is a plain fragment and unique on its page"},
		{Link, "a page address is an absolute URL without a fragment, and required once operations have retry classes"},
		{Customer, "a customer message has a language and is plain text"},
		{Drift, "enum and catalog contain the same values"},
		{Envelope, "envelope pointers resolve, and code pointers lead to a catalog"},
		{ListedCode, "x-error-codes names declared codes"},
		{NeverListed, "every code is listed by some operation, once lists are used"},
		{Inquiry, "x-inquiry names an operation that reads the state, or says why none does"},
		{Class, "every operation has a retry class, once one does"},
		{Key, "a keyed operation declares where its idempotency key is sent"},
		{UnknownOutcome, "a keyless operation describes its unknown outcome"},
		{BlindRetry, "a keyless operation is not retried blindly"},
		{Echo, "an echo connects two scalars of one type"},
		{TextOverlap, "text rules of different codes do not shadow each other"},
		{TextPattern, "a text rule is well formed"},
		{TextExample, "examples verify every prefix and pattern"},
		{Hygiene, "texts contain no control characters, bidirectional controls or directives"},
		{Recording, "x-record-numbers is keep or replace"},
		{Unused, "every declaration can take effect"},
		{NoCatalog, "the spec has an error catalog"},
		{Output, "the requested output can be generated from this spec"},
		{Stale, "generated files are up to date"},
	}
}
