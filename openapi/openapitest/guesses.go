package openapitest

import _ "embed"

// guesses has the rules of this sandbox and how certain each one is.
//
//go:embed guesses.md
var guesses string
