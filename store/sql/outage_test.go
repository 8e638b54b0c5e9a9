package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// TestCommitWithUnknownResult: the connection breaks before the server receives the
// COMMIT, or before the client receives the response. The delivery fails, and the next
// one finds out what happened.
func TestCommitWithUnknownResult(t *testing.T) {
	for name, tt := range map[string]struct {
		received bool
		next     pay.Claim
	}{"lost request": {false, pay.ClaimGranted}, "lost response": {true, pay.ClaimDone}} {
		t.Run(name, func(t *testing.T) {
			d := postgresql(t)
			s, db := d.migrated(t)
			accounts(t, db)
			link := newProxy(t, &d)
			behind, _ := d.store(t)
			fatal(t, behind.CheckSchema(t.Context()))
			effect := func(ctx context.Context) error { return write(ctx, "e") }

			link.cut.Store(&cut{"commit\x00", tt.received})
			got, err := behind.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) error {
				return errors.Join(effect(ctx), effect(ctx))
			})
			if err == nil || got == pay.ClaimGranted || got == pay.ClaimDone || !strings.Contains(err.Error(), "commit") {
				t.Errorf("got %v, %v; want an error about the commit", got, err)
			}
			if link.cut.Load() != nil {
				t.Error("the connection did not break")
			}
			got, err = s.HandleEvent(t.Context(), "e", ttl, func(ctx context.Context) error {
				return errors.Join(effect(ctx), effect(ctx))
			})
			if err != nil || got != tt.next {
				t.Errorf("the next delivery: %v, %v; want %v", got, err, tt.next)
			}
			if effects, err := written(t.Context(), db); err != nil || len(effects) != 2 {
				t.Errorf("%d effects, %v; want those of one handler", len(effects), err)
			}
		})
	}
}

// proxy forwards the connections of a client to the server, until one is cut.
type proxy struct {
	server string
	cut    atomic.Pointer[cut]
}

// cut breaks a connection at a request that contains a text.
type cut struct {
	text     string
	received bool // by the server, whose response is lost
}

// newProxy puts a proxy between the database and its clients.
func newProxy(t *testing.T, d *database) *proxy {
	t.Helper()
	const socket = ".s.PGSQL.5432"
	p := &proxy{server: filepath.Join(running.dir, socket)}
	dir := filepath.Join(running.dir, fmt.Sprint("proxy", schemas.Add(1))) // short, like that of the server
	fatal(t, os.Mkdir(dir, 0o700))
	l, err := net.Listen("unix", filepath.Join(dir, socket))
	fatal(t, err)
	t.Cleanup(func() { _ = l.Close() })
	d.dsn = strings.Replace(d.dsn, running.dir, dir, 1)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("unix", p.server)
	if err != nil {
		_ = client.Close()
		return
	}
	var mute atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = client.Close() }()
		for buf := make([]byte, 1<<16); ; {
			n, err := server.Read(buf)
			if err != nil || mute.Load() {
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	defer func() { _ = server.Close() }()
	for buf := make([]byte, 1<<16); ; {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		c := p.cut.Load()
		hit := c != nil && bytes.Contains(buf[:n], []byte(c.text))
		if hit {
			p.cut.Store(nil)
			mute.Store(true)
			if !c.received {
				return
			}
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if hit {
			<-done // the server has responded
			return
		}
	}
}

// TestDatabaseDown: payments continue with a token of the process itself. A
// notification is refused, and the handler does not run.
func TestDatabaseDown(t *testing.T) {
	down := database{sqlstore.PostgreSQL, "pgx", "host=" + t.TempDir() + " user=shop password=canary-password dbname=postgres"}
	st, _ := down.store(t)
	shop := qpaytest.NewServer(t)
	var log bytes.Buffer
	client, err := qpay.New(shop.Credentials(), pay.WithBaseURL(shop.URL), pay.WithTransport(transport(t)),
		pay.WithTokenStore(st), pay.WithEventStore(st), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	fatal(t, err)
	const url = "http://127.0.0.1:1/paid"
	invoice, err := client.CreateInvoice(t.Context(), qpay.CreateInvoiceRequest{
		InvoiceCode: shop.InvoiceCode(), SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal", InvoiceDescription: "Two tickets",
		Amount: qpay.NewAmount(15_000), CallbackURL: url,
	})
	fatal(t, err)
	id, err := shop.Pay(invoice.InvoiceID)
	fatal(t, err)
	callback, err := shop.Callback(id, url)
	fatal(t, err)
	w := httptest.NewRecorder()
	client.Webhook(func(context.Context, qpay.Event) error {
		t.Error("the handler runs without a database")
		return nil
	}).ServeHTTP(w, callback)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", w.Code)
	}
	if text := log.String(); !strings.Contains(text, "sqlstore: ") || strings.Contains(text, "canary") {
		t.Errorf("the log is %s; want an error of the store without the password", text)
	}
}

// TestErrorsContainNoSecret: no error contains a token or the password of the database.
func TestErrorsContainNoSecret(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		s, db := d.migrated(t)
		for _, table := range []string{"tokens", "locks", "events"} { // every statement fails, and may be repeated in the error
			_, err := db.ExecContext(t.Context(), "ALTER TABLE specpay_"+table+" RENAME COLUMN expires_at TO renamed")
			fatal(t, err)
		}
		fatal(t, s.CheckSchema(t.Context()))
		_, load := s.Load(t.Context(), "account")
		_, claim := s.Claim(t.Context(), "event", "canary-owner", time.Minute)
		_, lock := s.LockToken(t.Context(), "account", time.Minute)
		_, handle := s.HandleEvent(t.Context(), "event", time.Minute, nil)
		for name, err := range map[string]error{
			"load": load, "claim": claim, "lock": lock, "handle": handle,
			"save": s.Save(t.Context(), "account", token()), "commit": s.Commit(t.Context(), "event", "canary-owner", time.Minute),
		} {
			if err == nil || !strings.Contains(err.Error(), "expires_at") || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: %v; want an error without secrets", name, err)
			}
		}
	})
}

func transport(t *testing.T) *http.Transport {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}
