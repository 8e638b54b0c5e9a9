package clientcontract

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"testing"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// nested is how a value sits in an application's own types.
type wrapper struct {
	One  any
	List []any
	Map  map[string]any
	Ref  *any
}

// printed shows a value in every way that ends in a log, a file or a terminal. %p and
// %w are left out: fmt asks no value about them, and go vet refuses both.
func printEveryWay(v any) string {
	var out bytes.Buffer
	ref := v
	for _, v := range []any{v, &ref, []any{v}, wrapper{v, []any{v}, map[string]any{"k": v}, &ref}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		j, err := json.Marshal(v)
		fmt.Fprintf(&out, "%s %v\n", j, err)
		fmt.Fprintln(&out, gob.NewEncoder(&out).Encode(v))
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).With("with", v).Info("x", "v", v, slog.Group("g", "v", v))
		}
		printPanic(&out, v)
	}
	return out.String()
}

func printPanic(out *bytes.Buffer, v any) {
	defer func() {
		fmt.Fprintf(out, "panic: %v [%+v]\n%s", recover(), v, debug.Stack())
	}()
	panic(v)
}

// S6 prints everything that holds a secret, and the errors of calls made with
// it, in every way there is.
func secretsAreNeverPrinted(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	things := append([]any{}, e.Print...)
	for _, call := range []func() error{
		func() error { return e.Read(t.Context()) }, // nothing to print, but a token is there from now on
		func() error { return e.ReadID(t.Context(), e.UnknownID) },
		func() error { return e.ReadID(t.Context(), "..\n") },
		func() error { return e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", "reset-in-body")) },
		func() error { return e.Write(t.Context(), pay.WithHeader("a\nb", "c")) },
		func() error { return e.ConnectAgain(t, pay.WithTransport(faulthttp.Unreachable{})).Write(t.Context()) },
	} {
		e.Traffic.Broken(true)
		if err := call(); err != nil {
			things = append(things, err, errors.Join(err, errors.New("and more")), fmt.Errorf("wrapped: %w", err))
		}
	}
	things = append(things, e.Webhook(nil), pay.WithMaxAttempts(2), []pay.Option{pay.WithMaxAttempts(2)},
		pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]}, &pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]})
	size, found := 0, 0
	for _, v := range things {
		text := printEveryWay(v)
		size += len(text)
		if n := e.CheckSecrets(t, text); n > 0 {
			t.Errorf("by %T", v)
			found += n
		}
	}
	t.Logf("%d values in 14 ways each, alone and nested: %d canaries of %d secrets in %d forms, in %d KiB", len(things), found, len(e.Secrets)+len(e.Traffic.Credentials()), len(harness.EncodedForms("canary")), size>>10)
}
