package gogen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/model"
	"github.com/specpay/specpay/errgen/internal/textrule"
)

// apiCatalog writes the description of the API's responses: envelopes and operations.
func (f *file) apiCatalog() {
	f.line("// errorCatalog describes the error responses of the API.")
	f.line("var errorCatalog = catalog.Catalog{")
	f.fields("API", strconv.Quote(f.opt.Package))
	if len(f.spec.Envelopes) > 0 {
		f.line("Envelopes: []catalog.Envelope{")
		for _, e := range f.spec.Envelopes {
			f.envelope(e)
		}
		f.line("},")
	}
	if len(f.spec.Operations) > 0 {
		f.line("Operations: []catalog.Operation{")
		for _, op := range f.spec.Operations {
			f.operation(op)
		}
		f.line("},")
	}
	f.line("}\n")
}

func (f *file) envelope(e *model.Envelope) {
	f.line("{")
	f.fields("Schema", quoteSet(e.Schema), "At", quoteSet(e.At.Value), "Code", stringList(e.Code), "Type", stringList(e.Type))
	f.fields("Message", stringList(e.Message), "Param", stringList(e.Param), "RequestID", stringList(e.RequestID))
	f.fields("DocURL", stringList(e.DocURL), "DocHosts", stringList(e.DocHosts))
	if e.Fields != nil {
		f.fields("Fields", "catalog.FieldRule"+composite(
			"At", strconv.Quote(e.Fields.At.Value), "Type", strconv.Quote(e.Fields.Type.Value), "Message", strconv.Quote(e.Fields.Message.Value)))
	}
	f.fields("Success", quoteSet(e.Success.Value), "Outcome", outcomeRule(e.Outcome))
	if c := e.Catalog; c != nil {
		if e.Text.IsSet() {
			f.textRules(textrule.Of(c))
		}
		if f.opt.Server {
			f.fields("Fallback", quoteSet(c.Fallback.Value))
			if e.Text.IsSet() {
				f.samples(c)
			}
		}
		f.fields("Parse", "parse"+c.Type.Value)
	}
	f.line("},")
}

func outcomeRule(o *model.Outcome) string {
	if o == nil {
		return ""
	}
	var words []string
	for _, p := range o.Map {
		if outcome := constant(model.Outcomes(), p.Text.Value); outcome != "" {
			words = append(words, composite("Word", strconv.Quote(p.Key.Value), "Outcome", outcome))
		}
	}
	return "catalog.OutcomeRule" + composite("From", strconv.Quote(o.From.Value), "Map", "[]catalog.OutcomeWord{"+strings.Join(words, ", ")+"}")
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

func (f *file) operation(op *model.Operation) {
	facts := pairWords([]string{
		"ID", strconv.Quote(op.Name()), "Method", strconv.Quote(strings.ToUpper(op.Method)), "Path", strconv.Quote(op.Path),
		"Class", quoteSet(op.Class.Value), "KeyHeader", keyHeader(op), "Successes", successList(op), "Shapes", f.shapeList(op),
	})
	if op.Unknown == nil {
		f.line("{%s},", facts)
		return
	}
	f.line("{\n%s,", facts)
	f.line("Unknown: &apierr.UnknownOutcome{")
	f.fields("Operation", strconv.Quote(op.Name()), "Advice", constant(model.Advices(), op.Unknown.Advice.Value))
	f.fields("Description", quoteSet(op.Unknown.Description.Line()))
	f.fields("Resolution", quoteSet(op.Unknown.Resolution.Line()))
	f.fields("DocURL", quoteSet(f.spec.UnknownURL(op)))
	f.fields("Customer", customerList(op.Unknown.Customer))
	f.line("},\n},")
}

func keyHeader(op *model.Operation) string {
	if op.Key == nil {
		return ""
	}
	return quoteSet(op.Key.Header.Value)
}

func successList(op *model.Operation) string {
	var words []string
	for _, r := range op.Replies {
		if status, ok := r.Success(); ok {
			words = append(words, composite("Status", intSet(status), "JSON", ifTrue(r.JSON), "Mixed", ifTrue(r.Mixed)))
		}
	}
	if words == nil {
		return ""
	}
	return "[]catalog.Success{" + strings.Join(words, ", ") + "}"
}

// shapeList lists the shapes of the declared responses. A shape that default also declares is listed once.
func (f *file) shapeList(op *model.Operation) string {
	var words []string
	byDefault := map[model.Shape]bool{}
	for _, r := range op.Replies {
		if r.Status == "default" {
			for _, s := range r.Shapes {
				byDefault[s] = true
				words = append(words, f.shape(0, s))
			}
		}
	}
	for _, r := range op.Replies {
		status, ok := statusKey(r.Status)
		for _, s := range r.Shapes {
			if ok && status != 0 && !byDefault[s] {
				words = append(words, f.shape(status, s))
			}
		}
	}
	if words == nil {
		return ""
	}
	return "[]catalog.Shape{" + strings.Join(words, ", ") + "}"
}

func (f *file) shape(status int, s model.Shape) string {
	return composite("Status", intSet(status), "Envelope", intSet(slices.Index(f.spec.Envelopes, s.Envelope)), "Media", strconv.Quote(s.Media))
}

// statusKey returns the key of a response as a number: 0 for default, 4 for 4XX.
func statusKey(key string) (int, bool) {
	if key == "default" {
		return 0, true
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.ToUpper(key), "XX"))
	return n, err == nil && (n >= 2 && n <= 5 || n >= 200 && n <= 599)
}

func (f *file) client() {
	f.standard = append(f.standard, "net/http")
	f.line("// ErrorDoer returns the doer for a generated client: NewClient(server, WithHTTPClient(ErrorDoer(nil))).")
	f.line("// Every failure is then an *apierr.Error. next makes the requests; nil is a client with a timeout of 30 s.")
	f.line("func ErrorDoer(next catalog.HTTPDoer) *catalog.Doer { return errorCatalog.Doer(next) }\n")
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
