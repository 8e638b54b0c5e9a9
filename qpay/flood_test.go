package qpay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
)

// The documented limits of Webhook.
const (
	maxQuestions   = 64              // that confirm nothing new, at once
	questionEvery  = time.Second / 2 // after that
	rememberDenied = 5 * time.Second
)

// flooded is a shop under forged callbacks, in a synctest bubble. Its API knows the
// payments in paid. It takes a minute to respond about an id that begins with slow.
type flooded struct {
	http.Handler
	runs []string // payments that user code ran for
	fail error    // returned by user code
	// respond responds to a question; nil for QPay's response.
	respond http.HandlerFunc
	login   http.HandlerFunc // responds to a login; nil for QPay's response

	mu        sync.Mutex
	paid      map[string]bool
	questions int // requests to the API about a payment
}

func flood(t *testing.T, creds qpay.Credentials, opts ...pay.Option) *flooded {
	t.Helper()
	f := &flooded{paid: map[string]bool{}}
	creds.Username, creds.Password = "u", "p"
	c, err := qpay.New(creds, append([]pay.Option{pay.WithBaseURL("http://localhost"), pay.WithTransport(faulthttp.Pipe(t, http.HandlerFunc(f.api))), pay.WithMaxAttempts(1)}, opts...)...)
	fatal(t, err)
	f.Handler = c.Webhook(func(_ context.Context, ev qpay.Event) error {
		f.runs = append(f.runs, ev.PaymentID)
		return f.fail
	})
	return f
}

func (f *flooded) api(w http.ResponseWriter, r *http.Request) {
	if id, found := strings.CutPrefix(r.URL.Path, "/v2/payment/"); found {
		f.mu.Lock()
		f.questions++
		paid := f.paid[id]
		f.mu.Unlock()
		if strings.HasPrefix(id, "slow") {
			select {
			case <-time.After(time.Minute): // fake time
			case <-r.Context().Done():
			}
		}
		if f.respond != nil {
			f.respond(w, r)
			return
		}
		if !paid {
			r.URL.Path = "/v2/payment/pay-forged"
		}
	} else if f.login != nil {
		f.login(w, r)
		return
	}
	confirming(w, r)
}

// deliver delivers a callback about a payment to a URL.
func (f *flooded) deliver(to, id string) int {
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequest(http.MethodGet, to+separator+"qpay_payment_id="+id, nil))
	return w.Code
}

// expect delivers a callback and checks the status.
func (f *flooded) expect(t *testing.T, subject, to, id string, want int) {
	t.Helper()
	if got := f.deliver(to, id); got != want {
		t.Errorf("%s: got status %d, want %d", subject, got, want)
	}
}

// TestForgedCallbacksCauseFewRequests counts the requests to the API that forged
// callbacks cause, at once and one after another.
func TestForgedCallbacksCauseFewRequests(t *testing.T) {
	for name, at := range map[string]func(f *flooded, id func(int) string){
		"at once": func(f *flooded, id func(int) string) {
			var wg sync.WaitGroup
			for i := range 200 {
				wg.Go(func() { f.deliver("/paid", id(i)) })
			}
			wg.Wait()
		},
		"one after another": func(f *flooded, id func(int) string) {
			for i := range 200 {
				f.deliver("/paid", id(i))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := flood(t, qpay.Credentials{})
				at(f, func(int) string { return "1" })
				if f.questions != 1 {
					t.Errorf("200 callbacks about one payment: got %d requests to the API, want 1", f.questions)
				}
				time.Sleep(maxQuestions * questionEvery) // fake time
				f.questions = 0
				at(f, func(i int) string { return fmt.Sprint("2", i) })
				if f.questions != maxQuestions {
					t.Errorf("200 callbacks about 200 payments: got %d requests to the API, want %d", f.questions, maxQuestions)
				}
				time.Sleep(10 * questionEvery) // fake time
				f.questions = 0
				at(f, func(i int) string { return fmt.Sprint("3", i) })
				if f.questions != 10 {
					t.Errorf("%v later: got %d requests to the API, want 10", 10*questionEvery, f.questions)
				}
				if len(f.runs) != 0 {
					t.Errorf("user code ran for %q", f.runs)
				}
			})
		})
	}
}

// TestSlowForgeriesDoNotKeepOutGenuineCallbacks sends forged callbacks that the API
// takes a minute to respond to. With a callback key, they have the valid URL of
// another order.
func TestSlowForgeriesDoNotKeepOutGenuineCallbacks(t *testing.T) {
	for name, creds := range map[string]qpay.Credentials{"with a callback key": {CallbackKey: callbackKey}, "without a callback key": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := flood(t, creds)
				f.paid["1"] = true
				genuine, forged := "/paid", "/paid"
				if creds.CallbackKey != "" {
					genuine = strings.TrimPrefix(callbackURL(t, base, "GENUINE-1", callbackKey), "https://shop.example")
					forged = strings.TrimPrefix(callbackURL(t, base, "ATTACKER-1", callbackKey), "https://shop.example")
				}
				var wg sync.WaitGroup
				for i := range 200 {
					wg.Go(func() { f.deliver(forged, fmt.Sprint("slow", i)) })
				}
				synctest.Wait()
				if creds.CallbackKey == "" {
					f.expect(t, "genuine callback during the flood", genuine, "1", http.StatusServiceUnavailable)
					time.Sleep(questionEvery) // fake time
				}
				f.expect(t, "genuine callback", genuine, "1", http.StatusOK)
				if len(f.runs) != 1 {
					t.Errorf("user code ran for %q, want one run", f.runs)
				}
				wg.Wait()
			})
		})
	}
}

// TestGenuineCallbacksAreNotLimited: questions that lead to an event do not count.
func TestGenuineCallbacksAreNotLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(t, qpay.Credentials{})
		for i := range 10 * maxQuestions {
			id := fmt.Sprint(i)
			f.paid[id] = true
			f.expect(t, "genuine callback "+id, "/paid", id, http.StatusOK)
		}
	})
}

// TestEarlyCallbackIsConfirmedLater: the API does not know a payment yet when its
// callback arrives.
func TestEarlyCallbackIsConfirmedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(t, qpay.Credentials{})
		f.expect(t, "before the payment is visible", "/paid", "1", http.StatusBadRequest)
		f.paid["1"] = true
		f.expect(t, "at once again", "/paid", "1", http.StatusServiceUnavailable)
		time.Sleep(rememberDenied) // fake time
		f.expect(t, "later", "/paid", "1", http.StatusOK)
		if len(f.runs) != 1 {
			t.Errorf("user code ran for %q, want one run", f.runs)
		}
	})
}

// TestReplayedCallbacksCauseFewRequests: a payer knows the id of a genuine payment.
func TestReplayedCallbacksCauseFewRequests(t *testing.T) {
	for name, fail := range map[string]error{"handled before": nil, "refused by user code": errors.New("another order")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := flood(t, qpay.Credentials{})
				f.paid["1"], f.fail = true, fail
				for range 200 {
					f.deliver("/paid", "1")
				}
				if f.questions > maxQuestions+1 {
					t.Errorf("got %d requests to the API, want at most %d", f.questions, maxQuestions+1)
				}
			})
		})
	}
}

// TestMalformedCallbackIDs: what cannot be an ID is refused before the API is asked.
func TestMalformedCallbackIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(t, qpay.Credentials{})
		const get, post = http.MethodGet, http.MethodPost
		for name, in := range map[string]struct{ method, query, body string }{
			"path":                         {get, "qpay_payment_id=1%2F..%2F2", ""},
			"encoded slash":                {get, "qpay_payment_id=1%252F2", ""},
			"backslash":                    {get, "qpay_payment_id=1%5C2", ""},
			"dots":                         {get, "qpay_payment_id=..", ""},
			"query":                        {get, "qpay_payment_id=1%3Fx", ""},
			"space":                        {get, "qpay_payment_id=1+2", ""},
			"line end":                     {get, "qpay_payment_id=1%0A", ""},
			"NUL":                          {get, "qpay_payment_id=1%00", ""},
			"other digits":                 {get, "qpay_payment_id=%D9%A1", ""},
			"invalid UTF-8":                {get, "qpay_payment_id=%ff", ""},
			"too long":                     {get, "qpay_payment_id=" + strings.Repeat("1", 65), ""},
			"twice":                        {get, "qpay_payment_id=1&qpay_payment_id=2", ""},
			"twice the same":               {get, "qpay_payment_id=1&qpay_payment_id=1", ""},
			"other name, twice":            {get, "payment_id=1&payment_id=2", ""},
			"other name, path":             {get, "payment_id=..%2F1", ""},
			"another ID in the body":       {post, "qpay_payment_id=1", `{"payment_id":"2"}`},
			"path in the body":             {post, "", `{"payment_id":"../1"}`},
			"invoice with path":            {post, "", `{"invoice_id":"../1"}`},
			"malformed ID beside a good 1": {post, "qpay_payment_id=1", `{"invoice_id":"../1"}`},
		} {
			w := httptest.NewRecorder()
			f.ServeHTTP(w, httptest.NewRequest(in.method, "/paid?"+in.query, strings.NewReader(in.body)))
			if w.Code != http.StatusBadRequest || f.questions != 0 {
				t.Errorf("%s: got status %d and %d requests to the API, want 400 and none", name, w.Code, f.questions)
			}
			f.questions = 0
		}
		for _, id := range []string{"493622150113497", "8e25b4d5-fe5a-4d0f-b050-def68a82aaad", "A_b-9", strings.Repeat("1", 64)} {
			f.paid[id] = true
			f.expect(t, id, "/paid", id, http.StatusOK)
		}
		// Merchants have parameters of their own with the older name.
		f.paid["7"] = true
		f.expect(t, "merchant's own payment_id", "/paid?payment_id=a/b&payment_id=c", "7", http.StatusOK)
	})
}

// TestOnlyQPayDenies: a response that is not QPay's says nothing about a payment. The
// callback is delivered again.
func TestOnlyQPayDenies(t *testing.T) {
	for name, respond := range map[string]http.HandlerFunc{
		"a page with 200": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>sign in</html>") },
		"a page with 403": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>blocked</html>", http.StatusForbidden)
		},
		"a page with 404": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>no route</html>", http.StatusNotFound)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) },
		"another payment": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"payment_id":"2","payment_status":"PAID"}`)
		},
		"too many requests": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"expired credentials": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"NO_CREDENTIALS"}`)
		},
		"an inactive account": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":"MERCHANT_INACTIVE"}`)
		},
		"a gateway without this route": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"status":404,"error":"Not Found","path":"/v2/payment/1"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := flood(t, qpay.Credentials{})
				f.paid["1"], f.respond = true, respond
				f.expect(t, "callback", "/paid", "1", http.StatusServiceUnavailable)
				f.respond = nil
				f.expect(t, "callback, delivered again at once", "/paid", "1", http.StatusOK)
			})
		})
	}
}

// TestRefusedLoginDeniesNothing: QPay refuses the login of the shop, with a 4xx and a
// code of its own. That says nothing about the payment of a callback.
func TestRefusedLoginDeniesNothing(t *testing.T) {
	for _, code := range []string{"MERCHANT_INACTIVE", "CLIENT_NOTFOUND", "MERCHANT_NOTFOUND", "A_NEW_CODE"} {
		synctest.Test(t, func(t *testing.T) {
			f := flood(t, qpay.Credentials{})
			f.paid["1"] = true
			f.login = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"error":%q,"message":%[1]q}`, code)
			}
			f.expect(t, code+": callback while the login is refused", "/paid", "1", http.StatusServiceUnavailable)
			f.login = nil
			time.Sleep(2 * time.Second) // the error of a login is shared for a second
			f.expect(t, code+": callback, delivered again", "/paid", "1", http.StatusOK)
		})
	}
}

// TestReplayWithinAYearIsRecognized replays a genuine callback. Nothing in it says when it
// was sent, so only the memory of handled events stops it.
func TestReplayWithinAYearIsRecognized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flood(t, qpay.Credentials{})
		f.paid["1"] = true
		for _, wait := range []time.Duration{0, 73 * time.Hour, 30 * 24 * time.Hour, 330 * 24 * time.Hour} {
			time.Sleep(wait)
			f.expect(t, wait.String()+" later", "/paid", "1", http.StatusOK)
		}
		if len(f.runs) != 1 {
			t.Errorf("user code ran %d times, want once", len(f.runs))
		}
		time.Sleep(4 * 24 * time.Hour) // 367 days in all
		f.expect(t, "more than a year later", "/paid", "1", http.StatusOK)
		if len(f.runs) != 2 {
			t.Errorf("more than a year later: user code ran %d times, want twice, because a store cannot keep everything", len(f.runs))
		}
	})
}
