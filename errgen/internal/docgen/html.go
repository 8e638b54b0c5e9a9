package docgen

import (
	"bytes"
	_ "embed" // the page template
	"fmt"
	"html/template"

	"github.com/specpay/specpay/errgen/internal/model"
)

//go:embed page.tmpl
var pageTemplate string

// HTML returns the page as one file without scripts and without anything loaded from elsewhere.
func HTML(spec *model.Spec, source string) ([]byte, error) {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, fmt.Errorf("the page template of errgen is broken: %w", err)
	}
	var b bytes.Buffer
	b.WriteString(marker(source))
	data := struct {
		page
		UnknownIntro string
	}{newPage(spec, source), unknownIntro}
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("the page of %s cannot be written: %w", source, err)
	}
	return b.Bytes(), nil
}
