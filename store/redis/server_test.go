package redis_test

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/store/redis"
)

// server is a redis-server on a loopback port, without persistence.
type server struct {
	addr string
	args []string
	path string
	cmd  *exec.Cmd
	over chan struct{} // closed when the server has ended
}

// serve starts a server that ends with the test. args are arguments such as
// "--requirepass", "x".
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("needs redis-server; on Debian: apt-get install redis-server")
	}
	s := &server{path: path, args: append([]string{"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, args...)}
	t.Cleanup(s.stop)
	for range 3 { // another process may take a free port before it is used
		s.addr = freePort(t)
		if err = s.start(t.Context()); err == nil {
			return s
		}
		s.stop()
	}
	t.Fatal(err)
	return nil
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start runs the server on its port and waits until it responds.
func (s *server) start(ctx context.Context) error {
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return err
	}
	s.cmd = exec.Command(s.path, append([]string{"--port", port}, s.args...)...)
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	cmd, over := s.cmd, make(chan struct{})
	s.over = over
	go func() {
		defer close(over)
		_ = cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for { // the client would log each failed attempt
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.addr)
		if err == nil {
			_ = conn.Close()
			break
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-over:
			return errors.New("redis-server ended; its port may be taken")
		case <-ctx.Done():
			return err
		}
	}
	c := goredis.NewClient(&goredis.Options{Addr: s.addr})
	defer func() { _ = c.Close() }()
	err = c.Ping(ctx).Err()
	var said goredis.Error
	if errors.As(err, &said) {
		return nil // the server requires a password
	}
	return err
}

// stop kills the server. Its data is lost.
func (s *server) stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		<-s.over
		s.cmd = nil
	}
}

// client returns a client that is closed at the end of the test.
func (s *server) client(t *testing.T) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: s.addr})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// store returns a store with its own client, like that of another process.
func (s *server) store(t *testing.T, opts ...redis.Option) *redis.Store {
	t.Helper()
	st, err := redis.New(s.client(t), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// pass shortens the time to live of all keys by d.
func pass(t *testing.T, c *goredis.Client, d time.Duration) {
	t.Helper()
	for _, key := range keys(t, c, "*") {
		left, err := c.PTTL(t.Context(), key).Result()
		if err != nil || left < 0 {
			t.Fatalf("%s does not expire: %v, %v", key, left, err)
		}
		if err := c.PExpire(t.Context(), key, left-d).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func keys(t *testing.T, c *goredis.Client, pattern string) []string {
	t.Helper()
	all, err := c.Keys(t.Context(), pattern).Result()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
