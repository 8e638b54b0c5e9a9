package contract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/pay"
)

var goroutineID = regexp.MustCompile(`(?m)^goroutine (\d+) `)

// goroutines are the stacks of all that run, by number.
func goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	out := map[string]string{}
	for _, stack := range strings.Split(string(buf), "\n\n") {
		if m := goroutineID.FindStringSubmatch(stack); m != nil {
			out[m[1]] = stack
		}
	}
	return out
}

// left fails the test for goroutines that were not there before. One that is
// about to end gets the time it needs.
func left(t *testing.T, what string, before map[string]string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		now := goroutines()
		for id := range before {
			delete(now, id)
		}
		if len(now) == 0 {
			return
		}
		if time.Now().After(deadline) {
			for _, stack := range now {
				t.Errorf("%s leaves a goroutine:\n%s", what, stack)
			}
			return
		}
	}
}

// C2 ends walks and waits early, in bubbles, which end only when everything in
// them has. Run looks for goroutines after every scenario.
func C2(t *testing.T, s Suite) {
	st := newStand(t, s)
	walks, waits := 0, 0
	for m := range reflect.TypeOf(st.Connect(t, "http://localhost").Client).NumMethod() {
		synctest.Test(t, func(t *testing.T) {
			method := reflect.ValueOf(st.Connect(t, "http://localhost", pay.WithTransport(Pipe(t, st.behind(st.answers((*callable).forEver))))).Client)
			name := method.Type().Method(m).Name
			switch f := method.Method(m); {
			case f.Type().NumOut() == 1 && f.Type().Out(0).Kind() == reflect.Func && f.Type().Out(0).CanSeq2():
				st.breakOff(t, name, f)
				walks++
			case strings.HasPrefix(name, "Wait"):
				st.giveUp(t, name, f)
				waits++
			}
		})
	}
	Figure(t, "%d walks broken off, %d waits cancelled: 0 goroutines left; TestContract sees the same after each of its %d scenarios", walks, waits, len(scenarios))
}

// breakOff leaves a walk at its first row.
func (st *stand) breakOff(t *testing.T, name string, method reflect.Value) {
	rows := 0
	for _, err := range method.Call(arguments(t.Context(), method))[0].Seq2() {
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
func (st *stand) giveUp(t *testing.T, name string, method reflect.Value) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(17*time.Second, cancel)
	start := time.Now()
	_, err := invoke(ctx, method, nil)
	var we *pay.WaitError
	if !errors.As(err, &we) || !errors.Is(err, context.Canceled) || we.Last == nil || time.Since(start) != 17*time.Second {
		t.Errorf("%s: %v after %v, want a WaitError with the last state at the moment it was cancelled", name, err, time.Since(start))
	}
}

// answers answers every operation.
func (st *stand) answers(body func(*callable) string) http.Handler {
	mux := http.NewServeMux()
	for _, c := range st.calls {
		say := st.genuine(answer(c.status, "application/json", body(c)))
		mux.HandleFunc(c.method+" "+c.path, func(w http.ResponseWriter, r *http.Request) {
			if r.Body != nil {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			say.ServeHTTP(w, r)
		})
	}
	return mux
}

// good is what the spec shows.
func (c *callable) good() string { return string(c.answer) }

// forEver is a good answer whose states nobody knows, so that none is final.
func (c *callable) forEver() string {
	open := edits{replace: map[string]string{}}
	for _, at := range openWords(c.schema, decoded(c.whole)) {
		open.replace[at] = `"` + newWord + `"`
	}
	return open.write(decoded(c.whole))
}
