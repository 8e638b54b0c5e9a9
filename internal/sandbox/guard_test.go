package sandbox

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// A host is accepted if it is the address at which the connection arrived. Without a
// server there is no browser, so every host is accepted.
func TestListenAddressIsAHost(t *testing.T) {
	s := newCore(t, Settings{})
	for _, tt := range []struct {
		local, host string
		status      int
	}{
		{"192.0.2.7:4011", "192.0.2.7:4011", 404},
		{"192.0.2.7:4011", "192.0.2.7", 404},
		{"[2001:db8::7]:4011", "[2001:db8:0::7]:4011", 404},
		{"192.0.2.7:4011", "192.0.2.8:4011", 421},
		{"192.0.2.7:4011", "", 421},
		{"127.0.0.1:4011", "example.com", 421},
		{"127.0.0.1:4011", "evil.example@localhost", 421},
		{"127.0.0.1:4011", "localhost/evil.example", 421},
		{"", "example.com", 404},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/y", nil)
		if r.Host = tt.host; tt.local != "" {
			local := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(tt.local))
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		}
		w := httptest.NewRecorder()
		s.provider.ErrorResponse = func(*http.Request, error) Response { return JSON(404, "no operation") }
		s.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("host %q at %s: got %d %s, want %d", tt.host, tt.local, w.Code, w.Body, tt.status)
		}
	}
}

func TestInvalidHostsAndHistory(t *testing.T) {
	for _, host := range []string{"", "sandbox:4011", "http://sandbox", "sandbox/x", "a b", "*", "*.example", "u@sandbox", "sandbox, shop", "[::1", "%zz"} {
		for _, settings := range []Settings{{AllowedHosts: []string{host}}, {CallbackHosts: []string{"shop", host}}} {
			_, err := New(Provider{Name: "x", Operations: []Operation{{}}, ErrorResponse: func(*http.Request, error) Response { return Response{} }}, settings)
			if bad := new(InputError); !errors.As(err, &bad) || !strings.Contains(err.Error(), fmt.Sprintf("%q", host)) {
				t.Errorf("host %q: got %v, want an error that names it", host, err)
			}
		}
	}
	for _, host := range []string{"sandbox", "SANDBOX.", "shop.example", "192.0.2.1", "2001:db8::1"} {
		newCore(t, Settings{AllowedHosts: []string{host}, CallbackHosts: []string{host}})
	}
	if _, err := New(Provider{Name: "x", Operations: []Operation{{}}, ErrorResponse: func(*http.Request, error) Response { return Response{} }}, Settings{History: -1}); err == nil {
		t.Error("New accepted a negative history")
	}
}

func TestRemoteListenAddressMustBeAllowed(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.7:0"} {
		h, err := newCore(t, Settings{}).Open(addr, nil)
		if bad := new(InputError); !errors.As(err, &bad) || !strings.Contains(err.Error(), "WithAllowedHosts") {
			t.Errorf("address %s: got %v, want an error that says how to allow it", addr, err)
		}
		if err == nil {
			h.Close()
		}
	}
	s := newCore(t, Settings{AllowedHosts: []string{"sandbox", "other"}})
	for ip, want := range map[string]string{"": "sandbox:4011", "0.0.0.0": "sandbox:4011", "::": "sandbox:4011", "127.0.0.1": "127.0.0.1:4011"} {
		if got := s.clientAddress(net.ParseIP(ip), net.JoinHostPort(ip, "4011")); got != want {
			t.Errorf("listening on %q: URL with %s, want %s", ip, got, want)
		}
	}
}

// fakeDNS makes lookups of the test return addresses by name.
func fakeDNS(t *testing.T, addresses map[string]string) {
	t.Helper()
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before; _ = server.Close() })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	go func() {
		query := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(dnsResponse(query[:n], addresses), from)
		}
	}()
}

// dnsResponse returns the response to a query with one question (RFC 1035, section 4).
func dnsResponse(query []byte, addresses map[string]string) []byte {
	var name []string
	at := 12
	for query[at] > 0 {
		name = append(name, string(query[at+1:at+1+int(query[at])]))
		at += 1 + int(query[at])
	}
	question := query[12 : at+5]
	ip := net.ParseIP(addresses[strings.ToLower(strings.Join(name, "."))]).To4()
	count := byte(0)
	if ip != nil && binary.BigEndian.Uint16(query[at+1:]) == 1 { // a question for an IPv4 address
		count = 1
	}
	out := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, count, 0, 0, 0, 0}, question...)
	if count == 1 {
		out = append(append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4), ip...)
	}
	return out
}

// The address that a name resolves to decides, not the name.
func TestCallbackAddressIsChecked(t *testing.T) {
	requests := 0
	shop := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	defer shop.Close()
	_, port, err := net.SplitHostPort(shop.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fakeDNS(t, map[string]string{
		"shop.test": "127.0.0.1", "here.localhost": "127.0.0.1", "metadata.localhost": "169.254.169.254", "intranet.localhost": "10.0.0.1",
		"public.localhost": "192.0.2.1", "metadata.test": "169.254.169.254", "other.test": "127.0.0.1",
	})
	s := newCore(t, Settings{CallbackHosts: []string{"Shop.test", "metadata.test", "169.254.169.254"}})
	for host, want := range map[string]string{
		"shop.test": "", "SHOP.test.": "", "here.localhost": "", "localhost": "",
		"metadata.localhost": "link-local", "intranet.localhost": "10.0.0.1: webhooks go to loopback", "public.localhost": "192.0.2.1: webhooks go to loopback",
		"metadata.test": "link-local", "169.254.169.254": "link-local", "other.test": `"other.test": webhooks go to loopback`,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+net.JoinHostPort(host, port)+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		d := s.Deliver(r, func(int, []byte) bool { return true })
		if d.Accepted != (want == "") || !strings.Contains(d.Error, want) || want == "" && d.Error != "" {
			t.Errorf("callback to %s: got %+v, want an error with %q", host, d, want)
		}
	}
	if requests != 4 {
		t.Errorf("the shop received %d callbacks, want 4", requests)
	}
}

// A response with status 101 turns the connection into a body to which no timeout
// applies.
func TestSwitchingProtocolsEndsDelivery(t *testing.T) {
	done := make(chan struct{})
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_, _ = bufio.NewReader(conn).ReadByte() // until the sandbox hangs up
		_ = conn.Close()
		close(done)
	}))
	defer shop.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shop.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := newCore(t, Settings{}).Deliver(r, func(int, []byte) bool { return true }); d.Accepted || d.Status != 101 || !strings.Contains(d.Error, "101") {
		t.Errorf("got %+v, want a failed delivery with status 101", d)
	}
	<-done
}

func TestConnectionsAreBounded(t *testing.T) {
	s := newCore(t, Settings{})
	s.server.limit = 2
	h, err := s.Open("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	connect := func() (net.Conn, *bufio.Reader) {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(h.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return conn, bufio.NewReader(conn)
	}
	wantServed := func(r *bufio.Reader) {
		t.Helper()
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	first, r1 := connect()
	second, r2 := connect()
	defer func() { _ = second.Close() }()
	wantServed(r1)
	wantServed(r2)
	third, r3 := connect()
	defer func() { _ = third.Close() }()
	s.server.mu.Lock()
	if n := len(s.server.conns); n != 2 {
		t.Errorf("%d connections are served, want 2", n)
	}
	s.server.mu.Unlock()
	_ = first.Close()
	wantServed(r3)
	fourth, _ := connect() // waits; Close ends the wait
	_ = fourth.Close()
}

func TestLargeHeaderIsRefused(t *testing.T) {
	h, err := newCore(t, Settings{}).Open("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL+"/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Large", strings.Repeat("x", 80<<10))
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %d, want 431", resp.StatusCode)
	}
}
