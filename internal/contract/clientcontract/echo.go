package clientcontract

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// echoedMembersAreCompared changes one echoed member of a good response after
// another. If the echo is documented, the response is another request's. Otherwise
// the call succeeds. The observer hears of both.
func echoedMembersAreCompared(t *testing.T, s harness.Suite) {
	var observed mismatches
	d := harness.NewMemoryDriver(t, s, pay.WithObserver(&observed))
	compared := 0
	for _, op := range d.Calls {
		doc := specmodel.Decode(op.Full)
		call := func(input, body string, want ...string) error {
			t.Helper()
			observed.members = nil
			_, err := d.Call(t, op, d.Response(op, op.Status, "application/json", body))
			if !slices.Equal(observed.members, want) {
				t.Errorf("%s: the observer heard of %q, want %q", harness.Subject(op.ID, input), observed.members, want)
			}
			return err
		}
		for _, e := range op.Echoes {
			if !e.Sent.Load() {
				t.Logf("operation %s: the request of this test has no %s", op.ID, e.Request)
				continue
			}
			compared++
			v, _ := specmodel.At(doc, e.Response)
			input := "another " + e.Response
			err := call(input, specmodel.Edits{Replace: map[string]string{e.Response: otherValue(v)}}.Write(doc), e.Response)
			switch {
			case e.Unverified && err != nil:
				t.Errorf("%s: got %s, want success", harness.Subject(op.ID, input), harness.ShortError(err))
			case !e.Unverified:
				if got := d.CheckError(t, op, input, err, op.Status); got != nil && (got.Code != nil || !strings.Contains(got.Error(), e.Response)) {
					t.Errorf("%s: got %s, want an error without a code that names %s", harness.Subject(op.ID, input), harness.Short(got.Error()), e.Response)
				}
			}
			if !slices.Contains(specmodel.Required(op.Schema, doc), e.Response) {
				for input, edits := range map[string]specmodel.Edits{
					"without " + e.Response: {Drop: e.Response}, "null as " + e.Response: {Replace: map[string]string{e.Response: "null"}},
				} {
					_ = call(input, edits.Write(doc)) // null may not be allowed there, but it is not another request's
				}
			}
		}
		if err := call("the request's own response", string(op.Full)); err != nil {
			t.Errorf("%s: got %s, want success", harness.Subject(op.ID, "the request's own response"), harness.ShortError(err))
		}
	}
	if compared == 0 {
		t.Error("no member was compared")
	}
}

// otherValue returns another value of the same type, as JSON.
func otherValue(v any) string {
	switch v := v.(type) {
	case json.Number:
		return "7" + v.String()
	case string:
		if isNumber(v) {
			return `"7` + v + `"`
		}
		return `"other-` + v + `"`
	}
	return `"other"`
}

// mismatches is an observer that keeps the mismatches of the last attempt.
type mismatches struct{ members []string }

func (*mismatches) StartCall(ctx context.Context, _ pay.Call) context.Context { return ctx }

func (*mismatches) EndCall(context.Context, pay.Call, pay.CallResult) {}

func (*mismatches) StartAttempt(ctx context.Context, _ pay.Attempt) context.Context { return ctx }

func (m *mismatches) EndAttempt(_ context.Context, _ pay.Attempt, r pay.AttemptResult) {
	m.members = r.Mismatches
}
