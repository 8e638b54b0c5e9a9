package load

import (
	"bytes"
	"encoding/json"
	"path"
	"unicode/utf8"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// The limits on input, far above the size of real specs.
const (
	MaxBytes = 8 << 20   // of one file
	maxNodes = 1_000_000 // of one file, aliases expanded
	maxDepth = 200       // of nesting, aliases expanded
	maxFiles = 100       // referred to by one spec
	maxHops  = 50        // from one $ref to the next
)

// Parse reads one document. A failure is a finding.Finding.
func Parse(file *File, data []byte) (*Node, error) {
	top := &Node{File: file, Line: 1, Col: 1}
	if len(data) > MaxBytes {
		return nil, fail(top, finding.Limit, "the file has %d bytes; at most %d are allowed", len(data), MaxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, fail(placeOf(file, data, badByte(data)), finding.Syntax, "invalid UTF-8; save the file as UTF-8")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fail(top, finding.Syntax, "the document is empty")
	}
	if isJSON(file, data) {
		return parseJSON(file, data)
	}
	return parseYAML(file, data)
}

// isJSON selects the parser. The YAML parser rejects some JSON (such as \/), and a YAML flow map also starts with a
// brace, so the file extension or the content decides.
func isJSON(file *File, data []byte) bool {
	head := bytes.TrimLeft(data, " \t\r\n")
	if head[0] != '{' && head[0] != '[' {
		return false
	}
	return path.Ext(file.Name) == ".json" || json.Valid(data)
}

func badByte(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

// placeOf returns an empty node at a byte offset.
func placeOf(file *File, data []byte, offset int) *Node {
	offset = max(0, min(offset, len(data)))
	head := data[:offset]
	start := bytes.LastIndexByte(head, '\n') + 1
	return &Node{
		File: file,
		Line: bytes.Count(head, []byte("\n")) + 1,
		Col:  utf8.RuneCount(head[start:]) + 1,
	}
}

// fail returns a finding as an error.
func fail(at *Node, rule finding.Rule, format string, args ...any) error {
	var l finding.List
	l.Errorf(at.Pos(), rule, format, args...)
	return l[0]
}
