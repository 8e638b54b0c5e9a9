//go:build race

package sample

// Race reports whether the race detector is on. It makes every call about ten
// times slower.
const Race = true
