package qpaytest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// extraLimit is the most that one EMV field can hold; its length has two digits.
const extraLimit = 99

// emvText is the content of an invoice's QR code: an EMVCo string of
// tag-length-value fields that ends in a checksum.
func emvText(account, amount, number, description, token string) string {
	extra := field("01", number)
	room := extraLimit - utf8.RuneCountInString(extra) - 2*len("0000") - len(token)
	extra += field("05", cut(description, room)) + field("07", token)
	text := field("00", "01") + field("01", "12") + field("15", account) +
		field("52", "5734") + field("53", "496") + field("54", amount) +
		field("58", "MN") + field("59", "TEST") + field("60", "Ulaanbaatar") +
		field("62", extra) + "6304"
	return text + fmt.Sprintf("%04X", crc16(text))
}

// field counts characters, not bytes.
func field(tag, value string) string {
	return fmt.Sprintf("%s%02d%s", tag, utf8.RuneCountInString(value), value)
}

func cut(text string, limit int) string {
	runes := []rune(strings.ToValidUTF8(text, "?"))
	return string(runes[:max(0, min(len(runes), limit))])
}

// crc16 is CRC-16 with polynomial 0x1021 and start value 0xFFFF.
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
