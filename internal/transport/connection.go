package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// maxSent is how often a transport may send the request of one attempt. Only a read
// is sent more than once, see setBody; without a limit, net/http repeats it until the
// timeout.
const maxSent = 3

var errResent = errors.New("the transport sent the request again on its own too often")

// connection records whether the transport obtained a connection, and how often.
type connection struct {
	wanted atomic.Bool
	got    atomic.Int32
	cancel context.CancelFunc
	trace  httptrace.ClientTrace
	plain  bool // the transport is an *http.Transport and not one around it
}

// watch returns the trace that records it.
func (c *connection) watch() *httptrace.ClientTrace {
	c.trace.GetConn = func(string) { c.wanted.Store(true) }
	c.trace.GotConn = func(httptrace.GotConnInfo) {
		if c.got.Add(1) > maxSent {
			c.cancel()
		}
	}
	return &c.trace
}

// unsent reports whether nothing can have been sent, given the error of the transport:
// it asked for a connection and did not get one. A transport without trace support may
// have sent the request. So may one that contains another and sends the request in a
// second way if the first one fails; then the error has to be one of dialing too.
func (c *connection) unsent(err error) bool {
	return c.wanted.Load() && c.got.Load() == 0 && (c.plain || dialing(err))
}

// dialing reports whether an error arises only before anything is sent. It does not
// trust joined errors, of which one may have come later.
func dialing(err error) bool {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if _, joined := any(e).(interface{ Unwrap() []error }); joined {
			return false
		}
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		return dial.Op == "dial"
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return certificate
}
