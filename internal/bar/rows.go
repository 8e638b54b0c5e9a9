package main

import (
	"fmt"
	"regexp"
)

// row is one line of the bar. It is proven by every test called Test<ID>_..., by a target of the Makefile, or by both.
type row struct {
	ID   string
	Asks string // what must hold
	Make string // target and variables; "" = tests only
}

// group is one letter of the bar.
type group struct{ Letter, Title string }

func groups() []group {
	return []group{
		{"T", "Tokens and signing"},
		{"R", "Retries, idempotency, outcome"},
		{"H", "Hostile answers"},
		{"S", "Transport and secrets"},
		{"W", "Webhooks"},
		{"C", "Concurrency and cost"},
		{"F", "Fuzzing"},
		{"X", "Truth of the sandboxes"},
		{"G", "Release gates"},
	}
}

// choose returns the rows whose id matches; "" means all.
func choose(only string) ([]row, error) {
	re, err := regexp.Compile("^(?:" + only + ")$")
	if err != nil {
		return nil, fmt.Errorf("-rows %q is no regular expression: %w", only, err)
	}
	var out []row
	for _, r := range rows() {
		if only == "" || re.MatchString(r.ID) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("-rows %q matches no row; ids are like T1, R10 and G4", only)
	}
	return out, nil
}

func rows() []row {
	return []row{
		{ID: "T1", Asks: "200 callers with an expired token and a slow token endpoint: one token request, every call succeeds"},
		{ID: "T2", Asks: "the same while the endpoint answers 503: one flight's attempts at most, one error for all, no queue of waiters, and no request for a second afterwards"},
		{ID: "T3", Asks: "a waiter keeps its own deadline while a token is fetched, and the fetch outlives the caller that began it"},
		{ID: "T4", Asks: "50 calls refused with one revoked token: one login, each call repeated once, a second 401 is returned"},
		{ID: "T5", Asks: "expires_in in every form that was seen or can be feared follows the documented rule"},
		{ID: "T6", Asks: "with a clock that is wrong by minutes or a day, no token is used past its end and none is renewed twice"},
		{ID: "T7", Asks: "at 85 % of a token's life one renewal runs beside the calls; when it fails nobody notices"},
		{ID: "T8", Asks: "a repeated signed request has a fresh time and signature and the same bytes and key"},
		{ID: "T9", Asks: "a clock that is off is corrected once from a trustworthy answer, never beyond a day"},
		{ID: "T10", Asks: "client, sandbox and OpenSSL's vectors agree about every signature, and sandbox and client share no code for it"},

		{ID: "R1", Asks: "every status with every kind of body in every class of operation is repeated as docs/retries.md says"},
		{ID: "R2", Asks: "Retry-After in every form is obeyed to a second; one that asks for too much ends the call and is reported"},
		{ID: "R3", Asks: "pauses are spread evenly up to their limit, and never short when the provider is throttling"},
		{ID: "R4", Asks: "cancelling ends a pause at once and keeps the provider's last answer"},
		{ID: "R5", Asks: "1,000 calls to a server that is down send at most 1,035 requests, and the budget comes back"},
		{ID: "R6", Asks: "a pause that would outlast the deadline is not begun"},
		{ID: "R7", Asks: "one idempotency key for all attempts of a call, new for each call, the caller's own one checked before anything is sent"},
		{ID: "R8", Asks: "every attempt sends the same body"},
		{ID: "R9", Asks: "a write without a key whose answer is lost is sent once and called unknown; one that never left is repeated"},
		{ID: "R10", Asks: "whatever breaks wherever, 'not applied' is never said of what happened and success never of what did not; one effect at most per key"},
		{ID: "R11", Asks: "a status word that means unknown, accepted or nothing known is neither success nor refusal"},
		{ID: "R12", Asks: "waiting for a final state survives new states and short failures, and tells the last state when time runs out"},
		{ID: "R13", Asks: "one attempt and the whole call have limits of their own, both to be set for a call"},

		{ID: "H1", Asks: "an answer cut at any byte is never a success"},
		{ID: "H2", Asks: "an error body of 10 or 64 MiB costs little memory and a short text"},
		{ID: "H3", Asks: "a success of 100 MiB, plain or packed, is given up after 4 MiB"},
		{ID: "H4", Asks: "a server that drips bytes or stalls runs into the limit of the attempt"},
		{ID: "H5", Asks: "HTML, text and odd content types become typed errors, and good JSON is read whatever it is called"},
		{ID: "H6", Asks: "an empty, null or bare success is an error that names what is missing"},
		{ID: "H7", Asks: "nine misshapen error bodies keep status and class and never panic"},
		{ID: "H8", Asks: "codes, enum values, fields and events that are new pass through as they came"},
		{ID: "H9", Asks: "repeated keys, case twins included, are refused where money is"},
		{ID: "H10", Asks: "every spelling of a number is read exactly or refused, and none is slow"},
		{ID: "H11", Asks: "byte order marks, NUL, broken UTF-8 and bytes after the document do no harm"},
		{ID: "H12", Asks: "broken framing of HTTP/1 and HTTP/2 and unexpected statuses are failures by the rules of R10"},
		{ID: "H13", Asks: "headers are limited to 256 KiB"},

		{ID: "S1", Asks: "no redirect is followed, and nothing is sent to its target"},
		{ID: "S2", Asks: "plain http is refused beyond loopback unless it is asked for"},
		{ID: "S3", Asks: "old TLS and wrong certificates end after one handshake, before any body"},
		{ID: "S4", Asks: "control characters in keys, headers and ids are refused before anything is sent"},
		{ID: "S5", Asks: "an id stays one segment of the path"},
		{ID: "S6", Asks: "no way of printing shows a credential"},
		{ID: "S7", Asks: "logs and hooks hold no credential, card number or body"},
		{ID: "S8", Asks: "importing and New read no environment, open nothing, start nothing, change nothing"},
		{ID: "S9", Asks: "the headers of every operation are exactly those of the golden file"},
		{ID: "S10", Asks: "the code compares MACs in constant time, draws keys from a strong source and never skips TLS checks or sleeps"},

		{ID: "W1", Asks: "notifications verify against vectors"},
		{ID: "W2", Asks: "the time window holds on both sides and for every spelling of a time"},
		{ID: "W3", Asks: "any changed bit of body, time or signature is refused, quickly"},
		{ID: "W4", Asks: "secrets can be rotated; short and empty ones are refused"},
		{ID: "W5", Asks: "empty, huge, slow and misdirected notifications are refused with the right status"},
		{ID: "W6", Asks: "one event a hundred times at once runs the application's function once"},
		{ID: "W7", Asks: "after a failure the redelivery runs it again"},
		{ID: "W8", Asks: "events out of order are all delivered"},
		{ID: "W9", Asks: "every provider gets the reply that it wants"},
		{ID: "W10", Asks: "forged callbacks never reach the application and cost few requests"},
		{ID: "W11", Asks: "a panic in the application is a 500 that can be delivered again"},
		{ID: "W12", Asks: "an unknown kind of event is acknowledged and handed over"},

		{ID: "C1", Asks: "the whole suite is clean under the race detector, three times in random order", Make: "race COUNT=3"},
		{ID: "C2", Asks: "no goroutine outlives its test"},
		{ID: "C3", Asks: "1,000 goroutines and 100,000 calls on one client: no error, connections within the limit"},
		{ID: "C4", Asks: "1,000 calls in a row, one in ten refused, use one connection"},
		{ID: "C5", Asks: "a call costs at most 25 allocations more than hand-written net/http and encoding/json"},

		{ID: "F", Asks: "every reader of foreign bytes has a fuzz target with a corpus"},

		{ID: "X1", Asks: "every code of every spec can be provoked and is recognised"},
		{ID: "X2", Asks: "every request sent and every answer given fits the spec"},
		{ID: "X3", Asks: "one seed gives the same transcript in 20 shuffled parallel runs"},
		{ID: "X4", Asks: "a sandbox starts within 50 ms, and 200 live side by side"},
		{ID: "X5", Asks: "1,000 valid, nearly valid and hostile requests a provider: no 5xx, no wrong acceptance, every answer fits the spec"},
		{ID: "X6", Asks: "R10 against the sandboxes' ledgers, in full"},

		{ID: "G1", Asks: "no known vulnerability is reachable", Make: "vuln"},
		{ID: "G2", Asks: "the public API has no incompatible change since the last tag", Make: "api"},
		{ID: "G3", Asks: "no spec has a breaking change since the last tag, for oasdiff and for errgen", Make: "diff"},
		{ID: "G4", Asks: "generated files come out the same in another place with empty caches", Make: "reproduce"},
		{ID: "G5", Asks: "clients link the standard library and what is listed, nothing else"},
		{ID: "G6", Asks: "every Go block of the README is a compiled example"},
		{ID: "G7", Asks: "the tests pass on both supported Go versions", Make: "versions"},
		{ID: "G8", Asks: "a software bill of materials can be made and holds every linked module", Make: "sbom"},
		{ID: "G9", Asks: "the changelog has an entry for what is to be released"},
	}
}
