// Package xpaytest provides a local XPay server for tests, in the manner of
// net/http/httptest. The server keeps state, follows what is known about XPay, and
// shares no code with the client in package xpay.
//
//	srv := xpaytest.NewServer(t)
//	client, err := xpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create a checkout session, then pay it as the customer:
//	result, err := srv.Pay(session.ID)
//
// Where sources differ, [Config] selects the behavior. Where there is no source, the
// sandbox guesses; [Server.Guesses] lists all rules and their sources.
package xpaytest
