package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/sandbox"
)

func acceptsOK(status int, reply []byte) bool { return status == 200 && string(reply) == "OK" }

func (a *acme) deliver(t *testing.T, url string) sandbox.Delivery {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a.core.Deliver(r, acceptsOK)
}

func TestDeliver(t *testing.T) {
	a := open(t, sandbox.Settings{})
	requests := 0
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		switch r.URL.Path {
		case "/ok":
			_, _ = w.Write([]byte("OK"))
		case "/long":
			_, _ = w.Write([]byte("OK" + strings.Repeat("x", 5000)))
		case "/away":
			http.Redirect(w, r, "/ok", http.StatusFound)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("OK"))
		default:
			w.WriteHeader(500)
		}
	}))
	defer shop.Close()
	for _, c := range []struct {
		path     string
		status   int
		reply    int
		accepted bool
		failed   bool
	}{
		{"/ok", 200, 2, true, false},
		{"/long", 200, 1024, false, false},
		{"/away", 302, 26, false, false},
		{"/fail", 500, 0, false, false},
		{"/cut", 200, 2, false, true},
	} {
		d := a.deliver(t, shop.URL+c.path)
		if d.Status != c.status {
			t.Errorf("%s: Status: got %d, want %d", c.path, d.Status, c.status)
		}
		if n := len(d.Reply); n != c.reply {
			t.Errorf("%s: Reply: got %d bytes, want %d", c.path, n, c.reply)
		}
		if d.Accepted != c.accepted {
			t.Errorf("%s: Accepted: got %t, want %t", c.path, d.Accepted, c.accepted)
		}
		if got := d.Error != ""; got != c.failed {
			t.Errorf("%s: Error: got %q, want an error: %t", c.path, d.Error, c.failed)
		}
	}
	if requests != 5 {
		t.Errorf("requests: got %d, want 5, because a redirect is not followed", requests)
	}
	log := a.Deliveries()
	if len(log) != 5 {
		t.Fatalf("log: got %d deliveries, want 5", len(log))
	}
	if log[4].Seq != 5 {
		t.Errorf("Seq of the last delivery: got %d, want 5", log[4].Seq)
	}
	if want := shop.URL + "/ok"; log[0].URL != want {
		t.Errorf("URL of the first delivery: got %s, want %s", log[0].URL, want)
	}
	if !log[0].Accepted {
		t.Error("Accepted of the first delivery: got false, want true")
	}
}

func TestDeliverOnlyToThisMachine(t *testing.T) {
	a := open(t, sandbox.Settings{})
	// Addresses reserved for documentation.
	for _, host := range []string{"192.0.2.1", "shop.example", "[2001:db8::1]", "localhost.shop.example"} {
		if d := a.deliver(t, "http://"+host+"/"); d.Accepted || !strings.Contains(d.Error, "loopback addresses only") {
			t.Errorf("got %+v, want an error about loopback addresses", d)
		}
	}
	if d := a.deliver(t, "http://127.0.0.1:1/"); d.Accepted || d.Error == "" || strings.Contains(d.Error, "loopback addresses only") {
		t.Errorf("got %+v, want a connection error", d)
	}
}
