// Package petstore shows what errgen adds to stock oapi-codegen output: client.gen.go is what oapi-codegen makes of
// petstore.yaml with its default templates, errors.gen.go is what errgen makes of the same file. One line joins them:
//
//	client, err := petstore.NewClientWithResponses(server, petstore.WithHTTPClient(petstore.ErrorDoer(nil)))
//
// Both are made again by "make generate"; the tests run the client against a server.
package petstore
