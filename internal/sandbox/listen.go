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

// server is the sandbox's own HTTP server and what it knows of its connections.
type server struct {
	http *http.Server
	done chan struct{} // closed when Serve has returned

	mu    sync.Mutex
	conns map[net.Conn]*peer
	moved sync.Cond // a connection has changed its state
}

// listen serves on addr, "127.0.0.1:0" for a free port, until Close. A sandbox
// listens once.
func (s *Sandbox) listen(addr string) error {
	if s.server.http != nil {
		return fmt.Errorf("sandbox %s: already listening on %s", s.provider.Name, s.url)
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("sandbox %s: cannot listen on %s: %w", s.provider.Name, addr, err)
	}
	s.url = "http://" + listener.Addr().String()
	s.server.start(listener, s)
	return nil
}

// Close stops the server, if there is one, cuts its connections and waits for
// what is under way. It can be called again.
func (s *Sandbox) Close() {
	s.stop()
	s.server.close()
	s.busy.Wait()
	s.sender.http.CloseIdleConnections()
}

func (v *server) start(listener net.Listener, s *Sandbox) {
	v.conns = make(map[net.Conn]*peer)
	v.moved.L = &v.mu
	v.done = make(chan struct{})
	v.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ConnState:         v.track,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, v.peer(conn))
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(v.done)
		_ = v.http.Serve(&door{Listener: listener, refuse: s.plan.takeRefusal})
	}()
}

func (v *server) close() {
	if v.http == nil {
		return
	}
	_ = v.http.Close()
	<-v.done
	_ = v.http.Close() // a connection accepted in between is known by now
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.conns) > 0 {
		v.moved.Wait()
	}
}

// door is a listener that closes the connections that are to be refused.
type door struct {
	net.Listener
	refuse func() bool
}

func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !d.refuse() {
			return conn, nil
		}
		reset(conn)
	}
}
