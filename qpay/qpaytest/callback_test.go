package qpaytest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/specpay/specpay/qpay/qpaytest"
)

// listener is the merchant's callback handler; it asks the sandbox back.
type listener struct {
	*httptest.Server
	status int
	reply  string
	seen   []string
	ask    func(paymentID string)
}

func listen(t *testing.T) *listener {
	l := &listener{status: 200, reply: "SUCCESS"}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.seen = append(l.seen, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		if l.ask != nil {
			l.ask(r.URL.Query().Get("qpay_payment_id"))
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
	s, l := open(t), listen(t)
	status := ""
	l.ask = func(paymentID string) {
		// The handler may call the API before it answers.
		status = s.text(s.call("GET", "/v2/payment/"+paymentID, ""), "payment_status")
	}
	paymentID := s.pay(s.invoiceFor(l.URL + "/paid?order=7&x=%20y"))
	if want := "GET /paid?order=7&x=%20y&qpay_payment_id=" + paymentID + " "; len(l.seen) != 1 || l.seen[0] != want {
		t.Errorf("the merchant saw %q, want %q", l.seen, want)
	}
	if status != "PAID" {
		t.Errorf("the merchant read status %q", status)
	}
	sent := s.srv.Deliveries()
	if len(sent) != 1 || !sent[0].Accepted || sent[0].Status != 200 || sent[0].Reply != "SUCCESS" || sent[0].Method != "GET" {
		t.Errorf("deliveries %+v", sent)
	}
}

func TestCallbackAnswers(t *testing.T) {
	s, l := open(t), listen(t)
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
	if !strings.HasPrefix(l.seen[0], "GET /paid?qpay_payment_id=") {
		t.Errorf("without a query of its own: %q", l.seen[0])
	}
}

func TestCallbackByPost(t *testing.T) {
	s, l := open(t, with(func(c *qpaytest.Config) { c.Callback = "post" })), listen(t)
	id := s.invoiceFor(l.URL + "/paid")
	s.pay(id)
	if want := `POST /paid {"invoice_id":"` + id + `"}`; l.seen[0] != want {
		t.Errorf("got %q, want %q", l.seen[0], want)
	}
}

func TestPayByControl(t *testing.T) {
	s, l := open(t), listen(t)
	id := s.invoiceFor(l.URL + "/paid")
	got := s.call("POST", "/_sandbox/pay", `{"id":"`+id+`","method":"CARD"}`)
	delivery, _ := got.body["delivery"].(map[string]any)
	if got.body["invoice_status"] != "CLOSED" || got.body["payment_status"] != "PAID" || delivery["accepted"] != true {
		t.Errorf("got %s", got.raw)
	}
}

// A handler of one's own can be tested with a genuine request.
func TestOwnHandler(t *testing.T) {
	s := open(t)
	paymentID := s.pay(s.invoice(""))
	r, err := s.srv.Callback(paymentID, "https://shop.example/paid?order=7")
	if err != nil {
		t.Fatal(err)
	}
	if r.Method != "GET" || r.URL.Query().Get("qpay_payment_id") != paymentID || r.URL.Query().Get("order") != "7" || r.Body == nil {
		t.Errorf("got %s %s", r.Method, r.URL)
	}
}
