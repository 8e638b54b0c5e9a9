//go:build !race

package contract

// raceDetector says that each call costs about ten times as much.
const raceDetector = false

// Stride is the step of the longest rows: every byte, every call.
const Stride = 1
