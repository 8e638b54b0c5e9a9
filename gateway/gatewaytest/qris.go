package gatewaytest

import (
	"fmt"
	"strconv"
)

// qris is the content of the payment's QR code: EMV fields of a tag, a length
// and a value, the last of them a checksum over all the others.
func (p *payment) qris() string {
	merchant := field("00", "ID.CO.QRIS.WWW") + field("01", nicepayMerchant)
	text := field("00", "01") + field("01", "12") + field("26", merchant) + field("52", "5999") + field("53", "360") +
		field("54", strconv.FormatInt(p.request.AmountMinor, 10)) + field("58", "ID") + field("59", "SANDBOX") + field("60", "JAKARTA") +
		field("62", field("05", p.id[:25])) + "6304"
	return text + fmt.Sprintf("%04X", crc16(text))
}

func field(tag, value string) string { return fmt.Sprintf("%s%02d%s", tag, len(value), value) }

// crc16 is CRC-16/CCITT with the start value FFFF.
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
