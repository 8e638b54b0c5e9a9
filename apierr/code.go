package apierr

// Code is an error code of one API. Each API has its own type, so codes of two
// APIs never match each other, even if their values are equal.
type Code interface {
	error
	// Info returns the catalog's entry for the code; false if it has none.
	Info() (CodeInfo, bool)
}

// CodeInfo is the catalog's entry for one code: static data that errgen writes
// from the spec.
type CodeInfo struct {
	Value          string         // the code as it is sent
	Name           string         // name of the Go constant
	Aliases        []string       // other spellings of the code
	Statuses       []int          // HTTP statuses, the documented one first; empty if none is known
	Type           string         // the API's own error type; "" if it has none
	Category       Category       // the kind of failure
	Outcome        Outcome        // "" derives it from status and operation
	Advice         Advice         // what to do
	AdviceByStatus []StatusAdvice // exceptions for some statuses
	Idempotent     bool           // retrying is harmless even if the outcome is unknown
	Title          string         // a few words
	Description    string         // what the code means
	Resolution     string         // how to fix it, for the developer
	DocURL         string         // page and anchor that explain the code
	UpstreamURL    string         // the API's own page; "" if there is none
	Customer       []Text         // sentences for end users
	Unverified     string         // why a fact about the code is uncertain; "" if none is
	Deprecated     string         // why the code is deprecated; "" if it is not
	Since          string         // spec version that added the code; "" for the first
}

// AdviceAt returns the advice for a response with the given HTTP status.
func (c *CodeInfo) AdviceAt(status int) Advice {
	for _, a := range c.AdviceByStatus {
		if a.Status == status {
			return a.Advice
		}
	}
	return c.Advice
}

// StatusAdvice is advice for one HTTP status.
type StatusAdvice struct {
	Status int
	Advice Advice
}

// Text is a sentence in one language. Lang is a lower-case BCP 47 tag.
type Text struct{ Lang, Text string }

// UnknownOutcome describes what an unknown outcome of one operation means and
// how to resolve it.
type UnknownOutcome struct {
	Operation   string // operationId
	Advice      Advice // what to do while the outcome is unknown
	Description string // what may have happened
	Resolution  string // how to find out, for the developer
	DocURL      string // page and anchor that explain it
	Customer    []Text // sentences for end users
}
