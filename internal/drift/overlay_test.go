package drift_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3" // the node type of the overlay library

	"github.com/specpay/specpay/errgen/catalogs"
	"github.com/specpay/specpay/internal/drift"
)

// TestOverlayTakesTheDifferencesIn applies the overlay to the spec, as oapi-codegen does.
// The same recording then has only the differences that no overlay can express.
func TestOverlayTakesTheDifferencesIn(t *testing.T) {
	recording := har(t,
		exchange{body: sound},
		exchange{body: with(`"extra":{"a":1,"b":[{"c":null}],"d":true}`)}, exchange{body: with(`"extra":{"a":1.5,"b":[{"c":"x"}]}`)}, exchange{body: with(`"extra":null,"rows":[{"n":"x"}]`)},
		exchange{body: `{"id":"A1"}`}, exchange{body: `{"state":"new","amount":"1"}`}, exchange{body: `{"id":"A1","state":"newer","amount":5}`}, exchange{body: `{"id":"A1","state":"open","amount":"x"}`},
		exchange{body: with(`"kind":null,"color":"green","count":"many","either":true`)}, exchange{body: with(`"kind":"c","count":-5,"code":null,"failure":null`)},
		exchange{body: with(`"failure":"FIRST_CODE","at":"2026-01-02 03:04:05","note":"123456","all":{"c":1},"shape":{"kind":"square","side":"2"}`)},
		exchange{status: 202, body: sound}, exchange{status: 203, media: "text/plain", body: "x"}, exchange{media: "text/html", body: "<html>"},
		exchange{status: 404, body: `{"code":"FIRST_CODE"}`}, exchange{status: 409, body: `{"code":"FIRST_CODE"}`}, exchange{status: 400, body: `{"code":"MISSING"}`}, exchange{status: 400, body: `{"code":"DECLINED"}`}, exchange{status: 403, body: `{"code":"DECLINED"}`},
		exchange{url: "https://api.example/things/1?page=2", body: sound},
		exchange{method: "POST", url: "https://api.example/things", sent: `{"extra":1}`, status: 201, body: sound},
		exchange{method: "PUT"}, exchange{url: "https://api.example/else"}, exchange{body: `{"id":`},
	)
	for _, version := range []string{"3.0.3", "3.1.0"} {
		name := specOf(t, version)
		spec, err := drift.LoadSpec(name)
		if err != nil {
			t.Fatal(err)
		}
		report := compare(t, spec, recording)
		if len(report.Findings) < 30 {
			t.Errorf("%s: got %d differences, want at least 30: %v", version, len(report.Findings), lines(report))
		}
		changed := apply(t, name, report)
		after, err := drift.LoadSpec(changed)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, version+" with the overlay", lines(compare(t, after, recording)), []string{
			"undeclared-method request /things/{id}: PUT",
			"unknown-path request /else: GET /else",
			"unreadable-body response : 6 bytes that are not JSON",
		})
	}
}

// specOf writes the spec in a version of OpenAPI.
func specOf(t *testing.T, version string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/things.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "3.0.3", version, 1)
	if version == "3.1.0" {
		text = strings.ReplaceAll(text, "{type: string, nullable: true, maxLength: 5}", `{type: [string, "null"], maxLength: 5}`)
		text = strings.ReplaceAll(text, "{nullable: true, allOf: [{$ref: '#/components/schemas/Kind'}]}", "{anyOf: [{$ref: '#/components/schemas/Kind'}, {type: 'null'}]}")
	}
	return file(t, "things.yaml", text)
}

func apply(t *testing.T, spec string, report *drift.Report) string {
	t.Helper()
	data, covered, err := report.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, f := range report.Findings {
		if f.InOverlay {
			want++
		}
	}
	if covered != want {
		t.Errorf("the overlay takes in %d differences, want %d", covered, want)
	}
	o, err := overlay.Parse(file(t, "overlay.yaml", string(data)))
	if err != nil {
		t.Fatalf("the overlay is not valid: %v\n%s", err, data)
	}
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ApplyToStrict(&root); err != nil {
		t.Fatalf("the overlay does not fit: %v\n%s", err, data)
	}
	changed, err := yaml.Marshal(&root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalogs.Read(catalogs.Source{Name: spec, Data: text, Overlay: data}); err != nil {
		t.Errorf("errgen does not read the overlay: %v\n%s", err, data)
	}
	name := filepath.Join(t.TempDir(), "things.yaml")
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
