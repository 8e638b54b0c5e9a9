//go:build generate

// Package specpay pins the generators and says what is made from what. Run it
// with "make generate"; paths are relative to the root of the module.
package specpay

import _ "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"

// Clients: models and one method per operation.
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/client.yaml -package qpay -o qpay/client.gen.go specs/qpay.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/client.yaml -package openapi -o openapi/client.gen.go specs/openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/client.yaml -package xpay -o xpay/client.gen.go specs/xpay.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/client.yaml -package gateway -o gateway/client.gen.go specs/gateway.yaml

// Sandboxes: models and routes of each server.
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/server.yaml -o qpay/qpaytest/internal/api/server.gen.go specs/qpay.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/server.yaml -o openapi/openapitest/internal/api/server.gen.go specs/openapi.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/server.yaml -o xpay/xpaytest/internal/api/server.gen.go specs/xpay.yaml
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config specs/codegen/server.yaml -o gateway/gatewaytest/internal/api/server.gen.go specs/gateway.yaml

// The error core that errgen copies for -vendor.
//go:generate go run errgen/internal/vendored/sync.go

// Error codes, their responses in the sandboxes, the reference pages and docs/retries.md: errgen.yaml.
//go:generate go run ./errgen gen

// The example of errgen under a default oapi-codegen client.
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen -config errgen/examples/petstore/oapi-codegen.yaml errgen/examples/petstore/petstore.yaml
//go:generate go run ./errgen gen -config errgen/examples/petstore/errgen.yaml
