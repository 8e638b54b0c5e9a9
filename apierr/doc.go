// Package apierr is the error model of generated API clients: one error type,
// the categories of a failure, the advice that goes with it, and what an HTTP
// status means on its own.
package apierr
