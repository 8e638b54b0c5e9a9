// Package gatewaytest is a local X-PAY gateway: a stateful server for tests and
// for trying things out, in the manner of net/http/httptest. It is held to the
// facts known of the provider and shares no code with the client in gateway.
// The headers are called X-PAY-*; XPay is another provider, see xpaytest.
//
//	srv := gatewaytest.NewServer(t)
//	client, err := gateway.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create a payment, then play the buyer:
//	err = srv.Pay(payment.PaymentID)
//
// Where sources contradict each other or leave a choice a switch of [Config]
// chooses; where none says anything the sandbox guesses, and [Server.Guesses]
// says where.
package gatewaytest
