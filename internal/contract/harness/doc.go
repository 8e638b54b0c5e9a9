// Package harness describes a provider to the contract tests and connects its client
// to a sandbox, or to responses that a test chooses. Only tests import it.
package harness
