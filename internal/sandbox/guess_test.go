package sandbox_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/sandbox"
)

func TestRulesAreReadFromMarkdown(t *testing.T) {
	a := open(t, sandbox.Settings{})
	want := []sandbox.Guess{
		{Rule: "widgets have a size", Basis: sandbox.Documented, Source: "A page", Config: []string{"size", "color"}},
		{Rule: "widgets are round", Basis: sandbox.Guessed, Source: "None"},
	}
	got := a.Guesses()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the rules are %+v, want %+v", got, want)
	}
	got[0].Config[0] = "changed"
	if again := a.Guesses(); !reflect.DeepEqual(again, want) {
		t.Errorf("a change of the result changes the rules: %+v", again)
	}
}

func TestUnclearRulesAreRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"without a source":     {"### None\n", ""},
		"of two lines":         {"widgets are round", "widgets are\n  round"},
		"under another basis":  {"## Seen live", "## Seen"},
		"in another order":     {"## Documented", "## Guess"},
		"without a last part":  {"## Settings", "### Settings"},
		"with too many parts":  {"## Settings", "## Settings\n## Settings"},
		"under another symbol": {"- widgets are round", "* widgets are round"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(acmeRules, change[0], change[1], 1)
			_, err := sandbox.New(sandbox.Provider{Name: "acme", Operations: (&acme{}).operations(), ErrorResponse: errorResponse, Guesses: text}, sandbox.Settings{})
			if err == nil || !strings.Contains(err.Error(), "rules") {
				t.Errorf("the error is %v, want one about the rules", err)
			}
		})
	}
}
