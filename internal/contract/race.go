//go:build race

package contract

// Stride thins out the longest rows under the race detector, which makes them
// ten times slower and has nothing to find between one byte and the next.
const Stride = 13
