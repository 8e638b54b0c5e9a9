package harness

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// maxRecorded is how many exchanges a recording keeps.
const maxRecorded = 20_000

// Exchange is a recorded request with its response.
type Exchange struct {
	Time           time.Time
	Method, URL    string
	Header         http.Header
	Body           []byte
	Status         int
	ResponseHeader http.Header
	ResponseBody   []byte
}

// Recording keeps exchanges with a local sandbox. Nothing in it is redacted.
type Recording struct {
	mu  sync.Mutex
	all []Exchange
}

// Exchanges returns a copy of what was recorded.
func (r *Recording) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

func (r *Recording) add(req *http.Request, sent []byte, resp *http.Response, received []byte) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) < maxRecorded {
		r.all = append(r.all, Exchange{
			Time: time.Now(), Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), Body: sent,
			Status: resp.StatusCode, ResponseHeader: resp.Header.Clone(), ResponseBody: received,
		})
	}
}

// RoundTripper returns a transport that records what next sends and receives.
func (r *Recording) RoundTripper(next http.RoundTripper) http.RoundTripper {
	return recorder{r, next}
}

type recorder struct {
	to   *Recording
	next http.RoundTripper
}

func (r recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(received))
	r.to.add(req, sent, resp, received)
	return resp, err
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func pairs(h http.Header) []pair {
	out := []pair{}
	for name, values := range h {
		for _, v := range values {
			out = append(out, pair{name, v})
		}
	}
	return out
}

// HAR returns exchanges as a HAR 1.2 document.
func HAR(all []Exchange) []byte {
	entries := []any{}
	for _, x := range all {
		request := map[string]any{"method": x.Method, "url": x.URL, "httpVersion": "HTTP/1.1", "headers": pairs(x.Header), "queryString": []pair{}, "cookies": []pair{}, "headersSize": -1, "bodySize": len(x.Body)}
		if len(x.Body) > 0 {
			request["postData"] = map[string]any{"mimeType": x.Header.Get("Content-Type"), "text": string(x.Body)}
		}
		entries = append(entries, map[string]any{
			"startedDateTime": x.Time.UTC().Format(time.RFC3339Nano), "time": 1, "request": request, "cache": map[string]any{}, "timings": map[string]any{"send": 0, "wait": 1, "receive": 0},
			"response": map[string]any{
				"status": x.Status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": pairs(x.ResponseHeader), "cookies": []pair{}, "redirectURL": "", "headersSize": -1, "bodySize": len(x.ResponseBody),
				"content": map[string]any{"size": len(x.ResponseBody), "mimeType": x.ResponseHeader.Get("Content-Type"), "text": string(x.ResponseBody)},
			},
		})
	}
	out, _ := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]any{"name": "specpay", "version": "1"}, "entries": entries}})
	return out
}

// Write writes the recording to DIR/<provider>.har, where DIR is SPECPAY_RECORD.
func (r *Recording) Write(t *testing.T, provider string) {
	t.Helper()
	dir := os.Getenv("SPECPAY_RECORD")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, provider+".har")
	if err := os.WriteFile(name, HAR(r.Exchanges()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("wrote %s with %d exchanges", name, len(r.Exchanges()))
}
