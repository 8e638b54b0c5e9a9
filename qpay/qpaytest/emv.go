package qpaytest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// extraLimit is the maximum length of an EMV field, whose length has two digits.
const extraLimit = 99

// emvText returns the content of an invoice's QR code: an EMVCo string of
// tag-length-value fields that ends with a checksum.
func emvText(account, amount, number, description, token string) string {
	extra := emvField("01", number)
	room := extraLimit - utf8.RuneCountInString(extra) - 2*len("0000") - len(token)
	extra += emvField("05", truncate(description, room)) + emvField("07", token)
	text := emvField("00", "01") + emvField("01", "12") + emvField("15", account) +
		emvField("52", "5734") + emvField("53", "496") + emvField("54", amount) +
		emvField("58", "MN") + emvField("59", "TEST") + emvField("60", "Ulaanbaatar") +
		emvField("62", extra) + "6304"
	return text + fmt.Sprintf("%04X", crc16(text))
}

// emvField formats one field. Its length counts characters, not bytes.
func emvField(tag, value string) string {
	return fmt.Sprintf("%s%02d%s", tag, utf8.RuneCountInString(value), value)
}

func truncate(text string, limit int) string {
	runes := []rune(strings.ToValidUTF8(text, "?"))
	return string(runes[:max(0, min(len(runes), limit))])
}

// crc16 is the CRC-16 with polynomial 0x1021 and initial value 0xFFFF.
func crc16(text string) uint16 {
	crc := uint16(0xffff)
	for _, b := range []byte(text) {
		crc ^= uint16(b) << 8
		for range 8 {
			top := crc & 0x8000
			crc <<= 1
			if top != 0 {
				crc ^= 0x1021
			}
		}
	}
	return crc
}
