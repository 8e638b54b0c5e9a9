package qpaytest

import "github.com/specpay/specpay/internal/sandbox"

// Where the rules come from.
const (
	official = "QPay's own page and its copies"
	public   = "public documentation by others"
	onLive   = "reports of what live servers answered"
	nobody   = "no source; the sandbox had to choose"
)

// guesses are the rules of this sandbox and how sure each is.
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
		{sandbox.Guessed, nobody, append(guessedCalls(), guessedMoney()...)},
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
		"the exp claim of a token adds two points in time and means nothing",
		"a refresh gives a new refresh token and ends the old one",
		"a missing, unknown or expired token is answered with 401 NO_CREDENDIALS (NO_CREDENTIALS in production)",
		"a wrong user name or password is answered with 401 AUTHENTICATION_FAILED",
		"a refusal is an object with error and message; refused fields make both of them objects keyed by field",
		"a sender_invoice_no of more than 45 characters is refused with MAX_LENGTH",
		"offset values of 0 are refused with MIN_NUMBER; checkPayment takes no offset too, listPayments does not",
		"an object_id under MERCHANT that is not the token's merchant_id is answered with 401 PERMISSION_DENIED",
		"the bank links of a new invoice are sixteen, under urls; qr_image can be empty",
		"a cancelled invoice shows CANCELED, with one L; the success of a cancellation is {}",
		"cancelPayment and refundPayment of a bank transfer are answered with 400 PAYMENT_SETTLED",
		"getEbarimt of an unknown id is answered with 422 BARIMT_NOT_FOUND, cancelEbarimt with 500 SYSTEM_BUSY",
		"the older createEbarimt can answer {} for a success",
		"a page far beyond the end of a list is answered with 500 SYSTEM_BUSY",
		"VAT is the price with VAT x 0.1 / 1.1 for each line; a difference is refused with VAT_AMOUNT_INVALID",
		"sender_*_data of an answer is empty text, an object or null",
		"the callback is GET with qpay_payment_id added to the merchant's own query, and is not signed",
	}
}

func documentedByQPay() []string {
	return []string{
		"the callback counts as taken only when the answer is status 200 and exactly the text SUCCESS",
		"the callback is sent after a successful payment of the invoice",
		"the widths of the fields of createInvoice",
		"enable_expiry lets an invoice be paid after its expiry_date",
		"not-found codes have status 422",
		"the QR text of the official sample, checksum included, comes out the same for the same input",
		"a fee of 1.00 on 100.00, so that a bank transfer brings 99.00",
		"card transactions have short names in checkPayment and long ones in getPayment",
	}
}

func documentedByOthers() []string {
	return []string{
		"an amount of 0 or less, or one sent as text, is refused with INVALID_AMOUNT",
		"an unknown invoice code is refused with INVOICE_CODE_INVALID; codes are case-sensitive",
		"an invoice with a tax receipt needs lines: INVOICE_LINE_REQUIRED",
		"a paid invoice cannot be cancelled: INVOICE_PAID; a cancelled one neither: INVOICE_ALREADY_CANCELED",
		"a card payment becomes REFUNDED; the second attempt is answered with PAYMENT_ALREADY_CANCELED",
		"a token request without credentials is answered with NO_CREDENDIALS",
		"with one_token a login ends the tokens of every other login of the account",
		"under INVOICE listPayments means an invoice code, checkPayment an invoice_id",
		"an unknown object_type is refused with INVALID_OBJECT_TYPE",
		"a body that is not one JSON document is refused with OBJECT_DATA_ERROR",
		"cancelEbarimtV3 takes the payment's id and works with and without a note",
	}
}

func guessedCalls() []string {
	return []string{
		"a null for an optional member of a request counts as absent",
		"a missing required field is a field problem of type INVALID, and so is a wrong JSON type, date, URL or interval",
		"the texts of field problems, except that of MIN_NUMBER; the type MAX_NUMBER",
		"several refused fields come in one answer; the form is looked at before the invoice code, the code before the amount",
		"widths count characters, not bytes",
		"a path nobody knows is 404, a wrong method 405, a body above 1 MiB 413, a body declared as something else than JSON 415, each with a code of its own",
		"a repeated sender_invoice_no makes another invoice",
		"after a refresh the old access token lives on to its end, unless one_token is on",
		"with expires_in seconds a token lives 600 s and its refresh token 3600 s",
		"every not-found code follows not_found_status; an unknown subscription is answered with INFORM_NOTFOUND",
		"INVALID_AMOUNT has status 422, state conflicts have 400; both are disputed and have switches",
		"checkPayment finds a QR by the 21-character token inside qr_text, listPayments shows it as qr_code",
		"checkPayment of an unknown object_id is a refusal, not a count of 0; ITEM has no payments",
		"failed and refunded payments stand in the rows, oldest first; only PAID ones count for paid_amount",
		"a page number above 10,000 is far beyond the end",
		"an unknown invoice code under INVOICE in listPayments is refused with INVOICE_CODE_INVALID",
		"dates without a zone are Ulaanbaatar's time; a bare end_date includes its day",
		"a callback is sent once and never repeated; cancelPayment does not use its callback_url",
	}
}

func guessedMoney() []string {
	return []string{
		"the fee is 1 % of any payment, rounded to two decimals",
		"an invoice is CLOSED when what was paid reaches its total; refunds leave it CLOSED",
		"an expired invoice stays OPEN and cannot be paid unless enable_expiry is set",
		"each part of a partial payment is a PAID payment; an invoice that is paid in part cannot be cancelled",
		"minimum_amount and maximum_amount bound one payment that differs from what is due",
		"card payments are never settled by time and can be given back at any time",
		"without amount the total is lines less discounts plus surcharges, VAT included",
		"the VAT check allows a difference of 0.01, because the official sample rounds; with CITY_TAX the divisor is 1.12",
		"lines with a tax receipt need taxes under tax type 1 (TAX_LINE_REQUIRED), seven-digit classes (CLASSIFICATION_CODE_INVALID) and a price (INVALID_AMOUNT)",
		"a company's register has seven digits: CUSTOMER_REGISTER_INVALID",
		"a payment can have several receipts; cancelEbarimtV3 takes the newest one of e-barimt 3.0",
		"a receipt cannot be cancelled twice: EBARIMT_CANCEL_NOTSUPPERDED; a payment without a receipt is BARIMT_NOT_FOUND",
		"getEbarimt reads receipts of e-barimt 3.0 too",
		"the VAT of a receipt is one eleventh of the payment under tax type 1",
		"a subscription takes card payments only, takes none after the first, and shows is_active and status false once ended",
		"the descriptions in qr_text are cut so that their group stays within 99 characters",
		"the application schemes of all banks but Khan bank",
	}
}
