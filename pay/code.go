package pay

import "errors"

// Code is an error code of one provider. Every provider has its own type for
// it, so equal texts of two providers never match each other.
type Code interface {
	error
	// Info returns what the catalog says of the code; false for a code that is
	// not in it.
	Info() (CodeInfo, bool)
}

// CodeOf returns the code of the first *Error in err's chain; nil when there is
// none. The provider packages have a CodeOf of their own that returns their
// own type.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return nil
}

// CodeInfo is the catalog's entry of one code: static data, written by errgen
// from the spec.
type CodeInfo struct {
	Value          string         // the literal value on the wire
	Name           string         // name of the Go constant
	Aliases        []string       // other spellings of it on the wire
	Statuses       []int          // HTTP statuses, the documented one first; empty when none is known
	Type           string         // the provider's own error type; "" when it has none
	Category       Category       // the class
	Outcome        Outcome        // "" when the catalog leaves it to status and operation
	Advice         Advice         // what to do
	AdviceByStatus []StatusAdvice // where the status changes the advice
	Idempotent     bool           // a repetition is harmless although the outcome is unknown
	Title          string         // a few words
	Description    string         // what it means
	Resolution     string         // what to do about it, for the developer
	DocURL         string         // where it is explained; resolves to an anchor
	UpstreamURL    string         // the provider's own page; "" when there is none
	Customer       []Text         // what a payer may be shown
	Unverified     string         // why a fact about it is unsure; "" when none is
	Deprecated     string         // why it is deprecated; "" when it is not
	Since          string         // version of the spec that brought it; "" = the first
}

// StatusAdvice is advice for one HTTP status.
type StatusAdvice struct {
	Status int
	Advice Advice
}

// Text is a sentence in one language. Lang is a lower-case BCP 47 tag.
type Text struct{ Lang, Text string }

// UnknownOutcome is what to say when a call of one operation got no readable
// answer, so that nobody knows whether it took effect.
type UnknownOutcome struct {
	Operation   string
	Advice      Advice
	Description string
	Resolution  string
	DocURL      string
	Customer    []Text
}

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
	Parse     func(wire string) Code
	Unknown   []UnknownOutcome
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
	Outcome Outcome
}
