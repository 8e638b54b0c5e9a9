package drift_test

import (
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/drift"
)

const unusual = `
openapi: VERSION
info: {title: T, version: "1"}
servers: [{url: https://api.example}]
paths:
  /a: {get: {operationId: a, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/R'}}}}}}}
  /b: {get: {operationId: b, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/R'}}}}}}}
components:
  schemas:
    Color: {type: string, enum: [red, blue]}
    Mark: {type: string, enum: [x, y]}
    R:
      type: object
      properties:
        kind: {type: string, enum: [a, b]}
        mark: {$ref: '#/components/schemas/Mark'}
        beside: {anyOf: [{allOf: [{$ref: '#/components/schemas/Color'}], x-unverified: a guess}, {type: string}]}
        orNull: {anyOf: [{type: string, enum: [red], nullable: true}, {type: string}]}
        number: {anyOf: [{type: string, enum: [red]}, {type: string}, {type: integer}]}
        untyped: {anyOf: [{enum: [red]}, {type: string}]}
        integers: {type: integer, x-extensible-enum: [1, 2]}
        "#text": {type: string, enum: [q]}
        step: {type: integer, multipleOf: 5}
        filled: {type: object, minProperties: 1}
        rows: {type: array, items: {type: integer}}
`

// unusualSpec loads a spec whose schemas say things in ways that few specs use.
func unusualSpec(t *testing.T, version string) (*drift.Spec, string) {
	t.Helper()
	text := strings.Replace(unusual, "VERSION", version, 1)
	if version == "3.1.0" {
		text = strings.Replace(text, "{type: string, enum: [red], nullable: true}", "{type: [string, 'null'], enum: [red]}, {type: 'null'}", 1)
		text = strings.Replace(text, "untyped: {anyOf: [{enum: [red]}, {type: string}]}", "untyped: {const: red}", 1)
	}
	name := file(t, "spec.yaml", text)
	return loadFile(t, name), name
}

func loadFile(t *testing.T, name string) *drift.Spec {
	t.Helper()
	spec, err := drift.LoadSpec(name)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// TestUnusualSchemasAreCompared: an enumeration is compared in whatever form it is
// written, and so are all limits.
func TestUnusualSchemasAreCompared(t *testing.T) {
	for _, version := range []string{"3.0.3", "3.1.0"} {
		spec, _ := unusualSpec(t, version)
		expect(t, version, lines(compare(t, spec, har(t, exchange{
			url:  "https://api.example/a",
			body: `{"beside":"green","orNull":"green","number":"green","untyped":"green","integers":3,"step":3,"filled":{}}`,
		}))), []string{
			"enum-value response /beside: green", "enum-value response /orNull: green", "enum-value response /number: green",
			"enum-value response /untyped: green", "enum-value response /integers: integer",
			"format response /step: another number", "format response /filled: object",
		})
		expect(t, version+", no difference", lines(compare(t, spec, har(t, exchange{
			url:  "https://api.example/a",
			body: `{"beside":"red","orNull":"red","number":7,"untyped":"red","integers":2,"step":10,"filled":{"a":1}}`,
		}))), nil)
	}
}

// TestOverlayOfSeveralDifferencesAtOnePlace: another type and another value of the same
// enumeration, in any order, leave a schema that permits both.
func TestOverlayOfSeveralDifferencesAtOnePlace(t *testing.T) {
	for _, version := range []string{"3.0.3", "3.1.0"} {
		spec, name := unusualSpec(t, version)
		recording := har(t,
			exchange{url: "https://api.example/a", body: `{"kind":5,"mark":"z","#text":"r"}`},
			exchange{url: "https://api.example/b", body: `{"kind":"c","mark":7}`},
		)
		report := compare(t, spec, recording)
		if len(report.Findings) != 5 {
			t.Errorf("%s: got %v, want 5 differences", version, lines(report))
		}
		after := loadFile(t, apply(t, name, report))
		expect(t, version+" with the overlay", lines(compare(t, after, recording)), nil)
		declared := har(t, exchange{url: "https://api.example/a", body: `{"kind":"a","mark":"x","#text":"q"}`})
		expect(t, version+" with the overlay, declared values", lines(compare(t, after, declared)), nil)
	}
}

// TestABodyThatIsTooLargeIsNoAgreement: what was not compared is not reported as equal.
func TestABodyThatIsTooLargeIsNoAgreement(t *testing.T) {
	spec, _ := unusualSpec(t, "3.0.3")
	report := compare(t, spec, har(t, exchange{url: "https://api.example/a", body: `{"rows":[1` + strings.Repeat(",1", 500_000) + `,"x"]}`}))
	if !report.Drift() || report.LeftOut != 1 {
		t.Errorf("got drift %t and %d left out, want drift and 1", report.Drift(), report.LeftOut)
	}
	report = compare(t, spec, har(t, exchange{url: "https://api.example/a", body: `{"rows":["x"` + strings.Repeat(`,"x"`, 50_000) + `]}`}))
	if len(report.Findings) != 1 || report.Findings[0].Count > 25_000 || report.LeftOut != 1 {
		t.Errorf("got %v and %d left out, want one difference with a limited count and 1", lines(report), report.LeftOut)
	}
}

// TestCodeOfABrokenBody: a code is found in a body that is cut off, too, and an overlay
// adds it to the catalog.
func TestCodeOfABrokenBody(t *testing.T) {
	name := specOf(t, "3.0.3")
	spec := loadFile(t, name)
	recording := har(t, exchange{status: 402, body: `{"code":"BRAND_NEW"`})
	report := compare(t, spec, recording)
	expect(t, "broken", lines(report), []string{"error-code response /code: BRAND_NEW", "unreadable-body response : 19 bytes that are not JSON"})
	expect(t, "with the overlay", lines(compare(t, loadFile(t, apply(t, name, report)), recording)), []string{"unreadable-body response : 19 bytes that are not JSON"})
}
