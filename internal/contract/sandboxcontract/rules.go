package sandboxcontract

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/sandbox"
)

// rulesNameTheirSourcesAndSwitches: the Markdown, the Go API and the control route have
// the same rules; a rule is documented only with a document as its source; and each
// config field changes exactly one rule or is a setting.
func rulesNameTheirSourcesAndSwitches(t *testing.T, s harness.Suite) {
	box := s.Sandbox(t)
	rules, settings := readRules(t, s.Rules.Markdown)
	var served []sandbox.Guess
	control(t, box.URL+"/_sandbox/guesses", &served)
	if !reflect.DeepEqual(served, rules) {
		t.Errorf("GET /_sandbox/guesses and %s differ: got %d and %d rules", s.Rules.Markdown, len(served), len(rules))
	}
	if !reflect.DeepEqual(box.Rules(), rules) {
		t.Errorf("Guesses and %s differ: got %d and %d rules", s.Rules.Markdown, len(box.Rules()), len(rules))
	}
	if len(rules) < 30 {
		t.Errorf("%s has %d rules, want at least 30", s.Rules.Markdown, len(rules))
	}
	checkSources(t, s.Rules, rules)
	var config map[string]any
	control(t, box.URL+"/_sandbox/config", &config)
	checkSwitches(t, rules, settings, config)
}

func checkSources(t *testing.T, where harness.Rules, rules []sandbox.Guess) {
	t.Helper()
	known := map[sandbox.Basis][]string{sandbox.Documented: where.Documents, sandbox.SeenLive: where.Live, sandbox.Guessed: where.Others}
	used := map[string]bool{}
	seen := map[string]bool{}
	for _, rule := range rules {
		if !slices.Contains(known[rule.Basis], rule.Source) {
			t.Errorf("%q has the basis %q, but its source %q is not one of %q", rule.Rule, rule.Basis, rule.Source, known[rule.Basis])
		}
		used[rule.Source] = true
		same := strings.Join(strings.Fields(strings.ToLower(rule.Rule)), " ")
		if seen[same] {
			t.Errorf("the rule %q stands twice", rule.Rule)
		}
		seen[same] = true
	}
	for _, source := range slices.Concat(where.Documents, where.Live, where.Others) {
		if !used[source] {
			t.Errorf("no rule has the source %q", source)
		}
	}
}

// checkSwitches: each field is named once, and each name is that of a field.
func checkSwitches(t *testing.T, rules []sandbox.Guess, settings []string, config map[string]any) {
	t.Helper()
	named := map[string][]string{}
	for _, rule := range rules {
		for _, field := range rule.Config {
			named[field] = append(named[field], rule.Rule)
		}
	}
	for _, field := range settings {
		named[field] = append(named[field], "Settings")
	}
	for field, by := range named {
		if _, found := config[field]; !found {
			t.Errorf("%q names the config field %q, which does not exist", by, field)
		}
		if len(by) > 1 {
			t.Errorf("the config field %q is named more than once: %q", field, by)
		}
	}
	for field := range config {
		if len(named[field]) == 0 {
			t.Errorf("no rule names the config field %q, and it is not listed under Settings", field)
		}
	}
}

var (
	ruleLine    = regexp.MustCompile(`^- (.*?)(?: \(config: ([^)]*)\))?$`)
	settingLine = regexp.MustCompile("^- `(.*?)`: .")
)

// readRules reads the Markdown of the rules. It is not the code of the sandboxes, whose
// faults it should find.
func readRules(t *testing.T, name string) (rules []sandbox.Guess, settings []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var basis, source string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "## "):
			basis, source = strings.ToLower(line[3:]), ""
		case strings.HasPrefix(line, "### "):
			source = line[4:]
		case strings.HasPrefix(line, "- ") && basis == "settings":
			parts := settingLine.FindStringSubmatch(line)
			if parts == nil {
				t.Fatalf("%s: the setting %q must name a config field in backticks and say what it is", name, line)
			}
			settings = append(settings, parts[1])
		case strings.HasPrefix(line, "- "):
			parts := ruleLine.FindStringSubmatch(line)
			rule := sandbox.Guess{Rule: parts[1], Basis: sandbox.Basis(basis), Source: source}
			for field := range strings.SplitSeq(parts[2], ", ") {
				if field != "" {
					rule.Config = append(rule.Config, strings.Trim(field, "`"))
				}
			}
			rules = append(rules, rule)
		}
	}
	return rules, settings
}

// control reads a control route.
func control(t *testing.T, url string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: status %d, %v, %.200s", url, resp.StatusCode, err, body)
	}
}
