package apierr_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/specpay/specpay/apierr"
)

// FuzzErrorText constructs errors with any code. The text is one short line of
// printable characters, and cleaning it again does not change it.
func FuzzErrorText(f *testing.F) {
	for _, s := range []string{"CODE", "a\nb", "\u202e", "\ufeff", "\xff\xfe", strings.Repeat("ä", 100), strings.Repeat("x", 63) + "€"} {
		f.Add(s)
	}
	text := func(code string) (string, string) {
		e := apierr.New(apierr.Error{Provider: "p", Operation: "o", RawCode: code, StatusCode: 400}, apierr.Details{})
		_, rest, _ := strings.Cut(e.Error(), "unknown code ")
		rest, _, _ = strings.Cut(rest, " (HTTP 400)")
		return e.Error(), rest
	}
	f.Fuzz(func(t *testing.T, code string) {
		if code == "" || strings.Contains(code, "HTTP") {
			return
		}
		whole, once := text(code)
		if len(whole) > 2048 {
			t.Errorf("code %q: the text has %d bytes, want at most 2048", code, len(whole))
		}
		if strings.ContainsFunc(whole, func(r rune) bool { return !unicode.IsPrint(r) || r == '\ufffd' }) {
			t.Errorf("code %q: the text is not printable: %q", code, whole)
		}
		if _, twice := text(once); once != "" && twice != once {
			t.Errorf("code %q is cleaned to %q, and that to %q", code, once, twice)
		}
	})
}
