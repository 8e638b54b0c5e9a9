//go:build !race

package contract

// raceDetector says that each call costs about ten times as much.
const raceDetector = false
