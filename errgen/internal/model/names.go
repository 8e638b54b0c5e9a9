package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Namer derives Go names like oapi-codegen, so that both generators agree on the names in a package. The zero Namer works
// like oapi-codegen without a name-normalizer.
type Namer struct {
	digits      bool // a letter after a digit is upper case
	initialisms map[string]string
	words       *regexp.Regexp

	known       bool            // this is the config of the client; otherwise the names may differ
	excluded    map[string]bool // component schemas that the client does not declare
	prefixEnums bool            // constants always start with the name of their type
}

// Client returns a namer that knows which names the client declares: exclude-schemas and always-prefix-enum-values of its
// config.
func (n Namer) Client(excluded []string, prefixEnums bool) Namer {
	n.known, n.prefixEnums, n.excluded = true, prefixEnums, map[string]bool{}
	for _, name := range excluded {
		n.excluded[name] = true
	}
	return n
}

// Excludes reports whether the client's config is known and excludes a component schema.
func (n Namer) Excludes(schema string) bool { return n.excluded[schema] }

// Known reports whether the client's config is known.
func (n Namer) Known() bool { return n.known }

// possible returns the namers that the client may have.
func (n Namer) possible() []Namer {
	if n.known {
		return []Namer{n}
	}
	return []Namer{n, {}}
}

// DefaultInitialisms returns the words that oapi-codegen writes in upper case by default.
func DefaultInitialisms() []string {
	return strings.Fields(`ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON
		QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI GID UID UUID
		URI URL UTF8 VM XML XMPP XSRF XSS SIP RTP AMQP DB TS`)
}

// NewNamer returns the namer for a name-normalizer of oapi-codegen and its additional initialisms.
func NewNamer(normalizer string, more []string) (Namer, error) {
	switch normalizer {
	case "", "ToCamelCase", "ToCamelCaseWithDigits":
		if len(more) > 0 {
			return Namer{}, fmt.Errorf("additional-initialisms require name-normalizer: ToCamelCaseWithInitialisms, not %q", normalizer)
		}
		return Namer{digits: normalizer == "ToCamelCaseWithDigits"}, nil
	case "ToCamelCaseWithInitialisms":
		n := Namer{digits: true, initialisms: map[string]string{}, words: regexp.MustCompile(`[\p{Lu}\d]+([\p{Ll}\d]+|$)`)}
		for _, word := range slices.Concat(DefaultInitialisms(), more) {
			n.initialisms[strings.ToLower(word)] = word
		}
		return n, nil
	}
	return Namer{}, fmt.Errorf("name-normalizer %q is unknown; use ToCamelCase, ToCamelCaseWithDigits or ToCamelCaseWithInitialisms", normalizer)
}

// Schema returns the Go type name of a component schema.
func (n Namer) Schema(key string) string { return signs(key) + n.camel(key) }

// Code returns the Go name of a wire value, without prefix. A value in upper case is split into words first, so
// AUTHENTICATION_FAILED becomes AuthenticationFailed.
func (n Namer) Code(wire string) string {
	if !strings.ContainsFunc(wire, unicode.IsLower) {
		wire = strings.ToLower(wire)
	}
	return n.camel(wire)
}

func (n Namer) camel(s string) string {
	if !n.digits {
		return camelPlain(s)
	}
	s = camelDigits(s)
	if n.words == nil {
		return s
	}
	parts := n.words.FindAllString(s, -1)
	for i, part := range parts {
		if word, ok := n.initialisms[strings.ToLower(part)]; ok {
			parts[i] = word
		}
	}
	return strings.Join(parts, "")
}

// camelPlain starts a word only after a separator. Other characters that are not letters are dropped.
func camelPlain(s string) string {
	var b strings.Builder
	start := true
	for _, r := range strings.Trim(s, " ") {
		switch {
		case unicode.IsLower(r) && start:
			b.WriteRune(unicode.ToUpper(r))
		case unicode.IsLower(r), unicode.IsUpper(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
		start = strings.ContainsRune("-#@!$&=.+:;_~ (){}[]", r)
	}
	return b.String()
}

// camelDigits starts a word after every character that is not a letter, including digits.
func camelDigits(s string) string {
	var b strings.Builder
	start := true
	for _, r := range s {
		switch {
		case unicode.IsLower(r) && start:
			b.WriteRune(unicode.ToUpper(r))
		case unicode.IsLower(r), unicode.IsUpper(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
		start = !unicode.IsLower(r) && !unicode.IsUpper(r)
	}
	return b.String()
}

// signs spells out leading signs, which would otherwise be lost or not form an identifier.
func signs(key string) string {
	if key == "" {
		return "Empty"
	}
	if key == "$" {
		return "DollarSign"
	}
	prefix := ""
	for _, r := range key {
		word, ok := signWord(r)
		if !ok {
			if prefix == "" && unicode.IsDigit(r) {
				return "N"
			}
			break
		}
		prefix += word
	}
	return prefix
}

func signWord(r rune) (string, bool) {
	names := []string{"Minus", "Plus", "And", "Or", "Tilde", "Equal", "GreaterThan", "LessThan", "Hash", "Dot",
		"Asterisk", "Caret", "Percent", "Underscore", ""}
	i := strings.IndexRune("-+&|~=><#.*^%_$", r)
	if i < 0 {
		return "", false
	}
	return names[i], true
}

// Lower returns a Go name with its first letter in lower case, for unexported names.
func Lower(name string) string {
	for i, r := range name {
		return string(unicode.ToLower(r)) + name[i+len(string(r)):]
	}
	return ""
}
