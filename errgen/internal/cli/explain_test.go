package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// endless is a reader without end that counts the bytes read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func TestBodyIsBounded(t *testing.T) {
	body := &endless{}
	var out, err bytes.Buffer
	if code := Main([]string{"explain", "-", "../../../specs/qpay.yaml"}, body, &out, &err); code != exitUsage {
		t.Errorf("exit %d for a body without end", code)
	}
	if !strings.Contains(err.String(), "longer than 1048576 bytes") || body.read > 2*maxBody {
		t.Errorf("%d bytes were read: %s", body.read, err.String())
	}
	fits := `{"error":"INVOICE_PAID"}`
	padded := io.MultiReader(strings.NewReader(fits), strings.NewReader(strings.Repeat(" ", maxBody-len(fits))))
	if code := Main([]string{"explain", "-", "../../../specs/qpay.yaml"}, padded, &out, &err); code != exitClean || !strings.Contains(out.String(), "ErrInvoicePaid") {
		t.Errorf("a body of the maximum size: exit %d, %s", code, err.String())
	}
}

func TestLinesFitTheTerminal(t *testing.T) {
	var out, err bytes.Buffer
	for _, word := range []string{"INVOICE_PAID", "NO_CREDENDIALS"} {
		if code := Main([]string{"explain", word, "../../../specs/qpay.yaml"}, nil, &out, &err); code != exitClean {
			t.Fatalf("%s: exit %d, %s", word, code, err.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len([]rune(line)) > 101 && !strings.Contains(line, "https://") {
			t.Errorf("wider than 100 columns: %s", line)
		}
	}
}
