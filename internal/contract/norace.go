//go:build !race

package contract

// Stride is the step of the longest rows: every byte.
const Stride = 1
