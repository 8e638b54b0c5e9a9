// Package jsonscan finds values in JSON text without decoding all of it.
//
// It is made for error bodies, where missing a code is worse than accepting an
// invalid document. A document may be cut, followed by other text, or contain
// invalid UTF-8. Everything before the first invalid byte can be found.
// If an object has a member twice, the last one counts, as in encoding/json.
//
// No function recurses or allocates in proportion to nesting. Find reads the text
// at most once for each token of the pointer, and the other functions read it once.
package jsonscan

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// TrimBOM returns text without a leading byte order mark.
func TrimBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// IsContainer reports whether text starts with an object or an array.
func IsContainer(text []byte) bool {
	text = skipSpace(text)
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// Find returns the value at a JSON pointer (RFC 6901), or nil if there is no such
// value or the pointer is not valid. The value is a slice of text: complete if it is
// a scalar, and up to the end of text if it is an object or array that was cut.
func Find(text []byte, pointer string) []byte { return find(text, pointer, isName) }

// FindFold is like Find, but the case of ASCII letters in names does not matter.
func FindFold(text []byte, pointer string) []byte { return find(text, pointer, isNameFold) }

func find(text []byte, pointer string, is func(quoted []byte, name string) bool) []byte {
	if pointer != "" && pointer[0] != '/' {
		return nil
	}
	value := skipSpace(text)
	for pointer != "" {
		token, rest, more := strings.Cut(pointer[1:], "/")
		value = child(value, unescape(token), is)
		pointer = ""
		if more {
			pointer = "/" + rest
		}
	}
	end, _ := valueEnd(value)
	return value[:end]
}

// String returns the string at a JSON pointer. It returns "" if the value is not
// a string or was cut.
func String(text []byte, pointer string) string {
	s, _ := Unquote(Find(text, pointer))
	return s
}

// First returns the first non-empty string at one of the pointers; "" if there
// is none.
func First(text []byte, pointers []string) string {
	for _, p := range pointers {
		if s := String(text, p); s != "" {
			return s
		}
	}
	return ""
}

// Unquote returns the content of a JSON string; false if value is not a complete
// one. Invalid UTF-8 is replaced by U+FFFD.
func Unquote(value []byte) (string, bool) {
	if end, ok := stringEnd(value); !ok || end != len(value) {
		return "", false
	}
	if isBare(value) {
		return string(value[1 : len(value)-1]), true
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return "", false
	}
	return s, true
}

// Members iterates over the members of an object in order, until the first invalid
// byte. Values are as in [Find].
func Members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for quoted, value := range members(object) {
			if name, _ := Unquote(quoted); !yield(name, value) {
				return
			}
		}
	}
}

// members is Members with quoted names, which are valid strings.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(quoted, value []byte) bool) {
		for next := open(object, '{'); next != nil; {
			end, complete := stringEnd(next)
			if !complete || !isBare(next[:end]) && !json.Valid(next[:end]) {
				return
			}
			quoted, rest := next[:end], skipSpace(next[end:])
			if len(rest) == 0 || rest[0] != ':' {
				return
			}
			value := skipSpace(rest[1:])
			end, complete = valueEnd(value)
			if end == 0 || !yield(quoted, value[:end]) || !complete {
				return
			}
			next = after(value[end:])
		}
	}
}

// Elements iterates over the elements of an array, until the first invalid byte.
// Values are as in [Find].
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for next := open(array, '['); next != nil; {
			end, complete := valueEnd(next)
			if end == 0 || !yield(next[:end]) || !complete {
				return
			}
			next = after(next[end:])
		}
	}
}

// child returns the value of a member or element; nil if there is none.
func child(container []byte, token string, is func(quoted []byte, name string) bool) (value []byte) {
	if len(container) == 0 {
		return nil
	}
	if container[0] == '[' {
		want, ok := index(token)
		if !ok {
			return nil
		}
		for v := range Elements(container) {
			if want == 0 {
				return v
			}
			want--
		}
		return nil
	}
	for quoted, v := range members(container) {
		if is(quoted, token) {
			value = v
		}
	}
	return value
}

// isName reports whether a quoted string has the content name.
func isName(quoted []byte, name string) bool {
	if isBare(quoted) {
		return string(quoted[1:len(quoted)-1]) == name // without an allocation
	}
	text, _ := Unquote(quoted)
	return text == name
}

// isNameFold is isName for names whose case does not matter.
func isNameFold(quoted []byte, name string) bool {
	if len(quoted) == len(name)+2 && bytes.EqualFold(quoted[1:len(quoted)-1], []byte(name)) {
		return true
	}
	return isName(quoted, name)
}

// index returns the array index that a token of a pointer stands for. It has no
// leading zeros. No element has a negative one.
func index(token string) (int, bool) {
	n, _ := strconv.Atoi(token)
	return n, strconv.Itoa(n) == token
}

// open returns the text after the opening bracket of a container; nil if it has
// another one.
func open(container []byte, bracket byte) []byte {
	container = skipSpace(container)
	if len(container) == 0 || container[0] != bracket {
		return nil
	}
	return skipSpace(container[1:])
}

// after returns the text after a comma; nil if there is none.
func after(text []byte) []byte {
	text = skipSpace(text)
	if len(text) == 0 || text[0] != ',' {
		return nil
	}
	return skipSpace(text[1:])
}

// valueEnd returns the length of the value at the start of text; 0 if there is
// none. complete is false if the value is cut or invalid. It is true for a container
// that was cut, which nothing follows.
func valueEnd(text []byte) (end int, complete bool) {
	if len(text) == 0 {
		return
	}
	switch text[0] {
	case '"':
		if end, complete = stringEnd(text); !complete {
			end = 0
		}
		return end, true
	case '{', '[':
		return containerEnd(text), true
	}
	for end < len(text) && !isDelimiter(text[end]) {
		end++
	}
	return end, json.Valid(text[:end])
}

// containerEnd returns the length of the container that text starts with; that of
// text if it was cut. It only counts brackets outside strings, whatever is between
// them.
func containerEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n, _ := stringEnd(text[i:])
			i += n - 1
		}
	}
	return len(text)
}

// stringEnd returns the length of the quoted string that text starts with.
func stringEnd(text []byte) (end int, complete bool) {
	if len(text) == 0 || text[0] != '"' {
		return 0, false
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1, true
		case '\\':
			i++
		}
	}
	return len(text), false
}

func isDelimiter(b byte) bool {
	switch b {
	case ' ', '\t', '\r', '\n', ',', ':', '}', ']', '{', '[', '"':
		return true
	}
	return false
}

// isBare reports whether a quoted string is printable ASCII without escapes.
func isBare(value []byte) bool {
	for _, b := range value {
		if b < ' ' || b > '~' || b == '\\' {
			return false
		}
	}
	return true
}

func skipSpace(text []byte) []byte {
	for len(text) > 0 && strings.IndexByte(" \t\r\n", text[0]) >= 0 {
		text = text[1:]
	}
	return text
}

func unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
