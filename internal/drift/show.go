package drift

import (
	"fmt"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A recording can contain keys, card numbers and personal data. What is shown of it is
// decided here: words that look like the names and values of an API, and otherwise the
// type and the length.

var (
	// word is one part of a name or code: a word, perhaps with a short number, or a short
	// number.
	word = regexp.MustCompile(`^([A-Z]?[a-z]{1,19}[0-9]{0,3}|[A-Z]{1,24}[0-9]{0,4}|[0-9]{1,6})$`)
	// parts splits camelCase and snake_case.
	parts = regexp.MustCompile(`[A-Z]+[0-9]*([^A-Za-z0-9]|$)|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+|[^A-Za-z0-9]`)
	// secret begins keys and tokens of payment systems.
	secret = regexp.MustCompile(`(?i)^(sk|pk|rk|whsec|polar_whs|bearer|basic|eyj|ghp|xox[a-z])([_\-. ]|[a-z0-9]{8})`)
)

// looksLikeWord reports whether a text can be shown: it consists of at most eight words
// of an API, such as PAYMENT_NOT_FOUND, amountTotal or 3ds-failed.
func looksLikeWord(s string) bool {
	if len(s) == 0 || len(s) > 64 || secret.MatchString(s) {
		return false
	}
	digits, words := 0, 0
	for _, c := range []byte(s) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("_-.", c) >= 0:
		default:
			return false
		}
	}
	switches := 0 // between letters and digits; keys have many
	for _, part := range parts.FindAllString(s, -1) {
		part = strings.TrimRight(part, "_-.")
		if part == "" {
			continue
		}
		words++
		if strings.ContainsAny(part, "0123456789") {
			switches++
		}
		if !word.MatchString(part) {
			return false
		}
	}
	return digits <= 6 && words <= 10 && switches <= 2
}

// showName returns the name of a member, parameter or header.
func showName(s string) string {
	if looksLikeWord(strings.TrimLeft(s, "_$@")) || s == "" {
		return s
	}
	return fmt.Sprintf("(name of %d characters)", utf8.RuneCountInString(s))
}

// shownName reports whether showName shows the name itself.
func shownName(s string) bool { return s != "" && showName(s) == s }

// showValue returns a value of an enumeration or a code: itself if it looks like one,
// otherwise its type and length.
func showValue(v any) string {
	if isPlaceholder(v) {
		return "a replaced value"
	}
	if s, ok := v.(string); ok && looksLikeWord(s) {
		return s
	}
	return describe(v)
}

// isPlaceholder reports whether pay/record replaced a text. It keeps the format of the
// text if that is the declared one, so formats are compared nevertheless.
func isPlaceholder(v any) bool {
	s, ok := v.(string)
	rest, cut := strings.CutPrefix(s, "redacted-")
	return ok && cut && rest != "" && strings.Trim(rest, "0123456789") == ""
}

// describe returns the type of a value, and the length of a string.
func describe(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("string of %d characters", utf8.RuneCountInString(v))
	case []any:
		return fmt.Sprintf("array of %d items", len(v))
	}
	return typeOf(v)
}

// form returns the form of a short text: a digit becomes 9 and a letter a.
func form(s string) string {
	if len(s) > 40 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case strings.ContainsRune(" -:/.,+_@", r):
			return r
		}
		return 'a'
	}, s)
}

// mediaType returns a media type without parameters, in lower case; "" if there is none.
func mediaType(s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	media, _, err := mime.ParseMediaType(s)
	if err != nil && media == "" {
		return unreadable
	}
	kind, sub, ok := strings.Cut(media, "/")
	if !ok || len(media) > 80 || !shownName(kind) {
		return unreadable
	}
	for _, part := range strings.FieldsFunc(sub, func(r rune) bool { return strings.ContainsRune("+.-", r) }) {
		if !looksLikeWord(part) {
			return unreadable
		}
	}
	return media
}

const unreadable = "(unreadable)"

// showPath returns a path that matches no operation: words are shown, other segments are
// replaced.
func showPath(path string) string {
	segments := strings.Split(path, "/")
	if len(segments) > 12 {
		segments = append(segments[:12], "…")
	}
	for i, s := range segments {
		if s != "" && s != "…" && (!looksLikeWord(s) || strings.Trim(s, "0123456789") == "") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]{1,80}$`)

// showHost returns a host.
func showHost(host string) string {
	if hostName.MatchString(host) {
		return strings.ToLower(host)
	}
	return "(unreadable)"
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "value of this kind"
}
