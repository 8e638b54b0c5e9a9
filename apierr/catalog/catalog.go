// Package catalog is what generated code fills in.
package catalog

import "github.com/specpay/specpay/apierr"

// Envelope says where a provider's error body keeps its parts, as JSON
// pointers. errgen writes it from x-error-envelope.
type Envelope struct {
	At        string   // where the envelope sits inside the body; "" is the root
	Code      []string // the first one that holds a non-empty string wins
	Type      []string
	Message   []string
	Param     []string
	RequestID []string
	DocURL    []string
	Fields    FieldRule
	Success   string      // "" believes a 2xx; "scan" looks for a code inside it
	Outcome   OutcomeRule // a status word inside the body
	DocHosts  []string    // hosts whose doc_url is passed on for unknown codes
	Text      TextRules   // how to read a body that is plain text
	Parse     func(wire string) apierr.Code
	Unknown   []apierr.UnknownOutcome
}

// TextRules recognise the codes of a provider whose error bodies are plain
// text. The first rule that fits wins.
type TextRules struct {
	Rules    []TextRule
	Fallback string // the code of a body that no rule fits; "" = none
	MaxBytes int    // of the body that are looked at; 0 = all that was kept
}

// TextRule is one text of one code: Exact, or Prefix, or Parts, or none of them
// for any body. A body is trimmed of white space before it is compared.
type TextRule struct {
	Code     string // the value in the catalog
	Statuses []int  // the HTTP statuses it applies to; empty = all
	Exact    string
	Prefix   string
	Capture  string // name for what follows Prefix; "" = not kept
	Parts    []TextPart
}

// TextPart is a literal, or a capture that reaches to the next literal or to
// the end. A capture is never empty, and holds white space only with Spaces.
type TextPart struct {
	Literal string
	Capture string
	Spaces  bool
}

// FieldRule finds validation problems: At points to an object keyed by field
// name, Type and Message name the members of each entry.
type FieldRule struct{ At, Type, Message string }

// OutcomeRule maps a status word at From to an outcome.
type OutcomeRule struct {
	From string
	Map  []OutcomeWord
}

// OutcomeWord is one word of an OutcomeRule.
type OutcomeWord struct {
	Wire    string
	Outcome apierr.Outcome
}
