// Package qpaytest is a local QPay V2: a stateful server for tests and for
// trying things out, in the manner of net/http/httptest. It is held to the
// facts known of the provider and shares no code with the client in qpay.
//
//	srv := qpaytest.NewServer(t)
//	client, err := qpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create an invoice, then play the payer:
//	paymentID, err := srv.Pay(invoice.InvoiceID)
//
// Where sources contradict each other a switch of [Config] chooses; where none
// says anything the sandbox guesses, and [Server.Guesses] says where.
package qpaytest
