package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const widgets = `
openapi: 3.0.3
info: {title: Widgets, version: '1'}
paths:
  /widgets:
    post:
      operationId: createWidget
      x-unverified: seen once
      responses:
        '200':
          description: A widget.
          content: {application/json: {schema: {$ref: '#/components/schemas/Widget'}}}
components:
  schemas:
    Widget:
      type: object
      x-go-type: Widget
      properties:
        zeta: {type: string, description: is last., x-unverified: 'no source'}
        full: {type: string, description: The whole size.}
        nested: {allOf: [{description: has no name.}]}
        alpha: {$ref: '#/components/schemas/Size', x-unverified: found in one client only.}
        example: {type: string, x-go-name: Sample}
        x-own: {type: string, example: {x-data: </script>}}
    Size: {description: is the size., type: integer, default: 1, maximum: 9007199254740993}
`

const codes = `{"catalogs": [{"codes": [
	{"value": "TOO_BIG", "anchor": "too_big", "operations": ["createWidget"]},
	{"value": "GONE", "anchor": "gone"}
]}], "unknown_outcomes": [{"operation": "createWidget", "anchor": "unknown-outcome-createwidget"}]}`

// write makes a module with one provider and returns what run writes for it.
func write(t *testing.T, spec, codes string) (string, error) {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"specs/widgets.yaml": spec, "docs/errors/widgets.json": codes, "docs/api/x": ""} {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(root, []string{"widgets"}); err != nil {
		return "", err
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "api", "widgets.html"))
	if err != nil {
		t.Fatal(err)
	}
	return string(page), nil
}

func TestPageHasTheSpecWithMarksAndErrors(t *testing.T) {
	page, err := write(t, widgets, codes)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"description":"**Unverified:** Seen once.\n\n**Operation ID:** ` + "`createWidget`" + `\n\n**Errors:** [` + "`TOO_BIG`" + `](../errors/widgets.html#too_big).\n\nWithout a readable response, [the outcome is unknown](../errors/widgets.html#unknown-outcome-createwidget)."`,
		// in the order of the spec; the name is put in front of a description without a subject
		`"zeta":{"type":"string","description":"` + "`zeta`" + ` is last.\n\n**Unverified:** No source."},"full":{"type":"string","description":"The whole size."},"nested":`,
		`"nested":{"allOf":[{"description":"has no name."}]},"alpha":`,
		`"Size":{"type":"integer","default":1,"maximum":9007199254740993,"description":"` + "`Size`" + ` is the size."}`,
		`"alpha":{"allOf":[{"$ref":"#/components/schemas/Size"}],"description":"**Unverified:** Found in one client only."}`,
		`"example":{"type":"string"},"x-own":{"type":"string","example":{"x-data":"\u003c/script\u003e"}}`, // names and data are no extensions
		`"maximum":9007199254740993`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not contain %s", want)
		}
	}
	if strings.Contains(page, "x-go-type") || strings.Contains(page, "x-unverified") {
		t.Error("the page has extensions that the renderer does not read")
	}
	again, err := write(t, widgets, codes)
	if err != nil || !bytes.Equal([]byte(page), []byte(again)) {
		t.Errorf("the same input gives another page, %v", err)
	}
}

func TestFaultsAreExplained(t *testing.T) {
	for name, test := range map[string]struct{ spec, codes, want string }{
		"a mark without a reason":    {widgets + "    X: {x-unverified: {a: b}}", codes, `line 26: x-unverified must be the reason as text`},
		"a mark that is not shown":   {widgets + "  responses: {R: {$ref: '#/components/responses/Q', x-unverified: seen once}}", codes, `x-unverified beside a reference to #/components/responses/Q is not shown; move it to the target`},
		"another operation":          {strings.Replace(widgets, "createWidget", "makeWidget", 1), codes, `it has no operation createWidget, to which error codes refer; run errgen again`},
		"a spec that is not a map":   {"[]", codes, "it is not a map; an OpenAPI document is"},
		"error codes without a form": {widgets, "[]", "it is not the JSON of errgen"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := write(t, test.spec, test.codes); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}
