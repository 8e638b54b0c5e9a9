// Command errgen makes Go code and reference pages from the error codes that OpenAPI specs declare: the codes of a
// client package, the code list of its sandbox, and one page of explanations as Markdown, HTML and JSON.
//
// A spec declares codes with x-error-catalog on the string schema that is the code, says with x-error-envelope where
// an error body keeps its parts, and lists with x-error-codes what an operation can answer. Run errgen help for usage.
package main

import (
	"os"

	"github.com/specpay/specpay/errgen/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
