// Package sandbox holds what every local sandbox of a payment provider needs:
// a clock that can be moved, ids from a seed, a ledger of side effects, logs
// of requests and of webhook deliveries, error answers by name, network
// faults on the raw connection, and the control routes under /_sandbox/.
//
// A provider's package gives its operations, its codes and its rules in a
// [Provider]; [New] puts them behind one HTTP handler. Nothing here knows a
// provider.
package sandbox
