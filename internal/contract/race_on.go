//go:build race

package contract

// raceDetector says that each call costs about ten times as much.
const raceDetector = true

// Stride thins out the longest rows under the race detector, which has
// nothing to find between one byte and the next.
const Stride = 13
