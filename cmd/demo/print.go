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

// printer writes the demo and keeps the first write error. It is safe for
// concurrent use, because webhooks make requests too.
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

// fact writes a label and its text, wrapped.
func (p *printer) fact(label, format string, args ...any) {
	const width = 96
	line := ""
	for _, w := range strings.Fields(fmt.Sprintf(format, args...)) {
		if line != "" && len(line)+1+len(w) > width {
			p.line("    %-9s %s", label, line)
			label, line = "", ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	p.line("    %-9s %s", label, line)
}

// failure writes what an error says. An error that does not match want ends the
// demo.
func (p *printer) failure(err, want error) error {
	e, ok := errors.AsType[*apierr.Error](err)
	if err == nil {
		return fmt.Errorf("%w: success, want %w", errUnexpected, want)
	}
	if !ok || !errors.Is(err, want) {
		return fmt.Errorf("%w: %w, want %w", errUnexpected, err, want)
	}
	code, status := e.RawCode, "no HTTP response"
	if code == "" {
		code = "no code"
	}
	if e.StatusCode > 0 {
		status = fmt.Sprintf("HTTP %d", e.StatusCode)
	}
	p.fact("error", "%s (%s), category %s, outcome %s", code, status, string(e.Category()), e.Outcome())
	p.fact("meaning", "%s", e.Description())
	p.fact("advice", "%s: %s", e.Advice(), e.Resolution())
	p.fact("to payer", "%q", e.CustomerMessage("en"))
	p.fact("see", "%s", e.DocURL())
	return nil
}

// qrCode draws a QR code with half blocks, two rows to a line, dark on light, with
// the quiet zone that scanners need.
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
