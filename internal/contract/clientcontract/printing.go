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

// wrapper holds a value as a type of an application can.
type wrapper struct {
	One  any
	List []any
	Map  map[string]any
	Ref  *any
}

// printEveryWay prints a value in every way that a program can. It leaves out %p and
// %w, which call no method of the value and which go vet refuses.
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

// secretsAreNeverPrinted prints every value that contains a secret, and the errors of
// calls that were made with it.
func secretsAreNeverPrinted(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	values := append([]any{}, e.Print...)
	for _, call := range []func() error{
		func() error { return e.Read(t.Context()) }, // fetches a token
		func() error { return e.ReadID(t.Context(), e.UnknownID) },
		func() error { return e.ReadID(t.Context(), "..\n") },
		func() error { return e.Write(t.Context(), pay.WithHeader("Sandbox-Scenario", "reset-in-body")) },
		func() error { return e.Write(t.Context(), pay.WithHeader("a\nb", "c")) },
		func() error { return e.ConnectAgain(t, pay.WithTransport(faulthttp.Unreachable{})).Write(t.Context()) },
	} {
		e.Traffic.Broken(true)
		if err := call(); err != nil {
			values = append(values, err, errors.Join(err, errors.New("and more")), fmt.Errorf("wrapped: %w", err))
		}
	}
	values = append(values, e.Webhook(nil), pay.WithMaxAttempts(2), []pay.Option{pay.WithMaxAttempts(2)},
		pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]}, &pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]})
	for _, v := range values {
		if n := e.CheckSecrets(t, printEveryWay(v)); n > 0 {
			t.Errorf("printing a %T shows %d secrets", v, n)
		}
	}
}
