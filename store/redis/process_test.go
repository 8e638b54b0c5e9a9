package redis_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/qpay/qpaytest"
	"github.com/specpay/specpay/store/redis"
)

// TestMain lets the test binary run as another process of the shop.
func TestMain(m *testing.M) {
	if role := os.Getenv("SHOP_ROLE"); role != "" {
		if err := child(role); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child is a process of the shop. It runs until its standard input ends.
func child(role string) error {
	st, err := redis.New(goredis.NewClient(&goredis.Options{Addr: os.Getenv("SHOP_REDIS")}), redis.WithTokenKey(key(1)), redis.WithTimeout(10*time.Second)) // long enough for a busy machine
	if err != nil {
		return err
	}
	c, err := qpay.New(qpay.Credentials{Username: os.Getenv("SHOP_USER"), Password: os.Getenv("SHOP_PASSWORD")},
		pay.WithBaseURL(os.Getenv("SHOP_QPAY")), pay.WithTokenStore(st), pay.WithEventStore(st))
	if err != nil {
		return err
	}
	if role == "caller" {
		return calls(c)
	}
	return serveWebhook(c, role == "stuck")
}

// calls reads invoice IDs and makes 50 concurrent calls about each.
func calls(c *qpay.Client) error {
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		errs := make([]error, 50)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = c.GetInvoice(context.Background(), in.Text()) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		fmt.Println("50 calls succeeded")
	}
	return nil
}

// serveWebhook serves the webhook. Its user code writes a line to a file, or blocks.
func serveWebhook(c *qpay.Client, stuck bool) error {
	h := c.Webhook(func(_ context.Context, ev qpay.Event) error {
		if stuck {
			fmt.Println("handling")
			select {}
		}
		f, err := os.OpenFile(os.Getenv("SHOP_FILE"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(f, ev.PaymentID)
		return errors.Join(err, f.Close())
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h}
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

// process is a child as its parent sees it.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner

	killed bool
}

// launch starts a process of the shop. It ends with the test, after 30 s at most.
func launch(t *testing.T, role string, srv *server, qp *qpaytest.Server, file string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	p := &process{t: t, cmd: exec.CommandContext(ctx, os.Args[0])}
	p.cmd.Env = append(os.Environ(), "SHOP_ROLE="+role, "SHOP_REDIS="+srv.addr, "SHOP_FILE="+file,
		"SHOP_QPAY="+qp.URL, "SHOP_USER="+qp.Credentials().Username, "SHOP_PASSWORD="+qp.Credentials().Password)
	p.cmd.Stderr = os.Stderr
	var err error
	p.in, err = p.cmd.StdinPipe()
	fatal(t, err)
	out, err := p.cmd.StdoutPipe()
	fatal(t, err)
	p.out = bufio.NewScanner(out)
	fatal(t, p.cmd.Start())
	t.Cleanup(func() {
		defer cancel()
		_ = p.in.Close()
		if err := p.cmd.Wait(); err != nil && !p.killed {
			t.Errorf("a process of the shop: %v", err)
		}
	})
	return p
}

// says returns the next line of the process.
func (p *process) says() string {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatalf("the process ended: %v", p.out.Err())
	}
	return p.out.Text()
}

// tell writes a line to the process.
func (p *process) tell(line string) {
	p.t.Helper()
	_, err := fmt.Fprintln(p.in, line)
	fatal(p.t, err)
}

// lean lets each login invalidate every other token, and omits QR images.
var lean = qpaytest.WithConfig(func(c *qpaytest.Config) { c.OneToken, c.EmptyQRImage = true, true })

func connect(t *testing.T, qp *qpaytest.Server, opts ...pay.Option) *qpay.Client {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	c, err := qpay.New(qp.Credentials(), append([]pay.Option{pay.WithBaseURL(qp.URL), pay.WithTransport(tr)}, opts...)...)
	fatal(t, err)
	return c
}

// paid creates an invoice and pays it.
func paid(t *testing.T, qp *qpaytest.Server) (payment, invoice string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	inv, err := connect(t, qp).CreateInvoice(ctx, qpay.CreateInvoiceRequest{
		InvoiceCode: qp.InvoiceCode(), SenderInvoiceNo: "1001", InvoiceReceiverCode: "terminal", InvoiceDescription: "Two tickets",
		Amount: qpay.NewAmount(15_000), CallbackURL: "http://127.0.0.1:1/nobody",
	})
	fatal(t, err)
	payment, err = qp.Pay(inv.InvoiceID)
	fatal(t, err)
	return payment, inv.InvoiceID
}

func logins(qp *qpaytest.Server) int {
	n := 0
	for _, r := range qp.Requests() {
		if strings.HasPrefix(r.Path, "/v2/auth/") {
			n++
		}
	}
	return n
}

// TestTwoProcessesShareOneToken: each login invalidates the tokens before it, so two
// processes that each logged in would invalidate each other's token.
func TestTwoProcessesShareOneToken(t *testing.T) {
	srv, qp := serve(t), qpaytest.NewServer(t, lean)
	_, invoice := paid(t, qp)
	both := []*process{launch(t, "caller", srv, qp, ""), launch(t, "caller", srv, qp, "")}
	for _, p := range both {
		if got := p.says(); got != "ready" {
			t.Fatal(got)
		}
	}
	for _, when := range []string{"at the start", "with a valid token", "after another login"} {
		if when == "after another login" {
			paid(t, qp)
		}
		before := logins(qp)
		for _, p := range both {
			p.tell(invoice)
		}
		for _, p := range both {
			if got := p.says(); got != "50 calls succeeded" {
				t.Fatalf("%s: %s", when, got)
			}
		}
		want := 1
		if when == "with a valid token" {
			want = 0
		}
		got := logins(qp) - before
		if got != want {
			t.Errorf("%s: %d token requests for 100 calls of two processes, want %d", when, got, want)
		}
	}
}

// TestTwoProcessesHandleOneEvent delivers one event 50 times to each process at
// once.
func TestTwoProcessesHandleOneEvent(t *testing.T) {
	srv, qp, file := serve(t), qpaytest.NewServer(t, lean), filepath.Join(t.TempDir(), "runs")
	id, _ := paid(t, qp)
	urls := []string{launch(t, "shop", srv, qp, file).says(), launch(t, "shop", srv, qp, file).says()}
	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			status := post(t, urls[i%2], id)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	wg.Wait()
	if statuses[http.StatusOK] == 0 || statuses[http.StatusOK]+statuses[http.StatusServiceUnavailable] != 100 {
		t.Errorf("statuses %v, want 200 if it was handled and 503 while the other process handled it", statuses)
	}
	for _, url := range urls {
		if status := post(t, url, id); status != http.StatusOK {
			t.Errorf("redelivery: %d", status)
		}
	}
	if n := runs(t, file); n != 1 {
		t.Errorf("user code ran %d times in two processes", n)
	}
}

// TestProcessDiesDuringHandling: its claim expires, and the next delivery is handled.
func TestProcessDiesDuringHandling(t *testing.T) {
	srv, qp, file := serve(t), qpaytest.NewServer(t, lean), filepath.Join(t.TempDir(), "runs")
	id, _ := paid(t, qp)
	doomed, next := launch(t, "stuck", srv, qp, file), launch(t, "shop", srv, qp, file)
	url, nextURL := doomed.says(), next.says()
	lost := make(chan int, 1)
	go func() { lost <- post(t, url, id) }()
	if got := doomed.says(); got != "handling" {
		t.Fatal(got)
	}
	doomed.killed = true
	fatal(t, doomed.cmd.Process.Kill())
	if status := <-lost; status != 0 {
		t.Errorf("a killed process responded with %d", status)
	}
	if status := post(t, nextURL, id); status != http.StatusServiceUnavailable || runs(t, file) != 0 {
		t.Errorf("before the claim expires: %d, %d runs", status, runs(t, file))
	}
	pass(t, srv.client(t), 2*time.Minute)
	if status := post(t, nextURL, id); status != http.StatusOK || runs(t, file) != 1 {
		t.Errorf("after the claim expired: %d, %d runs", status, runs(t, file))
	}
}

// post delivers a callback and returns the status, 0 if there was no response.
func post(t *testing.T, url, id string) int {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/paid?qpay_payment_id="+id, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := tr.RoundTrip(r)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// runs counts the lines that user code wrote.
func runs(t *testing.T, file string) int {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return bytes.Count(data, []byte("\n"))
}

// TestDocumentedCodeCompiles: the Go code of docs/stores.md is part of the example.
func TestDocumentedCodeCompiles(t *testing.T) {
	doc, err := os.ReadFile("../../docs/stores.md")
	fatal(t, err)
	example, err := os.ReadFile("example_test.go")
	fatal(t, err)
	_, doc, _ = bytes.Cut(doc, []byte("\n## Redis\n"))
	_, code, found := strings.Cut(string(doc), "```go\n")
	code, _, _ = strings.Cut(code, "```")
	if !found || !bytes.Contains(example, []byte(code)) {
		t.Errorf("docs/stores.md has Go code that is not in the example:\n%s", code)
	}
}
