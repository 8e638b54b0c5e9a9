package record_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/pay/record"
)

// TestRecordingsAreHAR checks the members that HAR 1.2 requires.
func TestRecordingsAreHAR(t *testing.T) {
	rec := newRecorder(t, respond(200, `{}`))
	exchange(t, rec, request(t, strings.NewReader(`{"id":"a"}`)))
	failing := newRecorder(t, function(func(*http.Request) (*http.Response, error) { return nil, errors.New("x") }))
	_, _ = failing.RoundTrip(request(t, nil))
	empty := newRecorder(t, respond(200, ""))
	for name, r := range map[string]*record.Recorder{"a call": rec, "a failure": failing, "nothing": empty} {
		_, text := entries(t, r)
		var har map[string]any
		if err := json.Unmarshal([]byte(text), &har); err != nil {
			t.Fatal(err)
		}
		log := has(t, name, har["log"], "version", "creator", "entries")
		has(t, name, log["creator"], "name", "version")
		if log["version"] != "1.2" {
			t.Errorf("%s: version %v", name, log["version"])
		}
		list, ok := log["entries"].([]any)
		if !ok {
			t.Errorf("%s: entries is %T, want a list", name, log["entries"])
		}
		for _, e := range list {
			e := has(t, name, e, "startedDateTime", "time", "request", "response", "cache", "timings")
			if _, err := time.Parse(time.RFC3339, e["startedDateTime"].(string)); err != nil {
				t.Error(err)
			}
			req := has(t, name, e["request"], "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize")
			if req["postData"] != nil {
				has(t, name, req["postData"], "mimeType", "params", "text")
			}
			resp := has(t, name, e["response"], "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize")
			has(t, name, resp["content"], "size", "mimeType")
			has(t, name, e["timings"], "send", "wait", "receive")
			for key := range e {
				if !strings.HasPrefix(key, "_") && !strings.Contains(" startedDateTime time request response cache timings ", " "+key+" ") {
					t.Errorf("%s: HAR has no member %s of an entry", name, key)
				}
			}
		}
	}
}

// has checks that an object has members that are not null.
func has(t *testing.T, name string, v any, members ...string) map[string]any {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%s: got %T, want an object with %v", name, v, members)
	}
	for _, member := range members {
		if m[member] == nil {
			t.Errorf("%s: no %s", name, member)
		}
	}
	return m
}
