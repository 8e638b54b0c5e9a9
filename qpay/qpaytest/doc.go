// Package qpaytest provides a local QPay V2 server for tests, in the manner of
// net/http/httptest. The server keeps state, follows what is known about QPay, and
// shares no code with the client in package qpay.
//
//	srv := qpaytest.NewServer(t)
//	client, err := qpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create an invoice, then pay it as the payer:
//	paymentID, err := srv.Pay(invoice.InvoiceID)
//
// Where sources differ, [Config] selects the behavior. Where there is no source, the
// sandbox guesses; [Server.Guesses] lists all rules and their sources.
package qpaytest
