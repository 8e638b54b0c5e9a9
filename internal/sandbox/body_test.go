package sandbox_test

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/sandbox"
)

// A body that does not arrive is given up, on both kinds of routes.
func TestSlowRequestBody(t *testing.T) {
	for path, want := range map[string]int{"/widgets": 400, "/_sandbox/clock": 413} {
		synctest.Test(t, func(t *testing.T) {
			a := &acme{}
			core, err := sandbox.New(sandbox.Provider{Name: "acme", Operations: a.operations(), ErrorResponse: errorResponse}, sandbox.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			c := &http.Client{Transport: faulthttp.Pipe(t, core)}
			body, w := io.Pipe()
			defer func() { _ = w.Close() }()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+path, body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			resp, err := c.Do(r)
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s: got %d, want %d", path, resp.StatusCode, want)
			}
			time.Sleep(time.Second) // fake time, in which the server closes the connection
		})
	}
}
