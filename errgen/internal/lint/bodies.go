package lint

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/specpay/specpay/apierr/catalog"
	"github.com/specpay/specpay/errgen/internal/apicatalog"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// bodyLinter checks the examples of responses. Operations share responses, so a fault is reported once, with its places.
type bodyLinter struct {
	*linter
	catalog  *catalog.Catalog
	readings map[sampleRead]catalog.Reading
	faults   map[fault]*[]string
	order    []fault
	statuses map[*model.Catalog][]int // distinct statuses of the codes; 0 stands for a code without any
	shown    bool                     // an error response has an example
	bare     []finding.Pos            // media types of error responses without an example
}

// sampleRead is what the reading of a sample depends on.
type sampleRead struct {
	node   *load.Node
	status int
	shapes string
}

// fault is a fault of an example. Its places stand between the two texts.
type fault struct {
	pos           finding.Pos
	before, after string
}

// replies is what the responses of an operation have in common.
type replies struct {
	op       *model.Operation
	declared map[string]bool // keys: 404, 4XX, default
	shapes   []model.Shape   // of all of them; a client tries them after those of the response itself
}

// place is a media type of a response, with what is the same for all of its examples.
type place struct {
	*replies
	status  string // key of the response
	body    *model.Body
	listed  []*model.Code // in x-error-codes of the response or its operation
	hasList bool
	reads   []int // the statuses at which an example is read
}

func (p place) String() string { return p.status + " of " + p.op.Name() }

// bodies checks the examples of all responses, and that error responses have them.
func (l *linter) bodies() {
	if len(l.spec.Catalogs) == 0 || len(l.spec.Envelopes) == 0 {
		return
	}
	b := &bodyLinter{linter: l, catalog: apicatalog.Of(l.spec, ""), readings: map[sampleRead]catalog.Reading{}, faults: map[fault]*[]string{}, statuses: map[*model.Catalog][]int{}}
	for _, c := range l.spec.Catalogs {
		b.statuses[c] = statusesOf(c)
	}
	for _, op := range l.spec.Operations {
		b.operation(op)
	}
	warn := l.Notef // about the spec of somebody else, who does not know errgen
	if l.classed {
		warn = l.Warnf
	}
	for _, f := range b.order {
		text := f.before
		if f.after != "" {
			text += finding.Quotes(*b.faults[f]) + f.after
		}
		warn(f.pos, finding.BodyExample, "%s", text)
	}
	if b.shown && l.classed {
		for _, pos := range b.bare {
			l.Warnf(pos, finding.NoExample, "this error response has no example, but others have one; add a body with a code that it can have")
		}
	}
}

func (l *bodyLinter) operation(op *model.Operation) {
	all := &replies{op: op, declared: map[string]bool{}}
	for _, r := range op.Replies {
		all.declared[strings.ToUpper(r.Status)] = true
		for _, s := range r.Shapes {
			if !slices.ContainsFunc(all.shapes, func(o model.Shape) bool { return o.Reader == s.Reader }) {
				all.shapes = append(all.shapes, s)
			}
		}
	}
	for _, r := range op.Replies {
		success := covers(r.Status, 200) || covers("2XX", statusOf(r.Status))
		failure := r.Status == "default" || covers(r.Status, 400) || covers(r.Status, 500) || statusOf(r.Status) >= 400
		for i := range r.Bodies {
			p := place{replies: all, status: r.Status, body: &r.Bodies[i]}
			if len(p.body.Samples) == 0 && len(p.body.Shapes) == 0 || !success && !failure {
				continue
			}
			p.listed, p.hasList = l.listedFor(p)
			p.reads = l.readAt(p)
			if success {
				l.success(p)
			} else {
				l.failures(p)
			}
		}
	}
}

// statusOf returns the status that is the key of a response; 0 for default and ranges.
func statusOf(key string) int {
	n, err := strconv.Atoi(key)
	if err != nil || len(key) != 3 || n < 100 {
		return 0
	}
	return n
}

func (l *bodyLinter) failures(p place) {
	for _, s := range p.body.Samples {
		l.failure(p, s)
		l.shown = true
	}
	if len(p.body.Samples) == 0 && l.hasCodes(p) {
		l.bare = append(l.bare, p.body.Pos)
	}
}

// success checks the examples of a success that are read as failures.
func (l *bodyLinter) success(p place) {
	status := statusOf(p.status)
	if status == 0 {
		status = http.StatusOK
	}
	for _, s := range p.body.Samples {
		r := l.read(s, status, p.shapes)
		if !r.Failed {
			continue
		}
		if code := l.known(p, s, &r); code != nil {
			l.fits(p, s, code)
		}
	}
}

func (l *bodyLinter) failure(p place, s model.Sample) {
	shapes := p.body.Shapes
	if len(shapes) == 0 {
		shapes = p.shapes
	}
	r := l.readFailure(p, s, shapes)
	c, _ := r.Error.Code.(apicatalog.Code)
	switch {
	case c.Value == "" && len(r.Error.Fields) > 0: // problems of single fields
		return
	case len(p.body.Shapes) == 0 && (c.Value == "" || c.Entry != nil && isFallback(c.Entry)): // another kind of body
		return
	}
	if code := l.known(p, s, &r); code != nil {
		l.fits(p, s, code)
		l.required(s, shapes, r.Error.RawCode)
	}
}

// readFailure reads a sample at the statuses that its response can have, until one gives a code.
func (l *bodyLinter) readFailure(p place, s model.Sample, shapes []model.Shape) catalog.Reading {
	var first *catalog.Reading
	for _, status := range p.reads {
		r := l.read(s, status, shapes)
		if c, ok := r.Error.Code.(apicatalog.Code); ok && c.Entry != nil && !isFallback(c.Entry) {
			return r
		}
		if first == nil {
			first = &r
		}
	}
	return *first
}

// readAt returns the statuses to read an example at: the one of the response, or those that its range or default has in the
// catalogs, and one more.
func (l *bodyLinter) readAt(p place) []int {
	if n := statusOf(p.status); n != 0 {
		return []int{n}
	}
	var out []int
	for _, c := range l.spec.Catalogs {
		for _, n := range l.statuses[c] {
			if !slices.Contains(out, n) && l.answers(p, n) {
				out = append(out, n)
			}
		}
	}
	other := 599
	if covers(p.status, 400) {
		other = 499
	}
	return append(out, other)
}

// statusesOf returns the distinct statuses of the codes of a catalog, and 0 if a code has none.
func statusesOf(c *model.Catalog) (out []int) {
	seen := map[int]bool{}
	for _, code := range c.Codes {
		all := code.Statuses()
		if len(all) == 0 && !isFallback(code) {
			all = []int{0}
		}
		for _, n := range all {
			if !seen[n] {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out
}

// answers reports whether a response is the one for a status: a range for those without a response of their own, a default
// for the errors that no other response names.
func (l *bodyLinter) answers(p place, status int) bool {
	exact := strconv.Itoa(status)
	switch {
	case p.status == exact:
		return true
	case p.declared[exact]:
		return false
	case p.status == "default":
		return status >= 400 && !p.declared[exact[:1]+"XX"]
	}
	return covers(p.status, status)
}

// read reads a sample as a client reads a response that may have the shapes.
func (l *bodyLinter) read(s model.Sample, status int, shapes []model.Shape) catalog.Reading {
	if len(shapes) == 0 {
		return catalog.Reading{}
	}
	op := catalog.Operation{ID: "example"}
	key := sampleRead{node: s.Node, status: status}
	for _, shape := range shapes {
		i := slices.Index(l.spec.Readers(), shape.Reader)
		op.Shapes = append(op.Shapes, catalog.Shape{Envelope: i, Media: shape.Media})
		key.shapes += strconv.Itoa(i) + " "
	}
	r, ok := l.readings[key]
	if !ok {
		r = l.catalog.Read(&op, catalog.Response{StatusCode: status, Body: s.Bytes})
		l.readings[key] = r
	}
	return r
}

// known returns the catalog's entry for the code of a sample, or reports that there is none.
func (l *bodyLinter) known(p place, s model.Sample, r *catalog.Reading) *model.Code {
	c, _ := r.Error.Code.(apicatalog.Code)
	switch {
	case c.Entry != nil && !isFallback(c.Entry):
		return c.Entry
	case c.Entry != nil || hasText(p.body.Shapes) && c.Value == "":
		l.fault(p, s.Node, "no rule for texts matches this example at ", "; use a text that the API sends, or add a rule")
	case c.Value == "":
		l.report(s.Node, "this example has no code where x-error-envelope reads it; its pointers are "+pointers(p.body.Shapes))
	default:
		l.report(s.Node, "the code "+finding.Quote(c.Value)+" of this example is not in the catalog; declare it, or use one that is")
	}
	return nil
}

func isFallback(code *model.Code) bool {
	return code.Catalog.IsText() && code.Value == code.Catalog.Fallback.Value && len(code.Match) == 0
}

func hasText(shapes []model.Shape) bool {
	return slices.ContainsFunc(shapes, func(s model.Shape) bool { return s.Envelope.Text.IsSet() })
}

func pointers(shapes []model.Shape) string {
	var out []string
	for _, s := range shapes {
		for _, t := range s.Envelope.Code {
			out = append(out, s.Envelope.At.Value+t.Value)
		}
	}
	return finding.Quotes(out)
}

// fits compares a code with the status of its response and with the codes that are listed there.
func (l *bodyLinter) fits(p place, s model.Sample, code *model.Code) {
	name := finding.Quote(code.Value)
	if !l.fitsStatus(p, code) {
		l.fault(p, s.Node, "the code "+name+" of this example has http "+numbers(code.Statuses())+", which is not the status of ", "; move the example, or correct http")
	}
	if p.hasList && !slices.Contains(p.listed, code) {
		l.fault(p, s.Node, "the code "+name+" of this example is not in x-error-codes for ", "; list it, or use a code that is listed")
	}
}

func (l *bodyLinter) fitsStatus(p place, code *model.Code) bool {
	return len(code.HTTP) == 0 || slices.ContainsFunc(code.Statuses(), func(n int) bool { return l.answers(p, n) })
}

// listedFor returns the codes that are listed for a response or its operation; has is false without a list.
func (l *bodyLinter) listedFor(p place) (codes []*model.Code, has bool) {
	for _, list := range p.op.Lists {
		if list.Status != "" && list.Status != p.status {
			continue
		}
		has = true
		for _, t := range list.Codes {
			codes = append(codes, l.spec.Listed(t.Value))
		}
	}
	return codes, has
}

// hasCodes reports whether a known code can occur in a response: one that is listed for it, or without a list any.
func (l *bodyLinter) hasCodes(p place) bool {
	if p.hasList {
		return slices.ContainsFunc(p.listed, func(c *model.Code) bool { return c != nil && !isFallback(c) && l.fitsStatus(p, c) })
	}
	return slices.ContainsFunc(p.body.Shapes, func(s model.Shape) bool {
		return slices.ContainsFunc(l.statuses[s.Catalog], func(n int) bool { return n == 0 || l.answers(p, n) })
	})
}

// required reports members that the schema of the envelope requires and an example lacks.
func (l *bodyLinter) required(s model.Sample, shapes []model.Shape, rawCode string) {
	for _, shape := range shapes {
		e := shape.Envelope
		value := s.Node
		for _, token := range load.Tokens(e.At.Value) {
			value = value.Get(token)
		}
		if !e.Text.IsSet() && value != nil && l.read(s, 400, []model.Shape{shape}).Error.RawCode == rawCode {
			l.members(e.Node, value, e.At.Value, 0)
			return
		}
	}
}

func (l *bodyLinter) members(schema, value *load.Node, path string, depth int) {
	if value.Kind != load.Map || depth > 10 {
		return
	}
	for _, schema := range l.res.All(schema) {
		if list := schema.Get("required"); list != nil {
			for _, name := range list.Items {
				if value.Get(name.Value) == nil {
					l.report(value, "this example has no "+finding.Quote(path+"/"+load.Escape(name.Value))+", which its schema requires; add it")
				}
			}
		}
		for i, k := range value.Keys {
			if member := schema.Get("properties").Get(k.Value); member != nil {
				l.members(member, value.Items[i], path+"/"+load.Escape(k.Value), depth+1)
			}
		}
	}
}

func (l *bodyLinter) report(at *load.Node, text string) { l.add(fault{at.Pos(), text, ""}, "") }

// fault reports a fault with the place where it occurs between the texts.
func (l *bodyLinter) fault(p place, at *load.Node, before, after string) {
	l.add(fault{at.Pos(), before, after}, p.String())
}

func (l *bodyLinter) add(f fault, place string) {
	places := l.faults[f]
	if places == nil {
		places = &[]string{}
		l.faults[f] = places
		l.order = append(l.order, f)
	}
	if n := len(*places); n == 0 || (*places)[n-1] != place { // a response may have several media types
		*places = append(*places, place)
	}
}
