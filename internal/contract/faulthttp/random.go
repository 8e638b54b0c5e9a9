package faulthttp

import (
	"crypto/rand"
)

// FastJitter is random for idempotency keys and zero for the jitter of pauses, which
// is read 8 bytes at a time.
type FastJitter struct{}

func (FastJitter) Read(b []byte) (int, error) {
	if len(b) == 8 {
		clear(b)
		return len(b), nil
	}
	return rand.Read(b)
}

// ZeroReader is a source of randomness without pauses between attempts.
type ZeroReader struct{}

// Read implements io.Reader.
func (ZeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }
