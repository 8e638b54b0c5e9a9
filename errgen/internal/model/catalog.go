package model

import (
	"slices"
	"strconv"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

const (
	catalogKey  = "x-error-catalog"
	defaultType = "ErrorCode"
)

// catalog reads the x-error-catalog of a schema.
func (b *builder) catalog(name string, schema *load.Node) {
	key, n := schema.Entry(catalogKey)
	f := newFields(b.found, catalogKey, n, nil)
	c := &Catalog{
		Pos: key.Pos(), Schema: name, Node: schema, IsString: b.res.IsString(schema), IsInteger: slices.ContainsFunc(b.res.At(schema, ""), isInteger),
		ID: f.text("id"), Type: f.text("type"), Prefix: f.text("prefix"), Page: f.text("page"),
		Upstream: f.text("upstream"), UpstreamAnchor: f.text("upstream_anchor"), Fallback: f.text("fallback"),
		First: len(b.spec.Catalogs) == 0, byValue: map[string]*Code{}, byAlias: map[string]*Code{},
	}
	if n := f.get("message_public"); n != nil {
		c.MessagePublic = Flag{f.flag("message_public"), n.Pos()}
	}
	if !c.Prefix.IsSet() {
		c.Prefix = Text{"Err", c.Pos}
	}
	b.defaults(f)
	b.codes(c, f)
	b.enum(c, schema)
	f.done()
	b.spec.Catalogs = append(b.spec.Catalogs, c)
	b.byNode[schema] = c
	b.spec.Raw = append(b.spec.Raw, n)
}

// defaultTypes sets the types of the catalogs that do not name one: ErrorCode, or another name if a schema has that.
func (b *builder) defaultTypes() {
	for _, c := range b.spec.Catalogs {
		if !c.Type.IsSet() {
			c.Type = Text{defaultType, c.Pos}
			if c.ownType(b.namer) != c.Type.Value {
				c.Type.Value = b.spec.freeType()
			}
		}
	}
}

// ownType returns the Go name of the component schema with the catalog, or "" if an inline schema has it.
func (c *Catalog) ownType(namer Namer) string {
	if !c.Component || c.IsInteger { // errgen's type is a string
		return ""
	}
	return namer.Schema(c.Schema)
}

// Imply adds a catalog without codes to a spec that has none: clients then read codes that have no constants.
func (s *Spec) Imply() *Catalog {
	c := &Catalog{Pos: s.Pos, ID: Text{"api", s.Pos}, Prefix: Text{"Err", s.Pos}, First: true, Implied: true, MessagePublic: Flag{true, s.Pos}}
	c.Type = Text{s.freeType(), s.Pos}
	s.Catalogs = append(s.Catalogs, c)
	return c
}

// freeType returns a name for the type of a catalog that no schema has: ErrorCode if possible.
func (s *Spec) freeType() string {
	declared := func(name string) bool {
		_, ok := s.Declared[name]
		return ok
	}
	name := defaultType
	for n := 1; declared(name) || declared(name+"s"); n++ {
		name = "APIErrorCode"
		if n > 1 {
			name += strconv.Itoa(n)
		}
	}
	return name
}

// ownFields returns the fields that cannot have defaults, because they differ for each code.
func ownFields() []string { return []string{"name", "aliases", "anchor", "match", "examples"} }

// defaults checks the defaults, even if every code overrides them.
func (b *builder) defaults(f *fields) {
	n := f.get("defaults")
	if n == nil {
		return
	}
	d := newFields(b.found, "defaults", n, nil)
	for _, key := range ownFields() {
		if k, _ := n.Entry(key); k != nil {
			b.found.Errorf(k.Pos(), finding.Shape, "defaults cannot contain %s, which differs for each code; move it to the codes", finding.Quote(key))
		}
	}
	b.code(&Code{}, d)
}

func (b *builder) codes(c *Catalog, f *fields) {
	n := f.get("codes")
	if n == nil || n.Kind != load.Map || len(n.Keys) == 0 {
		pos, what := c.Pos, "no codes"
		if n != nil {
			pos, what = n.Pos(), n.Describe()
		}
		if n != nil && n.Kind == load.Map {
			what = "an empty map"
		}
		b.found.Errorf(pos, finding.Shape, "codes of %s must be a map with at least one code, not %s", catalogKey, what)
		return
	}
	defaults := f.get("defaults")
	for i, k := range n.Keys {
		if c.Find(k.Value) != nil || !(c.IsInteger && isDecimal(k)) && !checkCode(b.found, k) { // a duplicate key is a finding of its own
			continue
		}
		code := &Code{Pos: k.Pos(), Catalog: c, Value: k.Value}
		cf := newFields(b.found, "code "+finding.Quote(k.Value), n.Items[i], defaults)
		b.code(code, cf)
		code.Const = b.constant(c, code)
		c.Codes = append(c.Codes, code)
		c.byValue[code.Value] = code
		for _, a := range code.Aliases {
			c.byAlias[a.Value] = code
		}
	}
}

// constant returns the Go constant of a code, or "" if the wire value has no character that is valid in a Go name.
func (b *builder) constant(c *Catalog, code *Code) string {
	name := code.Name.Value
	if !code.Name.IsSet() {
		name = b.namer.Code(code.Value)
	}
	if name == "" {
		return ""
	}
	return c.Prefix.Value + name
}

// code reads the fields of one code.
func (b *builder) code(c *Code, f *fields) {
	c.Name, c.HTTP = f.text("name"), f.numbers("http")
	c.Category, c.Type, c.Outcome = f.text("category"), f.text("type"), f.text("outcome")
	c.Advice, c.AdviceReason, c.Idempotent = f.text("advice"), f.text("advice_reason"), f.flag("idempotent")
	c.Title, c.Description, c.Resolution = f.text("title"), f.text("description"), f.text("resolution")
	c.Anchor, c.UpstreamAnchor = f.text("anchor"), f.text("upstream_anchor")
	c.Since, c.Deprecated, c.Unverified = f.version("since"), f.text("deprecated"), f.text("x-unverified")
	c.Customer, c.Aliases = f.pairs("customer"), f.codes("aliases")
	c.ByStatus, c.Params = f.byStatus(), f.params()
	c.Match, c.Examples = f.matches(), f.examples()
	c.meant = f.done()
}

// isDecimal reports whether every YAML parser reads n as the same integer, which JSON writes in the same way.
func isDecimal(n *load.Node) bool {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	return n.Kind == load.Scalar && n.Tag == load.Int && err == nil && strconv.FormatInt(v, 10) == n.Value
}

// enum reads the values that the schema of a catalog lists.
func (b *builder) enum(c *Catalog, schema *load.Node) { c.Enum, c.EnumPos = b.listedIn(schema) }

// listedIn reads the values that a schema lists, in any of the supported ways.
func (b *builder) listedIn(schema *load.Node) (values []Text, pos finding.Pos) {
	for _, key := range []string{"enum", "x-extensible-enum", "oneOf", "anyOf", "const"} {
		before := values // of other keywords, which may repeat them
		k, n := schema.Entry(key)
		if n == nil {
			continue
		}
		switch key {
		case "oneOf", "anyOf":
			n = listed(n)
		case "const":
			n = &load.Node{Kind: load.List, Items: []*load.Node{n}}
		}
		if isInteger(schema) {
			n = asTexts(n)
		}
		if n = withoutNull(n); n.Kind == load.List && len(n.Items) == 0 {
			continue
		}
		if !pos.IsSet() {
			pos = k.Pos()
		}
		for _, t := range codeList(b.found, n, key) {
			if !slices.ContainsFunc(before, func(have Text) bool { return have.Value == t.Value }) {
				values = append(values, t)
			}
		}
	}
	return values, pos
}

// asTexts returns a list with its integers as strings.
func asTexts(list *load.Node) *load.Node {
	out := *list
	out.Items = nil
	for _, item := range list.Items {
		if isDecimal(item) {
			text := *item
			text.Tag, text.Plain = load.Str, false
			item = &text
		}
		out.Items = append(out.Items, item)
	}
	return &out
}

// listed returns the values of const branches, which form an enumeration with titles, and of enum branches, which with
// a branch for any other value form an open enumeration.
func listed(list *load.Node) *load.Node {
	out := &load.Node{Kind: load.List, File: list.File, Line: list.Line, Col: list.Col}
	for _, branch := range list.Items {
		if v := branch.Get("const"); v != nil {
			out.Items = append(out.Items, v)
		}
		if v := branch.Get("enum"); v != nil && v.Kind == load.List {
			out.Items = append(out.Items, v.Items...)
		}
	}
	return out
}

// withoutNull removes the null from the enum of an optional code.
func withoutNull(list *load.Node) *load.Node {
	out := *list
	out.Items = nil
	for _, item := range list.Items {
		if item.Kind != load.Scalar || item.Tag != load.Null {
			out.Items = append(out.Items, item)
		}
	}
	return &out
}
