package docgen

import (
	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
)

// What a program needs to read a response as a client does: see the fields of the same names in package apierr/catalog.

type jsonEnvelope struct {
	Schema    string         `json:"schema,omitempty" doc:"name of the body's schema in the spec"`
	Catalog   string         `json:"catalog,omitempty" doc:"id of the catalog of its codes"`
	At        string         `json:"at,omitempty" doc:"JSON pointer of the envelope in the body, to which all others are relative"`
	Code      []string       `json:"code,omitempty" doc:"JSON pointers; the first that leads to a non-empty string counts"`
	Type      []string       `json:"type,omitempty"`
	Message   []string       `json:"message,omitempty"`
	Param     []string       `json:"param,omitempty"`
	RequestID []string       `json:"request_id,omitempty"`
	DocURL    []string       `json:"doc_url,omitempty"`
	DocHosts  []string       `json:"doc_hosts,omitempty" doc:"hosts whose documentation addresses are trusted"`
	Fields    *jsonFields    `json:"fields,omitempty"`
	Success   string         `json:"success,omitempty" doc:"scan: a 2xx body may carry a code"`
	Outcome   *jsonOutcome   `json:"outcome,omitempty"`
	Text      *jsonTextRules `json:"text,omitempty" doc:"the body is plain text, and there are no pointers"`
}

type jsonFields struct {
	At      string `json:"at" doc:"JSON pointer of an object whose keys are field names"`
	Type    string `json:"type,omitempty" doc:"member of its values"`
	Message string `json:"message,omitempty" doc:"member of its values"`
}

type jsonOutcome struct {
	From string     `json:"from" doc:"JSON pointer of the status word"`
	Map  []jsonWord `json:"map" doc:"a word that is not listed means unknown"`
}

type jsonWord struct {
	Word    string `json:"word"`
	Outcome string `json:"outcome"`
}

type jsonTextRules struct {
	Rules    []jsonRule `json:"rules" doc:"the first that matches the trimmed body counts"`
	Fallback string     `json:"fallback,omitempty" doc:"the code if no rule matches"`
	MaxBytes int        `json:"max_bytes,omitempty" doc:"bytes of a body that are compared"`
}

type jsonRule struct {
	Code    string     `json:"code"`
	HTTP    []int      `json:"http,omitempty" doc:"statuses that the rule applies to; without it, all"`
	Exact   string     `json:"exact,omitempty" doc:"the whole text"`
	Prefix  string     `json:"prefix,omitempty" doc:"the beginning of the text"`
	Capture string     `json:"capture,omitempty" doc:"name of what follows the prefix"`
	Parts   []jsonPart `json:"parts,omitempty" doc:"literals, and captures that extend to the next literal"`
}

type jsonPart struct {
	Literal string `json:"literal,omitempty"`
	Capture string `json:"capture,omitempty"`
	Spaces  bool   `json:"spaces,omitempty" doc:"the capture may contain white space"`
}

type jsonSuccess struct {
	Status int  `json:"status" doc:"0 for 2XX, 3 for 3XX"`
	JSON   bool `json:"json,omitempty" doc:"JSON is declared"`
	Mixed  bool `json:"mixed,omitempty" doc:"other media types are declared as well"`
}

type jsonShape struct {
	Status   int    `json:"status" doc:"2 to 5 for 2XX to 5XX, 0 for default"`
	Envelope int    `json:"envelope" doc:"index in envelopes"`
	Media    string `json:"media"`
}

// jsonStatus says what the statuses of a range mean for a write without a known code.
type jsonStatus struct {
	From     int    `json:"from"`
	To       int    `json:"to"`
	Category string `json:"category"`
	Outcome  string `json:"outcome" doc:"of a write; a read is always failed"`
	Advice   string `json:"advice" doc:"if the outcome is known"`
}

// jsonCategory holds the texts of a failure whose code has none.
type jsonCategory struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Resolution  string `json:"resolution"`
	Customer    string `json:"customer" doc:"a sentence in English for an end user"`
}

func envelopeJSON(v *catalog.Envelope, c *model.Catalog) jsonEnvelope {
	out := jsonEnvelope{
		Schema: v.Schema, At: v.At, Code: v.Code, Type: v.Type, Message: v.Message, Param: v.Param, RequestID: v.RequestID,
		DocURL: v.DocURL, DocHosts: v.DocHosts, Success: v.Success,
	}
	if c != nil {
		out.Catalog = c.ID.Value
	}
	if v.Fields != (catalog.FieldRule{}) {
		out.Fields = &jsonFields{v.Fields.At, v.Fields.Type, v.Fields.Message}
	}
	if v.Outcome.From != "" {
		out.Outcome = &jsonOutcome{From: v.Outcome.From, Map: []jsonWord{}}
		for _, w := range v.Outcome.Map {
			out.Outcome.Map = append(out.Outcome.Map, jsonWord{w.Word, string(w.Outcome)})
		}
	}
	if v.Text != nil {
		out.Text = &jsonTextRules{Rules: []jsonRule{}, Fallback: v.Text.Fallback, MaxBytes: v.Text.MaxBytes}
		for _, r := range v.Text.Rules {
			rule := jsonRule{Code: r.Code, HTTP: r.Statuses, Exact: r.Exact, Prefix: r.Prefix, Capture: r.Capture}
			for _, p := range r.Parts {
				rule.Parts = append(rule.Parts, jsonPart{p.Literal, p.Capture, p.Spaces})
			}
			out.Text.Rules = append(out.Text.Rules, rule)
		}
	}
	return out
}

// statusRules returns the rules of apierr.OfStatus for ranges of statuses.
func statusRules() []jsonStatus {
	var out []jsonStatus
	for status := range 1000 {
		r := apierr.OfStatus(status)
		next := jsonStatus{status, status, string(r.Category), string(r.Outcome), string(r.Advice)}
		if n := len(out); n > 0 && out[n-1].Category == next.Category && out[n-1].Outcome == next.Outcome && out[n-1].Advice == next.Advice {
			out[n-1].To = status
			continue
		}
		out = append(out, next)
	}
	return out
}

func categories() []jsonCategory {
	var out []jsonCategory
	for _, w := range model.Categories() {
		outcome := apierr.OutcomeNotApplied
		if apierr.Category(w.Wire) == apierr.ErrOutcomeUnknown {
			outcome = apierr.OutcomeUnknown
		}
		e := apierr.New(apierr.Error{}, apierr.Details{Category: apierr.Category(w.Wire), Outcome: outcome})
		out = append(out, jsonCategory{w.Wire, e.Description(), e.Resolution(), e.CustomerMessage("en")})
	}
	return out
}
