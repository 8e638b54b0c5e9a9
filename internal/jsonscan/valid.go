package jsonscan

import "strings"

// maxDepth is how deep the containers of a document may be nested, as in
// encoding/json.
const maxDepth = 10000

// Validator checks a JSON document that arrives in pieces, without keeping it. It
// agrees with json.Valid. The zero value waits for the first byte.
type Validator struct {
	state   state
	stack   []byte // the open containers, each as its first byte
	key     bool   // the string is the name of a member
	literal string // what is missing of true, false or null
	hex     int    // digits that are missing of \uXXXX
}

type state int

const (
	beforeValue   state = iota
	beforeElement       // or the end of an empty array
	beforeMember        // or the end of an empty object
	beforeName
	beforeColon
	afterValue
	inString
	inEscape
	inHex
	inLiteral
	afterMinus
	afterZero
	inInteger
	afterPoint
	inFraction
	afterExponent
	afterExponentSign
	inExponent
	invalid
)

// Add checks the next piece. It returns false if the document is invalid, whatever
// follows.
func (v *Validator) Add(piece []byte) bool {
	for _, c := range piece {
		if v.state == invalid {
			return false
		}
		v.state = v.next(c)
	}
	return v.state != invalid
}

// Complete reports whether the pieces so far are a valid document.
func (v *Validator) Complete() bool {
	return len(v.stack) == 0 && (v.state == afterValue || v.endsNumber())
}

// Started reports whether there was anything but white space.
func (v *Validator) Started() bool { return v.state != beforeValue || len(v.stack) > 0 }

func (v *Validator) endsNumber() bool {
	return v.state == afterZero || v.state == inInteger || v.state == inFraction || v.state == inExponent
}

func (v *Validator) next(c byte) state {
	switch s := v.state; {
	case s == inString || s == inEscape || s == inHex:
		return v.inText(c)
	case s == inLiteral:
		if c != v.literal[0] {
			return invalid
		}
		if v.literal = v.literal[1:]; v.literal == "" {
			return afterValue
		}
		return inLiteral
	case s >= afterMinus && s <= inExponent:
		if s := inNumber(v.state, c); s != invalid || !v.endsNumber() {
			return s
		}
		v.state = afterValue
	}
	if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
		return v.state
	}
	return v.structure(c)
}

func (v *Validator) inText(c byte) state {
	switch {
	case v.state == inEscape && c == 'u':
		v.hex = 4
		return inHex
	case v.state == inEscape:
		if strings.IndexByte(`"\/bfnrt`, c) < 0 {
			return invalid
		}
		return inString
	case v.state == inHex:
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return invalid
		}
		if v.hex--; v.hex > 0 {
			return inHex
		}
		return inString
	case c == '\\':
		return inEscape
	case c == '"' && v.key:
		return beforeColon
	case c == '"':
		return afterValue
	case c < ' ':
		return invalid
	}
	return inString
}

func inNumber(s state, c byte) state {
	digit := c >= '0' && c <= '9'
	switch {
	case s == afterMinus && c == '0':
		return afterZero
	case digit && (s == afterMinus || s == inInteger):
		return inInteger
	case digit && (s == afterPoint || s == inFraction):
		return inFraction
	case digit && (s == afterExponent || s == afterExponentSign || s == inExponent):
		return inExponent
	case c == '.' && (s == afterZero || s == inInteger):
		return afterPoint
	case (c == 'e' || c == 'E') && (s == afterZero || s == inInteger || s == inFraction):
		return afterExponent
	case (c == '+' || c == '-') && s == afterExponent:
		return afterExponentSign
	}
	return invalid
}

// structure returns the state after a byte between texts and numbers.
func (v *Validator) structure(c byte) state {
	s := v.state
	switch {
	case c == ']' && (s == beforeElement || s == afterValue):
		return v.close('[')
	case c == '}' && (s == beforeMember || s == afterValue):
		return v.close('{')
	case s == beforeElement || s == beforeValue:
		return v.value(c)
	case c == '"' && (s == beforeMember || s == beforeName):
		v.key = true
		return inString
	case c == ':' && s == beforeColon:
		return beforeValue
	case c == ',' && s == afterValue && len(v.stack) > 0:
		if v.stack[len(v.stack)-1] == '[' {
			return beforeValue
		}
		return beforeName
	}
	return invalid
}

func (v *Validator) value(c byte) state {
	switch c {
	case '{', '[':
		if len(v.stack) == maxDepth {
			return invalid
		}
		v.stack = append(v.stack, c)
		if c == '{' {
			return beforeMember
		}
		return beforeElement
	case '"':
		v.key = false
		return inString
	case 't':
		v.literal = "true"[1:]
		return inLiteral
	case 'f':
		v.literal = "false"[1:]
		return inLiteral
	case 'n':
		v.literal = "null"[1:]
		return inLiteral
	case '-':
		return afterMinus
	case '0':
		return afterZero
	}
	if c >= '1' && c <= '9' {
		return inInteger
	}
	return invalid
}

func (v *Validator) close(container byte) state {
	if n := len(v.stack); n > 0 && v.stack[n-1] == container {
		v.stack = v.stack[:n-1]
		return afterValue
	}
	return invalid
}
