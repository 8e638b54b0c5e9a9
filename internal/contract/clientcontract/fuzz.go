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

// FuzzError reads errors of any status and body, as responses to a read and to a
// write.
func FuzzError(f *testing.F, s harness.Suite) {
	d := harness.NewFuzzDriver(f, s)
	ops := d.ReadAndWrite()
	f.Add(uint8(0), 400, []byte("{}"))
	f.Fuzz(func(t *testing.T, which uint8, status int, body []byte) {
		op := ops[int(which)%len(ops)]
		status = 300 + abs(status)%300
		respond := d.Response(op, status, "application/json", string(body))
		var err error
		harness.Bounded(t, len(body), func() { _, err = d.Call(t, op, respond) })
		subject := harness.Subject(op.ID, harness.Short(body))
		got := harness.AsError(t, subject, err)
		if got == nil {
			return
		}
		harness.Expect(t, subject, "status", got.StatusCode, status)
		if text := got.Error(); len(text) > harness.ErrorTextLimit || strings.ContainsAny(text, "\r\n\x00") {
			t.Errorf("%s: text: got %s, want one line of at most %d bytes", subject, harness.Short(text), harness.ErrorTextLimit)
		}
		if op.Safe() {
			harness.Expect(t, subject, "outcome of a read is unknown", errors.Is(got, apierr.ErrOutcomeUnknown), false)
		}
		harness.Expect(t, subject, "outcome is applied", got.Outcome() == apierr.OutcomeApplied, false)
		if got.CustomerMessage("en") == "" {
			t.Errorf("%s: the error has no text for a payer", subject)
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

// FuzzModels reads any body as the success of any operation. A result can be
// encoded, and decoding that gives the same result.
func FuzzModels(f *testing.F, s harness.Suite) {
	d := harness.NewFuzzDriver(f, s)
	for i, op := range d.Calls {
		f.Add(uint8(i), op.Full)
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		op := d.Calls[int(which)%len(d.Calls)]
		respond := d.Response(op, op.Status, "application/json", string(body))
		var got any
		var err error
		harness.Bounded(t, len(body), func() { got, err = d.Call(t, op, respond) })
		if err != nil {
			_ = d.CheckError(t, op, harness.Short(body), err, op.Status)
			return
		}
		if op.Void {
			return
		}
		subject := harness.Subject(op.ID, harness.Short(body))
		once, err := jsonv2.Marshal(got, jsonv2.Deterministic(true))
		if err != nil {
			t.Fatalf("%s: the result cannot be encoded: %v", subject, err)
		}
		back := reflect.New(reflect.TypeOf(got))
		if err := jsonv2.Unmarshal(once, back.Interface()); err != nil {
			t.Fatalf("%s: the encoded result %s cannot be decoded: %v", subject, harness.Short(once), err)
		}
		twice, err := jsonv2.Marshal(back.Elem().Interface(), jsonv2.Deterministic(true))
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s: the result encoded twice: got %s (%v), want %s", subject, harness.Short(twice), err, harness.Short(once))
		}
	})
}
