package gatewaytest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/gateway/gatewaytest"
)

// vectors has the signatures made with OpenSSL.
type vectors struct {
	PublicKey     string `json:"public_key"`
	Secret        string `json:"secret"`
	WebhookSecret string `json:"webhook_secret"`
	Timestamp     string `json:"timestamp"`
	Requests      []struct {
		Name, Method, Path, Body, Signature string
		WithDecodedSecret                   string `json:"with_decoded_secret"`
	} `json:"requests"`
	Deliveries []struct {
		Name, Body, Signature string
	} `json:"deliveries"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile("../../specs/vectors/gateway.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil || len(v.Requests) != 3 || len(v.Deliveries) != 1 {
		t.Fatalf("%v, %+v", err, v)
	}
	return v
}

// changes returns copies of s, each with one byte changed.
func changes(s string) []string {
	all := make([]string, 0, len(s))
	for i := range len(s) {
		all = append(all, s[:i]+string(s[i]^1)+s[i+1:])
	}
	return all
}

func TestT10_SandboxAgreesWithVectors(t *testing.T) {
	v := readVectors(t)
	srv := gatewaytest.NewServer(t, gatewaytest.WithTime(start()))
	if c := srv.Credentials(); c.PublicKey != v.PublicKey || c.Secret != v.Secret || c.WebhookSecret != v.WebhookSecret {
		t.Fatal("the sandbox's credentials are not those of the vectors")
	}
	respond := func(method, path, timestamp, signature, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://gateway.test", strings.NewReader(body))
		r.URL.Path = path
		r.Header.Set("X-PAY-Key", v.PublicKey)
		r.Header.Set("X-PAY-Timestamp", timestamp)
		r.Header.Set("X-PAY-Signature", signature)
		w := httptest.NewRecorder()
		srv.Handler().ServeHTTP(w, r)
		return w
	}
	accepted := func(method, path, timestamp, signature, body string) bool {
		return respond(method, path, timestamp, signature, body).Code != http.StatusUnauthorized
	}
	for _, one := range v.Requests {
		if !accepted(one.Method, one.Path, v.Timestamp, one.Signature, one.Body) {
			t.Errorf("%s: the signature is rejected", one.Name)
		}
		for _, s := range append(changes(one.Signature), strings.ToUpper(one.Signature), one.WithDecodedSecret, one.Signature[:63]) {
			if accepted(one.Method, one.Path, v.Timestamp, s, one.Body) {
				t.Errorf("%s: signature %s is accepted", one.Name, s)
			}
		}
		for _, body := range append(changes(one.Body), one.Body+" ", one.Body+"\n") {
			if accepted(one.Method, one.Path, v.Timestamp, one.Signature, body) {
				t.Errorf("%s: body %s is accepted", one.Name, body)
			}
		}
		for _, timestamp := range append(changes(v.Timestamp), "1778330097") {
			if accepted(one.Method, one.Path, timestamp, one.Signature, one.Body) {
				t.Errorf("%s: timestamp %q is accepted", one.Name, timestamp)
			}
		}
		before := len(srv.Ledger())
		for _, path := range changes(one.Path) {
			// An unknown path is not found before its signature is checked. A
			// known one must be rejected because of its signature.
			got := respond(one.Method, path, v.Timestamp, one.Signature, one.Body)
			routed := strings.HasPrefix(path, "/v1/payments/") && one.Method == "GET" && !strings.Contains(strings.TrimPrefix(path, "/v1/payments/"), "/")
			if want := map[bool]int{true: http.StatusUnauthorized, false: http.StatusNotFound}[routed]; got.Code != want {
				t.Errorf("%s: path %s: got %d %s, want %d", one.Name, path, got.Code, got.Body, want)
			}
		}
		if got := len(srv.Ledger()); got != before {
			t.Errorf("%s: changed paths created %d ledger entries", one.Name, got-before)
		}
	}
}

func TestW1_SandboxSignsTheVectors(t *testing.T) {
	v, srv := readVectors(t), gatewaytest.NewServer(t, gatewaytest.WithTime(start()))
	for _, one := range v.Deliveries {
		r, err := srv.SignCallback("https://app.example/hook", []byte(one.Body))
		if err != nil || r.Header.Get("X-PAY-Signature") != one.Signature || r.Header.Get("X-PAY-Timestamp") != v.Timestamp {
			t.Errorf("%s: %v, %v", one.Name, err, r.Header)
		}
	}
}

func TestOrderOfAuthChecks(t *testing.T) {
	a := open(t, gatewaytest.WithTime(start()))
	change := func(edit func(http.Header)) response {
		r := a.request("GET", "/v1/payments/nothing", "")
		edit(r.Header)
		return a.send(r)
	}
	for _, name := range []string{"X-PAY-Key", "X-PAY-Timestamp", "X-PAY-Signature"} {
		a.want(change(func(h http.Header) { h.Del(name) }), 401, "missing auth headers")
	}
	a.want(change(func(h http.Header) { h.Set("X-PAY-Timestamp", "soon"); h.Set("X-PAY-Signature", "x") }), 401, "bad timestamp")
	a.want(change(func(h http.Header) { h.Set("X-PAY-Timestamp", "1"); h.Set("X-PAY-Signature", "x") }), 401, "timestamp out of range")
	a.want(change(func(h http.Header) { h.Set("X-PAY-Signature", "x") }), 401, "bad signature")
	a.want(change(func(h http.Header) { h.Set("X-PAY-Key", "pk_ffffffffffffffffffffffff") }), 401, "bad signature")
	a.want(change(func(http.Header) {}), 404, "payment not found")
	r := a.unsigned("POST", "/v1/payments", "{")
	a.want(a.send(r), 401, "missing auth headers") // before the body is parsed
	a.want(a.call("POST", "/v1/payments", "{"), 400, "invalid request body")
}

func TestClockWindow(t *testing.T) {
	a := open(t, gatewaytest.WithTime(start()))
	for off, inside := range map[time.Duration]bool{0: true, 300: true, -300: true, 301: false, -301: false} {
		r := a.unsigned("GET", "/v1/payments/nothing", "")
		sign(r, a.srv.Credentials().Secret, strconv.FormatInt(a.srv.Now().Unix()+int64(off), 10), "")
		if got := a.send(r); (got.status == 404) != inside {
			t.Errorf("timestamp off by %d seconds: got %d %s", off, got.status, got.raw)
		}
	}
}

func TestQueryIsNotSigned(t *testing.T) {
	a := open(t)
	r := a.request("GET", "/v1/payments/nothing", "")
	r.URL.RawQuery = "a=b"
	a.want(a.send(r), 404, "payment not found")
}

func TestOperatorOnly(t *testing.T) {
	a := open(t)
	id := a.paid(qris)
	for _, path := range []string{"/admin/payments/" + id, "/admin/inbound_events?payment_id=" + id} {
		if got := a.send(a.request("GET", path, "")); got.status != 401 {
			t.Errorf("%s with an app's keys: %d", path, got.status)
		}
		r := a.unsigned("GET", path, "")
		r.Header.Set("Authorization", "Bearer sandbox-operator")
		if got := a.send(r); got.status != 200 {
			t.Errorf("%s for the operator: %d %s", path, got.status, got.raw)
		}
	}
}
