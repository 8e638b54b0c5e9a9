//go:build generate

// Package specpay pins the generators and says what is made from what. Run it
// with "make generate"; paths are relative to the root of the module.
package specpay

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"

// Clients: models and one method per operation.
//go:generate scripts/codegen client qpay qpay qpay/client.gen.go
//go:generate scripts/codegen client openapi openapi openapi/client.gen.go
//go:generate scripts/codegen client xpay xpay xpay/client.gen.go
//go:generate scripts/codegen client gateway gateway gateway/client.gen.go

// Sandboxes: models and routes of each server.
//go:generate scripts/codegen server qpay api qpay/qpaytest/internal/api/server.gen.go
//go:generate scripts/codegen server openapi api openapi/openapitest/internal/api/server.gen.go
//go:generate scripts/codegen server xpay api xpay/xpaytest/internal/api/server.gen.go
//go:generate scripts/codegen server gateway api gateway/gatewaytest/internal/api/server.gen.go

// The error core that errgen copies for -vendor.
//go:generate go run errgen/internal/vendored/sync.go

// Error codes, their responses in the sandboxes, the reference pages and docs/retries.md: errgen.yaml.
//go:generate go run ./errgen gen

// The API reference of each provider, with links to the error codes.
//go:generate go run ./scripts/apidocs qpay openapi xpay gateway

// The example of errgen under a default oapi-codegen client.
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config errgen/examples/petstore/oapi-codegen.yaml errgen/examples/petstore/petstore.yaml
//go:generate go run ./errgen gen -config errgen/examples/petstore/errgen.yaml
