package faulthttp

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
)

// TLSFault is a server that a client must not send requests to. Reason recognizes the
// error of the client; it is nil for a valid server.
type TLSFault struct {
	Name         string
	alter        func(*x509.Certificate)
	MaxVersion   uint16 // TLS version; 0 for the newest
	OwnTransport bool   // use the client's own transport, which does not trust the certificate
	Reason       func(error) bool
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// TLSFaults starts with a valid server.
var TLSFaults = []TLSFault{
	{Name: "a valid certificate"},
	{Name: "TLS 1.0", MaxVersion: tls.VersionTLS10, Reason: isAlert},
	{Name: "TLS 1.1", MaxVersion: tls.VersionTLS11, Reason: isAlert},
	{Name: "an expired certificate", alter: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, Reason: as[x509.CertificateInvalidError]},
	{Name: "a certificate that is not yet valid", alter: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }, Reason: as[x509.CertificateInvalidError]},
	{Name: "a certificate for another host", alter: func(c *x509.Certificate) { c.IPAddresses = nil }, Reason: as[x509.HostnameError]},
	{Name: "a certificate of an unknown authority", OwnTransport: true, Reason: as[x509.UnknownAuthorityError]},
}

func isAlert(err error) bool { return strings.Contains(err.Error(), "protocol version") }

// TLSServer is a running server.
type TLSServer struct {
	URL   string
	Roots *x509.CertPool
}

// NewTLSServer starts a server that counts handshakes and requests.
func NewTLSServer(t *testing.T, f TLSFault, handshakes, requests *atomic.Int32) TLSServer {
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
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS10, MaxVersion: f.MaxVersion}
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
	return TLSServer{URL: srv.URL, Roots: roots}
}
