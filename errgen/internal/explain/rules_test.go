package explain_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/explain"
	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/gen"
	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

func TestEveryRuleIsExplained(t *testing.T) {
	var want []string
	for _, r := range finding.Rules() {
		want = append(want, "### "+string(r.ID)+" "+r.Title)
	}
	var got []string
	for _, line := range strings.Split(explain.Rules(), "\n") {
		if strings.HasPrefix(line, "#") {
			got = append(got, line)
		}
		if len([]rune(line)) > 120 {
			t.Errorf("too wide for a terminal: %s", line)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the headings of rules.md are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var snippet = regexp.MustCompile("(?ms)^(Wrong|Right)\\b([^\n]*):\n\n```yaml\n(.*?)```")

// TestSnippets builds a spec around each snippet: the wrong one must violate its rule, the right one no rule at all.
func TestSnippets(t *testing.T) {
	for _, r := range finding.Rules() {
		if r.ID == finding.Stale { // not about a spec
			continue
		}
		section, _ := explain.Rule(string(r.ID))
		found := snippet.FindAllStringSubmatch(section, -1)
		if len(found) != 2 || found[0][1] != "Wrong" || found[1][1] != "Right" {
			t.Errorf("%s needs one wrong snippet, then one right", r.ID)
			continue
		}
		place := found[0][2]
		wrong := findings(t, place, found[0][3])
		if !slices.ContainsFunc(wrong, func(f finding.Finding) bool { return f.Rule == r.ID }) {
			t.Errorf("the wrong snippet of %s has the findings %v", r.ID, wrong)
		}
		for _, f := range findings(t, place, found[1][3]) {
			if f.Severity != finding.Note || f.Rule == r.ID {
				t.Errorf("the right snippet of %s has the finding %v", r.ID, f)
			}
		}
	}
}

func findings(t *testing.T, place, text string) finding.List {
	t.Helper()
	namer, err := model.NewNamer("ToCamelCaseWithInitialisms", nil)
	if err != nil {
		t.Fatal(err)
	}
	opt := gen.Options{Label: "pets.yaml", Namer: namer}
	if strings.Contains(place, "page is requested") {
		opt.Markdown = "pets.md"
	}
	res, err := gen.Generate(load.Source{Name: "pets.yaml", Data: []byte(around(t, place, text))}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return res.Findings
}

// around builds a spec with the snippet at the place that its heading names.
func around(t *testing.T, place, text string) string {
	t.Helper()
	codes := "PET_GONE: {http: 404, category: not_found}\n"
	parts := map[string]string{
		"FRAME": frame, "SCHEMAS": "Pet: {type: object}\n", "ENVELOPE": "code: /code\nmessage: /message\n",
		"CATALOG": catalog, "CODES": codes, "OPERATION": operation,
	}
	switch {
	case strings.Contains(place, "as a spec"):
		return text
	case strings.Contains(place, "text catalog"):
		parts["FRAME"], parts["CODES"] = textFrame, text
	case strings.Contains(place, "lists `PET_GONE`"):
		parts["CODES"], parts["OPERATION"] = codes+text, "x-error-codes: [PET_GONE]\n"+operation
	case strings.Contains(place, "`codes`"):
		parts["CODES"] = text
	case strings.Contains(place, "`schemas`"):
		parts["SCHEMAS"] = text
	case strings.Contains(place, "an operation"):
		parts["OPERATION"] = text
	case strings.Contains(place, "`x-error-catalog`"):
		parts["CATALOG"] = text
	case strings.Contains(place, "`x-error-envelope`"):
		parts["ENVELOPE"] = text
	default:
		t.Fatalf("the place %q is unknown", place)
	}
	out := parts["FRAME"]
	for _, hole := range []string{"SCHEMAS", "ENVELOPE", "CATALOG", "CODES", "OPERATION"} {
		out = fill(out, hole, parts[hole])
	}
	return out
}

// fill replaces the line that consists of hole, and keeps its indentation.
func fill(frame, hole, text string) string {
	before, after, ok := strings.Cut(frame, hole+"\n")
	if !ok {
		return frame
	}
	start := strings.LastIndexByte(before, '\n') + 1
	indent := before[start:]
	return before + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent) + "\n" + after
}

const frame = `openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      x-operation-class: safe
      responses: {default: {description: any failure}}
    post:
      OPERATION
components:
  schemas:
    Problem:
      type: object
      x-error-envelope:
        ENVELOPE
      properties:
        code: {$ref: '#/components/schemas/Code'}
        message: {type: string}
    Code:
      type: string
      x-error-catalog:
        CATALOG
    SCHEMAS
`

const operation = `operationId: findPet
x-operation-class: safe
responses: {default: {description: any failure}}
`

const catalog = `id: pets
page: https://pets.example/errors.html
defaults: {category: invalid_request, advice: change, description: Something is wrong., resolution: Correct it.}
codes:
  CODES
`

const textFrame = `openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      x-operation-class: safe
      responses: {default: {description: any failure, content: {text/plain: {schema: {$ref: '#/components/schemas/Text'}}}}}
components:
  schemas:
    Text:
      type: string
      x-error-envelope: {text: body, trim: true}
      x-error-catalog:
        id: pets
        page: https://pets.example/errors.html
        fallback: UNKNOWN
        defaults: {category: invalid_request, advice: change, description: Something is wrong., resolution: Correct it.}
        codes:
          UNKNOWN: {http: []}
          CODES
`
