// Package xpaytest is a local XPay: a stateful server for tests and for trying
// things out, in the manner of net/http/httptest. It is held to the facts known
// of the provider and shares no code with the client in xpay.
//
//	srv := xpaytest.NewServer(t)
//	client, err := xpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// open a session, then play the customer:
//	paid, err := srv.Pay(session.ID)
//
// Where sources contradict each other a switch of [Config] chooses; where none
// says anything the sandbox guesses, and [Server.Guesses] says where.
package xpaytest
