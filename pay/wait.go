package pay

// WaitError is a wait that ran out of time before the state was final. Nothing
// has failed by that: the payment may still go either way.
type WaitError struct {
	Operation string // of the inquiry
	Last      any    // the last state seen, a pointer to the inquiry's answer; nil when there was none
	Cause     error  // the context's error, and the last inquiry's when it failed
}

// Error names the operation.
func (e *WaitError) Error() string {
	return "waited with " + e.Operation + " until time ran out; the state is not final yet"
}

// Unwrap returns the cause.
func (e *WaitError) Unwrap() error { return e.Cause }
