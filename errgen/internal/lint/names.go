package lint

import (
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

// taken maps the Go names of a package to what declares them.
type taken map[string]string

// reserved returns the names that errgen, the client and oapi-codegen's templates declare.
func reserved() taken {
	t := taken{}
	for _, name := range []string{
		"Client", "ClientOption", "ClientInterface", "ClientWithResponses", "ClientWithResponsesInterface", "NewClient",
		"NewClientWithResponses", "WithHTTPClient", "WithBaseURL", "WithRequestEditorFn", "RequestEditorFn", "HttpRequestDoer",
		"RawClient", "New", "Credentials", "SandboxURL", "Event",
	} {
		t[name] = "the generated client"
	}
	t["Error"], t["CodeOf"] = "errgen", "errgen"
	return t
}

// Reserved returns the names that a code cannot have.
func Reserved() []string { return slices.Sorted(maps.Keys(reserved())) }

// names checks that the exported names of the package are unique.
func (l *linter) names() {
	if len(l.spec.Catalogs) == 0 {
		return
	}
	names := reserved()
	l.operationNames(names)
	for name, d := range l.spec.Declared {
		names[name] = d.What
	}
	for _, c := range l.spec.Catalogs {
		l.excluded(names, c)
		l.take(names, c.Type.Pos, c.Type.Value, "the type of catalog "+finding.Quote(c.ID.Value))
		l.take(names, c.Type.Pos, c.Type.Value+"s", "the list of catalog "+finding.Quote(c.ID.Value))
	}
	for _, c := range l.spec.Catalogs {
		l.constants(names, c)
	}
}

// excluded reports a schema with a catalog that both generators would declare.
func (l *linter) excluded(names taken, c *model.Catalog) {
	if c.Component && !c.IsInteger && l.namer.Known() && !l.namer.Excludes(c.Schema) && l.namer.Schema(c.Schema) == c.Type.Value {
		l.Warnf(c.Type.Pos, finding.GoName, "oapi-codegen and errgen both declare %s, which does not compile in one package; add %s to exclude-schemas in the output-options of the client's config", c.Type.Value, finding.Quote(c.Schema))
		delete(names, c.Type.Value)
	}
}

// freeType returns a name for the type of a catalog.
func freeType(names taken) string {
	name := "ErrorCode"
	for n := 1; names[name] != "" || names[name+"s"] != ""; n++ {
		name = "APIErrorCode"
		if n > 1 {
			name += strconv.Itoa(n)
		}
	}
	return name
}

func (l *linter) take(names taken, pos finding.Pos, name, who string) {
	if !exported(name) {
		l.Errorf(pos, finding.GoName, "%s would be named %s, which is not an exported Go name; choose another name", who, finding.Quote(name))
		return
	}
	if other, ok := names[name]; ok {
		remedy := ""
		if strings.HasPrefix(who, "the type ") || strings.HasPrefix(who, "the list ") {
			remedy = ", such as type: " + freeType(names)
		}
		l.Errorf(pos, finding.GoName, "%s would be named %s, but %s already has that name; choose another name%s", who, name, other, remedy)
		return
	}
	names[name] = who
}

// constants reports two wire values that map to one name separately, because the remedy differs from that of a plain conflict.
func (l *linter) constants(names taken, c *model.Catalog) {
	folded := map[string]*model.Code{}
	for _, code := range c.Codes {
		pos := code.Pos
		if code.Name.IsSet() {
			pos = code.Name.Pos
			l.ownName(c, code)
		}
		if code.Const == "" {
			l.Errorf(pos, finding.GoName, "no Go name can be derived from the code %s; set name, such as name: InvoiceNotFound", finding.Quote(code.Value))
			continue
		}
		if other := folded[code.Const]; other != nil {
			l.Errorf(pos, finding.Folded, "the codes %s and %s (line %d) both become %s; set name on one of them",
				finding.Quote(code.Value), finding.Quote(other.Value), other.Pos.Line, finding.Quote(code.Const))
			continue
		}
		folded[code.Const] = code
		l.take(names, pos, code.Const, "the code "+finding.Quote(code.Value))
	}
}

// ownName reports a name that repeats the prefix or does not start with an upper-case letter.
func (l *linter) ownName(c *model.Catalog, code *model.Code) {
	name, prefix := code.Name.Value, c.Prefix.Value
	first, _ := utf8.DecodeRuneInString(name)
	rest, repeated := strings.CutPrefix(name, prefix)
	next, _ := utf8.DecodeRuneInString(rest)
	switch {
	case prefix != "" && repeated && unicode.IsUpper(next):
		l.Errorf(code.Name.Pos, finding.GoName, "name %s repeats the prefix of the catalog; write %s", finding.Quote(name), finding.Quote(rest))
	case name != "" && !unicode.IsUpper(first) && !unicode.IsDigit(first):
		l.Errorf(code.Name.Pos, finding.GoName, "name %s does not start with an upper-case letter; capitalize it", finding.Quote(name))
	}
}

func exported(name string) bool { return token.IsIdentifier(name) && token.IsExported(name) }
