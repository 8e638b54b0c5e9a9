// Package xpaytest provides a sandbox of XPay for tests and for trying things out. It
// is a stateful HTTP server on the local machine, in the manner of net/http/httptest.
// It follows the known facts about the provider and shares no code with the client in
// package xpay.
//
//	srv := xpaytest.NewServer(t)
//	client, err := xpay.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// Create a checkout session, then pay it as the customer would:
//	paid, err := srv.Pay(session.ID)
//
// Where the sources about the provider contradict each other, a field of [Config]
// selects the behavior. Where they say nothing, the sandbox has to guess;
// [Server.Guesses] lists its rules and how certain each one is.
package xpaytest
