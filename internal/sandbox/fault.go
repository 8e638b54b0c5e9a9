package sandbox

import "slices"

// The kinds of faults. What the ledger says of each is part of its meaning.
const (
	// FaultRefuse closes the next connection before a byte of it is read, and
	// the idle ones, so that the next request must dial. Not executed. It has
	// no operation, as none is known yet. As a header, when the connection
	// stands already, it is the same as FaultResetBeforeRead.
	FaultRefuse = "refuse"
	// FaultResetBeforeRead resets the connection with the body unread. Not executed.
	FaultResetBeforeRead = "reset-before-read"
	// FaultResetBeforeCommit reads the whole request, then resets. Not executed.
	FaultResetBeforeCommit = "reset-before-commit"
	// FaultResetAfterCommit executes the request, then resets without a byte of answer.
	FaultResetAfterCommit = "reset-after-commit"
	// FaultResetInHeaders executes, then resets in the middle of the answer's head,
	// or where Scenario.Cut says; the request header can say it as
	// "reset-in-headers@17".
	FaultResetInHeaders = "reset-in-headers"
	// FaultResetInBody executes, then resets in the middle of the answer's body, or
	// where Scenario.Cut or "reset-in-body@17" says.
	FaultResetInBody = "reset-in-body"
	// FaultResetAfterBody executes, sends the whole answer, then resets.
	FaultResetAfterBody = "reset-after-body"
	// FaultHTML answers with a proxy's HTML page, status 502 unless told
	// otherwise; with 200 it is a captive portal. Not executed.
	FaultHTML = "html"
	// FaultEmpty executes, then sends the status without a body.
	FaultEmpty = "empty"
	// FaultTruncated executes, then sends half of the body with a length that
	// fits the half: HTTP sees nothing wrong, the document ends too early.
	FaultTruncated = "truncated"
	// FaultSlow executes, sends the head at once and holds the body back until
	// the peer goes away or the hold time is over; then the body follows.
	FaultSlow = "slow"
	// FaultHuge answers with 64 MiB of one JSON text, status 502 unless told
	// otherwise. Not executed.
	FaultHuge = "huge"
)

func faultKinds() []string {
	return []string{
		FaultRefuse, FaultResetBeforeRead, FaultResetBeforeCommit, FaultResetAfterCommit,
		FaultResetInHeaders, FaultResetInBody, FaultResetAfterBody,
		FaultHTML, FaultEmpty, FaultTruncated, FaultSlow, FaultHuge,
	}
}

func isFault(name string) bool { return slices.Contains(faultKinds(), name) }

// takesStatus tells whether a fault's status can be chosen.
func takesStatus(kind string) bool {
	return kind == FaultHTML || kind == FaultEmpty || kind == FaultHuge
}
