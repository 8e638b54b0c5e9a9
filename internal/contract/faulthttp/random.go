package faulthttp

import (
	"crypto/rand"
)

// quick is randomness for keys, and none for the jitter of pauses, which takes 8
// bytes at a time.
type FastJitter struct{}

func (FastJitter) Read(b []byte) (int, error) {
	if len(b) == 8 {
		clear(b)
		return len(b), nil
	}
	return rand.Read(b)
}

// zeros is randomness without pauses between attempts.
type ZeroReader struct{}

// Read implements io.Reader.
func (ZeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }
