package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/pay"
)

// nested is how a value sits in an application's own types.
type nested struct {
	One  any
	List []any
	Map  map[string]any
	Ref  *any
}

// printed shows a value in every way that ends in a log, a file or a terminal. %p and
// %w are left out: fmt asks no value about them, and go vet refuses both.
func printed(v any) string {
	var out bytes.Buffer
	ref := v
	for _, v := range []any{v, &ref, []any{v}, nested{v, []any{v}, map[string]any{"k": v}, &ref}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		j, err := json.Marshal(v)
		fmt.Fprintf(&out, "%s %v\n", j, err)
		fmt.Fprintln(&out, gob.NewEncoder(&out).Encode(v))
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).With("with", v).Info("x", "v", v, slog.Group("g", "v", v))
		}
		panicked(&out, v)
	}
	return out.String()
}

func panicked(out *bytes.Buffer, v any) {
	defer func() {
		fmt.Fprintf(out, "panic: %v [%+v]\n%s", recover(), v, debug.Stack())
	}()
	panic(v)
}

// forms are the shapes in which a text can hide in another one: as it is,
// backwards, in hexadecimal, as a list of bytes, percent-encoded, and in Base64
// whatever stands before it.
func forms(secret string) []string {
	backwards := []byte(secret)
	slices.Reverse(backwards)
	list := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	all := []string{
		secret, string(backwards), hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))), list,
		strings.ReplaceAll(list, " ", ","), strings.Trim(fmt.Sprintf("%#v", []byte(secret)), "[]byte{}"), url.QueryEscape(secret), url.PathEscape(secret),
	}
	for before := range 3 { // bytes in front of it in its group of three
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), secret...))
		text = text[[]int{0, 2, 3}[before]:]
		if (before+len(secret))%3 > 0 {
			text = text[:len(text)-1]
		}
		all = append(all, text, strings.NewReplacer("+", "-", "/", "_").Replace(text))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// leaks returns how often any form of the secrets stands in a text, and shows
// each one as an error.
func (e *env) leaks(t *testing.T, text string) (found int) {
	t.Helper()
	for _, secret := range append(e.traffic.credentials(), e.Secrets...) {
		if len(secret) < 6 {
			t.Fatalf("a secret of %d characters proves nothing", len(secret))
		}
		for _, form := range forms(secret) {
			if i := strings.Index(text, form); i >= 0 {
				found++
				t.Errorf("a secret came out: …%.200q", text[max(0, i-120):])
			}
		}
	}
	return found
}

// credentials are what the requests so far carried in their Authorization: keys,
// tokens, and names with passwords.
func (x *Traffic) credentials() []string {
	var all []string
	for _, r := range x.since(0) {
		if _, text, found := strings.Cut(r.Header.Get("Authorization"), " "); found && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// S6 prints everything that holds a secret, and the errors of calls made with
// it, in every way there is.
func S6(t *testing.T, s Suite) {
	e := local(t, s)
	things := append([]any{}, e.Print...)
	for _, call := range []func() error{
		func() error { return e.Read(t.Context()) }, // nothing to print, but a token is there from now on
		func() error { return e.ReadID(t.Context(), e.UnknownID) },
		func() error { return e.ReadID(t.Context(), "..\n") },
		func() error { return e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", "reset-in-body")) },
		func() error { return e.Write(t.Context(), pay.WithHeader("a\nb", "c")) },
		func() error { return e.another(t, pay.WithTransport(refusing{})).Write(t.Context()) },
	} {
		e.traffic.Broken(true)
		if err := call(); err != nil {
			things = append(things, err, errors.Join(err, errors.New("and more")), fmt.Errorf("wrapped: %w", err))
		}
	}
	things = append(things, e.Webhook(nil), pay.WithMaxAttempts(2), []pay.Option{pay.WithMaxAttempts(2)},
		pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]}, &pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]})
	size, found := 0, 0
	for _, v := range things {
		text := printed(v)
		size += len(text)
		if n := e.leaks(t, text); n > 0 {
			t.Errorf("by %T", v)
			found += n
		}
	}
	Figure(t, "%d values in 14 ways each, alone and nested: %d canaries of %d secrets in %d forms, in %d KiB", len(things), found, len(e.Secrets)+len(e.traffic.credentials()), len(forms("canary")), size>>10)
}
