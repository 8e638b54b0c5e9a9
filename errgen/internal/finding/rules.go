package finding

// Rule is the stable id of a rule. Ids are never reused for another meaning.
type Rule string

// The rules, grouped by the tens: input, names, statuses, meaning, links, references, text catalogs, text, leftovers, output.
const (
	Syntax       Rule = "EG001"
	DuplicateKey Rule = "EG002"
	NotString    Rule = "EG003"
	Shape        Rule = "EG004"
	Limit        Rule = "EG005"
	Reference    Rule = "EG006"

	GoName Rule = "EG010"
	Folded Rule = "EG011"
	Alias  Rule = "EG012"

	Status       Rule = "EG020"
	ListedStatus Rule = "EG021"

	Category       Rule = "EG030"
	OddAdvice      Rule = "EG031"
	Contradiction  Rule = "EG032"
	AdviceByStatus Rule = "EG033"

	Anchor   Rule = "EG040"
	Link     Rule = "EG041"
	Customer Rule = "EG042"

	Drift       Rule = "EG050"
	Envelope    Rule = "EG051"
	ListedCode  Rule = "EG052"
	NeverListed Rule = "EG053"
	Class       Rule = "EG055"
	Key         Rule = "EG056"
	UnknownCall Rule = "EG057"
	DaringCall  Rule = "EG058"

	TextOverlap Rule = "EG060"
	TextPattern Rule = "EG061"
	TextExample Rule = "EG062"

	Hygiene Rule = "EG070"

	Unused    Rule = "EG080"
	NoCatalog Rule = "EG081"

	Output Rule = "EG090"
	Stale  Rule = "EG091"
)

// RuleInfo is what is known of one rule.
type RuleInfo struct {
	ID    Rule
	Title string // one line, no full stop
}

// Rules returns every rule in the order of its id.
func Rules() []RuleInfo {
	return []RuleInfo{
		{Syntax, "the input is one non-empty YAML or JSON document"},
		{DuplicateKey, "a key stands once in its map"},
		{NotString, "a code is a string for every YAML reader"},
		{Shape, "fields are known, of the right kind, and all that are required are there"},
		{Limit, "the input stays within the limits of size, nesting and alias expansion"},
		{Reference, "a $ref or pointer leads to something in this file or below the spec's folder"},
		{GoName, "Go names are exported identifiers that clash with nothing"},
		{Folded, "two wire values do not fold into one Go name"},
		{Alias, "an alias is neither a code nor somebody else's alias"},
		{Status, "an HTTP status is one that an error can have"},
		{ListedStatus, "a code listed on a response has that response's status"},
		{Category, "a code has one of the known categories"},
		{OddAdvice, "status, category and advice fit together"},
		{Contradiction, "advice and outcome are known words that do not contradict each other"},
		{AdviceByStatus, "advice_by_status speaks of the code's own statuses"},
		{Anchor, "an anchor is a plain fragment and stands once on its page"},
		{Link, "a page address is an absolute http(s) URL without fragment, and there is one once operations have classes"},
		{Customer, "a sentence for a payer has a language and is plain text"},
		{Drift, "enum and catalog hold the same values"},
		{Envelope, "envelope pointers resolve, and codes have a catalog"},
		{ListedCode, "x-error-codes names declared codes"},
		{NeverListed, "every code is listed by some operation, once lists are used"},
		{Class, "every operation says whether it may be repeated, once one does"},
		{Key, "a keyed operation says where its idempotency key travels"},
		{UnknownCall, "a write without a key says what an unknown outcome means"},
		{DaringCall, "a write without a key is not repeated blindly"},
		{TextOverlap, "text rules of different codes do not shadow each other"},
		{TextPattern, "a text rule is well formed"},
		{TextExample, "examples prove every prefix and pattern"},
		{Hygiene, "texts hold no control, bidi or directive-like characters"},
		{Unused, "nothing is declared that can never be seen"},
		{NoCatalog, "there is an error catalog to work on"},
		{Output, "the wanted output can be made from this spec"},
		{Stale, "generated files are up to date"},
	}
}
