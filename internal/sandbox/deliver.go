package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
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

type sender struct {
	clock       *Clock
	allowRemote bool
	http        *http.Client
	log         journal[Delivery]
}

// newSender returns a sender that follows no redirects, uses no proxy and closes
// each connection. Unless settings.AllowRemote is set, it dials only this machine.
func newSender(clock *Clock, settings Settings) *sender {
	dialer := &net.Dialer{Timeout: deliveryTimeout}
	if !settings.AllowRemote {
		dialer.Control = loopbackOnly
	}
	s := &sender{clock: clock, allowRemote: settings.AllowRemote, http: &http.Client{
		Timeout:       deliveryTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.log.limit = journalLimit
	return s
}

// errRemote reports a webhook URL that is not on this machine.
var errRemote = errors.New("webhooks go to this machine only, unless remote addresses are allowed")

// loopbackOnly checks the address after name resolution.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s: %w", address, errRemote)
	}
	return nil
}

// isLocal reports whether host is this machine, without a lookup, so that no other
// name is ever resolved.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	return address.Unmap().IsLoopback()
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
	if !s.allowRemote && !isLocal(r.URL.Hostname()) {
		d.Error = errRemote.Error()
		return d
	}
	resp, err := s.http.Do(r)
	if err != nil {
		d.Error = err.Error()
		return d
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, replyLimit+1))
	if err != nil {
		d.Error = err.Error()
	}
	d.Status, d.Reply = resp.StatusCode, string(reply[:min(len(reply), replyLimit)])
	d.Accepted = err == nil && accepts(resp.StatusCode, reply)
	return d
}
