package harness

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/specpay/specpay/pay/record"
)

// maxRecorded is how many requests a recording keeps.
const maxRecorded = 20_000

// Recording records the traffic of all sessions with one provider by package record,
// which redacts it. Responses that tests make faulty are not in it.
type Recording struct {
	rec *record.Recorder

	mu      sync.Mutex
	secrets map[string]bool // that clients had or sent
}

// NewRecording returns an empty recording for the API of a spec.
func NewRecording(t testing.TB, spec string) *Recording {
	t.Helper()
	return &Recording{rec: NewRecorder(t, spec, inContext{}, record.WithMaxEntries(maxRecorded)), secrets: map[string]bool{}}
}

// NewRecorder returns a recorder for the API of the spec in a file.
func NewRecorder(t testing.TB, spec string, rt http.RoundTripper, opts ...record.Option) *record.Recorder {
	t.Helper()
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := record.New(text, append(opts, record.WithTransport(rt))...)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// HAR returns what a recorder has recorded. It fails the test if requests were left out.
func HAR(t testing.TB, rec *record.Recorder) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := rec.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if n := rec.LeftOut(); n > 0 {
		t.Errorf("%d requests were left out of the recording, want none", n)
	}
	return b.Bytes()
}

// transportKey is the key of the transport of a request.
type transportKey struct{}

// inContext sends each request through the transport in its context, because sessions
// have transports of their own and share a recorder.
type inContext struct{}

func (inContext) RoundTrip(r *http.Request) (*http.Response, error) {
	return r.Context().Value(transportKey{}).(http.RoundTripper).RoundTrip(r)
}

// send sends a request through rt and records it. A nil recording records nothing.
func (r *Recording) send(req *http.Request, rt http.RoundTripper) (*http.Response, error) {
	if r == nil {
		return rt.RoundTrip(req)
	}
	return r.rec.RoundTrip(req.WithContext(context.WithValue(req.Context(), transportKey{}, rt)))
}

// HAR returns what was recorded so far.
func (r *Recording) HAR(t testing.TB) []byte {
	t.Helper()
	return HAR(t, r.rec)
}

// watch notes the secrets of a session when its test ends.
func (r *Recording) watch(t testing.TB, e *Session) {
	if r == nil {
		return
	}
	t.Cleanup(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, secret := range append(e.Traffic.Credentials(), e.Secrets...) {
			r.secrets[secret] = true
		}
	})
}

// Write writes the recording to DIR/<provider>.har, where DIR is SPECPAY_RECORD. It
// writes nothing without traffic, and fails the test instead of writing a secret.
func (r *Recording) Write(t *testing.T, provider string) {
	t.Helper()
	dir := os.Getenv("SPECPAY_RECORD")
	text := r.HAR(t)
	n := bytes.Count(text, []byte(`"startedDateTime"`))
	if dir == "" || n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for secret := range r.secrets {
		for _, form := range EncodedForms(secret) {
			if bytes.Contains(text, []byte(form)) {
				t.Fatal("the recording contains a secret and was not written")
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, provider+".har")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %s with %d requests", name, n)
}
