// Package openapitest provides a sandbox of the openapi provider for tests and for
// trying things out. (The provider is the super-app wallet of that name, not the
// format of specs.) The sandbox is a stateful HTTP server on the local machine, in
// the manner of net/http/httptest. It makes and verifies signatures with its own
// code and shares none with the client in package openapi.
//
//	srv := openapitest.NewServer(t)
//	client, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// Create a QR order, then pay it as the user would:
//	err = srv.Pay(order.PaymentID)
//
// Where the sources about the provider contradict each other, a field of [Config]
// selects the behavior. Where they say nothing, the sandbox has to guess;
// [Server.Guesses] lists its rules and how certain each one is.
package openapitest
