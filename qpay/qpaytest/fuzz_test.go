package qpaytest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/specpay/specpay/qpay/qpaytest"
)

// FuzzRequests checks that the response to any request is a JSON document and that
// only SYSTEM_BUSY has status 500.
func FuzzRequests(f *testing.F) {
	f.Add("POST /v2/invoice", simpleInvoice)
	f.Add("POST /v2/invoice", `{"lines":[`+oneLine+`],"amount":1e999}`)
	f.Add("POST /v2/invoice", strings.Replace(simpleInvoice, "{", `{"lines":[`+strings.ReplaceAll(oneLine, `"description"`, `"d"`)+`],`, 1)) // two invalid fields of one name
	f.Add("POST /v2/payment/check", `{"object_type":"INVOICE","object_id":"x","offset":{"page_number":1,"page_limit":100}}`)
	f.Add("POST /v2/payment/list", `{"object_type":"MERCHANT","object_id":"x"`+firstPage+`,"start_date":"2026-01-01"}`)
	f.Add("POST /v2/ebarimt_v3/create", `{"payment_id":"1","ebarimt_receiver_type":"CITIZEN"}`)
	f.Add("DELETE /v2/payment/refund/1", `{"note":"n"}`)
	f.Add("POST /_sandbox/pay", `{"id":"x","amount":1}`)
	srv := qpaytest.NewServer(f, with(func(c *qpaytest.Config) { c.EmptyQRImage = true }))
	shop := &shop{t: f, srv: srv}
	token := shop.text(shop.tokens(), "access_token")
	f.Fuzz(func(t *testing.T, line, body string) {
		method, path, _ := strings.Cut(line, " ")
		if method != "POST" && method != "DELETE" || !strings.HasPrefix(path, "/") {
			t.Skip("not a method and path of a client")
		}
		if strings.HasPrefix(path, "/_sandbox/") && path != "/_sandbox/pay" {
			t.Skip("a control route, which would affect later inputs")
		}
		r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Skip("not a URL: ", err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if strings.HasPrefix(path, "/_sandbox/") {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		srv.Handler().ServeHTTP(w, r)
		var doc any
		if err := json.Unmarshal(w.Body.Bytes(), &doc); w.Code == 500 && !strings.Contains(w.Body.String(), "SYSTEM_BUSY") || err != nil && w.Body.Len() > 0 {
			t.Errorf("%s %q: got %d %s", line, body, w.Code, w.Body)
		}
	})
}
