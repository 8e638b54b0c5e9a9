package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	deliveryTimeout = 5 * time.Second
	replyLimit      = 1 << 10
)

// Delivery is an attempt to deliver a webhook.
type Delivery struct {
	Seq    int    `json:"seq"`
	Method string `json:"method"`
	URL    string `json:"url"`
	// Status is the status of the response, or 0 if there was none.
	Status int `json:"status"`
	// Reply is the first 1 KiB of the response body.
	Reply string `json:"reply,omitempty"`
	// Accepted reports whether the provider would count the webhook as delivered.
	Accepted bool `json:"accepted"`
	// Error is why there was no complete response; may be empty.
	Error string    `json:"error,omitempty"`
	Time  time.Time `json:"time"`
}

// sender sends webhooks. It follows no redirects, uses no proxy and closes each
// connection.
type sender struct {
	clock   *Clock
	allowed []string // hosts besides loopback
	http    *http.Client
	log     journal[Delivery]
}

func newSender(clock *Clock, allowed []string) *sender {
	s := &sender{clock: clock, allowed: allowed}
	s.http = &http.Client{
		Timeout:       deliveryTimeout,
		Transport:     &http.Transport{DialContext: s.dial, DisableKeepAlives: true, MaxResponseHeaderBytes: headerLimit},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// errNotLoopback reports a webhook to another machine.
var errNotLoopback = errors.New("webhooks go to loopback addresses only; allow other hosts with WithCallbackHosts or --allow-callback-host")

// errLinkLocal reports a webhook to a link-local address. Clouds serve the credentials
// of a machine there.
var errLinkLocal = errors.New("webhooks never go to link-local addresses")

// dial connects to an address after checking what its name resolved to.
func (s *sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: deliveryTimeout, Control: func(_, resolved string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return err
		}
		switch ip := to.Addr().Unmap(); {
		case ip.IsLoopback():
			return nil
		case ip.IsLinkLocalUnicast():
			return fmt.Errorf("%s is at %s: %w", host, ip, errLinkLocal)
		case !slices.Contains(s.allowed, canonicalHost(host)):
			return fmt.Errorf("%s is at %s: %w", host, ip, errNotLoopback)
		}
		return nil
	}}
	return dialer.DialContext(ctx, network, address)
}

// Deliver sends a webhook and waits up to 5 s for the response. The function
// accepts reports whether a status and body count as delivered.
func (s *Sandbox) Deliver(r *http.Request, accepts func(status int, reply []byte) bool) Delivery {
	d := s.sender.send(r, accepts)
	s.sender.log.add(func(seq int) Delivery {
		d.Seq = seq
		return d
	})
	return d
}

func (s *sender) send(r *http.Request, accepts func(int, []byte) bool) Delivery {
	d := Delivery{Method: r.Method, URL: r.URL.String(), Time: s.clock.Now()}
	// A name that is not allowed is refused without a lookup, which would leave this
	// machine. What the other names resolve to is checked by dial.
	if host := canonicalHost(r.URL.Hostname()); !isLocal(host) && !slices.Contains(s.allowed, host) {
		d.Error = fmt.Sprintf("%.100q: %v", host, errNotLoopback)
		return d
	}
	resp, err := s.http.Do(r)
	if err != nil {
		d.Error = err.Error()
		return d
	}
	defer resp.Body.Close()
	d.Status = resp.StatusCode
	if d.Status < 200 { // 101: the body is a connection, to which no timeout applies
		d.Error = fmt.Sprintf("the response has status %d, want a final one", d.Status)
		return d
	}
	reply, err := io.ReadAll(io.LimitReader(resp.Body, replyLimit+1))
	if err != nil {
		d.Error = err.Error()
	}
	d.Reply = string(reply[:min(len(reply), replyLimit)])
	d.Accepted = err == nil && accepts(resp.StatusCode, reply)
	return d
}
