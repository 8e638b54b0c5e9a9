package clientcontract

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
)

// FuzzError reads errors of any status and body, of a read and of a write.
func FuzzError(f *testing.F, s harness.Suite) {
	l := harness.NewFuzzDriver(f, s)
	ops := l.ReadAndWrite()
	f.Add(uint8(0), 400, []byte("{}"))
	f.Fuzz(func(t *testing.T, which uint8, status int, body []byte) {
		c := ops[int(which)%len(ops)]
		status = 300 + abs(status)%300
		h := l.Response(c, status, "application/json", string(body))
		var err error
		harness.Bounded(t, len(body), func() { _, err = l.Call(t, c, h) })
		pe := harness.ExpectError(t, c.Id, nil, err)
		if pe == nil {
			return
		}
		text := pe.Error()
		if pe.StatusCode != status || len(text) > 2048 || strings.ContainsAny(text, "\r\n\x00") {
			t.Errorf("status %d, %d bytes of text: %q", pe.StatusCode, len(text), text)
		}
		if c.Safe() && errors.Is(pe, apierr.ErrOutcomeUnknown) || pe.Outcome() == apierr.OutcomeApplied || pe.CustomerMessage("en") == "" {
			t.Errorf("%s: outcome %s, class %v", c.Id, pe.Outcome(), pe.Category())
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

// FuzzModels reads any body as the success of any operation. What is read can be
// written, and what was written reads as the same.
func FuzzModels(f *testing.F, s harness.Suite) {
	l := harness.NewFuzzDriver(f, s)
	for i, c := range l.Calls {
		f.Add(uint8(i), c.Full)
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		c := l.Calls[int(which)%len(l.Calls)]
		h := l.Response(c, c.Status, "application/json", string(body))
		var got any
		var err error
		harness.Bounded(t, len(body), func() { got, err = l.Call(t, c, h) })
		if err != nil {
			_ = l.CheckError(t, "fuzz", c, err, c.Status)
			return
		}
		if c.Void {
			return
		}
		once, err := jsonv2.Marshal(got, jsonv2.Deterministic(true))
		if err != nil {
			t.Fatalf("%s: read, but not written: %v", c.Id, err)
		}
		back := reflect.New(reflect.TypeOf(got))
		if err := jsonv2.Unmarshal(once, back.Interface()); err != nil {
			t.Fatalf("%s: its own %s is not read: %v", c.Id, once, err)
		}
		twice, err := jsonv2.Marshal(back.Elem().Interface(), jsonv2.Deterministic(true))
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s: %s became %s (%v)", c.Id, once, twice, err)
		}
	})
}
