package clientcontract

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
)

var redirectStatuses = []int{301, 302, 303, 307, 308}

// redirectTargets are where a redirect leads: another host, another scheme, a
// sub-domain, another path. Each of them holds what must not be repeated.
var redirectTargets = map[string]string{
	"https://user:secret@elsewhere.example/path?token=x#token": "elsewhere.example",
	"https://127.0.0.1/path?token=x":                           "127.0.0.1",
	"http://api.localhost/path?token=x":                        "api.localhost",
	"/elsewhere?token=x":                                       "",
}

// redirect counts on the traffic, through which every request of a client goes:
// one that is followed is seen there twice.
func redirectsAreRefused(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, status := range redirectStatuses {
		for target, host := range redirectTargets {
			away := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			})
			for name, call := range map[string]func() error{
				"read":       func() error { return e.Read(t.Context()) },
				"write":      func() error { return e.Write(t.Context()) },
				"first call": func() error { return e.ConnectAgain(t).Write(t.Context()) },
			} {
				before := e.Traffic.Seen()
				e.Traffic.Next(away)
				pe := e.RequireError(t, call())
				if n := e.Traffic.Seen() - before; n != 1 || pe.StatusCode != status {
					t.Errorf("%d to %s, %s: %d requests, %v", status, target, name, n, pe)
				}
				if name == "write" && !errors.Is(pe, apierr.ErrOutcomeUnknown) {
					t.Errorf("%d, write: %v, want an unknown outcome", status, pe)
				}
				if text := pe.Error(); !strings.Contains(text, host) || strings.Contains(text, "secret") || strings.Contains(text, "token=") || strings.Contains(text, "path") {
					t.Errorf("%d to %s: the text names more than the host, or not the host: %s", status, target, text)
				}
			}
		}
	}
}
