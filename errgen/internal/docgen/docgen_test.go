package docgen

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/model"
)

func hostile(text string) *model.Spec {
	pos := finding.Pos{File: "x", Line: 1, Col: 1}
	s := model.Text{Value: text, Pos: pos}
	plain := func(v string) model.Text { return model.Text{Value: v, Pos: pos} }
	c := &model.Catalog{ID: plain("shop"), Type: s, Page: plain("https://e.test/x"), Upstream: plain("https://e.test/y"), First: true}
	for _, name := range []string{"a", "b"} {
		c.Codes = append(c.Codes, &model.Code{
			Catalog: c, Value: name + text, Const: text, Category: plain("auth"), Type: s, Outcome: s, Advice: s, AdviceReason: s,
			Title: s, Description: s, Resolution: s, Unverified: s, Deprecated: s, Since: s, Anchor: plain(name), UpstreamAnchor: plain(name),
			Customer: []model.Pair{{Key: plain("en"), Text: s}}, Aliases: []model.Text{s}, Operations: []string{text},
			Params: []model.Pair{{Key: s, Text: s}}, Match: []model.Match{{Kind: "exact", Value: s}},
		})
	}
	op := &model.Operation{ID: plain("doIt"), Method: "post", Path: text, Unknown: &model.Unknown{Advice: s, Description: s, Resolution: s}}
	return &model.Spec{Title: s, Catalogs: []*model.Catalog{c}, Operations: []*model.Operation{op}}
}

var breakers = []string{
	"plain", `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'--><script>`, "]]>", "</title></style>", "{{.Title}}", "&lt;&amp;",
	"`` `code` ```", "[x](javascript:alert(1))", "a|b|c", "# heading", "1. list", "- list", "<!-- x", "\\`", "*b* _i_ ~~s~~", "line\nline",
}

// pages returns the page of a spec with the text everywhere, and an index of it.
func pages(t *testing.T, text string) map[string]string {
	t.Helper()
	const source = "specs/--><script>.yaml"
	page, err := HTML(hostile(text), source, Home{Title: text, HTML: "index.html", Markdown: "index.md"})
	if err != nil {
		t.Fatal(err)
	}
	overview, err := IndexHTML(text, source, []Part{{Spec: hostile(text), HTML: "sub/page.html", Markdown: "sub/page.md"}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"page": string(page), "index": string(overview)}
}

// body returns a page without its script, which must equal page.js.
func body(t *testing.T, page string) string {
	t.Helper()
	before, rest, _ := strings.Cut(page, "<script>")
	inside, after, found := strings.Cut(rest, "</script>")
	if !found || inside != script {
		t.Errorf("the page's script is not page.js: %.80q", inside)
	}
	_, before, _ = strings.Cut(before, "<!doctype html>")
	return before + after
}

// TestHTMLIsWellFormed parses the pages: elements are known, ids unique, and links inside a page resolve.
func TestHTMLIsWellFormed(t *testing.T) {
	for _, text := range breakers {
		for name, page := range pages(t, text) {
			ids, links := elements(t, text, body(t, page))
			for _, l := range links {
				if !ids[l] {
					t.Errorf("%s: the link #%s does not resolve", name, l)
				}
			}
			for _, id := range []string{"a", "b", "unknown-outcome-doit", "catalog.shop", "catalog.shop.auth"} {
				if name == "page" && !ids[id] {
					t.Errorf("there is no entry with the id %q", id)
				}
			}
		}
	}
}

// elements parses a page and returns its ids and internal links.
func elements(t *testing.T, text, page string) (ids map[string]bool, links []string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(page))
	dec.Strict, dec.AutoClose, dec.Entity = false, append(xml.HTMLAutoClose, "wbr"), xml.HTMLEntity
	ids = map[string]bool{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return ids, links
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if strings.Contains(" script img iframe object base ", " "+start.Name.Local+" ") {
			t.Errorf("%q made an element %s", text, start.Name.Local)
		}
		for _, a := range start.Attr {
			switch {
			case strings.HasPrefix(a.Name.Local, "on"), strings.HasPrefix(a.Value, "javascript:"):
				t.Errorf("%q made an attribute %s=%q", text, a.Name.Local, a.Value)
			case a.Name.Local == "id" && ids[a.Value]:
				t.Errorf("the id %q is a duplicate", a.Value)
			case a.Name.Local == "id":
				ids[a.Value] = true
			case a.Name.Local == "href" && strings.HasPrefix(a.Value, "#"):
				links = append(links, a.Value[1:])
			}
		}
	}
}

// TestPolicyHashes computes the hashes from the contents of a page, as a browser does.
func TestPolicyHashes(t *testing.T) {
	for name, page := range pages(t, `</script><script>alert(1)</script>`) {
		_, policy, _ := strings.Cut(page, `http-equiv="Content-Security-Policy" content="`)
		policy, _, _ = strings.Cut(policy, `"`)
		policy = html.UnescapeString(policy)
		for element, directive := range map[string]string{"script": "script-src", "style": "style-src"} {
			parts := regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(page, -1)
			if len(parts) != 1 {
				t.Fatalf("%s: %d elements %s", name, len(parts), element)
			}
			sum := sha256.Sum256([]byte(parts[0][1]))
			want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "';"
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy %q lacks %q", name, policy, want)
			}
		}
		if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy permits too much: %s", name, policy)
		}
	}
}

func TestPagesAreDeterministic(t *testing.T) {
	first := pages(t, "text")
	for range 20 {
		for name, page := range pages(t, "text") {
			if page != first[name] {
				t.Fatalf("the %s differs between two runs", name)
			}
		}
	}
}

// TestIndexIsComplete searches the index for every code of several specs, with a link to its page.
func TestIndexIsComplete(t *testing.T) {
	parts := []Part{
		{Spec: hostile("_ONE"), HTML: "one.html", Markdown: "one.md"},
		{Spec: hostile("_TWO"), HTML: "sub/two.html", Markdown: "sub/two.md"},
	}
	declines := *parts[0].Spec.Catalogs[0]
	declines.Type = model.Text{Value: "DeclineCode"}
	declines.Codes = []*model.Code{{Value: "LIMIT", Category: declines.Codes[0].Category, Description: model.Text{Value: "No more. Wait."}}}
	parts[0].Spec.Catalogs = append(parts[0].Spec.Catalogs, &declines)
	parts[1].Spec.Title = model.Text{}
	parts[1].Label = "specs/two.yaml"
	page, err := IndexHTML("All", "errgen.yaml", parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<a href="one.html#a"><code>a_<wbr>ONE</code></a>`, `<a href="one.html#b">`, `<a href="sub/two.html#a">`, `<a href="sub/two.html#b">`,
		`specs/two.yaml <span class="count" data-of="sub/two.html">2</span>`, `<td class="full">No more</td>`, `_ONE, <code>DeclineCode</code>`,
	} {
		if strings.Count(string(page), want) != 1 {
			t.Errorf("the index contains %q %d times, want once", want, strings.Count(string(page), want))
		}
	}
	text := string(IndexMarkdown("All", "errgen.yaml", parts))
	for _, want := range []string{"| [`a_ONE`](<one.md#a>) |", "| [`b_TWO`](<sub/two.md#b>) |", "- [specs/two.yaml](<sub/two.md>): 2", "- `backoff`: "} {
		if !strings.Contains(text, want) {
			t.Errorf("the index lacks %q:\n%s", want, text)
		}
	}
}

// TestAddressesInTextsAreLinks: a description or resolution can lead to the provider's own
// page. Only https addresses become links, without the punctuation after them.
func TestAddressesInTextsAreLinks(t *testing.T) {
	page := pages(t, `See https://e.test/auth/, (https://e.test/b?x=1&y=2). Not http://e.test/c, https:// or javascript:alert(1), but https://e.test/"><b>`)["page"]
	for _, want := range []string{
		`See <a href="https://e.test/auth/">https://e.test/auth/</a>, (<a href="https://e.test/b?x=1&amp;y=2">https://e.test/b?x=1&amp;y=2</a>). Not http`,
		`<a href="https://e.test/">https://e.test/</a>&#34;&gt;&lt;b&gt;`,
	} {
		for _, label := range []string{`<p class="text">`, `What to do.</strong> `} {
			if !regexp.MustCompile(regexp.QuoteMeta(label) + `[^\n]*` + regexp.QuoteMeta(want)).MatchString(page) {
				t.Errorf("got no %s with %s", label, want)
			}
		}
	}
	for _, never := range []string{`href="http://e.test/c`, `href="javascript:`, `href="https://"`} {
		if strings.Contains(page, never) {
			t.Errorf("got a link with %s, want text", never)
		}
	}
}

func TestMarkdownIsEscaped(t *testing.T) {
	tag := regexp.MustCompile(`<a id="[a-z.-]+"></a>|\(<https://e\.test/[^>]*>\)|<!-- Code generated [^>]*-->`)
	span := regexp.MustCompile("(?s)(`+)[^`].*?(`+)")
	live := regexp.MustCompile(`[^\\]\]\(javascript`)
	for _, text := range breakers {
		out := string(Markdown(hostile(text), "spec.yaml", Home{Title: text, Markdown: "https://e.test/x"})) +
			string(IndexMarkdown(text, "errgen.yaml", []Part{{Spec: hostile(text), Markdown: "https://e.test/x"}}))
		for i, line := range strings.Split(out, "\n") {
			bare := tag.ReplaceAllString(line, "")
			if strings.Contains(text, "`") { // nested spans cannot be matched by a regular expression
				continue
			}
			bare = span.ReplaceAllString(bare, "")
			if strings.ContainsAny(bare, "<>") {
				t.Errorf("%q: line %d has raw markup: %s", text, i+1, line)
			}
			if live.MatchString(bare) {
				t.Errorf("%q: line %d has a live link: %s", text, i+1, line)
			}
		}
	}
}

func TestMarkdownCode(t *testing.T) {
	for in, want := range map[string]string{
		"a":        "`a`",
		"a`b":      "``a`b``",
		"`a":       "`` `a ``",
		"a``b":     "```a``b```",
		"a\n\n# b": "`a # b`",
	} {
		if got := code(in); got != want {
			t.Errorf("code(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestJSONIsValid(t *testing.T) {
	for _, text := range breakers {
		out, err := JSON(hostile(text), "spec.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Schema   int
			Catalogs []struct{ Codes []struct{ Value string } }
		}
		if err := json.Unmarshal(out, &file); err != nil || file.Schema != 1 || file.Catalogs[0].Codes[0].Value != "a"+text {
			t.Errorf("%q: %v, %+v", text, err, file)
		}
	}
}
