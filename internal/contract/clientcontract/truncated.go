package clientcontract

import (
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
)

// truncatedResponseIsNeverSuccess cuts the response of every operation at every
// byte: as a connection that breaks, as a complete response that is too short, and on
// a socket, where the header is cut too.
func truncatedResponseIsNeverSuccess(t *testing.T, s harness.Suite) {
	d, read, cuts := harness.NewMemoryDriver(t, s), map[string]bool{}, 24
	if d.Signs() {
		cuts = 10 // a signature takes a millisecond
	}
	for _, op := range d.Calls {
		whole := d.Response(op, op.Status, "application/json", string(op.Success))
		if _, err := d.Call(t, op, whole); err != nil {
			t.Fatalf("operation %s: got %v for the whole response, want success", op.ID, err)
		}
		same := fmt.Sprintf("%p%s", op.Schema, op.Success) // the same code reads it
		for n := range sample.Indexes(len(op.Success), cuts) {
			brokenAt(t, d, op, whole, n)
			// For a signing provider, the full sweep signs every eighth short response.
			if read[same] || d.Signs() && sample.Full() && n%8 != 0 {
				continue
			}
			shortenedTo(t, d, op, n)
		}
		read[same] = true
	}
	truncatedOnSockets(t, d.Driver)
}

// brokenAt breaks the connection after n bytes of the body.
func brokenAt(t *testing.T, d *harness.MemoryDriver, op *harness.Operation, whole *faulthttp.Response, n int) {
	t.Helper()
	input := fmt.Sprintf("response broken at byte %d of %d", n, len(op.Success))
	_, err := d.Call(t, op, whole.Cut(n, true))
	got := d.CheckError(t, op, input, err, op.Status)
	if got == nil {
		t.FailNow() // the next cuts would fail too
	}
	harness.Expect(t, harness.Subject(op.ID, input), "truncated", got.Truncated, true)
}

// shortenedTo sends a complete response with the first n bytes of the body.
func shortenedTo(t *testing.T, d *harness.MemoryDriver, op *harness.Operation, n int) {
	t.Helper()
	if op.Void && n == 0 {
		return // an empty body is a success
	}
	input := fmt.Sprintf("response shortened to %d of %d bytes", n, len(op.Success))
	_, err := d.Call(t, op, d.Response(op, op.Status, "application/json", string(op.Success[:n])))
	if d.CheckError(t, op, input, err, op.Status) == nil {
		t.FailNow()
	}
}

// truncatedOnSockets cuts whole responses to a read and a write, headers included.
func truncatedOnSockets(t *testing.T, d *harness.Driver) {
	server := &faulthttp.RawServer{Logins: d.Logins}
	methods := d.Methods(t, server.Listen(t), harness.OneAttempt...)
	for _, op := range d.ReadAndWrite() {
		whole := d.Response(op, op.Status, "application/json", string(op.Success)).Wire()
		for n := range sample.Indexes(len(whole), 40) {
			server.SetScript(func(conn net.Conn, _ *http.Request) bool {
				_, _ = conn.Write(whole[:n])
				return false
			})
			_, err := methods[op.ID](t.Context())
			_ = harness.ExpectError(t, op, fmt.Sprintf("connection closed after byte %d of %d", n, len(whole)), err)
		}
	}
}
