package record_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/pay/record"
)

func TestRecordedValues(t *testing.T) {
	const n = `redacted-1`
	for _, test := range []struct{ body, want string }{
		{`{"id":"o-1"}`, `{"id":"redacted-1"}`}, // also in the path
		{`{"id":""}`, `{"id":""}`},
		{`{"id":null}`, `{"id":null}`},
		{`{"amount":1500}`, `{"amount":1500}`},
		{`{"amount":4242424242424242}`, `{"amount":900000002}`},
		{`{"amount":1e300}`, `{"amount":900000002.5}`},
		{`{"card":{"month":12,"old":[11]}}`, `{"card":{"month":900000002,"old":[900000003]}}`},
		{`{"either":99112233}`, `{"either":900000002}`},
		{`{"paid":true,"free":true}`, `{"paid":true,"free":false}`},
		{`{"status":"PAID"}`, `{"status":"PAID"}`},
		{`{"status":"REFUNDED"}`, `{"status":"REFUNDED"}`},
		{`{"status":"Jane Doe"}`, `{"status":"redacted-2"}`},
		{`{"open":"PAID"}`, `{"open":"PAID"}`},
		{`{"open":"REFUNDED"}`, `{"open":"REFUNDED"}`},
		{`{"open":"Jane Doe"}`, `{"open":"redacted-2"}`},
		{`{"open":"jane"}`, `{"open":"redacted-2"}`},
		{`{"formed":"REFUNDED"}`, `{"formed":"redacted-2"}`},
		{`{"at":"2026-01-02T03:04:05Z"}`, `{"at":"2026-01-02T03:04:05Z"}`},
		{`{"at":"1985-04-12"}`, `{"at":"2001-01-01"}`},
		{`{"at":"1985-04-12T00:00:00Z"}`, `{"at":"2001-01-01T00:00:00Z"}`},
		{`{"at":"2004-05-17T00:00:00.000Z"}`, `{"at":"2001-01-01T00:00:00Z"}`}, // perhaps a birthday
		{`{"at":"2009-12-31 16:00:00"}`, `{"at":"redacted-2"}`},
		{`{"email":"jane@mail.example"}`, `{"email":"redacted-2@redacted.example"}`},
		{`{"email":"no address"}`, `{"email":"redacted-2"}`},
		{`{"url":"https://a.example/?k=v"}`, `{"url":"https://redacted.example/2"}`},
		{`{"color":"#a1b2c3"}`, `{"color":"#000000"}`},
		{`{"short":"Bob"}`, `{"short":"r2"}`},
		{`{"currency":"MNT"}`, `{"currency":"MNT"}`},
		{`{"id":"MNT"}`, `{"id":"redacted-2"}`},
		{`{"metadata":{"jane":"doe"}}`, `{"metadata":{"redacted-2":"redacted-3"}}`},
		{`{"brand_new":"x","other":7}`, `{"brand_new":"redacted-2","other":900000003}`},
		{`{"99112233":"x"}`, `{"redacted-2":"redacted-3"}`},
		{`{"jane@mail.example":"x"}`, `{"redacted-2":"redacted-3"}`},
		{`{"lines":[{"id":"o-1"},{"id":"o-2","amount":2}]}`, `{"lines":[{"id":"redacted-1"},{"id":"redacted-2","amount":2}]}`},
		{`{"id":"a","id":"b"}`, `{"id":"redacted-2","id":"redacted-3"}`},
	} {
		rec := newRecorder(t, respond(200, test.body))
		exchange(t, rec, request(t, nil))
		list, _ := entries(t, rec)
		if got := list[0].Response.Content.Text; got != test.want {
			t.Errorf("%s: got %s, want %s", test.body, got, test.want)
		}
		if got, want := list[0].Request.URL, "https://api.shop.example/orders/"+n+"?state=new"; got != want {
			t.Errorf("URL: got %s, want %s", got, want)
		}
	}
}

func TestWordsOfRequestsAreNotKept(t *testing.T) {
	rec := newRecorder(t, respond(200, `{}`))
	exchange(t, rec, request(t, strings.NewReader(`{"status":"JANE","open":"JANE","amount":1}`)))
	list, _ := entries(t, rec)
	if got, want := list[0].Request.PostData.Text, `{"status":"redacted-2","open":"redacted-2","amount":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBodiesThatAreNotRecorded(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(bytes.Repeat([]byte(" "), 3000))
	_ = w.Close()
	for reason, rt := range map[string]function{
		"it is too large":                                respond(200, `"`+strings.Repeat("secret", 1000)+`"`),
		"it is not one JSON document":                    respond(200, `{"id":"secret`),
		"it is text that the spec does not list":         respond(200, `secret`, "Content-Type", "text/plain"),
		"its content encoding is not supported":          respond(200, `secret`, "content-encoding", "br"),
		"it is not gzip":                                 respond(200, `secret`, "Content-Encoding", "gzip"),
		"it is not UTF-8":                                respond(200, "{\"id\":\"secret\xff\"}"),
		"it is not one JSON document (two)":              respond(200, `{"id":"secret"} {"id":"secret"}`),
		"it is too large (gzip)":                         respond(200, z.String(), "Content-Encoding", "gzip"),
		"it is text that the spec does not list (page)":  respond(502, `<html>secret`, "Content-Type", "text/html"),
		"it is text that the spec does not list (other)": respond(200, `secret`, "Content-Type", "image/png; secret=1"),
	} {
		rec := newRecorder(t, rt, record.WithMaxBody(2000))
		exchange(t, rec, request(t, nil))
		list, text := entries(t, rec)
		want, _, _ := strings.Cut(reason, " (")
		if got := list[0].NotRecorded["response"]; got != want || strings.Contains(text, "secret") {
			t.Errorf("%s: got %q, recording %s", reason, got, text)
		}
	}
}

func TestFormsAreRedacted(t *testing.T) {
	rec := newRecorder(t, respond(200, `{}`))
	r := request(t, strings.NewReader("id=o-1&amount=15&status=NEW&jane%40mail.example=1&brand_new=secret"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	exchange(t, rec, r)
	list, text := entries(t, rec)
	if got, want := list[0].Request.PostData.Text, "id=redacted-1&amount=15&status=NEW&redacted-2=redacted-3&brand_new=redacted-4"; got != want || strings.Contains(text, "secret") {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostsAreNotRecorded(t *testing.T) {
	for host, want := range map[string]string{
		"https://user:secret@127.0.0.1:4000/base/orders/1#secret":   "https://localhost/orders/redacted-1",
		"http://localhost/orders/1":                                 "http://localhost/orders/redacted-1",
		"https://secret.example/orders/1?secret9911=x&state=secret": "https://api.shop.example/orders/redacted-4?redacted-1=redacted-2&state=redacted-3",
		"https://secret.example/unknown/secret/orders":              "https://api.shop.example/redacted-1/redacted-2/orders",
	} {
		rec := newRecorder(t, respond(200, `{}`))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host, nil)
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, rec, r)
		list, text := entries(t, rec)
		if list[0].Request.URL != want || strings.Contains(text, "secret") {
			t.Errorf("%s: got %s, want %s", host, list[0].Request.URL, want)
		}
	}
}

// TestTextWithoutANameIsData: a query or form without an equals sign is no list of named
// values, so what looks like a name can be a token.
func TestTextWithoutANameIsData(t *testing.T) {
	rec := newRecorder(t, respond(200, `{}`))
	req := request(t, strings.NewReader("bodytoken"))
	req.URL.RawQuery = "querytoken&state&cursor=x"
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	exchange(t, rec, req)
	list, text := entries(t, rec)
	for _, canary := range []string{"bodytoken", "querytoken"} {
		if strings.Contains(text, canary) {
			t.Errorf("the recording has %s", canary)
		}
	}
	if got := list[0].Request.URL; !strings.Contains(got, "&state=") || !strings.Contains(got, "&cursor=") {
		t.Errorf("URL: got %s, want the names state and cursor", got)
	}
}
