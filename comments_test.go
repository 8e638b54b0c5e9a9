package specpay_test

import (
	"regexp"
	"strings"
	"testing"
)

// noSentence matches a comment in which the name is followed by something that does not continue the sentence, such as
// "OrderID Example: 7" or "OrderID The ID of the order.".
var noSentence = regexp.MustCompile(`^[A-Z]\w* [A-Z]`)

// TestGeneratedCommentsAreSentences: the generated comment of a type or field begins with its name, so the description in
// the spec goes on: "is the ID of the order."
func TestGeneratedCommentsAreSentences(t *testing.T) {
	for _, p := range providers {
		for place, comment := range goDocs(t, p+"/client.gen.go") {
			call := strings.HasPrefix(place, "call ") || strings.HasSuffix(place, " ") // comments of calls and parameters are sentences of their own
			if !call && noSentence.MatchString(comment[0]) {
				t.Errorf("%s: the comment of %s is %q; in the spec, write a description like \"is the ID.\"", p, place, comment[0])
			}
		}
	}
}
