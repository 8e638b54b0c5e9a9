package clientcontract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/encodings"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// printEveryWay prints a value in every way that a program can.
func printEveryWay(v any) string {
	var out strings.Builder
	for o := range encodings.Of(v) {
		out.WriteString(o.Text + "\n")
	}
	return out.String()
}

// personal is what a response to canaries contains: none of it may be printed.
var personal = []string{"4242424242424242", "+201005550199", "canary-token-0123456789", "canary-header-0123456789", "canary.name@shop.example"}

// canaries responds with personal data in every part of a response.
func canaries(status int, contentType string) http.Handler {
	said := strings.Join(personal, " ")
	body := strings.ReplaceAll(`{"message":"$","error":{"message":"$","type":"$","param":"$","code":"NEW","offset":{"type":"MIN","message":"$"}},"error_description":"$",
		"result":{"resultMessage":"$","resultCode":"NEW","resultStatus":"F"},"access_token":"$","payment_id":{"$":"$"},"id":["$"],"invoice_id":["$"],"paymentId":["$"]}`, "$", said)
	if contentType == "text/plain" {
		body = said
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for _, name := range []string{"X-Echo", "Authorization", "Location", "Www-Authenticate"} {
			w.Header().Set(name, said)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// secretsAreNeverPrinted prints every value that contains a secret, and the errors,
// metadata and observed results of calls whose responses contain personal data.
func secretsAreNeverPrinted(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	e.Secrets = append(e.Secrets, personal...)
	var seen observedValues
	observed := e.ConnectAgain(t, pay.WithMaxAttempts(2), pay.WithObserver(&seen))
	values := append([]any{}, e.Print...)
	call := func(do func(context.Context, ...pay.CallOption) error, opts ...pay.CallOption) {
		e.Traffic.Broken(true)
		var meta pay.Meta
		if err := do(t.Context(), append(opts, pay.WithMeta(&meta))...); err != nil {
			values = append(values, asValues(err)...)
		}
		values = append(values, meta, &meta)
	}
	call(observed.Read) // fetches a token
	held := 0
	for _, status := range []int{200, 400, 402, 422, 500} {
		for _, contentType := range []string{"application/json", "text/plain"} {
			for range 2 {
				e.Substitute(canaries(status, contentType))
			}
			call(observed.Read)
			if got, ok := lastError(values); ok && got.StatusCode == status && holds(got) {
				held++
			}
		}
	}
	if held < 8 {
		t.Errorf("%d errors hold the personal data of their response, want 8 or more", held)
	}
	call(func(ctx context.Context, _ ...pay.CallOption) error { return e.ReadID(ctx, e.UnknownID) })
	call(func(ctx context.Context, _ ...pay.CallOption) error { return e.ReadID(ctx, "..\n"+personal[0]) })
	call(e.Write, pay.WithHeader("Sandbox-Scenario", "reset-in-body"), pay.WithHeader("X-Trace", personal[2]))
	call(e.Write, pay.WithHeader("X-Trace", personal[2]+"\n"))
	call(e.Write, pay.WithHeader(personal[2]+" ", "X-Trace")) // in the wrong order
	call(e.Write, pay.WithIdempotencyKey(personal[2]), pay.WithHeader("Sandbox-Scenario", "error-500"))
	call(e.ConnectAgain(t, pay.WithTransport(faulthttp.Unreachable{})).Write)
	values = append(values, seen.take()...)
	values = append(values, struct{ client any }{e.Client}, &struct{ client any }{e.Client}) // for the verbs that call no method there
	values = append(values, e.Webhook(nil), pay.WithMaxAttempts(2), []pay.Option{pay.WithMaxAttempts(2)},
		pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]}, &pay.Token{Access: e.Secrets[0], Refresh: e.Secrets[0]})
	checkPrinted(t, e, values)
}

// checkPrinted prints values in every way. Nothing may panic or show a secret.
func checkPrinted(t *testing.T, e *harness.Session, values []any) {
	t.Helper()
	var all bytes.Buffer
	for _, v := range values {
		var out bytes.Buffer
		for o := range encodings.Of(v) {
			if o.Panic != nil && !isFunc(v) {
				t.Errorf("%s, %T: panic: %.200v", o.Way, v, o.Panic)
			}
			fmt.Fprintf(&out, "%s: %s\n", o.Way, o.Text)
		}
		if n := e.CheckSecrets(t, out.String()); n > 0 {
			t.Errorf("printing a %T shows %d secrets", v, n)
		}
		all.Write(out.Bytes())
	}
	if len(values) < 100 {
		t.Errorf("%d values were printed, want 100 or more", len(values))
	}
}

// isFunc reports whether v is made of functions, which a YAML encoder refuses with a
// panic.
func isFunc(v any) bool {
	typ := reflect.TypeOf(v)
	return typ.Kind() == reflect.Func || typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Func
}

// asValues returns an error in the forms in which an application passes it on. The
// copies of errors come last.
func asValues(err error) []any {
	all := []any{err, errors.Join(err, errors.New("and more")), fmt.Errorf("wrapped: %w", err), struct{ Err error }{err},
		&pay.WaitError{Operation: "op", Last: &personal, Cause: err}, pay.WaitError{Operation: "op", Last: &personal, Cause: err}}
	if e, ok := errors.AsType[*apierr.Error](err); ok {
		for _, f := range e.Fields {
			all = append(all, f)
		}
		all = append(all, *e, e)
	}
	return all
}

func lastError(values []any) (*apierr.Error, bool) {
	for i := range min(3, len(values)) { // behind it is the metadata
		if e, ok := values[len(values)-1-i].(*apierr.Error); ok {
			return e, true
		}
	}
	return nil, false
}

// holds reports whether an error holds the personal data, readable by name.
func holds(e *apierr.Error) bool {
	return strings.Contains(string(e.RawBody), personal[0]) && strings.Contains(e.Header.Get("X-Echo"), personal[3])
}

// observedValues is an observer that keeps what it receives.
type observedValues struct {
	mu  sync.Mutex
	all []any
}

func (o *observedValues) add(v ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, v...)
}

func (o *observedValues) take() []any {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all
}

func (o *observedValues) StartCall(ctx context.Context, c pay.Call) context.Context {
	o.add(c)
	return ctx
}

func (o *observedValues) EndCall(_ context.Context, _ pay.Call, r pay.CallResult) { o.add(r, &r) }

func (o *observedValues) StartAttempt(ctx context.Context, a pay.Attempt) context.Context {
	o.add(a)
	return ctx
}

func (o *observedValues) EndAttempt(_ context.Context, _ pay.Attempt, r pay.AttemptResult) {
	o.add(r, &r)
}

// credentialsAreReadFromConfig: that credentials are redacted when they are written
// does not keep a program from reading them from a JSON or YAML file.
func credentialsAreReadFromConfig(t *testing.T, s harness.Suite) {
	found := 0
	for _, v := range harness.OpenLocal(t, s).Print {
		want := reflect.ValueOf(v)
		if want.Kind() != reflect.Struct || want.Type().Name() != "Credentials" {
			continue
		}
		found++
		exact, lower := map[string]any{}, map[string]any{}
		for i := range want.NumField() {
			name := want.Type().Field(i).Name
			exact[name], lower[strings.ToLower(name)] = want.Field(i).Interface(), want.Field(i).Interface()
		}
		for name, read := range map[string]func(into any) error{
			"json": func(into any) error {
				b, err := json.Marshal(exact)
				return errors.Join(err, json.Unmarshal(b, into))
			},
			"yaml": func(into any) error {
				b, err := yaml.Marshal(lower)
				return errors.Join(err, yaml.Unmarshal(b, into))
			},
		} {
			got := reflect.New(want.Type())
			if err := read(got.Interface()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for i := range want.NumField() {
				if a, b := got.Elem().Field(i), want.Field(i); !reflect.DeepEqual(a.Interface(), b.Interface()) && a.Len()+b.Len() > 0 {
					t.Errorf("%s: %s differs", name, want.Type().Field(i).Name)
				}
			}
		}
	}
	if found == 0 {
		t.Error("the provider has no value of a type Credentials")
	}
}
