package contract

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/specpay/specpay/internal/contract/sample"
	"github.com/specpay/specpay/pay"
)

const (
	newWord   = "BRAND_NEW_2027"
	newMember = `"brand_new_2027":{"deep":[1,{"x":null}],"status":"?"},`
)

// H8 lets the provider say what it did not say when the spec was written: new
// codes, enum values, members and events.
func H8(t *testing.T, s Suite) {
	loud := &noise{}
	log := pay.WithLogger(slog.New(loud))
	e := &env{Suite: s, traffic: newTraffic(t, s.Spec), sandbox: s.Sandbox(t)}
	e.Account = s.Connect(t, e.sandbox.URL, pay.WithTransport(e.traffic), log)
	unknownCode(t, e)
	l, words, objects := newLab(t, s, log), 0, 0
	for _, c := range l.calls {
		if c.void {
			continue
		}
		doc, more := decoded(c.whole), edits{insert: map[string]string{}}
		walk("", doc, func(at string, _ map[string]any) { more.insert[at] = newMember; objects++ })
		if _, err := l.call(t, c, l.says(c, c.status, "application/json", more.write(doc))); err != nil {
			t.Errorf("%s, new members everywhere: %v", c.id, err)
		}
		for _, at := range sample.Of(openWords(c.schema, doc), 3) {
			got, err := l.call(t, c, l.says(c, c.status, "application/json", edits{replace: map[string]string{at: `"` + newWord + `"`}}.write(doc)))
			if err != nil {
				t.Errorf("%s, a new value of %s: %v", c.id, at, err)
			} else if back := written(t, got, at); back != `"`+newWord+`"` {
				t.Errorf("%s, a new value of %s became %s", c.id, at, back)
			}
			words++
		}
	}
	events := l.newEvents(t, loud)
	if n := loud.records.Load(); n > 0 {
		t.Errorf("%d log records above debug", n)
	}
	Figure(t, "a new code, %d new enum values, %d objects with a new member, %s: all passed through, 0 log records above debug", words, objects, events)
}

// openWords lists the members whose values the spec leaves open. Those of the
// error envelope are not among them: what nobody knows there is no success.
func openWords(s *openapi3.Schema, doc any) (out []string) {
	eachObject(s, "", doc, func(at string, s *openapi3.Schema, m map[string]any) {
		for name, p := range s.Properties {
			_, text := m[name].(string)
			if text && p.Value.Extensions["x-extensible-enum"] != nil && s.Extensions["x-error-envelope"] == nil {
				out = append(out, at+"/"+name)
			}
		}
	})
	return out
}

// word is what an enumerated value looks like.
var word = regexp.MustCompile(`^[A-Za-z]+([._][A-Za-z]+)*$`)

// newEvents puts new values and members into a genuine notification.
func (l *lab) newEvents(t *testing.T, loud *noise) string {
	t.Helper()
	if l.sandbox.Signed == nil {
		return "notifications of this provider hold no document"
	}
	runs, n := 0, 0
	h := l.Connect(t, l.sandbox.URL, pay.WithLogger(slog.New(loud))).Webhook(func(context.Context) error { runs++; return nil })
	body, err := io.ReadAll(l.sandbox.Notification(t)().Body)
	if err != nil {
		t.Fatal(err)
	}
	doc := decoded(body)
	more := edits{insert: map[string]string{}}
	walk("", doc, func(at string, _ map[string]any) { more.insert[at] = newMember })
	docs := map[string]string{"new members": more.write(doc)}
	for _, m := range members(doc) {
		if text, _ := m.value.(string); word.MatchString(text) {
			docs[m.at] = edits{replace: map[string]string{m.at: `"` + newWord + `"`}}.write(doc)
		}
	}
	for what, body := range docs {
		before := runs
		status, answer := deliver(h, l.sandbox.Signed(t, []byte(body)))
		if status != http.StatusOK || answer != l.sandbox.Accepted || runs > before+1 {
			t.Errorf("a notification with a new value of %s: answered %d %.60q", what, status, answer)
		}
		n++
	}
	if runs == 0 || !strings.Contains(docs["new members"], "brand_new") {
		t.Errorf("user code ran %d times", runs)
	}
	return plural(n, "new notification")
}

// noise counts the log records above debug.
type noise struct{ records atomic.Int32 }

func (*noise) Enabled(context.Context, slog.Level) bool { return true }

func (n *noise) Handle(_ context.Context, r slog.Record) error {
	if r.Level > slog.LevelDebug {
		n.records.Add(1)
	}
	return nil
}

func (n *noise) WithAttrs([]slog.Attr) slog.Handler { return n }
func (n *noise) WithGroup(string) slog.Handler      { return n }
