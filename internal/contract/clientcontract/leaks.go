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

// C2 ends walks and waits early, in bubbles, which end only when everything in
// them has. Run looks for goroutines after every scenario.
func iteratorsAndWaitsLeaveNoGoroutines(t *testing.T, s harness.Suite) {
	st := harness.NewDriver(t, s)
	walks, waits := 0, 0
	for m := range reflect.TypeOf(st.Connect(t, "http://localhost").Client).NumMethod() {
		synctest.Test(t, func(t *testing.T) {
			method := reflect.ValueOf(st.Connect(t, "http://localhost", pay.WithTransport(faulthttp.Pipe(t, st.WithLogins(st.Respond(neverFinal))))).Client)
			name := method.Type().Method(m).Name
			switch f := method.Method(m); {
			case f.Type().NumOut() == 1 && f.Type().Out(0).Kind() == reflect.Func && f.Type().Out(0).CanSeq2():
				breakOff(st, t, name, f)
				walks++
			case strings.HasPrefix(name, "Wait"):
				cancelWait(st, t, name, f)
				waits++
			}
		})
	}
	t.Logf("%d walks broken off, %d waits cancelled: 0 goroutines left", walks, waits)
}

// breakOff leaves a walk at its first row.
func breakOff(st *harness.Driver, t *testing.T, name string, method reflect.Value) {
	rows := 0
	for _, err := range method.Call(harness.Arguments(t.Context(), method))[0].Seq2() {
		if !err.IsNil() {
			t.Errorf("%s: %v", name, err)
		}
		rows++
		break
	}
	if rows != 1 {
		t.Errorf("%s: no row", name)
	}
}

// giveUp cancels a wait for what never ends.
func cancelWait(st *harness.Driver, t *testing.T, name string, method reflect.Value) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(17*time.Second, cancel)
	start := time.Now()
	_, err := harness.Invoke(ctx, method, nil)
	var we *pay.WaitError
	if !errors.As(err, &we) || !errors.Is(err, context.Canceled) || we.Last == nil || time.Since(start) != 17*time.Second {
		t.Errorf("%s: %v after %v, want a WaitError with the last state at the moment it was cancelled", name, err, time.Since(start))
	}
}

// forEver is a good answer whose states nobody knows, so that none is final.
func neverFinal(c *harness.Operation) string {
	open := specmodel.Edits{Replace: map[string]string{}}
	for _, at := range specmodel.OpenEnums(c.Schema, specmodel.Decode(c.Full)) {
		open.Replace[at] = `"` + specmodel.UnknownValue + `"`
	}
	return open.Write(specmodel.Decode(c.Full))
}
