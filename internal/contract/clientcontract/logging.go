package clientcontract

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// observedTraffic records what a logger and an observer receive, and the bodies that
// were sent meanwhile. It is safe for concurrent use.
type observedTraffic struct {
	mu     sync.Mutex
	lines  bytes.Buffer
	bodies [][]byte
}

// Write implements io.Writer, for a logger.
func (r *observedTraffic) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines.Write(b)
}

func (r *observedTraffic) body(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, bytes.Clone(b))
}

// options make a client log everything, without pauses between attempts.
func (r *observedTraffic) options() []pay.Option {
	logger := slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return []pay.Option{pay.WithLogger(logger), observeInto(r), pay.WithRandom(faulthttp.FastJitter{})}
}

// nothingSecretIsLogged runs all scenarios with a logger at debug level and an
// observer, then one whose responses contain card numbers.
func nothingSecretIsLogged(t *testing.T, s harness.Suite) {
	var r observedTraffic
	connect := s.Connect
	s.Connect = func(t testing.TB, baseURL string, opts ...pay.Option) harness.Account {
		a := connect(t, baseURL, append(r.options(), opts...)...)
		webhook := a.Webhook
		a.Webhook = func(handle func(context.Context) error) http.Handler { return r.listen(webhook(handle)) }
		return a
	}
	run := func(name string, f func(*testing.T, *harness.Session)) {
		t.Run(name, func(t *testing.T) {
			e := harness.OpenLocal(t, s)
			e.Traffic.Keep = r.body
			e.Traffic.Broken(true) // the scenario itself validates the responses
			start := r.lines.Len()
			f(t, e)
			e.CheckSecrets(t, r.lines.String()[start:])
		})
	}
	scenarios := slices.DeleteFunc(allTests(), func(test harness.Test) bool {
		return test.Scenario == nil || test.Applies != nil && !test.Applies(t, s)
	})
	for _, test := range scenarios {
		run(test.Name, test.Scenario)
	}
	run("PersonalDataInAResponse", personalDataInAResponse)
	lines := r.lines.String()
	cards, bodies := cardNumbers(lines), r.loggedBodies()
	if bytes.Count(r.lines.Bytes(), []byte("payment call")) < 100 || len(r.bodies) < 50 {
		t.Errorf("got %d bytes of log and %d bodies, want at least 100 calls and 50 bodies", len(lines), len(r.bodies))
	}
	for _, text := range personal {
		if strings.Contains(lines, text) {
			t.Errorf("the log contains %q", text)
		}
	}
	for _, text := range append(cards, bodies...) {
		t.Errorf("the log contains %q", text)
	}
}

// listen records the bodies of notifications.
func (r *observedTraffic) listen(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err == nil {
			r.body(body)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, req)
	})
}

// loggedBodies returns the bodies that appear in the log: of a long body only its
// beginning and its end are looked for, because a sentence between them can also be
// in the catalog.
func (r *observedTraffic) loggedBodies() (found []string) {
	const size = 24
	lines := strings.ReplaceAll(r.lines.String(), `\"`, `"`) // undoes the quoting of the handler
	seen := map[string]bool{}
	for _, body := range r.bodies {
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

// personalDataInAResponse sends errors that contain card numbers and other personal
// data in their texts and headers.
func personalDataInAResponse(t *testing.T, e *harness.Session) {
	once := e.ConnectAgain(t, pay.WithMaxAttempts(1))
	if err := once.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{200, 400, 422, 500} {
		e.Substitute(faulthttp.Respond(status, "application/json", `{"message":"card 4242 4242 4242 4242 or 5555555555554444","error":{"message":"card 378282246310005","param":"number"},"result":{"resultMessage":"card 4242424242424242"}}`))
		_ = e.RequireError(t, once.Read(t.Context()))
		for _, contentType := range []string{"application/json", "text/plain"} {
			e.Substitute(canaries(status, contentType))
			_ = e.RequireError(t, once.Read(t.Context()))
		}
	}
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
