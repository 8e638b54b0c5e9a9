package qpaytest

import "github.com/specpay/specpay/internal/sandbox"

// The sources of the rules.
const (
	official = "QPay's own page and its copies"
	public   = "public documentation by others"
	onLive   = "reports of responses from live servers"
	noSource = "no source; the sandbox's own choice"
)

// guesses returns the rules of this sandbox and how certain each one is.
func guesses() []sandbox.Guess {
	rules := make([]sandbox.Guess, 0, 64)
	for _, group := range []struct {
		basis  sandbox.Basis
		source string
		rules  []string
	}{
		{sandbox.SeenLive, onLive, seenLive()},
		{sandbox.Documented, official, documentedByQPay()},
		{sandbox.Documented, public, documentedByOthers()},
		{sandbox.Guessed, noSource, append(guessedCalls(), guessedMoney()...)},
	} {
		for _, rule := range group.rules {
			rules = append(rules, sandbox.Guess{Rule: rule, Basis: group.basis, Source: group.source})
		}
	}
	return rules
}

func seenLive() []string {
	return []string{
		"expires_in and refresh_expires_in are Unix seconds, 24 hours after the login; token_type is bearer in lower case",
		"the exp claim of a token is the sum of two timestamps and has no meaning",
		"a refresh returns a new refresh token and invalidates the old one",
		"a missing, unknown or expired token fails with 401 NO_CREDENDIALS (NO_CREDENTIALS in production)",
		"a wrong user name or password fails with 401 AUTHENTICATION_FAILED",
		"an error response is an object with error and message; for invalid fields both are objects keyed by field",
		"a sender_invoice_no of more than 45 characters fails with MAX_LENGTH",
		"offset values of 0 fail with MIN_NUMBER; the offset is optional in checkPayment and required in listPayments",
		"an object_id under MERCHANT that is not the token's merchant_id fails with 401 PERMISSION_DENIED",
		"a new invoice has sixteen bank links, under urls; qr_image can be empty",
		"the status of a canceled invoice is CANCELED, with one L; a successful cancellation returns {}",
		"cancelPayment and refundPayment of a bank transfer fail with 400 PAYMENT_SETTLED",
		"getEbarimt of an unknown ID fails with 422 BARIMT_NOT_FOUND, cancelEbarimt with 500 SYSTEM_BUSY",
		"the older createEbarimt can return {} on success",
		"a page far beyond the end of a list fails with 500 SYSTEM_BUSY",
		"VAT is the price with VAT x 0.1 / 1.1 for each line; a difference fails with VAT_AMOUNT_INVALID",
		"sender_*_data in a response is an empty string, an object or null",
		"the callback is a GET request with qpay_payment_id added to the merchant's own query, and is not signed",
	}
}

func documentedByQPay() []string {
	return []string{
		"a callback counts as acknowledged only if the response has status 200 and exactly the text SUCCESS",
		"the callback is sent after a successful payment of the invoice",
		"the maximum lengths of the fields of createInvoice",
		"with enable_expiry an invoice can be paid after its expiry_date",
		"not-found codes have status 422",
		"the input of the official sample gives its QR text, including the checksum",
		"the fee on 100.00 is 1.00, so that the amount of a bank transfer is 99.00",
		"card transactions have short names in checkPayment and long ones in getPayment",
	}
}

func documentedByOthers() []string {
	return []string{
		"an amount of 0 or less, or one sent as a string, fails with INVALID_AMOUNT",
		"an unknown invoice code fails with INVOICE_CODE_INVALID; codes are case-sensitive",
		"an invoice with a tax receipt and without lines fails with INVOICE_LINE_REQUIRED",
		"a paid invoice cannot be canceled: INVOICE_PAID; nor can a canceled one: INVOICE_ALREADY_CANCELED",
		"a card payment becomes REFUNDED; a second attempt fails with PAYMENT_ALREADY_CANCELED",
		"a token request without credentials fails with NO_CREDENTIALS",
		"with one_token a login invalidates the tokens of every other login of the account",
		"under INVOICE the object_id is an invoice code in listPayments and an invoice_id in checkPayment",
		"an unknown object_type fails with INVALID_OBJECT_TYPE",
		"a body that is not one JSON document fails with OBJECT_DATA_ERROR",
		"cancelEbarimtV3 takes the payment's ID and works with and without a note",
		"the members of a receipt and of its items",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"a missing required field is a field error of type INVALID, and so is a wrong JSON type, date, URL or interval",
		"the texts of field errors, except that of MIN_NUMBER; the type MAX_NUMBER",
		"one response has all invalid fields; fields are checked before the invoice code, the code before the amount",
		"maximum lengths count characters, not bytes",
		"an unknown path has status 404, a wrong method 405, a body larger than 1 MiB 413, a body declared as something other than JSON 415, each with its own code",
		"a repeated sender_invoice_no creates another invoice",
		"after a refresh the old access token stays valid until it expires, unless one_token is on",
		"with expires_in seconds a token is valid for 600 s and its refresh token for 3600 s",
		"every not-found code follows not_found_status; an unknown subscription fails with INFORM_NOTFOUND, although its text may mean a notification address",
		"INVALID_AMOUNT has status 422, state conflicts have 400; sources differ on both, and config fields change them",
		"checkPayment finds a QR code by the 21-character token inside qr_text, which listPayments shows as qr_code",
		"checkPayment of an unknown object_id is an error, not a count of 0; ITEM has no payments",
		"the rows include failed and refunded payments, oldest first; only PAID ones count for paid_amount",
		"a page number above 10,000 is far beyond the end",
		"an unknown invoice code under INVOICE in listPayments fails with INVOICE_CODE_INVALID",
		"dates without a zone are in Ulaanbaatar's time; an end_date without a time includes its day",
		"a callback is sent once and never retried; cancelPayment does not use its callback_url",
	}
}

func guessedMoney() []string {
	return []string{
		"the fee is 1 % of any payment, rounded to two decimals",
		"an invoice is CLOSED once the paid amount reaches its total; refunds leave it CLOSED",
		"an expired invoice stays OPEN and cannot be paid unless enable_expiry is set",
		"each part of a partial payment is a PAID payment; an invoice that is paid in part cannot be canceled",
		"minimum_amount and maximum_amount limit a payment whose amount differs from the amount due",
		"card payments are never settled by time and can be refunded at any time",
		"without amount the total is lines less discounts plus surcharges, including VAT",
		"the VAT check allows a difference of 0.01, because the official sample rounds; with CITY_TAX the divisor is 1.12",
		"lines with a tax receipt need taxes under tax type 1 (TAX_LINE_REQUIRED), seven-digit classification codes (CLASSIFICATION_CODE_INVALID) and a price (INVALID_AMOUNT)",
		"the register number of a company has seven digits: CUSTOMER_REGISTER_INVALID",
		"a payment can have several receipts; cancelEbarimtV3 cancels the newest one of e-barimt 3.0",
		"a receipt cannot be canceled twice: EBARIMT_CANCEL_NOTSUPPERDED; for a payment without a receipt the error is BARIMT_NOT_FOUND",
		"getEbarimt also returns receipts of e-barimt 3.0",
		"the VAT of a receipt is one eleventh of the payment under tax type 1",
		"the items of a receipt are the lines of its invoice, whatever part of it was paid; their taxes are those of the lines, and each tax other than CITY_TAX is VAT",
		"IDs in a receipt are strings unless numeric_ids is on; then a payment ID loses its leading zeros",
		"a subscription accepts only card payments, takes none after the first, and has is_active and status false once canceled",
		"the descriptions in qr_text are truncated so that their group has at most 99 characters",
		"the URL schemes of the applications of all banks except Khan bank",
	}
}
