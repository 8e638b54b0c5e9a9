package sandbox

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	headerLimit = 64 << 10 // bytes of a request header, and of the header of a webhook's response
	connLimit   = 1_000    // connections at the same time
)

// server is the sandbox's HTTP server and the state of its connections.
type server struct {
	http *http.Server
	done chan struct{} // closed when Serve has returned

	limit int // of connections at the same time; further ones wait

	mu      sync.Mutex
	conns   map[net.Conn]*connInfo
	changed sync.Cond // the state of a connection has changed
}

// listen serves on addr until Close. It can be called once.
func (s *Sandbox) listen(addr string) error {
	if s.server.http != nil {
		return fmt.Errorf("sandbox %s: already listening on %s", s.provider.Name, s.url)
	}
	to, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return fmt.Errorf("sandbox %s: cannot listen on %s: %w", s.provider.Name, addr, err)
	}
	if !to.IP.IsLoopback() && len(s.hosts) == 0 {
		return inputErrorf("%s can be reached by other machines, and the credentials of the sandbox are public; listen on 127.0.0.1, or "+
			"name the hosts by which clients reach it with WithAllowedHosts or --allow-host", addr)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", to.String())
	if err != nil {
		return fmt.Errorf("sandbox %s: cannot listen on %s: %w", s.provider.Name, addr, err)
	}
	s.url = "http://" + s.clientAddress(to.IP, listener.Addr().String())
	s.server.start(listener, s)
	return nil
}

// clientAddress returns the address that clients use.
func (s *Sandbox) clientAddress(ip net.IP, listening string) string {
	if len(ip) > 0 && !ip.IsUnspecified() {
		return listening
	}
	_, port, _ := net.SplitHostPort(listening) // the address of a listener has a port
	return net.JoinHostPort(s.hosts[0], port)
}

// Close stops the server, if there is one, closes its connections and waits for
// running requests. Later calls do nothing.
func (s *Sandbox) Close() {
	s.stop()
	s.server.close()
	s.running.Wait()
	s.sender.http.CloseIdleConnections()
}

func (v *server) start(listener net.Listener, s *Sandbox) {
	v.conns = make(map[net.Conn]*connInfo)
	v.changed.L = &v.mu
	v.done = make(chan struct{})
	v.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		WriteTimeout:      s.slowDelay + 5*time.Minute, // advancing the clock can send many webhooks
		MaxHeaderBytes:    headerLimit,
		ConnState:         v.track,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, v.info(conn))
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(v.done)
		_ = v.http.Serve(&resettingListener{Listener: listener, refuse: s.scenarios.takeRefusal, wait: v.waitForRoom})
	}()
}

func (v *server) close() {
	if v.http == nil {
		return
	}
	_ = v.http.Close()
	<-v.done
	_ = v.http.Close() // closes connections accepted during the first call
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.conns) > 0 {
		v.changed.Wait()
	}
}

// waitForRoom waits until a further connection is within the limit. Closing the server
// closes the connections and ends the wait.
func (v *server) waitForRoom() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.conns) >= v.limit {
		v.changed.Wait()
	}
}

// resettingListener waits before it accepts a connection, and resets those for which
// refuse returns true.
type resettingListener struct {
	net.Listener
	refuse func() bool
	wait   func()
}

func (l *resettingListener) Accept() (net.Conn, error) {
	for {
		l.wait()
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !l.refuse() {
			return conn, nil
		}
		resetConn(conn)
	}
}
