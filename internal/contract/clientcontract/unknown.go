package clientcontract

import (
	"log/slog"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// H8 lets the provider say what it did not say when the spec was written: new
// codes, enum values, members and events.
func unknownValuesPassThrough(t *testing.T, s harness.Suite) {
	loud := &harness.LogCounter{}
	log := pay.WithLogger(slog.New(loud))
	e := &harness.Session{Suite: s, Traffic: harness.NewTraffic(t, s.Spec), Sandbox: s.Sandbox(t)}
	e.Account = s.Connect(t, e.Sandbox.URL, pay.WithTransport(e.Traffic), log)
	unknownCodePassesThrough(t, e)
	l, words, objects := harness.NewMemoryDriver(t, s, log), 0, 0
	for _, c := range l.Calls {
		if c.Void {
			continue
		}
		doc, more := specmodel.Decode(c.Full), specmodel.Edits{Insert: map[string]string{}}
		specmodel.Walk("", doc, func(at string, _ map[string]any) { more.Insert[at] = specmodel.NewMember; objects++ })
		if _, err := l.Call(t, c, l.Response(c, c.Status, "application/json", more.Write(doc))); err != nil {
			t.Errorf("%s, new members everywhere: %v", c.Id, err)
		}
		for _, at := range sample.Of(specmodel.OpenEnums(c.Schema, doc), 3) {
			got, err := l.Call(t, c, l.Response(c, c.Status, "application/json", specmodel.Edits{Replace: map[string]string{at: `"` + specmodel.UnknownValue + `"`}}.Write(doc)))
			if err != nil {
				t.Errorf("%s, a new value of %s: %v", c.Id, at, err)
			} else if back := written(t, got, at); back != `"`+specmodel.UnknownValue+`"` {
				t.Errorf("%s, a new value of %s became %s", c.Id, at, back)
			}
			words++
		}
	}
	if n := loud.Records.Load(); n > 0 {
		t.Errorf("%d log records above debug", n)
	}
	t.Logf("a new code, %d new enum values, %d objects with a new member: all passed through, 0 log records above debug", words, objects)
}
