package contract

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// S2 tries to have credentials sent over plain http.
func S2(t *testing.T, s Suite) {
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
	Figure(t, "%d addresses refused, %d of loopback or https taken, 1 taken with WithPlainHTTP", len(remote), len(local))
}

// tlsFault is a server that a client must not talk to. want is nil for one that
// it may.
type tlsFault struct {
	name   string
	alter  func(*x509.Certificate)
	most   uint16 // TLS version; 0 = the newest
	own    bool   // the client's own transport, which does not know the authority
	reason func(error) bool
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

var tlsFaults = []tlsFault{
	{name: "as it should be"},
	{name: "TLS 1.0", most: tls.VersionTLS10, reason: isAlert},
	{name: "TLS 1.1", most: tls.VersionTLS11, reason: isAlert},
	{name: "expired", alter: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, reason: as[x509.CertificateInvalidError]},
	{name: "not yet valid", alter: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }, reason: as[x509.CertificateInvalidError]},
	{name: "another host", alter: func(c *x509.Certificate) { c.IPAddresses = nil }, reason: as[x509.HostnameError]},
	{name: "an authority nobody knows", own: true, reason: as[x509.UnknownAuthorityError]},
}

func isAlert(err error) bool { return strings.Contains(err.Error(), "protocol version") }

// S3 writes to servers that cannot prove who they are, or that speak what is
// broken.
func S3(t *testing.T, s Suite) {
	s.Sandbox(t) // some providers' credentials are its own
	for _, f := range tlsFaults {
		var handshakes, requests atomic.Int32
		srv := tlsServer(t, f, &handshakes, &requests)
		var opts []pay.Option
		if !f.own {
			tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: srv.roots}}
			t.Cleanup(tr.CloseIdleConnections)
			opts = append(opts, pay.WithTransport(tr))
		}
		err := s.Connect(t, srv.url, opts...).Write(t.Context())
		if f.reason == nil {
			if requests.Load() == 0 {
				t.Fatalf("a good server got no request: %v", err)
			}
			continue
		}
		if !f.reason(err) || errors.Is(err, apierr.ErrOutcomeUnknown) || handshakes.Load() != 1 || requests.Load() != 0 {
			t.Errorf("%s: %v after %d handshakes and %d requests; want one handshake, and not applied", f.name, err, handshakes.Load(), requests.Load())
		}
	}
	Figure(t, "%d bad servers: 1 handshake each, 0 requests sent", len(tlsFaults)-1)
}

type testServer struct {
	url   string
	roots *x509.CertPool
}

func tlsServer(t *testing.T, f tlsFault, handshakes, requests *atomic.Int32) testServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(2 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"elsewhere.example"},
	}
	if f.alter != nil {
		f.alter(cert)
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS10, MaxVersion: f.most}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			handshakes.Add(1)
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return testServer{url: srv.URL, roots: roots}
}
