package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/pay"
)

// names returns the header names of one request as they are on the wire. The server
// behind it closes the connection without a response.
func names(t *testing.T, call func(base string)) []string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	lines := make(chan []string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		var names []string
		for in := bufio.NewScanner(conn); in.Scan() && in.Text() != ""; {
			name, _, _ := strings.Cut(in.Text(), ": ")
			names = append(names, name)
		}
		lines <- names
	}()
	call("http://" + l.Addr().String())
	select {
	case found := <-lines:
		return found
	case <-t.Context().Done():
		t.Fatal("no request arrived")
		return nil
	}
}

// TestHeaderNamesAreSentInTheDocumentedCase reads the headers of each call from a
// socket. The gateway's page demands the exact case X-PAY-Key; net/http changes it to
// X-Pay-Key unless it is told not to.
func TestHeaderNamesAreSentInTheDocumentedCase(t *testing.T) {
	_, creds, _ := readVectors(t)
	for operation, call := range map[string]func(*gateway.Client){
		"createPayment": func(c *gateway.Client) { _, _ = c.CreatePayment(t.Context(), qris()) },
		"getPayment":    func(c *gateway.Client) { _, _ = c.GetPayment(t.Context(), "0123456789abcdef0123456789abcdef") },
		"createRefund": func(c *gateway.Client) {
			_, _ = c.CreateRefund(t.Context(), gateway.CreateRefundRequest{PaymentID: "0123456789abcdef0123456789abcdef"})
		},
	} {
		got := names(t, func(base string) {
			c, err := gateway.New(creds, pay.WithBaseURL(base), pay.WithMaxAttempts(1), pay.WithTransport(&http.Transport{DisableKeepAlives: true}))
			if err != nil {
				t.Fatal(err)
			}
			call(c)
		})
		for _, want := range []string{"X-PAY-Key", "X-PAY-Timestamp", "X-PAY-Signature"} {
			same := slices.DeleteFunc(slices.Clone(got), func(name string) bool { return !strings.EqualFold(name, want) })
			if !slices.Equal(same, []string{want}) {
				t.Errorf("%s: got headers %v, want %s once", operation, got, want)
			}
		}
	}
}

// TestSignatureHeadersOverHTTP2: HTTP/2 has lower-case names only.
func TestSignatureHeadersOverHTTP2(t *testing.T) {
	_, creds, _ := readVectors(t)
	var proto string
	var sent http.Header
	var valid bool
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		proto, sent = r.Proto, r.Header
		valid = r.Header.Get("X-PAY-Signature") == requestMAC(creds.Secret, r.Header.Get("X-PAY-Timestamp"), r.Method, r.URL.Path, string(body))
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"payment_id":"p","status":"initiated","checkout_url":"https://x.example"}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c, err := gateway.New(creds, pay.WithBaseURL(srv.URL), pay.WithTransport(srv.Client().Transport))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreatePayment(t.Context(), qris()); err != nil {
		t.Fatal(err)
	}
	if proto != "HTTP/2.0" || !valid || len(sent.Values("X-PAY-Key")) != 1 {
		t.Errorf("got %s, a valid signature: %v, public keys: %d; want HTTP/2.0, a valid signature and one public key", proto, valid, len(sent.Values("X-PAY-Key")))
	}
}
