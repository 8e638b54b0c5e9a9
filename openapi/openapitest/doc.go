// Package openapitest is a local openapi provider (the super-app wallet of that
// name, not the format of specs): a stateful server for tests and for trying
// things out, in the manner of net/http/httptest. It checks and makes
// signatures with code of its own and shares none with the client in openapi.
//
//	srv := openapitest.NewServer(t)
//	client, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create a QR order, then play the payer:
//	err = srv.Pay(order.PaymentID)
//
// Where sources contradict each other a switch of [Config] chooses; where none
// says anything the sandbox guesses, and [Server.Guesses] says where.
package openapitest
