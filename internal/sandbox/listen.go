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

// server is the sandbox's HTTP server and the state of its connections.
type server struct {
	http *http.Server
	done chan struct{} // closed when Serve has returned

	mu      sync.Mutex
	conns   map[net.Conn]*connInfo
	changed sync.Cond // the state of a connection has changed
}

// listen serves on addr until Close. It can be called once.
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
		ConnState:         v.track,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, v.info(conn))
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(v.done)
		_ = v.http.Serve(&resettingListener{Listener: listener, refuse: s.scenarios.takeRefusal})
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

// resettingListener resets the connections for which refuse returns true.
type resettingListener struct {
	net.Listener
	refuse func() bool
}

func (l *resettingListener) Accept() (net.Conn, error) {
	for {
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
