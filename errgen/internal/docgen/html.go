package docgen

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/specpay/specpay/errgen/internal/model"
)

//go:embed *.tmpl
var templates embed.FS

//go:embed page.css
var style string

//go:embed page.js
var script string

// Home has the links at the top of the page of a spec. The zero value is none.
type Home struct {
	Title          string // of the index over several specs
	HTML, Markdown string // relative URLs of the index; "" if it does not have that form
	Reference      string // relative URL of the API reference of the spec, for the HTML page
}

// HTML returns the page as a self-contained file that is complete without its script.
func HTML(spec *model.Spec, source string, home Home) ([]byte, error) {
	return render("page.tmpl", source, struct {
		page
		frame
		UnknownIntro, UnverifiedIntro string
	}{newPage(spec, source, home), newFrame(), unknownIntro, unverifiedIntro})
}

// frame is the part that all pages share. The policy of a page permits only its own style and script, identified by their
// hashes, so text of a spec could not be executed even if escaping failed.
type frame struct {
	Policy string
	Style  template.CSS
	Script template.JS
}

func newFrame() frame {
	return frame{
		Policy: "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script) +
			"; img-src data:; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style), //nolint:gosec // an embedded file
		Script: template.JS(script), //nolint:gosec // an embedded file
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func render(name, source string, data any) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"breaks": breaks, "links": links}).ParseFS(templates, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("the page templates of errgen are invalid: %w", err)
	}
	var b bytes.Buffer
	b.WriteString(marker(source))
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("the page of %s cannot be written: %w", source, err)
	}
	return b.Bytes(), nil
}

// breaks splits a long name where a line may break: after each underscore, dot, dash or space.
func breaks(name string) []string {
	var parts []string
	for name != "" {
		i := strings.IndexAny(name, "_.- ") + 1
		if i == 0 {
			i = len(name)
		}
		parts, name = append(parts, name[:i]), name[i:]
	}
	return parts
}

// address is an https address in a text, without the punctuation after it.
var address = regexp.MustCompile(`https://[\w-]+(\.[\w-]+)*(:\d+)?(/[\w./?=&%~+-]*[\w/=~+-]|/)?`)

// span is a part of a text: an address or what is around it.
type span struct{ Text, Address string }

// links splits a text into its addresses and what is around them.
func links(text string) []span {
	var out []span
	end := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		out = append(out, span{Text: text[end:at[0]]}, span{Address: text[at[0]:at[1]]})
		end = at[1]
	}
	return append(out, span{Text: text[end:]})
}
