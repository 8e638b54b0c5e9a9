package qpaytest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/specpay/specpay/qpay/qpaytest"
)

// callbackHandler is a merchant's callback handler that records its requests.
type callbackHandler struct {
	*httptest.Server
	status    int
	reply     string
	requests  []string
	onRequest func(paymentID string)
}

func newCallbackHandler(t *testing.T) *callbackHandler {
	l := &callbackHandler{status: 200, reply: "SUCCESS"}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.requests = append(l.requests, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		if l.onRequest != nil {
			l.onRequest(r.URL.Query().Get("qpay_payment_id"))
		}
		w.WriteHeader(l.status)
		_, _ = io.WriteString(w, l.reply)
	}))
	t.Cleanup(l.Close)
	return l
}

func (s *shop) invoiceFor(url string) string {
	s.t.Helper()
	return s.text(s.create(`"callback_url":"`+url+`"`), "invoice_id")
}

func TestCallback(t *testing.T) {
	s, l := open(t), newCallbackHandler(t)
	status := ""
	l.onRequest = func(paymentID string) {
		// The handler may call the API before it responds.
		status = s.text(s.call("GET", "/v2/payment/"+paymentID, ""), "payment_status")
	}
	paymentID := s.pay(s.invoiceFor(l.URL + "/paid?order=7&x=%20y"))
	if want := "GET /paid?order=7&x=%20y&qpay_payment_id=" + paymentID + " "; len(l.requests) != 1 || l.requests[0] != want {
		t.Errorf("the handler received %q, want %q", l.requests, want)
	}
	if status != "PAID" {
		t.Errorf("getPayment in the handler returned status %q, want PAID", status)
	}
	sent := s.srv.Deliveries()
	if len(sent) != 1 {
		t.Fatalf("deliveries: got %d, want 1", len(sent))
	}
	if !sent[0].Accepted {
		t.Error("Accepted: got false, want true")
	}
	if sent[0].Status != 200 {
		t.Errorf("Status: got %d, want 200", sent[0].Status)
	}
	if sent[0].Reply != "SUCCESS" {
		t.Errorf("Reply: got %q, want %q", sent[0].Reply, "SUCCESS")
	}
	if sent[0].Method != "GET" {
		t.Errorf("Method: got %s, want GET", sent[0].Method)
	}
}

func TestCallbackReplies(t *testing.T) {
	s, l := open(t), newCallbackHandler(t)
	for _, c := range []struct {
		status   int
		reply    string
		accepted bool
	}{
		{200, "SUCCESS", true}, {200, "success", false}, {200, "SUCCESS\n", false}, {200, `"SUCCESS"`, false},
		{200, "", false}, {201, "SUCCESS", false}, {500, "SUCCESS", false},
	} {
		l.status, l.reply = c.status, c.reply
		s.pay(s.invoiceFor(l.URL + "/paid"))
		sent := s.srv.Deliveries()
		if last := sent[len(sent)-1]; last.Accepted != c.accepted || last.Status != c.status {
			t.Errorf("%d %q: %+v, want accepted %v", c.status, c.reply, last, c.accepted)
		}
	}
	if !strings.HasPrefix(l.requests[0], "GET /paid?qpay_payment_id=") {
		t.Errorf("callback URL without a query: got %q", l.requests[0])
	}
}

func TestCallbackByPost(t *testing.T) {
	s, l := open(t, with(func(c *qpaytest.Config) { c.Callback = "post" })), newCallbackHandler(t)
	id := s.invoiceFor(l.URL + "/paid")
	s.pay(id)
	if want := `POST /paid {"invoice_id":"` + id + `"}`; l.requests[0] != want {
		t.Errorf("got %q, want %q", l.requests[0], want)
	}
}

func TestPayControlRoute(t *testing.T) {
	s, l := open(t), newCallbackHandler(t)
	id := s.invoiceFor(l.URL + "/paid")
	got := s.call("POST", "/_sandbox/pay", `{"id":"`+id+`","method":"CARD"}`)
	delivery, _ := got.body["delivery"].(map[string]any)
	if got.body["invoice_status"] != "CLOSED" || got.body["payment_status"] != "PAID" || delivery["accepted"] != true {
		t.Errorf("got %s", got.raw)
	}
}

// TestCallbackRequest checks the request that Callback returns for tests of a
// callback handler.
func TestCallbackRequest(t *testing.T) {
	s := open(t)
	paymentID := s.pay(s.invoice(""))
	r, err := s.srv.Callback(paymentID, "https://shop.example/paid?order=7")
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != "GET" {
		t.Errorf("Method: got %s, want GET", r.Method)
	}
	for name, want := range map[string]string{"qpay_payment_id": paymentID, "order": "7"} {
		if got := r.URL.Query().Get(name); got != want {
			t.Errorf("query parameter %s: got %q, want %q", name, got, want)
		}
	}
	if r.Body == nil {
		t.Error("Body is nil, which a server never passes to a handler")
	}
}
