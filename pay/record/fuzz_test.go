package record_test

import (
	"strings"
	"testing"
)

// FuzzRedaction: data that is planted in a document never survives.
func FuzzRedaction(f *testing.F) {
	const secret = "Canary 4242424242424242"
	f.Add(`{"id":"%","metadata":{"%":"%"},"lines":[{"amount":1,"status":"%"}]}`)
	f.Add(`{"%":{"%":["%",{"x":"%"}]},"at":"%","email":"%@mail.example","url":"https://%"}`)
	f.Add(`["%",[["%"]]]`)
	f.Add(`"%"`)
	f.Add(`{"id":"%","id":"%"} %`)
	f.Add(`{"status":"A%","currency":"%","short":"%","color":"#%","amount":4242424242424242}`)
	f.Add(`{"id":"\u0025%","at":"2026-01-02T03:04:05.%Z"}`)
	f.Fuzz(func(t *testing.T, form string) {
		if strings.Contains(form, "Canary") || len(form) > 1<<16 {
			t.Skip()
		}
		body := strings.ReplaceAll(form, "%", secret)
		rec := newRecorder(t, respond(200, body))
		exchange(t, rec, request(t, strings.NewReader(body)))
		_, text := entries(t, rec)
		for _, part := range []string{"Canary", "4242424242424242"} {
			if i := strings.Index(text, part); i >= 0 {
				t.Errorf("%q of %q is in the recording: ...%.200q", part, body, text[max(0, i-100):])
			}
		}
	})
}
