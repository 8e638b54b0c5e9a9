package contract

import (
	"bytes"
	"context"
	"crypto/rand"
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

// record keeps what a logger and an observer receive, and the bodies that travelled
// meanwhile. It is safe for concurrent use.
type record struct {
	mu     sync.Mutex
	lines  bytes.Buffer
	bodies [][]byte
}

// Write implements io.Writer, for a logger.
func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines.Write(b)
}

// StartCall and the methods below implement pay.Observer: they write down all that it receives.
func (r *record) StartCall(ctx context.Context, c pay.Call) context.Context {
	_, _ = fmt.Fprintf(r, "%v %+v\n", c, c)
	return ctx
}

func (r *record) EndCall(_ context.Context, c pay.Call, res pay.CallResult) {
	_, _ = fmt.Fprintf(r, "%v %v %+v %s\n", c, res, res, res.Err)
}

func (r *record) StartAttempt(ctx context.Context, a pay.Attempt) context.Context {
	_, _ = fmt.Fprintf(r, "%v %+v\n", a, a)
	return ctx
}

func (r *record) EndAttempt(_ context.Context, a pay.Attempt, res pay.AttemptResult) {
	_, _ = fmt.Fprintf(r, "%v %v %+v %s\n", a, res, res, res.Err)
}

func (r *record) body(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, bytes.Clone(b))
}

// options let a client tell everything, and make its pauses short.
func (r *record) options() []pay.Option {
	logger := slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return []pay.Option{pay.WithLogger(logger), pay.WithObserver(r), pay.WithRandom(quick{})}
}

// quick is randomness for keys, and none for the jitter of pauses, which takes 8
// bytes at a time.
type quick struct{}

func (quick) Read(b []byte) (int, error) {
	if len(b) == 8 {
		clear(b)
		return len(b), nil
	}
	return rand.Read(b)
}

// S7 runs all scenarios with a logger at debug level and an observer, then plants a
// card number in an answer.
func S7(t *testing.T, s Suite) {
	var r record
	connect := s.Connect
	s.Connect = func(t testing.TB, baseURL string, opts ...pay.Option) Account {
		a := connect(t, baseURL, append(r.options(), opts...)...)
		webhook := a.Webhook
		a.Webhook = func(handle func(context.Context) error) http.Handler { return r.listen(webhook(handle)) }
		return a
	}
	found := 0
	run := func(name string, f func(*testing.T, *env)) {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			e := local(t, s)
			e.traffic.keep = r.body
			e.traffic.Broken(true) // the list itself holds the answers against the spec
			start := r.lines.Len()
			f(t, e)
			found += e.leaks(t, r.lines.String()[start:])
		})
	}
	for _, sc := range scenarios {
		run(sc.name, sc.run)
	}
	run("a card number in an answer", cardNumber)
	lines := r.lines.String()
	cards, bodies := cardLike(lines), r.pieces()
	if bytes.Count(r.lines.Bytes(), []byte("payment call")) < 100 || len(r.bodies) < 50 {
		t.Errorf("%d bytes of log and %d bodies prove little", len(lines), len(r.bodies))
	}
	for _, text := range append(cards, bodies...) {
		t.Errorf("the log holds %q", text)
	}
	Figure(t, "%d scenarios, %d lines: %d canaries, %d card-like numbers, %d of %d bodies", len(scenarios)+1, strings.Count(lines, "\n"), found, len(cards), len(bodies), len(r.bodies))
}

// listen keeps the bodies of notifications.
func (r *record) listen(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			r.body(body)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, req)
	})
}

// pieces returns parts of bodies that stand in the log: of a short body all of
// it, of a long one its beginning and its end. What stands between may be a
// sentence that our own catalog has too.
func (r *record) pieces() (found []string) {
	const size = 24
	lines := strings.ReplaceAll(r.lines.String(), `\"`, `"`) // as they were before the handler quoted them
	for _, body := range r.bodies {
		var parts [][]byte
		switch n := len(body); {
		case n >= 2*size:
			parts = [][]byte{body[:size], body[n-size:]}
		case n >= 12:
			parts = [][]byte{body}
		}
		for _, part := range parts {
			if strings.Contains(lines, string(part)) {
				found = append(found, string(part))
			}
		}
	}
	return found
}

// cardNumber plants a number where a provider's text may well hold one.
func cardNumber(t *testing.T, e *env) {
	once := e.another(t, pay.WithMaxAttempts(1))
	if err := once.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{400, 422, 500} {
		e.next(answer(status, "application/json", `{"message":"card 4242 4242 4242 4242 or 5555555555554444","error":{"message":"card 378282246310005","param":"number"},"result":{"resultMessage":"card 4242424242424242"}}`))
		_ = e.typed(t, once.Read(t.Context()))
	}
	e.next(answer(500, "text/plain", "card 4242424242424242 was declined"))
	_ = e.typed(t, once.Read(t.Context()))
}

var digits = regexp.MustCompile(`\d([ -]?\d){12,18}`)

// cardLike returns the numbers of 13 to 19 digits that pass the Luhn check.
func cardLike(text string) (found []string) {
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
