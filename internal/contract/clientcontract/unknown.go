package clientcontract

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// unknownValuesPassThrough sends codes, enum values and members that the spec does
// not have. The client passes them on and logs nothing above debug level.
func unknownValuesPassThrough(t *testing.T, s harness.Suite) {
	counter := &harness.LogCounter{}
	log := pay.WithLogger(slog.New(counter))
	e := &harness.Session{Suite: s, Traffic: harness.NewTraffic(t, s.Spec), Sandbox: s.Sandbox(t)}
	e.Account = s.Connect(t, e.Sandbox.URL, pay.WithTransport(e.Traffic), log)
	unknownCodePassesThrough(t, e)
	d := harness.NewMemoryDriver(t, s, log)
	known := 0
	for _, op := range d.Calls {
		if op.Void {
			continue
		}
		doc, more := specmodel.Decode(op.Full), specmodel.Edits{Insert: map[string]string{}}
		specmodel.Walk("", doc, func(at string, _ map[string]any) { more.Insert[at] = specmodel.NewMember })
		if _, err := d.Call(t, op, d.Response(op, op.Status, "application/json", more.Write(doc))); err != nil {
			t.Errorf("%s: got %s, want success", harness.Subject(op.ID, "an unknown member in every object"), harness.ShortError(err))
		}
		enums := slices.DeleteFunc(specmodel.OpenEnums(op.Schema, doc), func(at string) bool {
			return slices.ContainsFunc(op.Echoes, func(e harness.Echo) bool { return e.Response == at }) // another value is another request's
		})
		known += len(enums)
		for _, at := range sample.Of(enums, 3) {
			const value = `"` + specmodel.UnknownValue + `"`
			subject := harness.Subject(op.ID, at+" = "+value)
			got, err := d.Call(t, op, d.Response(op, op.Status, "application/json", specmodel.Edits{Replace: map[string]string{at: value}}.Write(doc)))
			if err != nil {
				t.Errorf("%s: got %s, want success", subject, harness.ShortError(err))
				continue
			}
			harness.Expect(t, subject, "value of the result", memberOf(t, got, at), value)
		}
	}
	if known == 0 {
		t.Error("got no member with an open enumeration in any response, want some: the test replaces their values")
	}
	harness.Expect(t, "unknown values", "log records above debug level", counter.Records.Load(), 0)
}
