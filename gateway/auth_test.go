package gateway_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
)

// sent returns the request of one call, without a server.
func sent(t *testing.T, creds gateway.Credentials, at time.Time, call func(*gateway.Client)) (*http.Request, string) {
	t.Helper()
	var seen *http.Request
	var body []byte
	c, err := gateway.New(creds, pay.WithMaxAttempts(1), pay.WithClock(func() time.Time { return at }), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		if seen = r; r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		return nil, errors.New("no network")
	})))
	if err != nil {
		t.Fatal(err)
	}
	call(c)
	if seen == nil {
		t.Fatal("nothing was sent")
	}
	return seen, string(body)
}

// header returns a header of a request that was not sent yet, whose name has the case of
// the wire.
func header(r *http.Request, name string) string { return strings.Join(r.Header[name], ", ") }

// TestRequestSignatures makes the calls of the vectors. The client orders members
// differently, so its signatures are compared with signatures of the bytes that were
// sent. TestRequestVectors signs the bytes of the vectors.
func TestRequestSignatures(t *testing.T) {
	v, creds, at := readVectors(t)
	id, part := "0123456789abcdef0123456789abcdef", int64(1500)
	for i, call := range []func(*gateway.Client){
		func(c *gateway.Client) { _, _ = c.CreatePayment(t.Context(), qris()) },
		func(c *gateway.Client) { _, _ = c.GetPayment(t.Context(), id) },
		func(c *gateway.Client) {
			_, _ = c.CreateRefund(t.Context(), gateway.CreateRefundRequest{PaymentID: id, AmountMinor: &part, Reason: "customer requested"})
		},
	} {
		one := v.Requests[i]
		r, body := sent(t, creds, at, call)
		if r.Method != one.Method {
			t.Errorf("%s: method: got %s, want %s", one.Name, r.Method, one.Method)
		}
		if r.URL.Path != one.Path {
			t.Errorf("%s: path: got %s, want %s", one.Name, r.URL.Path, one.Path)
		}
		for name, want := range map[string]string{"X-PAY-Key": v.PublicKey, "X-PAY-Timestamp": v.Timestamp} {
			if got := header(r, name); got != want {
				t.Errorf("%s: %s: got %q, want %q", one.Name, name, got, want)
			}
		}
		if got := requestMAC(v.Secret, v.Timestamp, one.Method, one.Path, one.Body); got != one.Signature {
			t.Errorf("%s: the test's own signature is %s", one.Name, got)
		}
		if got, want := header(r, "X-PAY-Signature"), requestMAC(v.Secret, v.Timestamp, one.Method, one.Path, body); got != want {
			t.Errorf("%s: signature %s, want %s", one.Name, got, want)
		}
		if (body == "") != (one.Body == "") {
			t.Errorf("%s: sent the body %q", one.Name, body)
		}
	}
}

// server is a gateway whose clock differs from the local one.
type server struct {
	mu     sync.Mutex
	ahead  time.Duration // of its clock
	stuck  bool          // refuses every timestamp
	text   string        // of a refusal; "" = that of a timestamp
	date   func(now time.Time) string
	stamps []string
	bodies []string
	keys   []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.stamps, s.bodies, s.keys = append(s.stamps, r.Header.Get("X-PAY-Timestamp")), append(s.bodies, string(body)), append(s.keys, r.Header.Get("Idempotency-Key"))
	now := time.Now().Add(s.ahead)
	w.Header()["Date"] = []string{now.UTC().Format(http.TimeFormat)}
	if s.date != nil {
		w.Header()["Date"] = []string{s.date(now)}
	}
	seconds, err := strconv.ParseInt(r.Header.Get("X-PAY-Timestamp"), 10, 64)
	if off := now.Unix() - seconds; s.stuck || err != nil || off > 300 || off < -300 {
		http.Error(w, cmp.Or(s.text, "timestamp out of range"), http.StatusUnauthorized)
		return
	}
	if want := requestMAC(secret, r.Header.Get("X-PAY-Timestamp"), r.Method, r.URL.Path, string(body)); r.Header.Get("X-PAY-Signature") != want {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodPost {
		w.WriteHeader(http.StatusCreated)
	}
	fmt.Fprint(w, `{"payment_id":"p","status":"initiated","checkout_url":"https://x.example","amount_minor":1,"currency":"IDR"}`)
}

const secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func requestMAC(secret, stamp, method, path, body string) string {
	return mac(secret, stamp+"."+method+"."+path+"."+hash(body))
}

func TestClockCorrection(t *testing.T) {
	clocks := []time.Duration{7 * time.Minute, -7 * time.Minute, 301 * time.Second, -301 * time.Second, 10 * time.Minute, -10 * time.Minute, 24 * time.Hour, -24 * time.Hour}
	for _, ahead := range clocks {
		t.Run(ahead.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{ahead: ahead}
				c := dial(t, s, "http://localhost")
				var m pay.Meta
				if _, err := c.CreatePayment(t.Context(), qris(), pay.WithMeta(&m)); err != nil || m.Attempts != 2 || len(s.stamps) != 2 {
					t.Fatalf("%v after %d attempts", err, m.Attempts)
				}
				if s.bodies[0] != s.bodies[1] {
					t.Error("the bodies of the two attempts differ, want the same body")
				}
				if s.keys[0] != s.keys[1] {
					t.Errorf("idempotency keys: got %q and %q, want the same twice", s.keys[0], s.keys[1])
				}
				if s.keys[0] == "" {
					t.Error("the idempotency key is empty")
				}
				if s.stamps[0] == s.stamps[1] {
					t.Errorf("timestamps: got %s twice, want two different ones", s.stamps[0])
				}
				for range 3 { // the correction is kept
					time.Sleep(time.Hour)
					if _, err := c.GetPayment(t.Context(), "p", pay.WithMeta(&m)); err != nil || m.Attempts != 1 {
						t.Errorf("a later call: %v after %d attempts", err, m.Attempts)
					}
				}
				s.ahead = 0 // the local clock was set
				if _, err := c.GetPayment(t.Context(), "p", pay.WithMeta(&m)); err != nil || m.Attempts != 2 {
					t.Errorf("after the clock was set: %v after %d attempts", err, m.Attempts)
				}
			})
		})
	}
}

func TestClockNotCorrected(t *testing.T) {
	cases := map[string]struct {
		server *server
		url    string
		plain  bool
	}{
		"more than a day":           {&server{ahead: 25 * time.Hour}, "http://localhost", false},
		"more than a day, behind":   {&server{ahead: -25 * time.Hour}, "http://localhost", false},
		"http from another host":    {&server{ahead: time.Hour}, "http://gateway.example", true},
		"no date":                   {&server{ahead: time.Hour, date: func(time.Time) string { return "" }}, "http://localhost", false},
		"an invalid date":           {&server{ahead: time.Hour, date: func(time.Time) string { return "tomorrow" }}, "http://localhost", false},
		"a date like the local one": {&server{stuck: true}, "http://localhost", false},
		"the first of the window":   {&server{stuck: true, ahead: -299 * time.Second}, "http://localhost", false},
		"the last of the window":    {&server{stuck: true, ahead: 299 * time.Second}, "http://localhost", false},
		"a date inside the window":  {&server{stuck: true, ahead: 4 * time.Minute}, "http://localhost", false},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, opts := tt.server, []pay.Option(nil)
				if tt.plain {
					opts = append(opts, pay.WithPlainHTTP())
				}
				c := dial(t, s, tt.url, opts...)
				_, err := c.CreatePayment(t.Context(), qris())
				var e *apierr.Error
				if n := len(s.stamps); n != 1 {
					t.Errorf("requests: got %d, want 1", n)
				}
				for _, target := range []error{gateway.ErrTimestampOutOfRange, apierr.ErrAuth} {
					if !errors.Is(err, target) {
						t.Errorf("got error %v, want one that is %v", err, target)
					}
				}
				if !errors.As(err, &e) {
					t.Fatalf("got error %v, want an *apierr.Error", err)
				}
				if e.Attempts != 1 {
					t.Errorf("Attempts: got %d, want 1", e.Attempts)
				}
				if e.Outcome() != apierr.OutcomeNotApplied {
					t.Errorf("Outcome: got %s, want %s", e.Outcome(), apierr.OutcomeNotApplied)
				}
				if e.Advice() != apierr.AdviceNever {
					t.Errorf("Advice: got %s, want %s", e.Advice(), apierr.AdviceNever)
				}
			})
		})
	}
}

// TestOnlyARefusedTimestampCorrectsTheClock: the date of another refusal proves
// nothing about the clock.
func TestOnlyARefusedTimestampCorrectsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ahead: time.Hour, stuck: true, text: "bad signature"}
		_, err := dial(t, s, "http://localhost").GetPayment(t.Context(), "p")
		if !errors.Is(err, gateway.ErrBadSignature) || len(s.stamps) != 1 {
			t.Errorf("%v after %d requests, want ErrBadSignature after 1", err, len(s.stamps))
		}
	})
}

func TestClockCorrectedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ahead: time.Hour, stuck: true}
		_, err := dial(t, s, "http://localhost").GetPayment(t.Context(), "p")
		if !errors.Is(err, gateway.ErrTimestampOutOfRange) || len(s.stamps) != 2 {
			t.Errorf("%v after %d requests, want one correction", err, len(s.stamps))
		}
	})
}

func TestClockCorrectionOverTLS(t *testing.T) {
	s := &server{ahead: time.Hour}
	srv := httptest.NewTLSServer(s)
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, creds, _ := readVectors(t)
	c, err := gateway.New(creds, pay.WithBaseURL("https://example.com:"+u.Port()), pay.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Host = u.Host
		return srv.Client().Transport.RoundTrip(r)
	})))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetPayment(t.Context(), "p"); err != nil || len(s.stamps) != 2 {
		t.Errorf("%v after %d requests", err, len(s.stamps))
	}
}

func TestClockCorrectionConcurrent(t *testing.T) {
	s := &server{ahead: time.Hour}
	srv := httptest.NewServer(s)
	defer srv.Close()
	_, creds, _ := readVectors(t)
	c, err := gateway.New(creds, pay.WithBaseURL(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := c.GetPayment(t.Context(), "p"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(s.stamps) > 100 {
		t.Errorf("%d requests for 50 calls", len(s.stamps))
	}
}

func dial(t *testing.T, h http.Handler, base string, opts ...pay.Option) *gateway.Client {
	t.Helper()
	_, creds, _ := readVectors(t)
	c, err := gateway.New(creds, append([]pay.Option{pay.WithBaseURL(base), pay.WithTransport(faulthttp.Pipe(t, h))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDecodedPathIsSigned: the gateway's own sample signs the decoded path. Only an ID
// that no payment has is escaped on the wire.
func TestDecodedPathIsSigned(t *testing.T) {
	_, creds, at := readVectors(t)
	for id, wire := range map[string]string{`"a"`: "%22a%22", "a<b>": "a%3Cb%3E", "{a|b}": "%7Ba%7Cb%7D", "a^b": "a%5Eb", "a+b": "a+b"} {
		r, body := sent(t, creds, at, func(c *gateway.Client) { _, _ = c.GetPayment(context.Background(), id) })
		if got, want := r.URL.RequestURI(), "/v1/payments/"+wire; got != want {
			t.Errorf("%q: sent to %s, want %s", id, got, want)
		}
		if got, want := header(r, "X-PAY-Signature"), requestMAC(secret, header(r, "X-PAY-Timestamp"), "GET", "/v1/payments/"+id, body); got != want {
			t.Errorf("%q: the signature does not sign the path %s", id, "/v1/payments/"+id)
		}
	}
}

// TestEscapedIDIsNotABadSignature: client and sandbox sign the same path.
func TestEscapedIDIsNotABadSignature(t *testing.T) {
	c := connect(t, gatewaytest.NewServer(t))
	for _, id := range []string{`"a"`, "a<b>", "a+b"} {
		if _, err := c.GetPayment(t.Context(), id); !errors.Is(err, gateway.ErrPaymentNotFound) {
			t.Errorf("%q: got %v, want %v", id, err, gateway.ErrPaymentNotFound)
		}
	}
}
