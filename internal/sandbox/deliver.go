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
	replyKept       = 1 << 10
)

// Delivery is one attempt to deliver a webhook.
type Delivery struct {
	Seq    int    `json:"seq"`
	Method string `json:"method"`
	URL    string `json:"url"`
	// Status is 0 when there was no answer.
	Status int `json:"status"`
	// Reply is the first 1 KiB of the answer.
	Reply string `json:"reply,omitempty"`
	// Accepted tells whether the provider would count the webhook as delivered.
	Accepted bool `json:"accepted"`
	// Error is why there was no answer; may be empty.
	Error string    `json:"error,omitempty"`
	Time  time.Time `json:"time"`
}

type sender struct {
	clock  *Clock
	remote bool
	http   *http.Client
	log    journal[Delivery]
}

// newSender makes a client that dials this machine only, follows nothing,
// uses no proxy and keeps no connection.
func newSender(clock *Clock, settings Settings) *sender {
	dialer := &net.Dialer{Timeout: deliveryTimeout}
	if !settings.AllowRemote {
		dialer.Control = loopbackOnly
	}
	s := &sender{clock: clock, remote: settings.AllowRemote, http: &http.Client{
		Timeout:       deliveryTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.log.limit = journalLimit
	return s
}

// errRemote refuses to leave this machine.
var errRemote = errors.New("webhooks go to this machine only; allow remote addresses to change that")

// loopbackOnly looks at the address after name resolution.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%s: %w", address, errRemote)
	}
	return nil
}

// isLocal tells whether a host is this machine by its name alone, so that no
// other name is ever looked up.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	return address.Unmap().IsLoopback()
}

// Deliver sends a webhook and waits for the answer, at most 5 s. Accepts says
// which status and reply count as delivered.
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
	if !s.remote && !isLocal(r.URL.Hostname()) {
		d.Error = errRemote.Error()
		return d
	}
	answer, err := s.http.Do(r)
	if err != nil {
		d.Error = err.Error()
		return d
	}
	defer answer.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(answer.Body, replyKept+1))
	if err != nil {
		d.Error = err.Error()
	}
	d.Status, d.Reply = answer.StatusCode, string(reply[:min(len(reply), replyKept)])
	d.Accepted = err == nil && accepts(answer.StatusCode, reply)
	return d
}
