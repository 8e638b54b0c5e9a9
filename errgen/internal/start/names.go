package start

import (
	"go/token"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/specpay/specpay/errgen/internal/lint"
	"github.com/specpay/specpay/errgen/internal/model"
)

const (
	fragment = `^[A-Za-z0-9_][A-Za-z0-9._~:-]*$`
	heading  = `^(?i:page-|catalog\.)` // the prefixes of the anchors of headings on generated pages
)

func matches(pattern, s string) bool { return regexp.MustCompile(pattern).MatchString(s) }

// identify sets id, Go type and prefix of a catalog. The main one has the defaults of errgen, unless a schema has that
// name.
func (d *drafter) identify(taken map[string]bool, c *catalog, i int) {
	title := slug(d.set.Root.Get("info").Get("title").Text())
	if title == "" || title[0] < 'a' {
		title = "api"
	}
	c.id = title
	if i > 0 {
		c.id, c.prefix = title+"-"+strconv.Itoa(i+1), "Err"+strconv.Itoa(i+1)
	}
	kind := "ErrorCode"
	for n := 2; taken[kind] || taken[kind+"s"]; n++ {
		kind = "ErrorCode" + strconv.Itoa(n)
	}
	taken[kind], taken[kind+"s"] = true, true
	if kind != "ErrorCode" {
		c.kind = kind
	}
}

// slug returns a short id of lower-case letters, digits and single hyphens, or "".
func slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	out := ""
	for _, w := range words {
		if len(out)+len(w) > 40 {
			break
		}
		if out != "" {
			out += "-"
		}
		out += w
	}
	return out
}

// takenNames returns the Go names that a code cannot have.
func (d *drafter) takenNames() map[string]bool {
	taken := map[string]bool{}
	for _, name := range lint.Reserved() {
		taken[name] = true
	}
	carriers := map[string]bool{}
	for _, c := range d.catalogs {
		carriers[strings.TrimPrefix(c.at.pointer, "/components/schemas/")] = true
	}
	for name, declaration := range model.Declared(d.set, d.namer) {
		taken[name] = !carriers[declaration.Schema]
	}
	return taken
}

// nameCode sets a name if the derived one is invalid or taken, or if the spec has a better one.
func (d *drafter) nameCode(taken map[string]bool, c *catalog, code *code, i int) {
	made := d.namer.Code(code.value)
	name := made
	if own := d.namer.Code(code.name); own != "" {
		name = own
	} else if last := lastSegment(code.value); last != code.value {
		name = d.namer.Code(last)
	}
	prefix := or(c.prefix, "Err")
	if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
		name = rest
	}
	if name == "" {
		name = "Code" + strconv.Itoa(i+1)
	}
	base := name
	for n := 2; taken[prefix+name] || !token.IsIdentifier(prefix+name); n++ {
		if name = base + strconv.Itoa(n); n > maxCodes {
			return
		}
	}
	taken[prefix+name] = true
	if code.name = name; name == made {
		code.name = ""
	}
}

// lastSegment returns the last segment of a URL that is used as a code.
func lastSegment(s string) string {
	u, err := url.Parse(s)
	if err != nil || !strings.Contains(s, "/") {
		return s
	}
	end := strings.TrimRight(u.Path+u.Opaque, "/")
	return or(u.Fragment, end[strings.LastIndexByte(end, '/')+1:])
}

// anchor sets an anchor if the code in lower case is invalid or taken.
func anchor(taken map[string]bool, c *catalog, code *code, i int, first bool) {
	a := strings.ToLower(code.value)
	if !first {
		a = c.id + "-" + a
	}
	if !matches(fragment, a) || matches(heading, a) || taken[a] || !first {
		base := or(slug(lastSegment(code.value)), "code-"+strconv.Itoa(i+1))
		if matches(heading, base) {
			base = "code-" + base
		}
		if !first {
			base = c.id + "-" + base
		}
		a = base
		for n := 2; taken[a] && n <= maxCodes; n++ {
			a = base + "-" + strconv.Itoa(n)
		}
		code.anchor = a
	}
	taken[a] = true
}
