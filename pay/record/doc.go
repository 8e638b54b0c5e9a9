// Package record records the HTTP traffic of a client as HAR 1.2, without secrets, card
// data and personal data, and replays a recording in tests.
//
//	rec, err := record.New(spec, record.WithTransport(transport)) // spec: see package specs
//	client, err := qpay.New(creds, pay.WithTransport(rec))
//	... // calls
//	_, err = rec.WriteTo(file)
//
// # What is kept
//
// A value is kept only if the spec shows that it is harmless, or if its form does:
//
//   - null, empty text, 0, and booleans of declared members
//   - values that an enumeration or an error catalog of the spec lists, such as statuses
//     and error codes; in responses also unlisted words of the same kind: letters in the
//     same case, without digits
//   - numbers, and numbers as text, of up to twelve digits where the spec says
//     x-record-numbers: keep and does not allow text of any kind; see docs/errgen.md
//   - dates with a time of day since 2015, and codes of three capital letters where
//     the spec allows exactly three characters
//   - an error text of a plain-text API that the catalog lists; one with data in it is
//     replaced by the catalog's example
//   - the headers Content-Type, Content-Encoding, Date and Retry-After in their common forms
//
// Anything else is replaced: text by a placeholder such as redacted-12, which has the
// declared format, pattern and length if the value had, and a number by one above
// 900,000,000. Equal values have the same number within one recorder, so that links
// between calls remain: redacted-3 and redacted-3@redacted.example, where the spec declares an
// email address, are one value. Placeholders say nothing else about the value. Members
// that the spec does not have keep their name, unless it looks like data, and the JSON type of their
// value. The names of a map, such as metadata, are data. Headers that the spec does not
// declare are left out, and so are authorization, cookies and the values of signatures.
// The host is that of the spec, because the real one may name the merchant, or localhost
// for a loopback address. Ports, user information and fragments are left out.
//
// A body that is too large, broken, not sent or read to its end, neither JSON nor a form, or in
// another content encoding than gzip, is never recorded as it is. The member
// _notRecorded of the entry gives the reason. Other additional members are _operationId, _attempt (1,
// and one more for each equal request before it that failed), _error (timeout, canceled or connection,
// with status 0) and, of the log, _leftOut.
//
// Nothing protects what the spec itself calls harmless. Read a recording before you
// commit it.
//
// # What a call notices
//
// A call gets the response and the error of the transport below, and a fault of the
// recorder does not reach it. Up to 1 MiB of each body is held until the response is
// closed. There is one difference: with a transport of another type than
// *http.Transport, a client cannot prove that an attempt that failed while it waited for
// a connection was not sent; such a write is then not retried on its own, and its outcome
// can be unknown.
//
// # Replay
//
// [Replay] returns a round tripper for tests that responds from a recording:
//
//	player, err := record.Replay(spec, recording)
//	client, err := qpay.New(creds, pay.WithTransport(player))
//
// A request that the recording does not have is an error, which names the first
// difference. [Player.Unused] names what was recorded and not requested.
//
// A recording has no valid signature. For a client that verifies responses, such as that
// of openapi, use [WithSigner] with a key of the test:
//
//	srv := openapitest.NewServer(t)
//	player, err := record.Replay(spec, recording, record.WithSigner(srv.SignResponse))
//	client, err := openapi.New(srv.Credentials(), pay.WithTransport(player))
//
// A token that ends at a point in time is judged by the recorded Date, so it is as fresh
// as it was.
package record
