package catalog_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/specpay/specpay/apierr/catalog"
)

// FuzzRead reads any response as one to a write. A response outside 2xx is a
// failure. A 2xx is a failure exactly if encoding/json finds a code in it. The text
// of the error is one printable line of at most 2 KiB.
func FuzzRead(f *testing.F) {
	f.Add(402, "r-1", []byte(`{"error":{"code":"DECLINED","message":"no"}}`))
	f.Add(200, "", []byte(`{"id":"1"}`))
	f.Add(200, "", []byte(`{"error":{"\u0063ode":"DECLINED"}}`))
	f.Add(200, "", []byte(`{"error":{"code":"A"},"error":null}`))
	f.Add(302, "\x1b[31m", []byte("<html>"))
	f.Add(-1, "", []byte("\ufeff[]"))
	c := demo()
	charge := c.Operation("charge")
	f.Fuzz(func(t *testing.T, status int, requestID string, body []byte) {
		header := http.Header{"X-Request-Id": {requestID}, "Location": {"https://" + requestID}, "Retry-After": {requestID}}
		for _, op := range []*catalog.Operation{nil, charge, c.Operation("status"), c.Operation("gate")} {
			r := c.Read(op, catalog.Response{StatusCode: status, Header: header, Body: body})
			success := status >= 200 && status < 300
			if !success && !r.Failed {
				t.Errorf("operation %v: status %d is read as a success", op, status)
			}
			if success && op == charge && r.Failed != hasCode(body) {
				t.Errorf("status %d: got failed %v, want %v", status, r.Failed, hasCode(body))
			}
			if r.Failed {
				oneLine(t, r.Err().Error())
			}
		}
	})
}

// hasCode reports whether a document has a code where the catalog demo looks for
// one.
func hasCode(body []byte) bool {
	var doc any
	if json.Unmarshal([]byte(strings.TrimPrefix(string(body), "\ufeff")), &doc) != nil {
		return false
	}
	root, _ := doc.(map[string]any)
	problem, _ := root["error"].(map[string]any)
	for _, value := range []any{problem["code"], root["code"]} {
		if code, _ := value.(string); code != "" {
			return true
		}
	}
	return false
}

func oneLine(t *testing.T, text string) {
	t.Helper()
	if len(text) > 2<<10 {
		t.Errorf("the text has %d bytes, want at most 2048", len(text))
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("the text is not one printable line: %q", text)
	}
}
