package clientcontract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
)

var redirectStatuses = []int{301, 302, 303, 307, 308}

// redirectTargets are the targets of redirects, with their hosts: another host,
// another scheme, a subdomain, another path. Each holds what an error must not
// repeat.
var redirectTargets = map[string]string{
	"https://user:secret@elsewhere.example/path?token=x#token": "elsewhere.example",
	"https://127.0.0.1/path?token=x":                           "127.0.0.1",
	"http://api.localhost/path?token=x":                        "api.localhost",
	"/elsewhere?token=x":                                       "",
}

// redirectsAreRefused redirects a read, a write and the first request of a new
// client, which for some is a login. Every request passes through e.Traffic, which
// sees a followed redirect as a second one.
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
				got := e.RequireError(t, call())
				subject := harness.Subject(got.Operation+" ("+name+")", fmt.Sprintf("status %d to %s", status, target))
				harness.Expect(t, subject, "requests", e.Traffic.Seen()-before, 1)
				harness.Expect(t, subject, "status", got.StatusCode, status)
				if name == "write" {
					harness.ExpectIs(t, subject, got, apierr.ErrOutcomeUnknown, true)
				}
				text := got.Error()
				if !strings.Contains(text, host) {
					t.Errorf("%s: got %s, want an error that names the host", subject, harness.Short(text))
				}
				for _, secret := range []string{"secret", "token=", "path"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s: got %s, want an error that names nothing but the host", subject, harness.Short(text))
					}
				}
			}
		}
	}
}
