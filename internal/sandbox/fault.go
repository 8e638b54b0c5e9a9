package sandbox

import "slices"

// The kinds of faults. Each comment says whether the operation is executed.
const (
	// FaultRefuse resets the next connection before reading from it, and all
	// idle connections, so that the next request must dial. Not executed. It
	// applies to any connection, because the operation is not known yet. As a
	// request header it has the effect of FaultResetBeforeRead.
	FaultRefuse = "refuse"
	// FaultResetBeforeRead resets the connection without reading the body. Not executed.
	FaultResetBeforeRead = "reset-before-read"
	// FaultResetBeforeCommit reads the whole request, then resets the
	// connection. Not executed.
	FaultResetBeforeCommit = "reset-before-commit"
	// FaultResetAfterCommit executes the operation, then resets without a response.
	FaultResetAfterCommit = "reset-after-commit"
	// FaultResetInHeaders executes, then resets in the middle of the response
	// header or after Scenario.Cut bytes; as a request header,
	// "reset-in-headers@17" sets Cut to 17.
	FaultResetInHeaders = "reset-in-headers"
	// FaultResetInBody executes, then resets in the middle of the response body
	// or after Scenario.Cut bytes; as a request header, "reset-in-body@17" sets
	// Cut to 17.
	FaultResetInBody = "reset-in-body"
	// FaultResetAfterBody executes, sends the whole response, then resets.
	FaultResetAfterBody = "reset-after-body"
	// FaultHTML responds with a proxy's HTML page. The default status is 502;
	// with 200 it acts like a captive portal. Not executed.
	FaultHTML = "html"
	// FaultEmpty executes, then sends the status without a body.
	FaultEmpty = "empty"
	// FaultTruncated executes, then sends the first half of the body with a
	// matching Content-Length: the HTTP response is valid, the document is not.
	FaultTruncated = "truncated"
	// FaultSlow executes, sends the header at once and the body after
	// Settings.SlowDelay, unless the client disconnects before.
	FaultSlow = "slow"
	// FaultHuge responds with one JSON document of 64 MiB. The default status is
	// 502. Not executed.
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

// takesStatus reports whether the status of a fault can be set.
func takesStatus(kind string) bool {
	return kind == FaultHTML || kind == FaultEmpty || kind == FaultHuge
}
