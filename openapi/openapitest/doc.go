// Package openapitest provides a local openapi server for tests, in the manner of
// net/http/httptest. The server keeps state, follows what is known about the provider,
// and shares no code with the client in package openapi. The provider openapi is a
// super-app wallet; it is not the OpenAPI specification format.
//
//	srv := openapitest.NewServer(t)
//	client, err := openapi.New(srv.Credentials(), pay.WithBaseURL(srv.URL))
//	// create a QR order, then pay it as the user:
//	err = srv.Pay(order.PaymentID)
//
// Where sources differ, [Config] selects the behavior. Where there is no source, the
// sandbox guesses; [Server.Guesses] lists all rules and their sources.
package openapitest
