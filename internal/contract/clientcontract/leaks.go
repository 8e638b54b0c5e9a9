package clientcontract

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// iteratorsAndWaitsLeaveNoGoroutines ends iterators and waits early. Each runs in a
// synctest bubble, which ends only when all its goroutines have.
func iteratorsAndWaitsLeaveNoGoroutines(t *testing.T, s harness.Suite) {
	d := harness.NewDriver(t, s)
	for m := range reflect.TypeOf(d.Connect(t, "http://localhost").Client).NumMethod() {
		synctest.Test(t, func(t *testing.T) {
			server := d.WithLogins(d.Respond(neverFinal))
			client := reflect.ValueOf(d.Connect(t, "http://localhost", pay.WithTransport(faulthttp.Pipe(t, server))).Client)
			name := client.Type().Method(m).Name
			switch f := client.Method(m); {
			case f.Type().NumOut() == 1 && f.Type().Out(0).Kind() == reflect.Func && f.Type().Out(0).CanSeq2():
				breakIterator(t, name, f)
			case strings.HasPrefix(name, "Wait"):
				cancelWait(t, name, f)
			}
		})
	}
}

// breakIterator stops an iterator after its first element.
func breakIterator(t *testing.T, name string, method reflect.Value) {
	t.Helper()
	elements := 0
	for _, err := range method.Call(harness.Arguments(t.Context(), method))[0].Seq2() {
		if !err.IsNil() {
			t.Errorf("method %s: got %v, want an element", name, err)
		}
		elements++
		break
	}
	harness.Expect(t, "method "+name, "elements", elements, 1)
}

// cancelWait cancels a wait for a state that is never final.
func cancelWait(t *testing.T, name string, method reflect.Value) {
	t.Helper()
	const after = 17 * time.Second
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(after, cancel)
	start := time.Now()
	_, err := harness.Invoke(ctx, method, nil)
	subject := "method " + name + ", canceled after 17s"
	harness.Expect(t, subject, "duration", time.Since(start), after)
	harness.ExpectIs(t, subject, err, context.Canceled, true)
	var we *pay.WaitError
	if !errors.As(err, &we) {
		t.Errorf("%s: got %v, want a *pay.WaitError", subject, err)
	} else if we.Last == nil {
		t.Errorf("%s: the error has no last state", subject)
	}
}

// neverFinal is a success whose states are all unknown, so that none is final.
func neverFinal(op *harness.Operation) string {
	edits := specmodel.Edits{Replace: map[string]string{}}
	for _, at := range specmodel.OpenEnums(op.Schema, specmodel.Decode(op.Full)) {
		edits.Replace[at] = `"` + specmodel.UnknownValue + `"`
	}
	return edits.Write(specmodel.Decode(op.Full))
}
