// Command errgen generates Go code and reference pages from the error codes in OpenAPI specs: the codes of a client package,
// the code list of its sandbox, and a reference page as Markdown, HTML and JSON.
//
// A spec declares codes with x-error-catalog on the string schema of the code, the parts of an error body with
// x-error-envelope, and the codes of an operation with x-error-codes. Run errgen help for usage.
package main

import (
	"os"

	"github.com/specpay/specpay/errgen/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
