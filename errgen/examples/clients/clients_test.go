// Package clients_test uses the error codes of the pet store with other HTTP clients: their transport is
// petstore.ErrorRoundTripper. It is a module of its own, so that the root module does not require them.
package clients_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	restyv2 "github.com/go-resty/resty/v2"
	"github.com/imroc/req/v3"
	"resty.dev/v3"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/errgen/examples/petstore"
)

// call sends a request through a client library and returns the body of a success.
type call func(ctx context.Context, method, url string) (body string, err error)

// libraries returns a call through each client, with the transport of the pet store.
func libraries(t *testing.T) map[string]call {
	standard := &http.Client{Transport: petstore.ErrorRoundTripper(nil)}
	v2 := restyv2.New().SetTransport(petstore.ErrorRoundTripper(nil))
	v3 := resty.New().SetTransport(petstore.ErrorRoundTripper(nil))
	t.Cleanup(func() { _ = v3.Close() })
	over := resty.NewWithClient(&http.Client{Transport: petstore.ErrorRoundTripper(nil)})
	t.Cleanup(func() { _ = over.Close() })
	r := req.C()
	transport := petstore.ErrorRoundTripper(r.GetTransport())
	r.GetClient().Transport = transport
	return map[string]call{
		"net/http": func(ctx context.Context, method, url string) (string, error) {
			request, err := http.NewRequestWithContext(ctx, method, url, nil)
			if err != nil {
				return "", err
			}
			resp, err := standard.Do(request)
			if err != nil {
				return "", err
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			return string(body), err
		},
		"resty v2": func(ctx context.Context, method, url string) (string, error) {
			resp, err := v2.R().SetContext(ctx).Execute(method, url)
			if err != nil {
				return "", err
			}
			return resp.String(), nil
		},
		"resty v3": func(ctx context.Context, method, url string) (string, error) {
			resp, err := v3.R().SetContext(ctx).Execute(method, url)
			if err != nil {
				return "", err
			}
			return resp.String(), nil
		},
		"resty v3 over an http.Client": func(ctx context.Context, method, url string) (string, error) {
			resp, err := over.R().SetContext(ctx).Execute(method, url)
			if err != nil {
				return "", err
			}
			return resp.String(), nil
		},
		"req": func(ctx context.Context, method, url string) (string, error) {
			resp, err := r.R().SetContext(ctx).Send(method, url)
			if err != nil {
				return "", err
			}
			return resp.String(), nil
		},
	}
}

// response is a handler that sends one response, compressed if the client accepts it.
type response struct {
	status      int
	contentType string
	body        string
}

func (r response) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := []byte(r.body)
	w.Header().Set("Content-Type", r.contentType)
	if strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body)
		_ = z.Close()
		body = b.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(body)
}

// TestEveryClientReturnsTypedErrors: a code outside 2xx, a code inside a 2xx, a page
// instead of JSON and a plain text are errors of the catalog under each client.
func TestEveryClientReturnsTypedErrors(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		response
		want      error // nil for a success
		operation string
		outcome   apierr.Outcome
	}{
		{"a refusal", "GET", "/pets/7", response{404, "application/json", `{"error":{"code":"PET_NOT_FOUND"}}`}, petstore.ErrPetNotFound, "getPet", apierr.OutcomeNotApplied},
		{"a failure inside a 200", "POST", "/pets/7/adoption", response{200, "application/json", `{"result":{"status":"F","code":"HOME_REFUSED"}}`}, petstore.ErrHomeRefused, "adoptPet", apierr.OutcomeNotApplied},
		{"a plain text", "GET", "/chips/1", response{409, "text/plain", "chip 985-1 belongs to the zoo"}, petstore.ChipTaken, "findChip", apierr.OutcomeNotApplied},
		{"a write that failed", "POST", "/pets", response{500, "text/html", "<html>"}, apierr.ErrOutcomeUnknown, "createPet", apierr.OutcomeUnknown},
		{"a success", "GET", "/pets/7", response{200, "application/json", `{"id":"7","name":"Rex"}`}, nil, "", ""},
		{"a download", "GET", "/pets/export", response{200, "text/csv", "7,Rex"}, nil, "", ""},
	} {
		server := httptest.NewServer(tt.response)
		for name, send := range libraries(t) {
			body, err := send(t.Context(), tt.method, server.URL+"/v1"+tt.path)
			if tt.want == nil {
				if err != nil || body != tt.body {
					t.Errorf("%s: %s: got %q, %v; want %q", name, tt.name, body, err, tt.body)
				}
				continue
			}
			e, ok := errors.AsType[*apierr.Error](err)
			if !ok || !errors.Is(err, tt.want) {
				t.Errorf("%s: %s: got %v, want %v", name, tt.name, err, tt.want)
				continue
			}
			if e.Operation != tt.operation || e.Outcome() != tt.outcome {
				t.Errorf("%s: %s: got operation %q, outcome %s; want %q, %s", name, tt.name, e.Operation, e.Outcome(), tt.operation, tt.outcome)
			}
		}
		server.Close()
	}
}

// TestEveryClientReportsABrokenConnection: the outcome of a write without a response is
// unknown under each client.
func TestEveryClientReportsABrokenConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	defer server.Close()
	for name, send := range libraries(t) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := send(ctx, "POST", server.URL+"/v1/pets")
		cancel()
		if e, ok := errors.AsType[*apierr.Error](err); !ok || e.Outcome() != apierr.OutcomeUnknown || e.Operation != "createPet" {
			t.Errorf("%s: got %v, want an *apierr.Error with an unknown outcome", name, err)
		}
	}
}
