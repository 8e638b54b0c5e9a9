package main

import (
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"

	"github.com/boombuler/barcode/qr"

	"github.com/specpay/specpay/apierr"
)

// printer writes the tour and keeps the first error of doing so. Lines come from
// several goroutines.
type printer struct {
	w    io.Writer
	step int

	mu  sync.Mutex
	err error
}

func (p *printer) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := fmt.Fprintf(p.w, format+"\n", args...); p.err == nil {
		p.err = err
	}
}

func (p *printer) heading(text string) {
	p.line("\n%s\n%s", text, strings.Repeat("=", len([]rune(text))))
}

// title begins a numbered step.
func (p *printer) title(text string) {
	p.step++
	p.line("\n%2d. %s", p.step, text)
}

// fact writes a word and what it is, in as many lines as that takes.
func (p *printer) fact(word, format string, args ...any) {
	const width = 96
	line := ""
	for _, w := range strings.Fields(fmt.Sprintf(format, args...)) {
		if line != "" && len(line)+1+len(w) > width {
			p.line("    %-9s %s", word, line)
			word, line = "", ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	p.line("    %-9s %s", word, line)
}

// refusal writes all that an error knows. An error that does not match want is
// a surprise.
func (p *printer) refusal(err, want error) error {
	var e *apierr.Error
	if err == nil {
		return fmt.Errorf("%w: a success, want %w", errSurprise, want)
	}
	if !errors.As(err, &e) || !errors.Is(err, want) {
		return fmt.Errorf("%w: got %w, want %w", errSurprise, err, want)
	}
	status := "no answer"
	if e.StatusCode > 0 {
		status = fmt.Sprintf("HTTP %d", e.StatusCode)
	}
	p.fact("refused", "%s", strings.TrimSpace(fmt.Sprintf("%s (%s, class %s, outcome %s)", e.RawCode, status, string(e.Category()), e.Outcome())))
	p.fact("means", "%s", e.Description())
	p.fact("advice", "%s: %s", e.Advice(), e.Resolution())
	p.fact("payer", "%q", e.CustomerMessage("en"))
	p.fact("see", "%s", e.DocURL())
	return nil
}

// qrCode draws a QR code, two rows of modules a line, dark on light with the
// quiet zone that scanners need.
func (p *printer) qrCode(text string) error {
	code, err := qr.Encode(text, qr.L, qr.Unicode)
	if err != nil {
		return err
	}
	size, quiet := code.Bounds().Dx(), 4
	for y := -quiet; y < size+quiet; y += 2 {
		var b strings.Builder
		for x := -quiet; x < size+quiet; x++ {
			switch top, bottom := dark(code, x, y), dark(code, x, y+1); {
			case top && bottom:
				b.WriteRune(' ')
			case top:
				b.WriteRune('▄')
			case bottom:
				b.WriteRune('▀')
			default:
				b.WriteRune('█')
			}
		}
		p.line("    \x1b[97;40m%s\x1b[0m", b.String())
	}
	return nil
}

func dark(img image.Image, x, y int) bool {
	if !(image.Point{X: x, Y: y}).In(img.Bounds()) {
		return false
	}
	r, _, _, _ := img.At(x, y).RGBA()
	return r < 0x8000
}
