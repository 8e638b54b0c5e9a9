package gogen

import (
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/apicatalog"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// apiCatalog writes the description of the API's responses: envelopes and operations.
func (f *file) apiCatalog() {
	c := apicatalog.Of(f.spec, f.opt.Package)
	f.line("// errorCatalog describes the error responses of the API.")
	f.line("var errorCatalog = catalog.Catalog{")
	f.fields("API", strconv.Quote(c.API))
	if len(c.Envelopes) > 0 {
		f.line("Envelopes: []catalog.Envelope{")
		for i, r := range f.spec.Readers() {
			f.envelope(c.Envelopes[i], r)
		}
		f.line("},")
	}
	if len(c.Operations) > 0 {
		f.line("Operations: []catalog.Operation{")
		for i, op := range c.Operations {
			f.operation(op, f.spec.Operations[i])
		}
		f.line("},")
	}
	f.line("}\n")
}

// envelope writes the envelope of a reader.
func (f *file) envelope(v catalog.Envelope, r model.Reader) {
	c := r.Catalog
	f.line("{")
	f.fields("Schema", quoteSet(v.Schema), "At", quoteSet(v.At), "Code", stringList(v.Code), "Numbers", ifTrue(v.Numbers), "Type", stringList(v.Type))
	f.fields("Levels", levelList(r.Envelope, v.Levels))
	f.fields("Message", stringList(v.Message), "Param", stringList(v.Param), "RequestID", stringList(v.RequestID))
	f.fields("DocURL", stringList(v.DocURL), "DocHosts", stringList(v.DocHosts))
	if v.Fields != (catalog.FieldRule{}) {
		f.fields("Fields", "catalog.FieldRule"+composite(
			"At", strconv.Quote(v.Fields.At), "Name", quoteSet(v.Fields.Name), "Type", quoteSet(v.Fields.Type), "Message", quoteSet(v.Fields.Message)))
	}
	f.fields("Success", quoteSet(v.Success), "Outcome", outcomeRule(v.Outcome), "Anywhere", ifTrue(v.Anywhere), "Media", quoteSet(v.Media), "ShowMessage", ifTrue(v.ShowMessage))
	if c == nil && v.Text != nil {
		f.fields("Text", "&catalog.TextRules{}")
	}
	if c != nil {
		if v.Text != nil {
			f.textRules(*v.Text)
		}
		if f.opt.Server {
			f.fields("Fallback", quoteSet(c.Fallback.Value))
			if v.Text != nil {
				f.samples(c)
			}
		}
		f.fields("Parse", "parse"+c.Type.Value)
	}
	f.line("},")
}

func levelList(e *model.Envelope, levels []catalog.Level) string {
	var words []string
	for _, l := range levels {
		parse := ""
		if c := apicatalog.LevelCatalog(e, l.Code); c != nil {
			parse = "parse" + c.Type.Value
		}
		words = append(words, composite("Code", strconv.Quote(l.Code), "Numbers", ifTrue(l.Numbers), "Parse", parse))
	}
	if words == nil {
		return ""
	}
	return "[]catalog.Level{" + strings.Join(words, ", ") + "}"
}

func outcomeRule(o catalog.OutcomeRule) string {
	if o.From == "" {
		return ""
	}
	var words []string
	for _, w := range o.Map {
		if outcome := constant(model.Outcomes(), string(w.Outcome)); outcome != "" {
			words = append(words, composite("Word", strconv.Quote(w.Word), "Outcome", outcome))
		}
	}
	return "catalog.OutcomeRule" + composite("From", strconv.Quote(o.From), "Map", "[]catalog.OutcomeWord{"+strings.Join(words, ", ")+"}")
}

// textRules writes the rules for plain-text bodies, one per line. Generated code contains no regular expressions.
func (f *file) textRules(rules catalog.TextRules) {
	f.line("Text: &catalog.TextRules{")
	f.line("Rules: []catalog.TextRule{")
	for _, r := range rules.Rules {
		f.line("%s,", composite(
			"Code", strconv.Quote(r.Code), "Statuses", intList(r.Statuses), "Exact", quoteSet(r.Exact),
			"Prefix", quoteSet(r.Prefix), "Capture", quoteSet(r.Capture), "Parts", partList(r.Parts)))
	}
	f.line("},")
	f.fields("Fallback", quoteSet(rules.Fallback), "MaxBytes", intSet(rules.MaxBytes))
	f.line("},")
}

func partList(parts []catalog.TextPart) string {
	if len(parts) == 0 {
		return ""
	}
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = composite("Literal", quoteSet(p.Literal), "Capture", quoteSet(p.Capture), "Spaces", ifTrue(p.Spaces))
	}
	return "[]catalog.TextPart{" + strings.Join(words, ", ") + "}"
}

func (f *file) samples(c *model.Catalog) {
	f.line("Samples: []catalog.Sample{")
	for _, code := range c.Codes {
		f.line("%s,", composite("Code", strconv.Quote(code.Value), "Text", strconv.Quote(textrule.Sample(c, code))))
	}
	f.line("},")
}

func (f *file) operation(op catalog.Operation, from *model.Operation) {
	bodies := ""
	if f.opt.Client {
		bodies = bodyList(op.Bodies)
	}
	facts := pairWords([]string{
		"ID", strconv.Quote(op.ID), "Method", strconv.Quote(op.Method), "Path", strconv.Quote(op.Path),
		"Class", quoteSet(op.Class), "KeyHeader", quoteSet(op.KeyHeader), "Successes", successList(op.Successes), "Shapes", shapeList(op.Shapes), "Bodies", bodies,
	})
	unknown := from.Unknown
	if unknown == nil {
		f.line("{%s},", facts)
		return
	}
	f.line("{\n%s,", facts)
	f.line("Unknown: &apierr.UnknownOutcome{")
	f.fields("Operation", strconv.Quote(op.ID), "Advice", constant(model.Advices(), unknown.Advice.Value))
	f.fields("Description", quoteSet(unknown.Description.Line()))
	f.fields("Resolution", quoteSet(unknown.Resolution.Line()))
	f.fields("DocURL", quoteSet(f.spec.UnknownURL(from)))
	f.fields("Customer", customerList(unknown.Customer))
	f.line("},\n},")
}

func successList(list []catalog.Success) string {
	if len(list) == 0 {
		return ""
	}
	var words []string
	for _, s := range list {
		words = append(words, composite("Status", intSet(s.Status), "JSON", ifTrue(s.JSON), "Mixed", ifTrue(s.Mixed)))
	}
	return "[]catalog.Success{" + strings.Join(words, ", ") + "}"
}

func bodyList(list []catalog.Body) string {
	if len(list) == 0 {
		return ""
	}
	var words []string
	for _, b := range list {
		words = append(words, composite("Status", intSet(b.Status), "Schemas", stringList(b.Schemas)))
	}
	return "[]catalog.Body{" + strings.Join(words, ", ") + "}"
}

func shapeList(list []catalog.Shape) string {
	if len(list) == 0 {
		return ""
	}
	var words []string
	for _, s := range list {
		words = append(words, composite("Status", intSet(s.Status), "Envelope", intSet(s.Envelope), "Media", strconv.Quote(s.Media)))
	}
	return "[]catalog.Shape{" + strings.Join(words, ", ") + "}"
}

func (f *file) client() {
	f.standard = append(f.standard, "net/http")
	f.line("// ErrorDoer returns the doer for a generated client: NewClient(server, WithHTTPClient(ErrorDoer(nil))).")
	f.line("// Every failure is then an *apierr.Error. next makes the requests; nil is a client with a timeout of 30 s.")
	f.line("func ErrorDoer(next catalog.HTTPDoer) *catalog.Doer { return errorCatalog.Doer(next) }\n")
	f.line("// ErrorRoundTripper returns a transport for any HTTP client: &http.Client{Transport: ErrorRoundTripper(nil)}. Every")
	f.line("// failure is then an *apierr.Error. next makes the requests; nil is http.DefaultTransport.")
	f.line("func ErrorRoundTripper(next http.RoundTripper) *catalog.RoundTripper { return errorCatalog.RoundTripper(next) }\n")
	f.line("// ParseError turns a response that was received elsewhere into an error; false if it is a success.")
	f.line("func ParseError(status int, header http.Header, body []byte) (*apierr.Error, bool) {")
	f.line("\treturn errorCatalog.Parse(status, header, body)\n}\n")
}

func (f *file) server() {
	f.standard = append(f.standard, "net/http")
	f.line("// ErrorReply is a code together with the details of one response, for a handler to return as its error.")
	f.line("type ErrorReply = catalog.Reply\n")
	f.line("// WriteError responds to a request with an error: a code of this package, an ErrorReply or anything else.")
	f.line("func WriteError(w http.ResponseWriter, r *http.Request, err error) { errorCatalog.WriteError(w, r, err) }\n")
}
