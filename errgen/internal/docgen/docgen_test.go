package docgen

import (
	"encoding/json"
	"encoding/xml"
	"errors"
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

// TestHTMLIsWellFormed reads the page back: known elements only, every id once, every link inside the page resolved.
func TestHTMLIsWellFormed(t *testing.T) {
	for _, text := range breakers {
		out, err := HTML(hostile(text), "specs/--><script>.yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, page, _ := strings.Cut(string(out), "<!doctype html>")
		dec := xml.NewDecoder(strings.NewReader(page))
		dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
		ids, links := map[string]bool{}, []string{}
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if strings.Contains(" script img iframe object form ", " "+start.Name.Local+" ") {
				t.Errorf("%q made an element %s", text, start.Name.Local)
			}
			for _, a := range start.Attr {
				switch {
				case strings.HasPrefix(a.Name.Local, "on"), strings.HasPrefix(a.Value, "javascript:"):
					t.Errorf("%q made an attribute %s=%q", text, a.Name.Local, a.Value)
				case a.Name.Local == "id" && ids[a.Value]:
					t.Errorf("the id %q stands twice", a.Value)
				case a.Name.Local == "id":
					ids[a.Value] = true
				case a.Name.Local == "href" && strings.HasPrefix(a.Value, "#"):
					links = append(links, a.Value[1:])
				}
			}
		}
		for _, l := range links {
			if !ids[l] {
				t.Errorf("the link #%s leads nowhere", l)
			}
		}
		for _, id := range []string{"a", "b", "unknown-outcome-doit"} {
			if !ids[id] {
				t.Errorf("there is no entry with the id %q", id)
			}
		}
	}
}

func TestMarkdownIsEscaped(t *testing.T) {
	tag := regexp.MustCompile(`<a id="[a-z.-]+"></a>|\(<https://e\.test/[^>]*>\)|<!-- Code generated [^>]*-->`)
	span := regexp.MustCompile("(?s)(`+)[^`].*?(`+)")
	live := regexp.MustCompile(`[^\\]\]\(javascript`)
	for _, text := range breakers {
		out := string(Markdown(hostile(text), "spec.yaml"))
		for i, line := range strings.Split(out, "\n") {
			bare := tag.ReplaceAllString(line, "")
			if strings.Contains(text, "`") { // spans inside spans are beyond a regular expression
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
