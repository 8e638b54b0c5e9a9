package sandbox

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestProviderFunctions checks when the functions of a Provider are called.
func TestProviderFunctions(t *testing.T) {
	advances := 0
	s, err := New(Provider{
		Name: "acme",
		Operations: []Operation{
			{Name: "json", Pattern: "POST /json", Handler: func(*http.Request) (Response, error) { return JSON(200, "ok"), nil }},
			{Name: "form", Pattern: "POST /form", Raw: true, Handler: func(r *http.Request) (Response, error) { return JSON(200, string(Body(r))), nil }},
		},
		ErrorResponse: func(_ *http.Request, err error) Response { return JSON(400, err.Error()) },
		Before: func(r *http.Request, op Operation) error {
			if r.Header.Get("X-Key") == "" || len(Body(r)) == 0 || op.Name == "" {
				return errors.New("no API key")
			}
			return nil
		},
		ModifyResponse: func(r *http.Request, a Response) Response {
			a.Header = http.Header{"X-Signature": {r.URL.Path + " " + string(Body(r))}}
			return a
		},
		After: func() { advances++ },
		Routes: map[string]func(*http.Request, []byte) (any, error){
			"extra": func(_ *http.Request, raw []byte) (any, error) {
				in, err := Decode[struct{ Name string }](raw, `{"Name": "..."}`)
				return in.Name, err
			},
		},
	}, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, key, body string
		status          int
		want            string
	}{
		{"/json", "", "{", 400, "no API key"},
		{"/json", "k", "{", 400, "not one JSON document"},
		{"/json", "k", "{}", 200, "ok"},
		{"/form", "k", "a=b", 200, "a=b"},
		{"/_sandbox/extra", "", `{"Name":"n"}`, 200, "n"},
		{"/_sandbox/extra", "", `{"Title":"n"}`, 400, `{"Name": "..."}`},
		{"/_sandbox/clock", "", `{"advance":"1h"}`, 200, "now"},
	} {
		r := httptest.NewRequest(http.MethodPost, tt.path, strings.NewReader(tt.body))
		r.Header.Set("X-Key", tt.key)
		if strings.HasPrefix(tt.path, "/_sandbox/") {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		got, _ := io.ReadAll(w.Body)
		if got := w.Header().Get("X-Signature"); got != tt.path+" "+tt.body && !strings.HasPrefix(tt.path, "/_sandbox") {
			t.Errorf("%s: signed as %q", tt.path, got)
		}
		if w.Code != tt.status || !strings.Contains(strings.ReplaceAll(string(got), `\"`, `"`), tt.want) {
			t.Errorf("%s %s: %d %s", tt.path, tt.body, w.Code, got)
		}
	}
	if advances != 1 {
		t.Errorf("After was called %d times, want 1", advances)
	}
}
