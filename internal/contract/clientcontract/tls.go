package clientcontract

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// S2 tries to have credentials sent over plain http.
func plainHTTPIsRefused(t *testing.T, s harness.Suite) {
	remote := []string{
		"http://elsewhere.example", "HTTP://elsewhere.example", "http://10.0.0.1", "http://0.0.0.0", "http://[fe80::1]", "http://127.0.0.1.elsewhere.example",
		"http://localhost.elsewhere.example", "http://elsewhere.example:443", "http://127.0.0.1@elsewhere.example",
	}
	for _, base := range remote {
		if _, err := s.New(t, pay.WithBaseURL(base)); err == nil || !strings.Contains(err.Error(), "WithBaseURL") {
			t.Errorf("%s: %v, want a refusal that names WithBaseURL", base, err)
		}
	}
	local := []string{"http://127.0.0.1:4011", "http://127.8.8.8", "http://localhost:4011", "http://[::1]:4011", "https://elsewhere.example"}
	for _, base := range local {
		if _, err := s.New(t, pay.WithBaseURL(base)); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := s.New(t, pay.WithBaseURL(remote[0]), pay.WithPlainHTTP()); err != nil {
		t.Errorf("with the option: %v", err)
	}
	t.Logf("%d addresses refused, %d of loopback or https taken, 1 taken with WithPlainHTTP", len(remote), len(local))
}

// S3 writes to servers that cannot prove who they are, or that speak what is
// broken.
func invalidTLSIsRefused(t *testing.T, s harness.Suite) {
	s.Sandbox(t) // some providers' credentials are its own
	for _, f := range faulthttp.TLSFaults {
		var handshakes, requests atomic.Int32
		srv := faulthttp.NewTLSServer(t, f, &handshakes, &requests)
		var opts []pay.Option
		if !f.OwnTransport {
			tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: srv.Roots}}
			t.Cleanup(tr.CloseIdleConnections)
			opts = append(opts, pay.WithTransport(tr))
		}
		err := s.Connect(t, srv.URL, opts...).Write(t.Context())
		if f.Reason == nil {
			if requests.Load() == 0 {
				t.Fatalf("a good server got no request: %v", err)
			}
			continue
		}
		if !f.Reason(err) || errors.Is(err, apierr.ErrOutcomeUnknown) || handshakes.Load() != 1 || requests.Load() != 0 {
			t.Errorf("%s: %v after %d handshakes and %d requests; want one handshake, and not applied", f.Name, err, handshakes.Load(), requests.Load())
		}
	}
	t.Logf("%d bad servers: 1 handshake each, 0 requests sent", len(faulthttp.TLSFaults)-1)
}
