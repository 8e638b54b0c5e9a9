package drift

import (
	"cmp"
	"slices"
)

// Kind is the kind of a difference.
type Kind string

// The kinds of differences.
const (
	UnknownMember    Kind = "unknown-member"       // a member that the schema does not have
	EnumValue        Kind = "enum-value"           // a value that an enumeration, open or closed, does not have
	ErrorCode        Kind = "error-code"           // a code that the catalog does not have
	CodeStatus       Kind = "error-code-status"    // a code with a status that the catalog does not give it
	Status           Kind = "undeclared-status"    // a status that the operation does not declare
	ContentType      Kind = "content-type"         // a media type that the response or request does not declare
	UnreadableBody   Kind = "unreadable-body"      // a body that is not the JSON that is declared
	MissingMember    Kind = "missing-member"       // a required member that is absent
	Type             Kind = "type"                 // a value of another JSON type
	Null             Kind = "null"                 // null where it is not declared
	Format           Kind = "format"               // a value outside its format, pattern, length or limits
	Parameter        Kind = "undeclared-parameter" // a query parameter, or a header with a prefix of the API
	MissingParameter Kind = "missing-parameter"    // a required query parameter that is absent
	UnknownPath      Kind = "unknown-path"         // a path that no operation has
	UnknownMethod    Kind = "undeclared-method"    // a method that a path does not have
)

// Report is the result of a comparison. Its JSON form is documented in
// docs/real-servers.md.
type Report struct {
	Spec  string   `json:"spec"`
	Files []string `json:"files"`
	// Entries is the number of entries in all files. Those of other hosts, preflights and
	// requests without a response are not compared with the spec as a whole.
	Entries    int            `json:"entries"`
	Compared   int            `json:"compared"`   // entries with an operation
	Hosts      []string       `json:"hosts"`      // that were compared
	OtherHosts map[string]int `json:"otherHosts"` // entries that were left out, by host
	Preflights int            `json:"preflights"` // CORS preflight requests, which were left out
	NoResponse int            `json:"noResponse"` // requests without a response: only the request was compared
	NoBody     int            `json:"noBody"`     // responses whose body was not recorded
	Findings   []*Finding     `json:"findings"`   // differences
	LeftOut    int            `json:"leftOut"`    // differences beyond the limit of findings, and bodies too large to compare as a whole
	// Seen lists what the spec marks as unverified and the recording has. It is not drift.
	Seen []*Seen `json:"seenUnverified"`

	spec *Spec
}

// Drift reports whether the recording differs from the spec, or may differ where it was
// left out because of a limit.
func (r *Report) Drift() bool { return len(r.Findings)+r.LeftOut > 0 }

// Finding is a difference. Equal ones are merged.
type Finding struct {
	Kind      Kind     `json:"kind"`
	Operation string   `json:"operation,omitempty"` // operationId, or method and path; empty if there is none
	In        string   `json:"in"`                  // request or response
	Status    int      `json:"status,omitempty"`    // of the response
	Pointer   string   `json:"pointer"`             // JSON pointer into the body with [] for an index; or the parameter, media type or path
	Expected  string   `json:"expected"`
	Seen      string   `json:"seen"` // never a value, except for words of an enumeration and codes
	Count     int      `json:"count"`
	First     Evidence `json:"first"`
	InOverlay bool     `json:"inOverlay"` // an overlay can take the difference in

	problem problem
	form    shape
	op      place
	// Of findings that an overlay takes in together.
	statuses               []int
	names, dropped, values []string
}

// Evidence is an entry of a recording.
type Evidence struct {
	File  string `json:"file"`
	Entry int    `json:"entry"` // index, from 0
	Time  string `json:"time,omitempty"`
}

// Seen is an x-unverified whose place occurs in the recording.
type Seen struct {
	Place     string   `json:"place"` // JSONPath of what has the mark
	What      string   `json:"what"`  // schema, operation, response, header, parameter, code or echo
	Reason    string   `json:"reason"`
	Operation string   `json:"operation"` // of the first occurrence
	Count     int      `json:"count"`
	First     Evidence `json:"first"`
}

// The limits on what is kept: different findings, and what is learned about values for an
// overlay.
const (
	maxFindings = 5000
	maxShapes   = 200_000
)

// place says which operation an entry belongs to.
type place struct {
	operation string
	at        location // of the operation
	in        string
	status    int
}

// findingKey has everything that makes two findings different.
type findingKey struct {
	kind                     Kind
	operation, in            string
	status                   int
	pointer, expected, value string
}

// collection has the findings of one host.
type collection struct {
	findings                       map[findingKey]*Finding
	seen                           map[string]*Seen
	entries                        int
	matched                        int // entries with an operation
	leftOut                        int
	preflights, noResponse, noBody int
	room                           *room
}

// room is what is left of the limits that all hosts share.
type room struct{ findings, shapes int }

func newCollection(r *room) *collection {
	return &collection{findings: map[findingKey]*Finding{}, seen: map[string]*Seen{}, room: r}
}

func (c *collection) add(p problem, at place, first Evidence) {
	key := findingKey{p.kind, at.operation, at.in, at.status, p.pointer, p.expected, p.value}
	f := c.findings[key]
	if f == nil {
		if c.room.findings <= 0 {
			c.leftOut++
			return
		}
		c.room.findings--
		f = &Finding{Kind: p.kind, Operation: at.operation, In: at.in, Status: at.status, Pointer: p.pointer, Expected: p.expected, Seen: p.seen, First: first, problem: p, op: at}
		f.problem.data = nil
		c.findings[key] = f
	}
	f.Count++
	if p.data != nil || p.kind == UnknownMember {
		f.form.add(p.data, 0, &c.room.shapes)
	}
}

func (c *collection) note(m mark, operation string, first Evidence) {
	key := m.what + " " + m.at.String()
	s := c.seen[key]
	if s == nil {
		s = &Seen{Place: m.at.String(), What: m.what, Reason: m.reason, Operation: operation, First: first}
		c.seen[key] = s
	}
	s.Count++
}

// merge puts the collections of the chosen hosts into the report.
func (r *Report) merge(all []*collection) {
	into := newCollection(nil)
	for _, c := range all {
		for key, f := range c.findings {
			if have := into.findings[key]; have != nil {
				have.Count += f.Count
				have.form.merge(f.form)
				continue
			}
			into.findings[key] = f
		}
		for key, s := range c.seen {
			if have := into.seen[key]; have != nil {
				have.Count += s.Count
				continue
			}
			into.seen[key] = s
		}
		r.Compared += c.matched
		r.LeftOut += c.leftOut
		r.Preflights, r.NoResponse, r.NoBody = r.Preflights+c.preflights, r.NoResponse+c.noResponse, r.NoBody+c.noBody
	}
	for _, f := range into.findings {
		f.InOverlay = len(r.spec.actions(f)) > 0
		r.Findings = append(r.Findings, f)
	}
	for _, s := range into.seen {
		r.Seen = append(r.Seen, s)
	}
	slices.SortFunc(r.Findings, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.In, b.In), cmp.Compare(a.Status, b.Status),
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Seen, b.Seen), cmp.Compare(a.Expected, b.Expected))
	})
	slices.SortFunc(r.Seen, func(a, b *Seen) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.What, b.What)) })
}
