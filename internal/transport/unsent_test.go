package transport_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
)

const closedPort = "127.0.0.1:1"

// redirected dials another address than asked for.
func redirected(to string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, to)
	}
}

// wrapped hides the type of a transport, as a tracing transport does.
func wrapped(rt http.RoundTripper) http.RoundTripper { return roundTripper(rt.RoundTrip) }

// sendAndLose sends a request on a connection of its own, which it dials without
// httptrace, and closes it before the response.
func sendAndLose(addr string, req *http.Request) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := req.Clone(context.Background()).Write(conn); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

// TestUnsentNeedsProof makes writes that fail before, while and after they are sent,
// through transports that dial in their own ways. Only what certainly was not sent is
// not applied.
func TestUnsentNeedsProof(t *testing.T) {
	lost := &faulthttp.RawServer{Script: func(net.Conn, *http.Request) bool { return false }} // reads a request and closes
	lostURL, err := url.Parse(lost.Listen(t))
	if err != nil {
		t.Fatal(err)
	}
	handshakes := httptest.NewUnstartedServer(http.NotFoundHandler())
	handshakes.Config.ErrorLog = log.New(io.Discard, "", 0)
	handshakes.StartTLS()
	t.Cleanup(handshakes.Close)
	refusing := &faulthttp.RawServer{Script: func(conn net.Conn, _ *http.Request) bool { // a proxy that refuses CONNECT
		_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
		return false
	}}
	reset := &faulthttp.RawServer{Script: func(conn net.Conn, _ *http.Request) bool { return conn.(*net.TCPConn).SetLinger(0) == nil && false }}
	resetURL, err := url.Parse(reset.Listen(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := url.Parse(refusing.Listen(t))
	if err != nil {
		t.Fatal(err)
	}
	tls13 := rejectingClients(t)
	refused := &http.Transport{DialContext: redirected(closedPort)}
	untrusted := &http.Transport{DialContext: redirected(handshakes.Listener.Addr().String())}
	custom := errors.New("no route")
	failing := func(context.Context, string, string) (net.Conn, error) { return nil, custom }
	for name, tt := range map[string]struct {
		rt      http.RoundTripper
		applied bool // it may have been sent
	}{
		"refused dial":          {refused, false},
		"refused dial, wrapped": {wrapped(refused), false},
		"refused dial, wrapped with its error": {roundTripper(func(r *http.Request) (*http.Response, error) {
			_, err := refused.RoundTrip(r)
			return nil, fmt.Errorf("traced: %w", err)
		}), false},
		"own dialer fails":                            {&http.Transport{DialContext: failing}, false},
		"own TLS dialer fails":                        {&http.Transport{DialTLSContext: failing}, false},
		"untrusted certificate":                       {untrusted, false},
		"untrusted certificate, wrapped":              {wrapped(untrusted), false},
		"proxy refuses CONNECT":                       {&http.Transport{Proxy: http.ProxyURL(proxy)}, false},
		"proxy cannot be reached":                     {&http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: closedPort})}, false},
		"SOCKS proxy cannot be reached":               {&http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "socks5", Host: closedPort})}, false},
		"dial takes too long":                         {&http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }}, false},
		"dials by itself":                             {roundTripper(func(r *http.Request) (*http.Response, error) { return nil, sendAndLose(lostURL.Host, r) }), true},
		"dials by itself after a refused dial":        {failover(refused, lostURL.Host, false), true},
		"dials by itself and joins both errors":       {failover(refused, lostURL.Host, true), true},
		"dials by itself after a failed dialer":       {failover(&http.Transport{DialContext: failing}, lostURL.Host, false), true},
		"dials by itself after a refused dial, reset": {failover(refused, resetURL.Host, false), true},
		"dials by itself, then in vain": {roundTripper(func(r *http.Request) (*http.Response, error) {
			_ = sendAndLose(lostURL.Host, r)
			_, err := net.Dial("tcp", closedPort)
			return nil, err
		}), true},
		"dials by itself after a failed handshake":  {failover(untrusted, lostURL.Host, false), true},
		"refused dial after a redirect":             {followRedirects(t), true},
		"server rejects the client certificate":     {&http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DialContext: redirected(tls13)}, true},
		"TLS dialer that sends early data":          {&http.Transport{DialTLSContext: redirected(lostURL.Host)}, true},
		"TLS dialer that sends early data, wrapped": {wrapped(&http.Transport{DialTLSContext: redirected(lostURL.Host)}), true},
	} {
		c, err := newClient(profile(), pay.WithBaseURL("https://provider.example"), pay.WithTransport(tt.rt), pay.WithMaxAttempts(1), pay.WithAttemptTimeout(2*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		opts := []pay.CallOption{}
		if name == "dial takes too long" {
			opts = append(opts, pay.WithCallAttemptTimeout(20*time.Millisecond))
		}
		_, err = call(t.Context(), c, &keyless, opts...)
		e, ok := errors.AsType[*apierr.Error](err)
		if !ok {
			t.Errorf("%s: got error %v, want an *apierr.Error", name, err)
			continue
		}
		want := apierr.OutcomeNotApplied
		if tt.applied {
			want = apierr.OutcomeUnknown
		}
		if e.Outcome() != want {
			t.Errorf("%s: Outcome: got %s, want %s: %v", name, e.Outcome(), want, err)
		}
	}
}

// failover sends a request in its own way after another transport has failed.
func failover(first http.RoundTripper, addr string, joined bool) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		resp, firstErr := first.RoundTrip(r)
		if firstErr == nil {
			return resp, nil
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		err = sendAndLose(addr, r)
		if joined {
			err = fmt.Errorf("%w; then %w", firstErr, err)
		}
		return nil, err
	})
}

// followRedirects follows a redirect to a closed port.
func followRedirects(t *testing.T) http.RoundTripper {
	srv := httptest.NewServer(http.RedirectHandler("http://"+closedPort+"/", http.StatusSeeOther))
	t.Cleanup(srv.Close)
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL, _ = url.Parse(srv.URL)
		return http.DefaultClient.Do(r)
	})
}

// rejectingClients wants a client certificate. In TLS 1.3 a client learns that it is
// rejected after it has sent its request.
func rejectingClients(t *testing.T) string {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}
