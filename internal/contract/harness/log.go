package harness

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/specpay/specpay/pay"
)

// Log records what a logger at debug level and an observer of a session receive, and the
// bodies that were sent meanwhile. It is safe for concurrent use.
type Log struct {
	mu     sync.Mutex
	lines  bytes.Buffer
	bodies [][]byte
}

// OpenLogged is OpenLocal with a log.
func OpenLogged(t *testing.T, s Suite) (*Session, *Log) {
	t.Helper()
	l := &Log{}
	connect := s.Connect
	s.Connect = func(t testing.TB, baseURL string, opts ...pay.Option) Account {
		a := connect(t, baseURL, append(l.options(), opts...)...)
		webhook := a.Webhook
		a.Webhook = func(handle func(context.Context) error) http.Handler { return l.listen(webhook(handle)) }
		return a
	}
	e := OpenLocal(t, s)
	e.Traffic.Keep = l.body
	return e, l
}

// Check fails the test if the log contains a secret, a body, a card number or one of the
// other texts, and returns how many calls were logged.
func (l *Log) Check(t *testing.T, e *Session, others ...string) (calls int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines.String()
	e.CheckSecrets(t, lines)
	for _, text := range others {
		if strings.Contains(lines, text) {
			t.Errorf("the log contains %q", text)
		}
	}
	for _, text := range append(cardNumbers(lines), l.loggedBodies()...) {
		t.Errorf("the log contains %q", text)
	}
	return strings.Count(lines, "payment call")
}

// Write implements io.Writer, for a logger.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(b)
}

func (l *Log) body(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bodies = append(l.bodies, bytes.Clone(b))
}

// options make a client log everything.
func (l *Log) options() []pay.Option {
	logger := slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return []pay.Option{pay.WithLogger(logger), observeInto(l)}
}

// listen records the bodies of notifications.
func (l *Log) listen(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			l.body(body)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, req)
	})
}

// loggedBodies returns the bodies that appear in the log: of a long body only its
// beginning and its end are looked for, because a sentence between them can also be
// in the catalog.
func (l *Log) loggedBodies() (found []string) {
	const size = 24
	lines := strings.ReplaceAll(l.lines.String(), `\"`, `"`) // undoes the quoting of the handler
	seen := map[string]bool{}
	for _, body := range l.bodies {
		var parts [][]byte
		switch n := len(body); {
		case n >= 2*size:
			parts = [][]byte{body[:size], body[n-size:]}
		case n >= 12:
			parts = [][]byte{body}
		}
		for _, part := range parts {
			text := string(part)
			if !seen[text] && strings.Contains(lines, text) {
				found = append(found, text)
			}
			seen[text] = true
		}
	}
	return found
}

var digits = regexp.MustCompile(`\d([ -]?\d){12,18}`)

// cardNumbers returns the numbers of 13 to 19 digits that pass the Luhn check.
func cardNumbers(text string) (found []string) {
	for _, s := range digits.FindAllString(text, -1) {
		number := strings.NewReplacer(" ", "", "-", "").Replace(s)
		sum := 0
		for i := range len(number) {
			d := int(number[len(number)-1-i] - '0')
			if i%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		if sum%10 == 0 {
			found = append(found, s)
		}
	}
	return found
}

// observeInto writes everything that an observer of a client receives.
func observeInto(w io.Writer) pay.Option { return pay.WithObserver(writingObserver{w}) }

type writingObserver struct{ w io.Writer }

func (o writingObserver) StartCall(ctx context.Context, c pay.Call) context.Context {
	_, _ = fmt.Fprintf(o.w, "%v %+v\n", c, c)
	return ctx
}

func (o writingObserver) EndCall(_ context.Context, c pay.Call, r pay.CallResult) {
	_, _ = fmt.Fprintf(o.w, "%v %v %+v %s\n", c, r, r, r.Err)
	o.log(r, r.Err)
}

func (o writingObserver) StartAttempt(ctx context.Context, a pay.Attempt) context.Context {
	_, _ = fmt.Fprintf(o.w, "%v %+v\n", a, a)
	return ctx
}

func (o writingObserver) EndAttempt(_ context.Context, a pay.Attempt, r pay.AttemptResult) {
	_, _ = fmt.Fprintf(o.w, "%v %v %+v %s\n", a, r, r, r.Err)
	o.log(r, r.Err)
}

// log writes a result and its error as structured logs.
func (o writingObserver) log(result any, err error) {
	for _, h := range []slog.Handler{slog.NewJSONHandler(o.w, nil), slog.NewTextHandler(o.w, nil)} {
		slog.New(h).Info("ended", "result", result, "err", err, slog.Group("call", "result", result))
	}
}
