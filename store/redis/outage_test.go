package redis_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
	"github.com/specpay/specpay/store/redis"
)

// TestServerDown: payments continue with a token of the process itself; a
// notification is refused and handled when it is delivered again.
func TestServerDown(t *testing.T) {
	srv := serve(t)
	shop := qpaytest.NewServer(t, lean)
	id, _ := paid(t, shop)
	st := srv.store(t)
	c := connect(t, shop, pay.WithTokenStore(st), pay.WithEventStore(st))
	runs := 0
	h := c.Webhook(func(context.Context, qpay.Event) error { runs++; return nil })
	srv.stop()
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK, http.StatusOK} {
		start := time.Now()
		if got, took := callback(h, id), time.Since(start); got != want || took > 15*time.Second { // three exchanges of 1 s, with a margin
			t.Errorf("status %d after %v, want %d", got, took, want)
		}
		if srv.cmd == nil {
			fatal(t, srv.start(t.Context()))
		}
	}
	if runs != 1 {
		t.Errorf("user code ran %d times", runs)
	}
}

// TestServerStopsDuringHandling: the handler accepts an event that was handled but
// not recorded, and logs that. Another delivery is handled again.
func TestServerStopsDuringHandling(t *testing.T) {
	srv := serve(t)
	shop := qpaytest.NewServer(t, lean)
	id, _ := paid(t, shop)
	var log bytes.Buffer
	c := connect(t, shop, pay.WithEventStore(srv.store(t)), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	runs := 0
	h := c.Webhook(func(context.Context, qpay.Event) error {
		if runs++; runs == 1 {
			srv.stop()
		}
		return nil
	})
	if got := callback(h, id); got != http.StatusOK || !strings.Contains(log.String(), "storing that failed") {
		t.Errorf("status %d, log %s", got, &log)
	}
	fatal(t, srv.start(t.Context()))
	if got := callback(h, id); got != http.StatusOK || runs != 2 {
		t.Errorf("redelivery without a record: status %d, %d runs; want 200 and a second run", got, runs)
	}
}

// TestServerHangs: with a server that accepts connections and does not respond, each
// step takes the store's timeout, although the client's own is longer.
func TestServerHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	fatal(t, err)
	defer func() { _ = l.Close() }() // the kernel accepts connections; no one responds
	client := goredis.NewClient(&goredis.Options{Addr: l.Addr().String(), ReadTimeout: 3 * time.Second, MaxRetries: -1, DialerRetries: 1})
	defer func() { _ = client.Close() }()
	st, err := redis.New(client, redis.WithTimeout(100*time.Millisecond))
	fatal(t, err)
	shop := qpaytest.NewServer(t, lean)
	_, invoice := paid(t, shop)
	start := time.Now()
	_, err = connect(t, shop, pay.WithTokenStore(st)).GetInvoice(t.Context(), invoice)
	if took := time.Since(start); err != nil || took > 2*time.Second {
		t.Errorf("%v after %v, want a login without the store after two timeouts of 100 ms", err, took)
	}
}

// TestErrorsContainNoSecret: no error contains the password of the server or a
// token, even if the server repeats an unknown command.
func TestErrorsContainNoSecret(t *testing.T) {
	locked := serve(t, "--requirepass", "right")
	renamed := serve(t, "--rename-command", "SET", "", "--rename-command", "GET", "", "--rename-command", "EVALSHA", "")
	for addr, want := range map[string]string{locked.addr: "WRONGPASS", renamed.addr: "unknown command"} {
		options := &goredis.Options{Addr: addr}
		if addr == locked.addr {
			options.Password = "canary-password"
		}
		client := goredis.NewClient(options)
		defer func() { _ = client.Close() }()
		s, err := redis.New(client, redis.WithTimeout(5*time.Second))
		fatal(t, err)
		_, load := s.Load(t.Context(), "account")
		_, claim := s.Claim(t.Context(), "event", "canary-owner", time.Minute)
		_, lock := s.LockToken(t.Context(), "account", time.Minute)
		for name, err := range map[string]error{
			"load": load, "claim": claim, "lock": lock,
			"save": s.Save(t.Context(), "account", token()), "release": s.Release(t.Context(), "event", "canary-owner"),
			"commit": s.Commit(t.Context(), "event", "canary-owner", time.Minute),
		} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: %v; want an error with %s and without secrets", name, err, want)
			}
		}
	}
}

func callback(h http.Handler, id string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/paid?qpay_payment_id="+id, nil))
	return w.Code
}
