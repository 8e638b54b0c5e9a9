package qpaytest

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"

	"github.com/boombuler/barcode/qr"
)

const (
	// imageSide is the width and height of qr_image in pixels.
	imageSide = 300
	// quietZone is the width of the light border that a scanner needs, in modules.
	quietZone = 4
)

// qrImage returns a QR code of text as a PNG in base64, or "" if the text is too long
// for a QR code.
func qrImage(text string) string {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return ""
	}
	img := image.NewPaletted(image.Rect(0, 0, imageSide, imageSide), color.Palette{color.White, color.Black})
	modules := code.Bounds().Dx()
	scale := imageSide / (modules + 2*quietZone)
	border := (imageSide - modules*scale) / 2
	for y := range modules * scale {
		for x := range modules * scale {
			if dark, _, _, _ := code.At(x/scale, y/scale).RGBA(); dark == 0 {
				img.SetColorIndex(border+x, border+y, 1)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(out.Bytes())
}
