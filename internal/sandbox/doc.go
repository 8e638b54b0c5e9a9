// Package sandbox contains what the local sandboxes of all payment providers share:
// a clock that can be advanced, IDs derived from a seed, a ledger of side effects,
// logs of requests and webhook deliveries, error responses by code, network faults,
// and the control routes under /_sandbox/.
//
// The package of a provider describes its operations, error codes and rules in a
// [Provider]; [New] returns an HTTP handler for it. This package contains nothing
// that is specific to a provider.
package sandbox
