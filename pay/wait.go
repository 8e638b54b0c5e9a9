package pay

// WaitError reports that the time of a wait ran out before the state was final.
// The payment has not failed: it may still succeed or fail. Wait again, or rely
// on the notification.
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
