package clientcontract

import (
	"crypto/tls"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

func plainHTTPIsRefused(t *testing.T, s harness.Suite) {
	remote := []string{
		"http://elsewhere.example", "HTTP://elsewhere.example", "http://10.0.0.1", "http://0.0.0.0", "http://[fe80::1]", "http://127.0.0.1.elsewhere.example",
		"http://localhost.elsewhere.example", "http://elsewhere.example:443", "http://127.0.0.1@elsewhere.example",
	}
	for _, base := range remote {
		if _, err := s.New(t, pay.WithBaseURL(base)); err == nil || !strings.Contains(err.Error(), "WithBaseURL") {
			t.Errorf("New with base URL %s: got %v, want an error that names WithBaseURL", base, err)
		}
	}
	for _, base := range []string{"http://127.0.0.1:4011", "http://127.8.8.8", "http://localhost:4011", "http://[::1]:4011", "https://elsewhere.example"} {
		if _, err := s.New(t, pay.WithBaseURL(base)); err != nil {
			t.Errorf("New with base URL %s: got %s, want success", base, harness.ShortError(err))
		}
	}
	if _, err := s.New(t, pay.WithBaseURL(remote[0]), pay.WithPlainHTTP()); err != nil {
		t.Errorf("New with base URL %s and WithPlainHTTP: got %s, want success", remote[0], harness.ShortError(err))
	}
}

// invalidTLSIsRefused writes to servers with invalid certificates or old TLS
// versions. The client gives up after one handshake and sends no request.
func invalidTLSIsRefused(t *testing.T, s harness.Suite) {
	s.Sandbox(t) // some providers take their credentials from it
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
				t.Fatalf("write to a valid server: it received no request: %v", err)
			}
			continue
		}
		subject := "write to a server with " + f.Name
		if !f.Reason(err) {
			t.Errorf("%s: got %v, want the error of that fault", subject, err)
		}
		harness.ExpectIs(t, subject, err, apierr.ErrOutcomeUnknown, false)
		harness.Expect(t, subject, "handshakes", handshakes.Load(), 1)
		harness.Expect(t, subject, "requests", requests.Load(), 0)
	}
}
