// Package model reads the catalogs, envelopes and operations of a spec, each fact with its position. It reads nodes and
// does no I/O. Package lint checks whether the facts are consistent.
package model

import (
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// Text is a string of the spec with its position. The zero Text is absent from the spec.
type Text struct {
	Value string
	Pos   finding.Pos
}

// IsSet reports whether the text is present in the spec. It may be empty.
func (t Text) IsSet() bool { return t.Pos.IsSet() }

// Line returns the text on one line, with every run of white space replaced by a space.
func (t Text) Line() string { return strings.Join(strings.Fields(t.Value), " ") }

// Values returns the strings of a list of texts.
func Values(texts []Text) []string {
	var out []string
	for _, t := range texts {
		out = append(out, t.Value)
	}
	return out
}

// Number is an integer of the spec with its position.
type Number struct {
	Value int
	Pos   finding.Pos
}

// Flag is a boolean of the spec with its position.
type Flag struct {
	Value bool
	Pos   finding.Pos
}

// Pair is a named text, such as a customer message with its language or a capture with its name.
type Pair struct{ Key, Text Text }

// Spec is one document.
type Spec struct {
	Pos        finding.Pos
	Title      Text // info.title
	Catalogs   []*Catalog
	Envelopes  []*Envelope
	Operations []*Operation
	Declared   map[string]Declaration // what oapi-codegen declares for schemas; empty without catalogs
	Lists      []Text                 // every entry of every x-error-codes
	Unverified []Mark                 // every x-unverified outside of the catalogs, in document order
	Raw        []*load.Node           // errgen's extensions, for rules about text
	References map[*load.Node]bool    // the targets of $refs
	Served     bool                   // server code is generated too; set by the reader of the spec
}

// Catalog is one x-error-catalog.
type Catalog struct {
	Pos       finding.Pos
	Schema    string // name of the schema that carries it
	Node      *load.Node
	IsString  bool // a value of the schema is a string
	IsInteger bool // a value of the schema is an integer
	Component bool // the schema is in components/schemas, and so used only if something refers to it

	ID, Type, Prefix, Page, Upstream, UpstreamAnchor, Fallback Text

	MessagePublic Flag // the text of an error contains the API's message

	Codes    []*Code
	Enum     []Text // values of enum, x-extensible-enum, const, and of const and enum branches
	EnumPos  finding.Pos
	Named    bool      // an envelope names the catalog
	Enums    [][]Text  // the enums of the codes of envelopes that name the catalog
	First    bool      // first catalog of the spec
	Implied  bool      // of a spec without catalogs: it has no codes, and errgen made it
	Envelope *Envelope // first envelope that leads here, or nil

	byValue, byAlias map[string]*Code
}

// UpstreamByCode reports whether the provider's page has an anchor for each code that equals the code.
func (c *Catalog) UpstreamByCode() bool { return c.UpstreamAnchor.Value == "code" }

// IsText reports whether the codes are recognized in plain text instead of read from JSON.
func (c *Catalog) IsText() bool {
	if c.Envelope != nil && c.Envelope.Text.IsSet() {
		return true
	}
	return slices.ContainsFunc(c.Codes, func(code *Code) bool { return len(code.Match) > 0 })
}

// Find returns the code with this wire value, canonical spelling only, or nil.
func (c *Catalog) Find(value string) *Code { return c.byValue[value] }

// FindAlias returns the code that has this alias, or nil.
func (c *Catalog) FindAlias(value string) *Code { return c.byAlias[value] }

// Code is an entry of a catalog with the defaults applied.
type Code struct {
	Pos     finding.Pos
	Catalog *Catalog
	Value   string
	Plain   *load.Node // the key, for the rule about keys that are not strings
	Name    Text       // Go name without prefix, as written; see Const
	Const   string     // Go constant with prefix; "" if no name can be derived

	HTTP                                          []Number // documented status first
	Category, Type, Outcome, Advice, AdviceReason Text
	ByStatus                                      []StatusAdvice
	Idempotent                                    bool
	Title, Description, Resolution, Unverified    Text
	Customer                                      []Pair
	Anchor, UpstreamAnchor, Since, Deprecated     Text
	Aliases                                       []Text
	Match                                         []Match
	Examples                                      []Example
	Params                                        []Pair
	Operations                                    []string // that list the code, in spec order

	meant []string
}

// Meant reports whether a misspelled field of the code was probably this one. The misspelling is a finding of its own, so
// that the field need not be reported as missing.
func (c *Code) Meant(field string) bool { return slices.Contains(c.meant, field) }

// StatusAdvice is the advice for one status.
type StatusAdvice struct {
	Status Number
	Advice Text
}

// AdviceFor returns the advice at a status.
func (c *Code) AdviceFor(status int) string {
	for _, s := range c.ByStatus {
		if s.Status.Value == status {
			return s.Advice.Value
		}
	}
	return c.Advice.Value
}

// Statuses returns the statuses, the documented one first.
func (c *Code) Statuses() []int {
	out := make([]int, len(c.HTTP))
	for i, n := range c.HTTP {
		out[i] = n.Value
	}
	return out
}

// HasStatus reports whether the code occurs with this status.
func (c *Code) HasStatus(status int) bool { return slices.Contains(c.Statuses(), status) }

// Headline returns the title or, without one, the first sentence of the description.
func (c *Code) Headline() string {
	if t := c.Title.Line(); t != "" {
		return t
	}
	line, _, _ := strings.Cut(c.Description.Line(), ". ")
	if line = strings.TrimSuffix(line, "."); line != "" {
		return line
	}
	return "no description is available"
}

// Envelope is one x-error-envelope.
type Envelope struct {
	Pos    finding.Pos
	Schema string
	Node   *load.Node

	At, Success                             Text
	CatalogID                               Text // of the codes, if no schema at their places has one
	Code, Levels                            []Text
	Type, Message, Param, DocURL, RequestID []Text
	Fields                                  *Fields
	Outcome                                 *Outcome
	DocHosts                                []Text
	Text                                    Text // "body": the whole body is the text to recognize
	Trim                                    bool
	MaxBytes                                Number
	Catalogs                                []*Catalog            // where the code pointers lead
	Leads                                   map[string][]*Catalog // the same by code pointer, and of the levels
	Numbers                                 map[string]bool       // the places of codes that may be integers

	Anywhere bool   // guessed, for responses that the spec does not declare
	Media    string // of the only bodies that it is for
}

// Reader is an envelope with one of the catalogs that its code pointers lead to; Catalog is nil if there is none.
type Reader struct {
	Envelope *Envelope
	Catalog  *Catalog
}

// Readers returns all readers of e.
func (e *Envelope) Readers() []Reader {
	if len(e.Catalogs) == 0 {
		return []Reader{{e, nil}}
	}
	var out []Reader
	for _, c := range e.Catalogs {
		out = append(out, Reader{e, c})
	}
	return out
}

// Readers returns the readers of all envelopes, in the order of the spec.
func (s *Spec) Readers() []Reader {
	var out []Reader
	for _, e := range s.Envelopes {
		out = append(out, e.Readers()...)
	}
	return out
}

// Fields declares where an envelope has problems of single fields.
type Fields struct{ At, Name, Type, Message Text }

// Outcome declares where an envelope states the outcome of a call, and the meaning of its values.
type Outcome struct {
	From Text
	Map  []Pair
}

// Match is a rule that recognizes a plain text.
type Match struct {
	Pos       finding.Pos
	Kind      string // exact, prefix, pattern or status
	Value     Text
	Status    Number
	Capture   Text // name of the text after a prefix
	AnyStatus bool
}

// Quoted returns the text of a rule in quotes. It keeps the backslashes of a pattern single, as in the spec.
func (m Match) Quoted() string {
	if m.Kind == "pattern" && strconv.CanBackquote(m.Value.Value) {
		return `"` + m.Value.Value + `"`
	}
	return strconv.Quote(m.Value.Value)
}

// Example is a body with the expected captures.
type Example struct {
	Pos      finding.Pos
	Body     Text
	Status   Number
	Captures []Pair
}

// Operation is one call of the API.
type Operation struct {
	Pos              finding.Pos
	ID               Text // operationId
	Method, Path     string
	Class            Text
	Key              *Key
	Echoes           []Echo
	Unknown          *Unknown
	Inquiry          *Inquiry
	Lists            []CodeList
	Replies          []Reply    // declared responses, in the order of the spec
	HeaderParameters []string   // in lower case; read only for an operation with a Key
	PathAndQuery     []string   // the parameters as "path:name" and "query:name"; read only for an operation with Echoes
	Body             *load.Node // schema of the JSON request body, or nil; read only for an operation with a Key or Echoes
	Success          *load.Node // schema of the first JSON success, or nil; read only for an operation with Echoes, or one that an Inquiry names
	Tags             []string
	RenewedOn        []Text  // codes of a 401 that a new login resolves: x-renewed-on of its security schemes
	Request          Message // read only for operations of an Inquiry
	node             *load.Node
}

// Classed reports whether any operation has a retry class. Such a spec is written for errgen, so all operations need one.
// Other specs have none.
func (s *Spec) Classed() bool {
	return slices.ContainsFunc(s.Operations, func(op *Operation) bool { return op.Class.IsSet() })
}

// Name returns the operationId or, without one, method and path.
func (o *Operation) Name() string {
	if o.ID.Value != "" {
		return o.ID.Value
	}
	return strings.ToUpper(o.Method) + " " + o.Path
}

// Key declares where the idempotency key of an operation is sent, and what a repeated request gets.
type Key struct {
	Pos                   finding.Pos
	Header, Body, Replays Text
}

// ReplaysStored reports whether the stored response to the key is returned before any other check.
func (k *Key) ReplaysStored() bool { return k.Replays.Value == "stored" }

// Echo declares a member of the response that repeats a value of the request.
type Echo struct {
	Pos                           finding.Pos
	Response, Request, Unverified Text
}

// Parameter reports whether the value is that of a parameter of the path or the query.
func (e *Echo) Parameter() bool {
	return strings.HasPrefix(e.Request.Value, "path:") || strings.HasPrefix(e.Request.Value, "query:")
}

// Unknown describes the error of a call without a readable response.
type Unknown struct {
	Pos                                           finding.Pos
	Advice, AdviceReason, Description, Resolution Text
	Customer                                      []Pair
}

// CodeList is one x-error-codes of an operation or of one of its responses.
type CodeList struct {
	Status string // key of the response, "" on the operation itself
	Codes  []Text
}
