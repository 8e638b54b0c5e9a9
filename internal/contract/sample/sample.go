// Package sample decides how much of an exhaustive sweep a test runs. By default
// a sweep runs a sample: the same values every time, spread over the whole range,
// with both ends. With SPECPAY_FULL=1 in the environment, which make reliability
// sets, it runs in full. Only tests import this package.
package sample

import (
	"iter"
	"os"
)

// full reports whether sweeps run in full.
var full = os.Getenv("SPECPAY_FULL") == "1"

// Full reports whether every value of a sweep is tested. It is false under the
// race detector, which finds nothing new between one byte and the next.
func Full() bool { return full && !Race }

// raceStride is the step of a full sweep under the race detector.
const raceStride = 13

// Count returns how often a test repeats something: all times in full, some times
// otherwise.
func Count(all, some int) int {
	switch {
	case Full():
		return all
	case full:
		return max(all/raceStride, min(all, some))
	}
	return min(all, some)
}

// Indexes yields the indexes from 0 to n-1: all of them in full, otherwise some of
// them, evenly spread, the first and the last included.
func Indexes(n, some int) iter.Seq[int] {
	return func(yield func(int) bool) {
		count := min(n, Count(n, some))
		for i := range count {
			at := i
			if count > 1 {
				at = i * (n - 1) / (count - 1)
			}
			if !yield(at) {
				return
			}
		}
	}
}

// Of returns the elements of a list that Indexes selects.
func Of[T any](all []T, some int) []T {
	var out []T
	for i := range Indexes(len(all), some) {
		out = append(out, all[i])
	}
	return out
}

// Turn reports whether variant v of n is the one that item i tests. In full, every
// item tests every variant; in a sample, the items take turns, so that each variant
// is tested as soon as there are n items.
func Turn(i, v, n int) bool { return Full() || i%n == v }

// Stride returns the step of a long loop: 1 in full, larger in a sample.
func Stride() int {
	if Full() {
		return 1
	}
	return raceStride
}
