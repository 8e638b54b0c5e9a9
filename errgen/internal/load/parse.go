package load

import (
	"bytes"
	"encoding/json"
	"path"
	"unicode/utf8"

	"github.com/specpay/specpay/errgen/internal/finding"
)

// The limits on input, above the size of real specs. They bound the memory that a hostile one takes.
const (
	MaxBytes = 64 << 20  // of a spec with all files that it refers to
	maxNodes = 5_000_000 // of the same, aliases expanded
	maxGrown = 1_000_000 // of these, by aliases or by an overlay
	maxDepth = 200       // of nesting, aliases expanded
	maxFiles = 10_000    // referred to by one spec
	maxHops  = 50        // from one $ref to the next
)

// budget counts what the files of a spec contain.
type budget struct{ bytes, nodes, grown int }

// read counts the bytes of a file.
func (b *budget) read(at *Node, size int) error {
	before := b.bytes
	if b.bytes += size; b.bytes <= MaxBytes {
		return nil
	}
	if before == 0 {
		return fail(at, finding.Limit, "the file has %d bytes; at most %d (64 MiB) are allowed", size, MaxBytes)
	}
	return fail(at, finding.Limit, "this file has %d bytes, and the files before it have %d; at most %d (64 MiB) are allowed for a spec with all its files", size, before, MaxBytes)
}

// spend counts nodes.
func (b *budget) spend(at *Node, nodes int) error {
	if b.nodes += nodes; b.nodes > maxNodes {
		return fail(at, finding.Limit, "the spec has at least %d values up to here, with aliases expanded and in all its files; at most %d are allowed", b.nodes, maxNodes)
	}
	return nil
}

// grow counts nodes that an alias or an overlay repeats.
func (b *budget) grow(at *Node, nodes int, by string) error {
	if b.grown += nodes; b.grown > maxGrown {
		return fail(at, finding.Limit, "%s at least %d values to the spec; at most %d are allowed", by, b.grown, maxGrown)
	}
	return b.spend(at, nodes)
}

// Parse reads one document. A failure is a finding.Finding.
func Parse(file *File, data []byte) (*Node, error) { return parseCounted(file, data, &budget{}) }

func parseCounted(file *File, data []byte, b *budget) (*Node, error) {
	top := &Node{File: file, Line: 1, Col: 1}
	if err := b.read(top, len(data)); err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, fail(placeOf(file, data, badByte(data)), finding.Syntax, "invalid UTF-8; save the file as UTF-8")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fail(top, finding.Syntax, "the document is empty")
	}
	if isJSON(file, data) {
		return parseJSON(file, data, b)
	}
	return parseYAML(file, data, b)
}

// isJSON selects the parser. The YAML parser rejects some JSON (such as \/), and a YAML flow map also starts with a
// brace, so the file extension or the content decides.
func isJSON(file *File, data []byte) bool {
	return startsLikeJSON(data) && (path.Ext(file.Name) == ".json" || json.Valid(data))
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
