package pay

import (
	"errors"
	"fmt"
)

// WaitError reports that the time of a wait ran out before the state was final.
// The payment has not failed: it may still succeed or fail. Wait again, or rely
// on the notification. Last may contain personal data. It is reached by name only:
// printed, logged or encoded, a WaitError is its text.
type WaitError struct {
	Operation string // that was called to get the state
	Last      any    // pointer to the last response of Operation; nil if there was none
	Cause     error  // the error of the context, joined with that of the last call if it failed
}

// Error returns a text with the name of the operation.
func (e *WaitError) Error() string {
	return e.Operation + ": the wait ended before the state was final"
}

// Unwrap returns the cause.
func (e *WaitError) Unwrap() error { return e.Cause }

// Format writes the text of Error for every verb of package fmt.
func (e WaitError) Format(f fmt.State, verb rune) {
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
}

// MarshalText returns the text of Error, for JSON, XML, YAML and other encodings.
func (e WaitError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// GobEncode returns an error, because gob would write the last response.
func (WaitError) GobEncode() ([]byte, error) {
	return nil, errors.New("pay.WaitError holds a response and cannot be encoded with gob; encode its text")
}
