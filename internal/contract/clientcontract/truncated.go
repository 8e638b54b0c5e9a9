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

// H1 cuts every golden answer of every operation at every byte: as a connection
// that breaks, and as a whole answer that is too short.
func truncatedResponseIsNeverSuccess(t *testing.T, s harness.Suite) {
	l, cuts, read := harness.NewMemoryDriver(t, s), 0, map[string]bool{}
	for _, c := range l.Calls {
		whole := l.Response(c, c.Status, "application/json", string(c.Success))
		if _, err := l.Call(t, c, whole); err != nil {
			t.Fatalf("%s, uncut: %v", c.Id, err)
		}
		twin := fmt.Sprintf("%p%s", c.Schema, c.Success) // another operation's answer is read by the same code
		for n := range sample.Indexes(len(c.Success), 24) {
			_, err := l.Call(t, c, whole.Cut(n, true))
			if pe := l.CheckError(t, fmt.Sprintf("broken at %d", n), c, err, c.Status); pe == nil || !pe.Truncated {
				t.Fatalf("%s, broken at %d: %v", c.Id, n, err)
			}
			cuts++
			if c.Void && n == 0 || read[twin] || l.Signs() && sample.Full() && n%8 != 0 {
				continue // of nothing but success, nothing is enough; and a signature costs a millisecond
			}
			short := l.Response(c, c.Status, "application/json", string(c.Success[:n]))
			_, err = l.Call(t, c, short)
			if l.CheckError(t, fmt.Sprintf("short at %d", n), c, err, c.Status) == nil {
				t.FailNow()
			}
			cuts++
		}
		read[twin] = true
	}
	sockets := truncatedOnSockets(t, l.Driver)
	t.Logf("%d operations, %d cuts, %d on sockets; 0 successes", len(l.Calls), cuts, sockets)
}

// h1OnSockets cuts whole answers of a read and a write, their headers too, at
// every byte on a real connection.
func truncatedOnSockets(t *testing.T, st *harness.Driver) (cuts int) {
	b := &faulthttp.RawServer{Logins: st.Logins}
	methods := st.Methods(t, b.Listen(t), harness.OneAttempt...)
	for _, c := range st.ReadAndWrite() {
		whole := st.Response(c, c.Status, "application/json", string(c.Success)).Wire()
		for n := range sample.Indexes(len(whole), 40) {
			b.SetScript(func(conn net.Conn, _ *http.Request) bool {
				_, _ = conn.Write(whole[:n])
				return false
			})
			_, err := methods[c.Id](t.Context())
			_ = harness.ExpectError(t, fmt.Sprintf("%s, cut at %d of %d on a socket", c.Id, n, len(whole)), c, err)
			cuts++
		}
	}
	return cuts
}
