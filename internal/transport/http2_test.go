package transport_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// writes are writes with and without a body, with and without an idempotency key.
// The method changes how net/http treats a request without a body.
func writes() map[string]*transport.Operation {
	all := map[string]*transport.Operation{"POST, keyed": &keyed, "POST, keyless": &keyless}
	for _, method := range []string{"DELETE", "POST"} {
		for _, class := range []transport.RetryClass{transport.Keyed, transport.Keyless} {
			op := &transport.Operation{ID: "empty", Method: method, Path: "/v1/things/{id}", RetryClass: class}
			if class == transport.Keyed {
				op.KeyHeader = "Idempotency-Key"
			}
			all[method+" without a body, "+string(class)] = op
		}
	}
	return all
}

func inputOf(op *transport.Operation) transport.Input {
	if op.ID == "empty" {
		return transport.Input{Path: []string{"a"}}
	}
	return input(op)
}

// certificate returns a certificate for loopback addresses, and a transport over
// HTTP/2 that trusts it.
func certificate(t *testing.T) (certificates []tls.Certificate, tr func() *http.Transport) {
	t.Helper()
	pki := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(pki.Close)
	pool := x509.NewCertPool()
	pool.AddCert(pki.Certificate())
	return pki.TLS.Certificates, func() *http.Transport {
		return &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
	}
}

// TestTransportDoesNotRepeatWrites makes writes that meet every fault of HTTP/2. The
// server receives as many requests as the client counts attempts.
func TestTransportDoesNotRepeatWrites(t *testing.T) {
	certificates, http2 := certificate(t)
	faults := faulthttp.HTTP2Faults()
	for _, fault := range slices.Sorted(maps.Keys(faults)) {
		for name, op := range writes() {
			for _, most := range []int{1, 3} {
				l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
				if err != nil {
					t.Fatal(err)
				}
				sent := make(chan int, 1)
				good := &faulthttp.Response{Status: 200, Header: http.Header{}, Body: []byte(`{"id":"a"}`)}
				go func() { sent <- faulthttp.ServeHTTP2(l, nil, good, faults[fault]) }()
				tr := http2()
				c, err := newClient(profile(), pay.WithBaseURL("https://"+l.Addr().String()), pay.WithTransport(tr), pay.WithMaxAttempts(most),
					pay.WithRandom(faulthttp.ZeroReader{}), pay.WithTotalTimeout(5*time.Second))
				if err != nil {
					t.Fatal(err)
				}
				var m pay.Meta
				_, err = transport.Call[resource](t.Context(), c, op, inputOf(op), []pay.CallOption{pay.WithMeta(&m)})
				tr.CloseIdleConnections()
				_ = l.Close()
				want := most
				switch {
				case op.RetryClass == transport.Keyless:
					want = 1
				case faults[fault].NotProcessed:
					want = min(most, 2) // only the first request meets the fault
				}
				n, least := <-sent, want
				if faults[fault].Closes {
					least = 1 // a later attempt may be lost with the connection that closes
				}
				if n < least || n > want || m.Attempts != want {
					t.Errorf("%s, %s, at most %d attempts: the server received %d requests and the client counts %d attempts, want %d", fault, name, most, n, m.Attempts, want)
				}
				if success := faults[fault].NotProcessed && want == 2; success != (err == nil) || !success && !errors.Is(err, apierr.ErrOutcomeUnknown) {
					t.Errorf("%s, %s, at most %d attempts: got error %v, want an unknown outcome: %t", fault, name, most, err, !success)
				}
			}
		}
	}
}

// TestTransportDoesNotRepeatWritesOnStaleConnections closes a connection that was idle
// while the client uses it again: before the server reads the request, and after.
func TestTransportDoesNotRepeatWritesOnStaleConnections(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		for _, late := range []bool{false, true} {
			for name, op := range writes() {
				var got atomic.Int32
				var current atomic.Pointer[net.Conn]
				srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n := got.Add(1)
					_, _ = io.Copy(io.Discard, r.Body)
					if late && n == 2 {
						_ = (*current.Load()).Close()
						return
					}
					ok(w, r)
				}))
				srv.EnableHTTP2 = http2
				srv.Config.ConnState = func(conn net.Conn, s http.ConnState) {
					if s == http.StateNew {
						current.Store(&conn)
					}
				}
				srv.StartTLS()
				tr := srv.Client().Transport.(*http.Transport)
				c, err := newClient(profile(), pay.WithBaseURL(srv.URL), pay.WithTransport(tr), pay.WithMaxAttempts(3), pay.WithRandom(faulthttp.ZeroReader{}))
				if err != nil {
					t.Fatal(err)
				}
				attempts := 0
				for range 2 {
					var m pay.Meta
					_, err = transport.Call[resource](t.Context(), c, op, inputOf(op), []pay.CallOption{pay.WithMeta(&m)})
					attempts += m.Attempts
					if !late {
						_ = (*current.Load()).Close()
					}
				}
				srv.Close()
				if n := int(got.Load()); n > attempts || late && n != attempts {
					t.Errorf("HTTP/2: %t, closed late: %t, %s: the server received %d requests and the client counts %d attempts", http2, late, name, n, attempts)
				}
				if late && (err == nil) != (op.RetryClass == transport.Keyed) {
					t.Errorf("HTTP/2: %t, %s: got error %v, want one only without an idempotency key", http2, name, err)
				}
			}
		}
	}
}

// TestTransportDoesNotRepeatWritesAfterEarlyGoAway sends GOAWAY on an idle connection
// while the client uses it again.
func TestTransportDoesNotRepeatWritesAfterEarlyGoAway(t *testing.T) {
	for name, op := range writes() {
		var got atomic.Int32
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Connection", "close") // over HTTP/2, this makes the server send GOAWAY
			ok(w, r)
		}))
		srv.EnableHTTP2 = true
		srv.StartTLS()
		c, err := newClient(profile(), pay.WithBaseURL(srv.URL), pay.WithTransport(srv.Client().Transport), pay.WithRandom(faulthttp.ZeroReader{}))
		if err != nil {
			t.Fatal(err)
		}
		attempts := 0
		for range 5 {
			var m pay.Meta
			_, _ = transport.Call[resource](t.Context(), c, op, inputOf(op), []pay.CallOption{pay.WithMeta(&m)})
			attempts += m.Attempts
		}
		srv.Close()
		if n := int(got.Load()); n == 0 || n > attempts {
			t.Errorf("%s: the server received %d requests and the client counts %d attempts", name, n, attempts)
		}
	}
}
