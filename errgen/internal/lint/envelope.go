package lint

import (
	"slices"
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// envelope checks one x-error-envelope.
func (l *linter) envelope(e *model.Envelope) {
	if e.Text.IsSet() {
		l.textEnvelope(e)
		return
	}
	if e.Trim || e.MaxBytes.Pos.IsSet() {
		l.Errorf(e.Pos, finding.Envelope, "trim and max_bytes apply only to envelopes with text: body; remove them")
	}
	if len(e.Code) == 0 && len(l.spec.Catalogs) > 0 {
		l.Errorf(e.Pos, finding.Envelope, "x-error-envelope has no code; add the JSON pointer of the code, such as code: /error/code, or text: body")
	}
	if e.Success.IsSet() && e.Success.Value != "scan" {
		l.Errorf(e.Success.Pos, finding.Envelope, "success %s is unknown; use scan to look for codes in 2xx responses, or omit it", finding.Quote(e.Success.Value))
	}
	if e.At.IsSet() {
		l.pointerSyntax(e.At, "at")
	}
	for _, p := range e.Pointers() {
		l.pointer(e, p)
	}
	l.fieldRule(e)
	l.outcomeRule(e)
	for _, h := range e.DocHosts {
		if !l.matches(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`, h.Value) {
			l.Errorf(h.Pos, finding.Envelope, "doc_hosts %s is not a host name; write it in lower case, without scheme, port or path, such as docs.example.com", finding.Quote(h.Value))
		}
	}
}

func (l *linter) pointerSyntax(t model.Text, field string) bool {
	if l.matches(`^(/([^~/]|~[01])+)+$`, t.Value) {
		return true
	}
	l.Errorf(t.Pos, finding.Envelope, "%s %s is not a JSON pointer; write it like /error/code, with ~1 for a slash in a name", field, finding.Quote(t.Value))
	return false
}

func (l *linter) pointer(e *model.Envelope, p model.Pointer) {
	if name, ok := model.HeaderName(p.Text.Value); ok {
		l.header(e, p, name)
		return
	}
	if !l.pointerSyntax(p.Text, p.Field) {
		return
	}
	schemas := l.res.At(e.Node, p.Text.Value)
	if len(schemas) == 0 {
		l.Errorf(p.Text.Pos, finding.Envelope, "%s %s does not resolve: schema %s has no such property, or its $ref is broken", p.Field, finding.Quote(p.Text.Value), finding.Quote(e.Schema))
		return
	}
	switch p.Field {
	case "code":
		l.codePointer(e, p)
	case "levels":
		if len(l.spec.Catalogs) > 0 && len(e.Leads[p.Text.Value]) == 0 {
			l.Errorf(p.Text.Pos, finding.Envelope, "levels %s leads to a schema without x-error-catalog; declare its codes there", finding.Quote(p.Text.Value))
		}
	case "fields.at":
		if !model.MayBe(schemas, "object") && !model.MayBe(schemas, "array") {
			l.Errorf(p.Text.Pos, finding.Envelope, "fields.at %s does not lead to an object or a list; it must lead to an object whose keys are field names, or to a list of problems", finding.Quote(p.Text.Value))
		}
	default:
		if !model.MayBe(schemas, "string") {
			l.Errorf(p.Text.Pos, finding.Envelope, "%s %s does not lead to a string; use the pointer of a string property", p.Field, finding.Quote(p.Text.Value))
		}
	}
}

// header checks a place in a header.
func (l *linter) header(e *model.Envelope, p model.Pointer, name string) {
	switch {
	case p.Field != "code" && p.Field != "request_id":
		l.Errorf(p.Text.Pos, finding.Envelope, "%s %s is in a header; only code and request_id can be there", p.Field, finding.Quote(p.Text.Value))
	case !l.matches(`^[A-Za-z0-9-]+$`, name):
		l.Errorf(p.Text.Pos, finding.Envelope, "%s %s is not a header; write it like header:Request-Id", p.Field, finding.Quote(p.Text.Value))
	case p.Field == "code" && len(l.spec.Catalogs) > 0 && len(e.Leads[p.Text.Value]) == 0:
		l.Errorf(p.Text.Pos, finding.Envelope, "the code is in a header, so no schema leads to its catalog; add catalog with the id of one")
	}
}

// codePointer checks that a code pointer leads to catalogs, and all of an envelope to the same ones.
func (l *linter) codePointer(e *model.Envelope, p model.Pointer) {
	have, want := e.Leads[p.Text.Value], e.Leads[e.Code[0].Value]
	switch {
	case len(l.spec.Catalogs) == 0: // any code is read
	case len(have) == 0 && e.CatalogID.IsSet(): // reported already
	case len(have) == 0:
		l.Errorf(p.Text.Pos, finding.Envelope, "code %s leads to a schema without x-error-catalog; declare its codes there", finding.Quote(p.Text.Value))
	case len(want) > 0 && (len(have) != len(want) || slices.ContainsFunc(have, func(c *model.Catalog) bool { return !slices.Contains(want, c) })):
		l.Errorf(p.Text.Pos, finding.Envelope, "code %s leads to catalog %s, but the pointers before it lead to %s; all code pointers of an envelope must lead to the same catalog",
			finding.Quote(p.Text.Value), catalogIDs(have), catalogIDs(want))
	}
}

func catalogIDs(catalogs []*model.Catalog) string {
	var words []string
	for _, c := range catalogs {
		words = append(words, finding.Quote(c.ID.Value))
	}
	return strings.Join(words, " and ")
}

func (l *linter) fieldRule(e *model.Envelope) {
	f := e.Fields
	if f == nil {
		return
	}
	if !f.At.IsSet() {
		l.Errorf(e.Pos, finding.Envelope, "fields has no at; add the JSON pointer of the object whose keys are field names")
	}
	for _, t := range []model.Text{f.Name, f.Type, f.Message} {
		if t.IsSet() && (t.Value == "" || strings.Contains(t.Value, "/") && !l.matches(`^(/([^~/]|~[01])+)+$`, t.Value)) {
			l.Errorf(t.Pos, finding.Envelope, "%s is not a member name; name, type and message of fields are names, or JSON pointers such as /source/pointer", finding.Quote(t.Value))
		}
	}
	if at := l.res.At(e.Node, f.At.Value); f.Name.IsSet() && !model.MayBe(at, "array") {
		l.Errorf(f.Name.Pos, finding.Envelope, "name of fields applies to a list; in an object, the keys are the names of the fields")
	}
}

func (l *linter) outcomeRule(e *model.Envelope) {
	o := e.Outcome
	if o == nil {
		return
	}
	if !o.From.IsSet() || len(o.Map) == 0 {
		l.Errorf(e.Pos, finding.Envelope, "outcome is incomplete; it needs from, a JSON pointer, and map, from values on the wire to one of %s", list(model.Outcomes()))
	}
	for _, p := range o.Map {
		l.word(finding.Contradiction, e.Pos, p.Text, "outcome", "the envelope", model.Outcomes(), true)
	}
	if len(o.Map) == 0 {
		return
	}
	for _, c := range e.Catalogs {
		l.outcomeWords(e, c)
	}
}

// outcomeWords checks that a code of a 2xx differs from a success by its status word.
func (l *linter) outcomeWords(e *model.Envelope, c *model.Catalog) {
	for _, code := range c.Codes {
		inside := slices.ContainsFunc(code.HTTP, func(n model.Number) bool { return n.Value < 300 })
		if inside && e.Outcome.Word(code.Outcome.Value) == "" {
			want := "failed"
			if code.Outcome.IsSet() && code.Outcome.Value != want {
				want = code.Outcome.Value + " or failed"
			}
			l.Errorf(code.Pos, finding.Envelope, "code %s occurs with a 2xx status, but no value of the envelope's outcome (%s) means %s, so it cannot be distinguished from a success; add the value to map",
				finding.Quote(code.Value), where(e.Pos, code.Pos), want)
		}
	}
}

func (l *linter) textEnvelope(e *model.Envelope) {
	if e.Text.Value != "body" {
		l.Errorf(e.Text.Pos, finding.Envelope, "text %s is unknown; use body", finding.Quote(e.Text.Value))
	}
	if len(e.Catalogs) == 0 {
		l.Errorf(e.Pos, finding.Envelope, "schema %s has an envelope with text: body but no x-error-catalog; put both on the same schema", finding.Quote(e.Schema))
	}
	if len(e.Pointers()) > 0 || e.At.IsSet() || e.Success.IsSet() || e.Outcome != nil || e.Fields != nil {
		l.Errorf(e.Pos, finding.Envelope, "an envelope with text: body cannot have JSON pointers; keep only text, trim and max_bytes")
	}
	if !e.Trim {
		l.Errorf(e.Pos, finding.Envelope, "an envelope with text: body has no trim: true; add it, because bodies are always compared without surrounding white space")
	}
	if n := e.MaxBytes; n.Pos.IsSet() && (n.Value < 1 || n.Value > 16<<20) {
		l.Errorf(n.Pos, finding.Envelope, "max_bytes %d is out of range; use 1 to %d", n.Value, 16<<20)
	}
}

// reached checks that an envelope leads to the first catalog, because its codes could not be read otherwise. Further
// catalogs may contain codes that are plain data of a resource.
func (l *linter) reached() {
	lost := slices.ContainsFunc(l.spec.Envelopes, func(e *model.Envelope) bool { return len(e.Catalogs) == 0 && len(e.Code) > 0 }) // already reported
	for _, c := range l.spec.Catalogs {
		hasText := c.Envelope != nil && c.Envelope.Text.IsSet()
		switch {
		case c.First && c.Envelope == nil && !lost:
			l.Errorf(c.Pos, finding.Envelope, "no x-error-envelope leads to catalog %s; add one to the schema of the error body, with a code pointer to schema %s",
				finding.Quote(c.ID.Value), finding.Quote(c.Schema))
		case c.IsText() && c.Envelope == nil:
			l.Errorf(c.Pos, finding.Envelope, "catalog %s has match rules, but schema %s has no x-error-envelope; add {text: body, trim: true} next to the catalog",
				finding.Quote(c.ID.Value), finding.Quote(c.Schema))
		case c.IsText() && !hasText:
			l.Errorf(c.Pos, finding.Envelope, "catalog %s has match rules, but its envelope reads the code from JSON; use text: body, or remove match", finding.Quote(c.ID.Value))
		}
	}
}
