package qpaytest

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// The QR text of the official sample invoice.
const sample = "0002010102121531279404962794049600022310027138152045734530349654031005802MN5904TEST6011Ulaanbaatar" +
	"6244010712345670504test0721qWlrS8_zUpplFJmmfBGXc6304C66D"

func TestOfficialSample(t *testing.T) {
	if crc := crc16(sample[:len(sample)-4]); crc != 0xC66D {
		t.Errorf("checksum %04X, want C66D", crc)
	}
	got := emvText("2794049627940496000223100271381", "100", "1234567", "test", "qWlrS8_zUpplFJmmfBGXc")
	if got != sample {
		t.Errorf("got  %s\nwant %s", got, sample)
	}
}

func TestEMVFieldLengths(t *testing.T) {
	for _, description := range []string{strings.Repeat("ө", 255), "", "\xff\xfe"} {
		text := emvText(strings.Repeat("1", 31), "1234567890.12", strings.Repeat("9", 45), description, strings.Repeat("t", 21))
		runes := []rune(text[:len(text)-8])
		for len(runes) > 0 {
			size := int(runes[2]-'0')*10 + int(runes[3]-'0')
			if len(runes) < 4+size {
				t.Fatalf("field %s is longer than the rest of %q", string(runes[:4]), text)
			}
			runes = runes[4+size:]
		}
		if !utf8.ValidString(text) || qrImage(text) == "" {
			t.Errorf("no QR image for %q", text)
		}
	}
	if qrImage(strings.Repeat("x", 5000)) != "" {
		t.Error("a text that is too long for a QR code has an image")
	}
}
