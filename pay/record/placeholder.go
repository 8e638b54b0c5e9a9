package record

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// vault numbers the values that are replaced. It keeps no value: the same one is
// recognized by a MAC under a key that only this recorder has, so neither the file nor
// the memory of the process can be searched for card or phone numbers.
type vault struct {
	spec *model
	key  []byte

	patterns sync.Map // compiled, by text; nil for an invalid one

	mu     sync.Mutex
	number map[[16]byte]int
	above  int // added to every number
}

// keeper redacts the values of one message.
type keeper struct {
	*vault
	openWords bool // words that an open enumeration does not list are kept
}

// maxNumbered limits the values that are told apart.
const maxNumbered = 200_000

func (v *vault) of(value string) int {
	mac := hmac.New(sha256.New, v.key)
	mac.Write([]byte(value))
	id := [16]byte(mac.Sum(nil))
	v.mu.Lock()
	defer v.mu.Unlock()
	n, found := v.number[id]
	if !found && len(v.number) < maxNumbered {
		n = v.above + len(v.number) + 1
		v.number[id] = n
	}
	return n
}

// prefix is how placeholders begin.
const prefix = "redacted-"

func (v *vault) placeholder(value string) string { return prefix + strconv.Itoa(v.of(value)) }

// firstNumber is below every placeholder that is a number.
const firstNumber = 900_000_000

// count returns a number of the same kind, an integer or a fraction, that stands for raw.
func (v *vault) count(raw string) string {
	n := strconv.Itoa(firstNumber + v.of(raw))
	if strings.ContainsAny(raw, ".eE") {
		n += ".5"
	}
	return n
}

// word replaces text that is no JSON: a part of a path, a query or a header.
func (k *keeper) word(list []*openapi3.Schema, s string) string { return k.text(shapeOf(list), s) }

// fit returns a placeholder for s. If s matches one of the schemas, the placeholder
// matches the same one, as far as its format, pattern and lengths go.
func (k *keeper) fit(texts []*openapi3.Schema, s string) string {
	if form := masked(s); form != "" {
		return form
	}
	for _, schema := range texts {
		if !k.matches(schema, s) {
			continue
		}
		for _, try := range k.candidates(schema, s) {
			if k.matches(schema, try) {
				return try
			}
		}
	}
	return k.placeholder(s)
}

func (k *keeper) candidates(s *openapi3.Schema, value string) []string {
	n := k.of(value)
	plain := prefix + strconv.Itoa(n)
	list := []string{plain}
	switch s.Format {
	case "uri", "url", "uri-reference":
		list = []string{"https://redacted.example/" + strconv.Itoa(n)}
	case "email":
		list = []string{plain + "@redacted.example"}
	case "uuid":
		list = []string{fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}
	case "ipv4":
		list = []string{"192.0.2.1"}
	case "date":
		list = []string{"2001-01-01"}
	}
	short := strconv.FormatInt(int64(n), 36)
	list = append(list, "r"+short, short)
	for _, text := range list[:len(list)-1] {
		if missing := int(min(s.MinLength, 4096)) - len(text); missing > 0 {
			list = append(list, text+strings.Repeat("-", missing))
		}
	}
	if s.Pattern != "" {
		if tree, err := syntax.Parse(s.Pattern, syntax.Perl); err == nil {
			list = append(list, sample(tree.Simplify(), 0))
		}
	}
	if s.MaxLength != nil {
		list = append(list, strings.Repeat("x", int(min(*s.MaxLength, s.MinLength))))
	}
	return list
}

// matches reports whether text fits the lengths, the format and the pattern of a schema.
func (v *vault) matches(s *openapi3.Schema, text string) bool {
	n := uint64(utf8.RuneCountInString(text))
	if n < s.MinLength || s.MaxLength != nil && n > *s.MaxLength {
		return false
	}
	switch s.Format {
	case "uri", "url":
		u, err := url.Parse(text)
		if err != nil || u.Scheme == "" {
			return false
		}
	case "email":
		if at := strings.LastIndex(text, "@"); at < 1 || at == len(text)-1 {
			return false
		}
	}
	if s.Pattern == "" {
		return true
	}
	p := v.pattern(s.Pattern)
	return p != nil && p.MatchString(text)
}

// pattern compiles a pattern of the spec once. There are as many as the spec has.
func (v *vault) pattern(text string) *regexp.Regexp {
	if p, found := v.patterns.Load(text); found {
		return p.(*regexp.Regexp)
	}
	p, err := regexp.Compile(text)
	if err != nil {
		p = nil
	}
	v.patterns.Store(text, p)
	return p
}

// sample returns the shortest text that a pattern matches.
func sample(r *syntax.Regexp, depth int) string {
	if depth > maxDepth {
		return ""
	}
	switch r.Op {
	case syntax.OpLiteral:
		return string(r.Rune)
	case syntax.OpCharClass:
		if len(r.Rune) > 0 {
			return string(max(r.Rune[0], min(r.Rune[1], '0')))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus:
		return sample(r.Sub[0], depth+1)
	case syntax.OpRepeat:
		return strings.Repeat(sample(r.Sub[0], depth+1), min(r.Min, 64))
	case syntax.OpAlternate:
		return sample(r.Sub[0], depth+1)
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range r.Sub {
			b.WriteString(sample(sub, depth+1))
		}
		return b.String()
	}
	return ""
}

// maxDigits is the most digits of a number that is kept: fewer than a card number has.
const maxDigits = 12

// plainNumber reports whether text is a number without exponent and with few digits.
func plainNumber(text string) bool {
	whole, fraction, dot := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return len(whole)+len(fraction) <= maxDigits && digits(whole) && (!dot || digits(fraction))
}

// currency reports whether text is a code of three letters where the spec allows
// nothing longer.
func currency(texts []*openapi3.Schema, text string) bool {
	if len(text) != 3 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return false
	}
	for _, s := range texts {
		if s.MinLength == 3 && s.MaxLength != nil && *s.MaxLength == 3 {
			return true
		}
	}
	return false
}

var timeForm = regexp.MustCompile(`^20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)?$`)

// dateTime reports whether text is a date with a time of day in this century. A date
// alone can be somebody's birthday.
func dateTime(text string) bool {
	if !timeForm.MatchString(text) {
		return false
	}
	_, err := time.Parse("2006-01-02 15:04:05", strings.Replace(text[:19], "T", " ", 1))
	return err == nil
}

// firstYear is the year before which a time is not kept: it can be the birthday of
// somebody who pays.
const firstYear = "2015"

// masked returns another date for a date, and another time for a time that is not kept;
// "" for other text.
func masked(text string) string {
	if len(text) == 10 {
		if _, err := time.Parse(time.DateOnly, text); err == nil {
			return "2001-01-01"
		}
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return "2001-01-01T00:00:00Z"
	}
	return ""
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
