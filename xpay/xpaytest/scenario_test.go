package xpaytest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/xpay/xpaytest"
)

// TestEveryCodeByName requests every code of the spec, by header and by FailNext. No
// operation is executed.
func TestEveryCodeByName(t *testing.T) {
	s := open(t)
	codes := s.srv.Codes()
	if len(codes) != 79 {
		t.Fatalf("%d codes, want the 66 of the page and 13 more of the document", len(codes))
	}
	params := map[string]string{"parameter_missing": "lineItems", "parameter_invalid": "currency", "resource_missing": "id"} // of their examples in the spec
	for _, code := range codes {
		status, param := 400, params[code.Value]
		if len(code.Statuses) > 0 {
			status = code.Statuses[0]
		}
		r := s.request("POST", "/checkout/sessions", order)
		r.Header.Set("Sandbox-Scenario", code.Value)
		s.want(s.send(r), status, code.Value, param)
		if err := s.srv.FailNext(code.Value); err != nil {
			t.Error(err)
		}
		s.want(s.call("GET", "/refunds", ""), status, code.Value, param)
	}
	if got := s.kinds(); got != "" {
		t.Error(got)
	}
}

// TestFaultsAndLedger applies each fault to a write and checks in the ledger whether it
// was executed.
func TestFaultsAndLedger(t *testing.T) {
	executed := []string{"reset-after-commit", "reset-in-headers", "reset-in-body", "reset-after-body", "empty", "truncated", "slow"}
	skipped := []string{"refuse", "reset-before-read", "reset-before-commit", "html", "huge"}
	s := open(t, xpaytest.WithSlowDelay(time.Millisecond))
	for i, kind := range append(executed, skipped...) {
		before := len(s.srv.Ledger())
		if err := s.srv.Fault(kind); err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		r := s.request("POST", "/checkout/sessions", order)
		r.Header.Set("Idempotency-Key", kind)
		r.GetBody = nil // otherwise net/http retries the request
		if got, err := c.Do(r); err == nil {
			_, _ = io.Copy(io.Discard, got.Body)
			_ = got.Body.Close()
		}
		if done := len(s.srv.Ledger()) - before; (done == 1) != (i < len(executed)) || done > 1 {
			t.Errorf("%s: %d entries in the ledger", kind, done)
		}
		if a := s.withKey(kind, "POST", "/checkout/sessions", order); a.status != 201 || len(s.srv.Ledger()) != before+1 {
			t.Errorf("%s, retry with its key: %d, %d entries", kind, a.status, len(s.srv.Ledger())-before)
		}
	}
}

// transcript returns the responses to a fixed sequence of calls.
func transcript(t *testing.T, seed uint64) string {
	s := open(t, xpaytest.WithSeed(seed), xpaytest.WithTime(start()))
	var out strings.Builder
	add := func(a response) response { fmt.Fprintln(&out, a.status, a.header.Get("X-Request-Id"), a.raw); return a }
	id := s.text(add(s.session("")), "id")
	s.pay(id, xpaytest.PayDeclined("lost_card"))
	paid := s.pay(id)
	add(s.call("GET", "/checkout/sessions/"+id, ""))
	add(s.call("POST", "/refunds", `{"chargeId":"`+paid.ChargeID+`"}`))
	add(s.call("POST", "/customers", `{"email":"a@b.example"}`))
	add(s.call("GET", "/customers", ""))
	for _, route := range []string{"ledger", "requests", "events", "webhooks", "deliveries"} {
		path := "/_sandbox/" + route
		if route == "events" || route == "webhooks" {
			add(s.call("POST", path, "{}"))
			continue
		}
		add(s.call("GET", path, ""))
	}
	return strings.ReplaceAll(out.String(), s.srv.URL, "")
}

func TestSameSeedSameTranscript(t *testing.T) {
	want := transcript(t, 7)
	if transcript(t, 8) == want {
		t.Error("another seed gives the same transcript")
	}
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := transcript(t, 7); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func TestReset(t *testing.T) {
	s := open(t, xpaytest.WithTime(start()))
	first := s.withKey("k", "POST", "/checkout/sessions", order)
	if _, err := s.srv.Config(func(c *xpaytest.Config) { c.RefundAmount = "number" }); err != nil {
		t.Fatal(err)
	}
	s.srv.Reset()
	s.want(s.call("GET", "/checkout/sessions/"+s.text(first, "id"), ""), 404, "resource_missing", "id")
	if c, _ := s.srv.Config(); c.RefundAmount != "text" || len(s.srv.Ledger()) != 0 || len(s.srv.Events()) != 0 {
		t.Errorf("left: %+v %v", c, s.srv.Ledger())
	}
	if a := s.withKey("k", "POST", "/checkout/sessions", order); a.status != 201 {
		t.Errorf("%s", a.raw)
	}
}

func TestInvalidConfig(t *testing.T) {
	if _, err := xpaytest.Start("127.0.0.1:0", config(func(c *xpaytest.Config) { c.Permissions = "GOLD" })); err == nil {
		t.Error("an invalid config was accepted")
	}
}

// FuzzRequests checks that the response to any request is empty or one JSON document,
// with a status below 500.
func FuzzRequests(f *testing.F) {
	f.Add("POST /checkout/sessions", order)
	f.Add("POST /checkout/sessions", `{"lineItems":[{"quantity":1e999}]}`)
	f.Add("POST /customers", `{"email":"a@b.example","metadata":[1]}`)
	f.Add("POST /products", `{"name":"x","defaultPrice":{"unitAmount":2147483647,"customUnitAmount":{}}}`)
	f.Add("POST /payment-links", `{"lineItems":[{"priceId":"x","quantity":0}],`+after+`}`)
	f.Add("POST /refunds", `{"chargeId":"x","amount":9223372036854775808}`)
	f.Add("PATCH /webhook-endpoints/we", `{"enabledEvents":null}`)
	f.Add("GET /payment-links?amount=bt:9223372036854775807,1&date=last:99999999999,days&page=2147483647&limit=100", "")
	f.Add("POST /_sandbox/pay", `{"id":"x","outcome":"declined:"}`)
	srv := xpaytest.NewServer(f)
	f.Fuzz(func(t *testing.T, line, body string) {
		method, path, _ := strings.Cut(line, " ")
		if !slices.Contains([]string{"GET", "POST", "PATCH", "DELETE"}, method) || !strings.HasPrefix(path, "/") {
			t.Skip("not a method and path that a client would send")
		}
		if strings.HasPrefix(path, "/_sandbox/") && path != "/_sandbox/pay" {
			t.Skip("a control route would change the responses to later inputs")
		}
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Skip("invalid URL: ", err)
		}
		r.Header.Set("Authorization", "Bearer "+srv.Credentials().APIKey)
		if strings.HasPrefix(path, "/_sandbox/") {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		srv.Handler().ServeHTTP(w, r)
		var doc any
		if err := json.Unmarshal(w.Body.Bytes(), &doc); w.Code >= 500 || err != nil && w.Body.Len() > 0 {
			t.Errorf("%s %q: got %d %s", line, body, w.Code, w.Body)
		}
	})
}
