package gatewaytest

import (
	"fmt"
	"strconv"
)

// qris returns the content of the payment's QR code: EMV fields with a tag, a length
// and a value. The last field is a checksum.
func (p *payment) qris() string {
	merchant := emvField("00", "ID.CO.QRIS.WWW") + emvField("01", nicepayMerchant)
	text := emvField("00", "01") + emvField("01", "12") + emvField("26", merchant) + emvField("52", "5999") + emvField("53", "360") +
		emvField("54", strconv.FormatInt(p.request.AmountMinor, 10)) + emvField("58", "ID") + emvField("59", "SANDBOX") + emvField("60", "JAKARTA") +
		emvField("62", emvField("05", p.id[:25])) + "6304"
	return text + fmt.Sprintf("%04X", crc16(text))
}

func emvField(tag, value string) string { return fmt.Sprintf("%s%02d%s", tag, len(value), value) }

// crc16 is the CRC-16/CCITT with initial value 0xFFFF.
func crc16(text string) uint16 {
	sum := uint16(0xffff)
	for i := range len(text) {
		sum ^= uint16(text[i]) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
