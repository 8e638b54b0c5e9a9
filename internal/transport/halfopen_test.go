package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/transport"
	"github.com/specpay/specpay/pay"
)

// overTLS starts a server behind a proxy. The function that it returns makes a
// transport trust the server.
func overTLS(t *testing.T, http2 bool, h http.HandlerFunc) (*faulthttp.Proxy, func(*http.Transport) *http.Transport) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = http2
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // net/http gives up dials that it does not need
	srv.StartTLS()
	t.Cleanup(srv.Close)
	p := faulthttp.NewProxy(t, srv.Listener.Addr().String())
	return p, func(tr *http.Transport) *http.Transport {
		tr.TLSClientConfig = &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
		tr.ForceAttemptHTTP2 = http2
		t.Cleanup(tr.CloseIdleConnections)
		return tr
	}
}

// TestHalfOpenConnectionIsAbandoned silences the connections of a client without
// closing them, after calls at the same time that needed several over HTTP/1. Only the
// calls that use one before the first timeout are lost.
func TestHalfOpenConnectionIsAbandoned(t *testing.T) {
	const burst = 5
	for name, tr := range map[string]*http.Transport{"own": transport.OwnTransport(), "the caller's": {MaxIdleConnsPerHost: burst}} {
		for _, http2 := range []bool{false, true} {
			tr := tr.Clone()
			var together sync.WaitGroup
			together.Add(burst)
			var served atomic.Int32
			p, trust := overTLS(t, http2, func(w http.ResponseWriter, r *http.Request) {
				if served.Add(1) <= burst {
					together.Done()
					together.Wait()
				}
				ok(w, r)
			})
			c, err := newClient(profile(), pay.WithBaseURL("https://"+p.Addr), pay.WithTransport(trust(tr)), pay.WithMaxAttempts(1))
			if err != nil {
				t.Fatal(err)
			}
			var calls sync.WaitGroup
			for range burst {
				calls.Go(func() {
					if _, err := call(t.Context(), c, &read); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
			p.Silence()
			timeouts := 0
			for range 12 {
				_, err := call(t.Context(), c, &keyless, pay.WithCallAttemptTimeout(400*time.Millisecond))
				switch {
				case errors.Is(err, context.DeadlineExceeded):
					timeouts++
				case err != nil:
					t.Errorf("%s transport, HTTP/2: %t: %v", name, http2, err)
				}
			}
			if timeouts < 1 || timeouts > 2 {
				t.Errorf("%s transport, HTTP/2: %t: %d of 12 calls timed out, want 1 or 2", name, http2, timeouts)
			}
		}
	}
}

// TestRetryAvoidsHalfOpenConnection: the retry of a call dials.
func TestRetryAvoidsHalfOpenConnection(t *testing.T) {
	p, trust := overTLS(t, true, ok)
	c, err := newClient(profile(), pay.WithBaseURL("https://"+p.Addr), pay.WithTransport(trust(&http.Transport{})))
	if err != nil {
		t.Fatal(err)
	}
	for _, attempts := range []int{1, 2} {
		var m pay.Meta
		if _, err := call(t.Context(), c, &keyed, pay.WithMeta(&m), pay.WithCallAttemptTimeout(300*time.Millisecond)); err != nil || m.Attempts != attempts {
			t.Errorf("%d attempts, error %v; want %d attempts and success", m.Attempts, err, attempts)
		}
		p.Silence()
	}
}

// TestSlowCallEndsAlone lets one of many calls on a connection of HTTP/2 time out. The
// others are answered on that connection.
func TestSlowCallEndsAlone(t *testing.T) {
	const others = 30
	for name, tr := range map[string]func() *http.Transport{"own": transport.OwnTransport, "the caller's": func() *http.Transport { return &http.Transport{} }} {
		var arrived sync.WaitGroup
		release := make(chan struct{})
		var slow atomic.Bool
		p, trust := overTLS(t, true, func(w http.ResponseWriter, r *http.Request) {
			if slow.Load() {
				<-r.Context().Done()
				return
			}
			if r.Method == http.MethodPost {
				arrived.Done()
				<-release
			}
			ok(w, r)
		})
		c, err := newClient(profile(), pay.WithBaseURL("https://"+p.Addr), pay.WithTransport(trust(tr())), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &read); err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		arrived.Add(others)
		for range others {
			calls.Go(func() {
				if _, err := call(t.Context(), c, &keyless); err != nil {
					t.Errorf("%s transport: a call beside a slow one: %v", name, err)
				}
			})
		}
		arrived.Wait()
		slow.Store(true)
		for range 3 {
			if _, err := call(t.Context(), c, &read, pay.WithCallAttemptTimeout(50*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s transport: a call to a slow server: got error %v, want a timeout", name, err)
			}
		}
		close(release)
		calls.Wait()
		if n := p.Dials(); n != 1 {
			t.Errorf("%s transport: %d connections, want 1", name, n)
		}
	}
}

// TestPingsFindHalfOpenConnection keeps calls in flight on a connection that has become
// silent, so that it is never idle. The pings of the client's own transport end it.
func TestPingsFindHalfOpenConnection(t *testing.T) {
	certificates, trusting := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		l := faulthttp.NewPipeListener()
		srv := &http.Server{Handler: ok, TLSConfig: &tls.Config{Certificates: certificates}}
		go func() { _ = srv.ServeTLS(l, "", "") }()
		var conn atomic.Pointer[swallowing] // the newest
		tr := transport.OwnTransport()
		tr.TLSClientConfig = trusting().TLSClientConfig
		tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			pipe, err := l.Dial(ctx, network, addr)
			conn.Store(&swallowing{Conn: pipe})
			return conn.Load(), err
		}
		defer func() { tr.CloseIdleConnections(); _ = srv.Close() }()
		c, err := newClient(profile(), pay.WithBaseURL("https://127.0.0.1"), pay.WithTransport(tr), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := call(t.Context(), c, &read); err != nil {
			t.Fatal(err)
		}
		conn.Load().silent.Store(true)
		start := time.Now()
		var calls sync.WaitGroup
		for range 40 {
			calls.Go(func() {
				began := time.Since(start)
				switch _, err := call(t.Context(), c, &keyless); {
				case began < 20*time.Second && !errors.Is(err, apierr.ErrOutcomeUnknown):
					t.Errorf("a call after %v: got error %v, want an unknown outcome", began, err)
				case began > 20*time.Second && err != nil:
					t.Errorf("a call after %v: got error %v, want success on a new connection", began, err)
				case time.Since(start) > 30*time.Second && err != nil:
					t.Errorf("a call after %v ended after %v", began, time.Since(start))
				}
			})
			time.Sleep(time.Second)
		}
		calls.Wait()
	})
}

// swallowing is a connection that loses what is written to it while it is silent.
type swallowing struct {
	net.Conn
	silent atomic.Bool
}

// Write implements net.Conn.
func (c *swallowing) Write(b []byte) (int, error) {
	if c.silent.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// idling is a transport that counts how often its idle connections are closed.
type idling struct {
	script []func(context.Context) (*http.Response, error)
	n      int
	closed int
}

func (i *idling) RoundTrip(r *http.Request) (*http.Response, error) {
	i.n++
	return i.script[i.n-1](r.Context())
}

func (i *idling) CloseIdleConnections() { i.closed++ }

// TestConnectionsAreKeptAfterAResponse: after a timeout, each attempt closes the idle
// connections until there is a whole response.
func TestConnectionsAreKeptAfterAResponse(t *testing.T) {
	hangs := func(ctx context.Context) (*http.Response, error) { <-ctx.Done(); return nil, ctx.Err() }
	respond := func(body io.Reader) func(context.Context) (*http.Response, error) {
		return func(context.Context) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body)}, nil
		}
	}
	synctest.Test(t, func(t *testing.T) {
		rt := &idling{script: []func(context.Context) (*http.Response, error){hangs, respond(broken(`{"id"`)()), respond(strings.NewReader(`{"id":"a"}`)), respond(strings.NewReader(`{"id":"a"}`))}}
		c, err := newClient(profile(), pay.WithTransport(rt), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{0, 1, 2, 2} {
			if _, _ = call(t.Context(), c, &read); rt.closed != want {
				t.Errorf("after call %d: closed %d times, want %d", i+1, rt.closed, want)
			}
		}
	})
}

// TestCallAfterClose: its connection is closed when it has ended.
func TestCallAfterClose(t *testing.T) {
	closed := make(chan struct{}, 1)
	srv := httptest.NewUnstartedServer(ok)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			closed <- struct{}{}
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c, err := newClient(profile(), pay.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t.Context(), c, &read); err != nil {
		t.Errorf("the call: %v", err)
	}
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection was not closed within 10 s")
	}
}

// TestWhatIsATimeout: only after one, the idle connections are closed.
func TestWhatIsATimeout(t *testing.T) {
	lost := func(context.Context) (*http.Response, error) { return nil, errors.New("reset") }
	for name, tt := range map[string]struct {
		first  func(context.Context) (*http.Response, error)
		closed int
	}{
		"a timeout that the transport hides": {func(ctx context.Context) (*http.Response, error) { <-ctx.Done(); return nil, errors.New("odd") }, 1},
		"a timeout of the network": {func(context.Context) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
		}, 1},
		"another error of the network": {func(context.Context) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Err: errors.New("reset")}
		}, 0},
		"another error": {func(context.Context) (*http.Response, error) { return nil, errors.New("reset") }, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			rt := &idling{script: []func(context.Context) (*http.Response, error){tt.first, lost, lost}}
			c, err := newClient(profile(), pay.WithTransport(rt), pay.WithMaxAttempts(1))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				_, _ = call(t.Context(), c, &read)
			}
			if rt.closed != tt.closed {
				t.Errorf("%s: closed %d times, want %d", name, rt.closed, tt.closed)
			}
			_ = c.Close()
			_, _ = call(t.Context(), c, &read)
			time.Sleep(time.Second)
			if tt.closed == 0 && rt.closed != 0 { // it is the caller's
				t.Errorf("%s: Close closed the connections of the caller's transport", name)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // a transport without idle connections
		c, err := newClient(profile(), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() })), pay.WithMaxAttempts(1))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := call(t.Context(), c, &read); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want a timeout", err)
			}
		}
	})
}

// TestConnectionIsReused: calls that follow each other share one connection, until Close.
func TestConnectionIsReused(t *testing.T) {
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(ok)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	closed := 0
	p := profile()
	p.Close = func() { closed++ }
	c, err := newClient(p, pay.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if _, err := call(t.Context(), c, &read); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("300 calls opened %d connections, want 1", n)
	}
	_ = c.Close()
	if _, err := call(t.Context(), c, &read); err != nil || opened.Load() != 2 || closed != 1 {
		t.Errorf("after Close: %v, %d connections opened, the profile closed %d times; want 2, 1", err, opened.Load(), closed)
	}
}
