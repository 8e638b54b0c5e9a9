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

// tlsFault is a server that a client must not talk to. want is nil for one that
// it may.
type TLSFault struct {
	Name         string
	alter        func(*x509.Certificate)
	MaxVersion   uint16 // TLS version; 0 = the newest
	OwnTransport bool   // the client's own transport, which does not know the authority
	Reason       func(error) bool
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

var TLSFaults = []TLSFault{
	{Name: "as it should be"},
	{Name: "TLS 1.0", MaxVersion: tls.VersionTLS10, Reason: isAlert},
	{Name: "TLS 1.1", MaxVersion: tls.VersionTLS11, Reason: isAlert},
	{Name: "expired", alter: func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, Reason: as[x509.CertificateInvalidError]},
	{Name: "not yet valid", alter: func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }, Reason: as[x509.CertificateInvalidError]},
	{Name: "another host", alter: func(c *x509.Certificate) { c.IPAddresses = nil }, Reason: as[x509.HostnameError]},
	{Name: "an authority nobody knows", OwnTransport: true, Reason: as[x509.UnknownAuthorityError]},
}

func isAlert(err error) bool { return strings.Contains(err.Error(), "protocol version") }

type TLSServer struct {
	URL   string
	Roots *x509.CertPool
}

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
