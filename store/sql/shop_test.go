package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/specpay/specpay/pay"
	sqlstore "github.com/specpay/specpay/store/sql"
	"github.com/specpay/specpay/xpay"
)

// child is a process of the shop. It serves the webhook until its standard input ends,
// or until it kills itself at a random time after the start of a handler. The role is
// shop, plain or calm; payer makes other processes.
func child(role string) error {
	db, err := sql.Open(os.Getenv("SHOP_DRIVER"), os.Getenv("SHOP_DSN"))
	if err != nil {
		return err
	}
	dialect := map[string]sqlstore.Dialect{"pgx": sqlstore.PostgreSQL, "sqlite": sqlstore.SQLite}[os.Getenv("SHOP_DRIVER")]
	st, err := sqlstore.New(db, dialect, sqlstore.WithTimeout(20*time.Second)) // long enough for a busy machine
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(os.Getenv("SHOP_SEED"), 10, 64)
	if err != nil {
		return err
	}
	random := mathrand.New(mathrand.NewPCG(seed, 0))
	if role == "payer" || role == "reconciler" {
		return payer(role, db, st, random)
	}
	s := &shop{db: db, calm: role == "calm", random: random}
	var events pay.EventStore = st
	if s.plain = role == "plain"; s.plain {
		events = struct{ pay.EventStore }{st} // without HandleEvent
	}
	c, err := xpay.New(xpay.Credentials{APIKey: os.Getenv("SHOP_KEY"), WebhookSecret: os.Getenv("SHOP_SECRET")}, pay.WithEventStore(events))
	if err != nil {
		return err
	}
	return s.serve(c.Webhook(s.handle))
}

// shop is the state of a process.
type shop struct {
	db    *sql.DB
	plain bool // the handler does not use the transaction
	calm  bool // the process is not killed

	mu     sync.Mutex
	random *mathrand.Rand
}

// serve serves the webhook.
func (s *shop) serve(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := new(atomic.Value)
		at.Store("before the handler")
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, at)))
		at.Store("after the commit")
	})}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = srv.Close()
	}()
	fmt.Println("http://" + l.Addr().String())
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type placeKey struct{} // of the place in a delivery, for the statistics

// handle is the handler of the shop. It writes twice, with pauses, and half of the time
// it decides to be killed up to 16 ms later.
func (s *shop) handle(ctx context.Context, ev xpay.Event) error {
	at, _ := ctx.Value(placeKey{}).(*atomic.Value)
	at.Store("in the handler")
	defer at.Store("in the commit")
	s.mu.Lock()
	die, after := s.random.IntN(2) == 0, time.Duration(s.random.IntN(1_000<<s.random.IntN(5)))*time.Microsecond
	pauses := [2]time.Duration{time.Duration(s.random.IntN(1_000)) * time.Microsecond, time.Duration(s.random.IntN(1_000)) * time.Microsecond}
	s.mu.Unlock()
	if die && !s.calm {
		time.AfterFunc(after, func() {
			_, _ = fmt.Println(at.Load())
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		})
	}
	var to interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	} = s.db
	if tx, ok := sqlstore.Tx(ctx); ok != !s.plain {
		return errors.New("the wrong store")
	} else if ok {
		to = tx
	}
	for i, statement := range []string{"INSERT INTO effects (effect) VALUES ($1)", "UPDATE accounts SET balance = balance + 1 WHERE name = $1"} {
		if _, err := to.ExecContext(ctx, statement, []string{ev.ID, "a"}[i]); err != nil {
			return err
		}
		time.Sleep(pauses[i])
	}
	return nil
}
