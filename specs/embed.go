// Package specs holds the OpenAPI specs that the clients are generated from.
package specs

import (
	"embed"
	"fmt"
)

//go:embed qpay.yaml openapi.yaml xpay.yaml gateway.yaml
var files embed.FS

// Bytes returns the spec of a provider: qpay, openapi, xpay or gateway. Any other name is
// an error. The bytes are the caller's own.
func Bytes(provider string) ([]byte, error) {
	spec, err := files.ReadFile(provider + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("specs: there is no provider %.40q; want qpay, openapi, xpay or gateway", provider)
	}
	return spec, nil
}
