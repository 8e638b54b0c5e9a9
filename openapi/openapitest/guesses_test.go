package openapitest_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/specpay/specpay/openapi/openapitest"
)

// TestGuessesNameEveryConfigField: what a config field changes is a rule, and every field
// that a rule names exists.
func TestGuessesNameEveryConfigField(t *testing.T) {
	missing := map[string]bool{}
	config := reflect.TypeFor[openapitest.Config]()
	for i := range config.NumField() {
		missing[config.Field(i).Tag.Get("json")] = true
	}
	known := len(missing)
	fields := regexp.MustCompile(`\(config fields? ([a-z_, ]+)\)`)
	for _, guess := range openapitest.NewServer(t).Guesses() {
		for _, found := range fields.FindAllStringSubmatch(guess.Rule, -1) {
			for _, name := range strings.Split(found[1], ", ") {
				if _, ok := missing[name]; !ok {
					t.Errorf("%q: config field %q does not exist", guess.Rule, name)
				}
				missing[name] = false
			}
		}
	}
	for name, is := range missing {
		if is {
			t.Errorf("no rule names config field %q", name)
		}
	}
	if known < 20 {
		t.Errorf("got %d config fields, want 20 or more", known)
	}
}
