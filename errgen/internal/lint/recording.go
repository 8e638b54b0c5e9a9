package lint

import (
	"strings"

	"github.com/specpay/specpay/errgen/internal/finding"
	"github.com/specpay/specpay/errgen/internal/load"
)

// recording checks the word about recordings of traffic wherever it is. A misspelled one would have no effect.
func (l *linter) recording(n *load.Node, seen map[*load.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	for i, item := range n.Items {
		if n.Kind == load.Map && strings.HasPrefix(n.Keys[i].Value, "x-record") {
			l.recordingWord(n.Keys[i], item)
		}
		l.recording(item, seen)
	}
}

func (l *linter) recordingWord(key, value *load.Node) {
	switch {
	case key.Value != "x-record-numbers":
		l.Errorf(key.Pos(), finding.Recording, "the extension %s is unknown; write x-record-numbers", finding.Quote(key.Value))
	case value.Kind != load.Scalar || value.Value != "keep" && value.Value != "replace":
		l.Errorf(value.Pos(), finding.Recording, "x-record-numbers is neither keep nor replace; write one of them, or remove it")
	}
}
