package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// trickle writes a byte a second until the other side has gone.
func trickle(conn net.Conn, text string) {
	for i := 0; ; i = (i + 1) % len(text) {
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			return
		}
		time.Sleep(time.Second) // in a bubble, where it takes no time
	}
}

// slowAnswers are the ways to take for ever.
var slowAnswers = map[string]func(net.Conn){
	"a header byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		trickle(conn, "X-Slow: yes\r\n")
	},
	"a body byte a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
		trickle(conn, " ")
	},
	"a byte of an error a second": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n")
		trickle(conn, "x")
	},
	"silence after the headers": func(conn net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	},
	"silence": func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) },
}

// H4 lets a server take for ever, in fake time: one attempt ends after its 30
// seconds, a call with all its attempts within 60.
func H4(t *testing.T, s Suite) {
	st, n, longest := newStand(t, s), 0, time.Duration(0)
	for name, slow := range slowAnswers {
		for _, c := range st.calls {
			synctest.Test(t, func(t *testing.T) {
				took := st.takesForEver(t, c, slow, one...)
				if took != 30*time.Second {
					t.Errorf("%s, %s: back after %v, want the attempt's 30 s", c.id, name, took)
				}
			})
			n++
		}
		for _, c := range st.readAndWrite() {
			synctest.Test(t, func(t *testing.T) { longest = max(longest, st.takesForEver(t, c, slow)) })
			n++
		}
	}
	if longest > time.Minute {
		t.Errorf("a call took %v, want 60 s at most", longest)
	}
	Figure(t, "%d operations, %d slow answers: each attempt ends after 30 s of fake time, a whole call after %v at most", len(st.calls), n, longest)
}

func (st *stand) takesForEver(t *testing.T, c *callable, slow func(net.Conn), opts ...pay.Option) time.Duration {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	b := &bare{stand: st, script: func(conn net.Conn, _ *http.Request) bool { slow(conn); return false }}
	b.serve(t, l)
	tr := &http.Transport{DialContext: l.dial}
	t.Cleanup(tr.CloseIdleConnections)
	methods := st.client(t, "http://localhost", append([]pay.Option{pay.WithTransport(tr)}, opts...)...)
	start := time.Now()
	_, err := methods[c.id](t.Context())
	if pe := mustFail(t, c.id, c, err); pe != nil && (!errors.Is(pe, apierr.ErrUnavailable) || pe.StatusCode < 400 && !errors.Is(pe, context.DeadlineExceeded)) {
		t.Errorf("%s: %v, want unavailable, because of the deadline or the status", c.id, pe)
	}
	return time.Since(start)
}

// zeros is randomness without pauses between attempts.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// malformed are answers that break HTTP, and how the call must end.
func malformed(good *reply) map[string]struct {
	wire   string
	status int  // of the error; 0 = there is no answer
	ok     bool // the call succeeds
} {
	body := string(good.body)
	head := func(extra string) string {
		return fmt.Sprintf("HTTP/1.1 %d OK\r\n%s%s\r\n", good.status, good.lines(), extra)
	}
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	chunked := "Transfer-Encoding: chunked\r\n"
	early := "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	moved := "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
	type want = struct {
		wire   string
		status int
		ok     bool
	}
	all := map[string]want{
		"a length beyond the body":    {head(fmt.Sprintf("Content-Length: %d\r\n", len(body)+9)) + body, good.status, false},
		"a length that is no number":  {head("Content-Length: 12abc\r\n") + body, 0, false},
		"a length below zero":         {head("Content-Length: -1\r\n") + body, 0, false},
		"two lengths":                 {head(length+"Content-Length: 1\r\n") + body, 0, false},
		"a chunk of no size":          {head(chunked) + "zz\r\n" + body + "\r\n0\r\n\r\n", good.status, false},
		"a chunk that is too short":   {head(chunked) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body)+9, body), good.status, false},
		"a chunk of a huge size":      {head(chunked) + "ffffffffffffffffff\r\n" + body, good.status, false},
		"chunks without an end":       {head(chunked) + fmt.Sprintf("%x\r\n%s\r\n", len(body), body), good.status, false},
		"chunks as they should be":    {head(chunked) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body), 0, true},
		"no status":                   {"HTTP/1.1 \r\n\r\n" + body, 0, false},
		"a status of letters":         {"HTTP/1.1 abc OK\r\n\r\n" + body, 0, false},
		"another protocol":            {"SSH-2.0-OpenSSH_9.9\r\n", 0, false},
		"nothing":                     {"", 0, false},
		"a header without a colon":    {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n" + body, 0, false},
		"hints before the answer":     {strings.Repeat(early, 3) + "HTTP/1.1 100 Continue\r\n\r\n" + head(length) + body, 0, true},
		"hints and nothing else":      {early, 0, false},
		"hints without an end":        {strings.Repeat(early, 20_000), 0, false},
		"other protocols, not asked":  {"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", 101, false},
		"not modified":                {"HTTP/1.1 304 Not Modified\r\n\r\n", 304, false},
		"multiple choices":            {"HTTP/1.1 300 Multiple Choices\r\n" + moved, 300, false},
		"moved":                       {"HTTP/1.1 307 Temporary Redirect\r\n" + moved, 307, false},
		"moved, without saying where": {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 302, false},
		"no content, and some":        {"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", 205, false},
	}
	if len(body) > 1 {
		all["a length inside the body"] = want{head(fmt.Sprintf("Content-Length: %d\r\n", len(body)-1)) + body, good.status, false}
	}
	return all
}

// H12 answers with HTTP that is broken, in its first version and its second.
func H12(t *testing.T, s Suite) {
	st, n := newStand(t, s), 0
	b := &bare{stand: st}
	// A connection of its own for each attempt: what breaks one must not be met by
	// the next.
	tr := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 256 << 10}
	methods := st.client(t, b.loopback(t), pay.WithTransport(tr), pay.WithMaxAttempts(2), pay.WithRandom(zeros{}))
	for _, c := range st.readAndWrite() {
		for name, tt := range malformed(st.says(c, c.status, "application/json", string(c.answer))) {
			b.set(func(conn net.Conn, _ *http.Request) bool {
				_, _ = io.WriteString(conn, tt.wire)
				return false
			})
			_, _ = b.since()
			_, err := methods[c.id](t.Context())
			sent, _ := b.since()
			st.transportRules(t, c.id+", "+name, c, err, tt.ok, tt.status, sent)
			n++
		}
	}
	second := st.h2(t)
	Figure(t, "%d broken answers over HTTP/1.1, %d over HTTP/2: outcomes and repetitions by the class of the operation", n, second)
}

// transportRules are what holds for every lost or broken answer: a success when
// it was one, else a typed error, unknown unless it was a read, and no
// repetition that could act twice.
func (st *stand) transportRules(t *testing.T, what string, c *callable, err error, ok bool, status, sent int) {
	t.Helper()
	if ok {
		if err != nil || sent != 1 {
			t.Errorf("%s: %v after %d requests", what, err, sent)
		}
		return
	}
	pe := mustFail(t, what, c, err)
	if pe == nil {
		return
	}
	if pe.StatusCode != status || status == 0 && !errors.Is(pe, apierr.ErrUnavailable) {
		t.Errorf("%s: status %d, %v; want %d", what, pe.StatusCode, pe, status)
	}
	limit := 2
	if c.class == "keyless" || status >= 300 {
		limit = 1
	}
	if sent > limit || sent > pe.Attempts {
		t.Errorf("%s, %s: arrived %d times, %d counted, want %d at most", what, c.class, sent, pe.Attempts, limit)
	}
}
