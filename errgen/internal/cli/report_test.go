package cli

import (
	"testing"

	"github.com/specpay/specpay/errgen/internal/finding"
)

func TestAnnotationStaysOneLine(t *testing.T) {
	f := finding.Finding{
		Pos: finding.Pos{File: "a,b:c%\n.yaml", Line: 3, Col: 7}, Rule: finding.Drift, Severity: finding.Note,
		Text: "100%,\r\nfirst: second",
	}
	const want = "::notice file=a%2Cb%3Ac%25%0A.yaml,line=3,col=7,title=EG050::100%25,%0D%0Afirst: second"
	if got := annotation(f); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
