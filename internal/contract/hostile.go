package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/sample"
)

// requestID stands in the header of every hostile answer.
const requestID = "req-hostile-1"

// reply is one answer. Its header may promise more than its body holds.
type reply struct {
	status int
	header http.Header
	body   []byte
	length int // what the header promises; 0 = nothing
}

// ServeHTTP implements http.Handler.
func (a *reply) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	maps.Copy(w.Header(), a.header)
	if a.length > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(a.length))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// says is an answer to c, signed as the provider signs.
func (st *stand) says(c *callable, status int, contentType, body string) *reply {
	rec := httptest.NewRecorder()
	st.genuine(answer(status, contentType, body)).ServeHTTP(rec, c.sent)
	rec.Header().Set("X-Request-Id", requestID)
	return &reply{status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

// cut is the first n bytes of an answer; when broken, its header promises all.
func (a *reply) cut(n int, broken bool) *reply {
	out := reply{status: a.status, header: a.header, body: a.body[:n]}
	if broken {
		out.length = len(a.body)
	}
	return &out
}

// typed is a failed call as a *apierr.Error whose facts are right; nil, with the
// test failed, when it is not that.
func (st *stand) typed(t *testing.T, what string, c *callable, err error, status int) *apierr.Error {
	t.Helper()
	var pe *apierr.Error
	if !errors.As(err, &pe) {
		t.Errorf("%s, %s: %v (%T) is no *apierr.Error", c.id, what, err, err)
		return nil
	}
	text := pe.Error()
	switch {
	case pe.Provider != st.Provider || pe.Operation != c.id || pe.StatusCode != status || status != 0 && pe.RequestID == "":
		t.Errorf("%s, %s: of %s %s, status %d, request %q", c.id, what, pe.Provider, pe.Operation, pe.StatusCode, pe.RequestID)
	case len(text) > 2048 || len(pe.RawBody) > 64<<10 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\ufffd' }):
		t.Errorf("%s, %s: %d bytes of body, text %.300q", c.id, what, len(pe.RawBody), text)
	case errors.Is(pe, apierr.ErrOutcomeUnknown) == c.safe() && (status < 300 || status >= 500):
		t.Errorf("%s, %s, %s: unknown outcome is %v: %v", c.id, what, c.class, !c.safe(), pe)
	}
	return pe
}

// H1 cuts every golden answer of every operation at every byte: as a connection
// that breaks, and as a whole answer that is too short.
func H1(t *testing.T, s Suite) {
	l, cuts, read := newLab(t, s), 0, map[string]bool{}
	for _, c := range l.calls {
		whole := l.says(c, c.status, "application/json", string(c.answer))
		if _, err := l.call(t, c, whole); err != nil {
			t.Fatalf("%s, uncut: %v", c.id, err)
		}
		twin := fmt.Sprintf("%p%s", c.schema, c.answer) // another operation's answer is read by the same code
		for n := range sample.Indexes(len(c.answer), 24) {
			_, err := l.call(t, c, whole.cut(n, true))
			if pe := l.typed(t, fmt.Sprintf("broken at %d", n), c, err, c.status); pe == nil || !pe.Truncated {
				t.Fatalf("%s, broken at %d: %v", c.id, n, err)
			}
			cuts++
			if c.void && n == 0 || read[twin] || l.signs() && sample.Full() && n%8 != 0 {
				continue // of nothing but success, nothing is enough; and a signature costs a millisecond
			}
			short := l.says(c, c.status, "application/json", string(c.answer[:n]))
			_, err = l.call(t, c, short)
			if l.typed(t, fmt.Sprintf("short at %d", n), c, err, c.status) == nil {
				t.FailNow()
			}
			cuts++
		}
		read[twin] = true
	}
	sockets := h1OnSockets(t, l.stand)
	Figure(t, "%d operations, %d cuts, %d on sockets; 0 successes", len(l.calls), cuts, sockets)
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
