package sqlstore_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/xpay/xpaytest"
)

// TestKilledProcesses: four processes receive every event at the same time and are
// killed at random times while they handle it. Each event takes effect exactly once.
// SPECPAY_KILLS is the number of kills, and SPECPAY_SEED makes other random choices.
func TestKilledProcesses(t *testing.T) {
	kills := setting(t, "SPECPAY_KILLS", 15)
	eachDatabase(t, func(t *testing.T, d database) {
		r := newRun(t, d, "shop")
		r.until(kills)
		effects, wrong := r.result()
		if effects != r.events || len(wrong) > 0 || balance(t, r.db, "a") != r.events {
			t.Errorf("%d events took effect %d times, the balance is %d, and these not exactly once: %v", r.events, effects, balance(t, r.db, "a"), wrong)
		}
		t.Logf("%d events, each delivered to 4 processes until all accepted it, %d deliveries; kills: %v", r.events, r.deliveries.Load(), r.places)
	})
}

// TestKilledServer kills the PostgreSQL server while four processes handle events, so
// that they do not learn the results of their commits. It does so once for every 50 of
// SPECPAY_KILLS, and at least twice.
func TestKilledServer(t *testing.T) {
	needPostgres(t)
	srv, err := startPostgres() // syncs, as by default
	fatal(t, err)
	defer srv.stop()
	r := newRun(t, srv.schema(t, "shop"), "calm")
	kills := max(setting(t, "SPECPAY_KILLS", 0)/50, 2)
	random, left := mathrand.New(mathrand.NewPCG(uint64(r.seed), 1)), kills
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ; left > 0; left-- {
			pause := time.NewTimer(200*time.Millisecond + time.Duration(random.IntN(300))*time.Millisecond)
			<-pause.C
			srv.kill()
			if err := srv.launch(); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	r.while(func() bool {
		select {
		case <-over:
			return false
		default:
			return true
		}
	}, time.Minute+time.Duration(kills)*10*time.Second)
	effects, wrong := r.result()
	if left > 0 || effects != r.events || len(wrong) > 0 || balance(t, r.db, "a") != r.events {
		t.Errorf("%d kills are left; %d events took effect %d times, the balance is %d, and these not exactly once: %v", left, r.events, effects, balance(t, r.db, "a"), wrong)
	}
	t.Logf("%d events, each delivered to 4 processes until all accepted it, %d deliveries", r.events, r.deliveries.Load())
}

// TestKilledProcessesWithoutTransaction: the same run finds wrong effects if the
// handler writes outside the transaction, so it is able to fail.
func TestKilledProcessesWithoutTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, d database) {
		r := newRun(t, d, "plain")
		for range 20 {
			r.until(5)
			if effects, wrong := r.result(); len(wrong) > 0 || balance(t, r.db, "a") != r.events {
				t.Logf("%d events took effect %d times, the balance is %d, and these not exactly once: %v", r.events, effects, balance(t, r.db, "a"), wrong)
				return
			}
		}
		t.Error("no event took effect twice or in part after 100 kills; want that, because nothing prevents it")
	})
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	fatal(t, err)
	return n
}

// run is a shop of four processes that are killed.
type run struct {
	t       *testing.T
	d       database
	db      *sql.DB
	sandbox *xpaytest.Server
	role    string
	seed    int

	events     int
	deliveries atomic.Int64
	urls       [4]atomic.Value

	mu     sync.Mutex
	places map[string]int // kills, by the place in a delivery
	starts int
}

func newRun(t *testing.T, d database, role string) *run {
	_, db := d.migrated(t)
	accounts(t, db)
	return &run{t: t, d: d, db: db, sandbox: xpaytest.NewServer(t), role: role, seed: setting(t, "SPECPAY_SEED", 1), places: map[string]int{}}
}

// until delivers events until there were so many more kills in a handler or a commit.
func (r *run) until(kills int) {
	r.t.Helper()
	kills += r.kills()
	r.while(func() bool { return r.kills() < kills }, time.Minute+time.Duration(kills)*time.Second)
}

// while starts the processes and delivers events as long as a condition holds.
func (r *run) while(condition func() bool, limit time.Duration) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), limit)
	defer cancel()
	end := make(chan struct{})
	var processes sync.WaitGroup
	for slot := range r.urls {
		r.urls[slot].Store("")
		processes.Go(func() { r.supervise(ctx, slot, end) })
	}
	if r.role == "plain" {
		processes.Go(func() { r.endClaims(ctx, end) })
	}
	for condition() && ctx.Err() == nil {
		var wave sync.WaitGroup
		for range 4 {
			r.events++
			id := fmt.Sprint("evt_", r.events)
			for slot := range r.urls {
				wave.Go(func() { r.deliver(ctx, slot, id) })
			}
		}
		wave.Wait()
	}
	close(end)
	processes.Wait()
	if ctx.Err() != nil {
		r.t.Fatalf("after %d kills: %v", r.kills(), ctx.Err())
	}
}

// endClaims ends claims after a second instead of two minutes, so that the claim of a
// dead process does not stop the run.
func (r *run) endClaims(ctx context.Context, end chan struct{}) {
	old := "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) + 119000"
	if r.d.driver == "pgx" {
		old = "now() + interval '119 seconds'"
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if _, err := r.db.ExecContext(ctx, "DELETE FROM specpay_events WHERE NOT done AND expires_at < "+old); err != nil && ctx.Err() == nil {
				r.t.Error(err)
			}
		case <-end:
			return
		case <-ctx.Done():
			return
		}
	}
}

// kills returns how many processes were killed in a handler or in its commit.
func (r *run) kills() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.places["in the handler"] + r.places["in the commit"]
}

// supervise starts a process again whenever it was killed.
func (r *run) supervise(ctx context.Context, slot int, end chan struct{}) {
	for {
		place, err := r.process(ctx, slot, end)
		select {
		case <-end:
			return
		case <-ctx.Done():
			return
		default:
		}
		if place == "" {
			r.t.Errorf("a process of the shop ended, but not because it was killed: %v", err)
			return
		}
		r.mu.Lock()
		r.places[place]++
		r.mu.Unlock()
	}
}

// process runs a process of the shop until it dies or end is closed. It returns the
// place in a delivery where the process was killed.
func (r *run) process(ctx context.Context, slot int, end chan struct{}) (place string, err error) {
	r.mu.Lock()
	r.starts++
	seed := r.seed*1_000_000 + r.starts
	r.mu.Unlock()
	cmd := exec.CommandContext(ctx, os.Args[0])
	creds := r.sandbox.Credentials()
	cmd.Env = append(os.Environ(), "SHOP_ROLE="+r.role, "SHOP_DRIVER="+r.d.driver, "SHOP_DSN="+r.d.dsn, "SHOP_SEED="+fmt.Sprint(seed),
		"SHOP_KEY="+creds.APIKey, "SHOP_SECRET="+creds.WebhookSecret)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	dead := make(chan struct{})
	go func() {
		select {
		case <-end:
		case <-dead:
		}
		_ = in.Close()
	}()
	lines := bufio.NewScanner(out)
	if lines.Scan() {
		r.urls[slot].Store(lines.Text())
	}
	if lines.Scan() {
		place = lines.Text()
	}
	_, _ = io.Copy(io.Discard, out)
	close(dead)
	return place, cmd.Wait()
}

// deliver delivers an event to a process until it accepts it, like a provider.
func (r *run) deliver(ctx context.Context, slot int, id string) {
	body := fmt.Appendf(nil, `{"id":%q,"object":"event","type":"order.paid","api_version":"3.1.0","created":"2026-05-09T12:34:56.000Z","livemode":false,"data":{"object":{"object":"order"}}}`, id)
	for ctx.Err() == nil {
		if url, _ := r.urls[slot].Load().(string); url != "" {
			status, err := r.post(ctx, url, body)
			switch {
			case err == nil && status == http.StatusOK:
				return
			case err == nil && status != http.StatusServiceUnavailable:
				r.t.Errorf("status %d; want 200 or 503", status)
				return
			}
		}
		pause := time.NewTimer(3 * time.Millisecond)
		<-pause.C
	}
}

func (r *run) post(ctx context.Context, url string, body []byte) (int, error) {
	r.deliveries.Add(1)
	request, err := r.sandbox.SignCallback(url, body)
	if err != nil {
		return 0, err
	}
	tr := &http.Transport{DisableKeepAlives: true}
	response, err := tr.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, errors.Join(err, response.Body.Close())
}

// result counts the effects in the shop's own table, and lists the events that did not
// take effect exactly once.
func (r *run) result() (effects int, wrong []string) {
	r.t.Helper()
	all, err := written(context.WithoutCancel(r.t.Context()), r.db)
	fatal(r.t, err)
	times := map[string]int{}
	for _, id := range all {
		times[id]++
	}
	for i := 1; i <= r.events; i++ {
		if id := fmt.Sprint("evt_", i); times[id] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s: %d times", id, times[id]))
		}
	}
	return len(all), wrong
}
