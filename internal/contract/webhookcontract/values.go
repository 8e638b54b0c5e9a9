package webhookcontract

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// repeatedNotices does the same to a notification.
func repeatedMembersAreRefused(t *testing.T, l *harness.Session) {
	runs, n := 0, 0
	h := l.Connect(t, l.Sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	body, err := io.ReadAll(l.Sandbox.Notification(t)().Body)
	if err != nil {
		t.Fatal(err)
	}
	doc := specmodel.Decode(body)
	for _, m := range specmodel.Members(doc) {
		for _, name := range []string{m.Name, specmodel.OtherCase(m.Name)} {
			if name != m.Name && strings.Contains(strings.ToLower(m.Object), "metadata") {
				continue // free names
			}
			insert := string(specmodel.Encode(name)) + ":" + string(specmodel.Encode(m.Value)) + ","
			twice := specmodel.Edits{Insert: map[string]string{m.Object: insert}}.Write(doc)
			if status, answer := harness.Deliver(h, l.Sandbox.Signed(t, []byte(twice))); answer == l.Sandbox.Accepted || runs != 0 {
				t.Errorf("a notification with %s and %s: answered %d %q", m.Pointer, name, status, answer)
				runs = 0
			}
			n++
		}
	}
	if status, answer := harness.Deliver(h, l.Sandbox.Signed(t, body)); status != http.StatusOK || runs != 1 {
		t.Errorf("the whole notification: answered %d %q", status, answer)
	}
	t.Logf("%d notifications with a repeated member refused", n)
}

// word is what an enumerated value looks like.
var enumValue = regexp.MustCompile(`^[A-Za-z]+([._][A-Za-z]+)*$`)

// newEvents puts new values and members into a genuine notification.
func unknownValuesPassThrough(t *testing.T, l *harness.Session) {
	loud := &harness.LogCounter{}
	runs, n := 0, 0
	h := l.Connect(t, l.Sandbox.URL, pay.WithLogger(slog.New(loud))).Webhook(func(context.Context) error { runs++; return nil })
	body, err := io.ReadAll(l.Sandbox.Notification(t)().Body)
	if err != nil {
		t.Fatal(err)
	}
	doc := specmodel.Decode(body)
	more := specmodel.Edits{Insert: map[string]string{}}
	specmodel.Walk("", doc, func(at string, _ map[string]any) { more.Insert[at] = specmodel.NewMember })
	docs := map[string]string{"new members": more.Write(doc)}
	for _, m := range specmodel.Members(doc) {
		if text, _ := m.Value.(string); enumValue.MatchString(text) {
			docs[m.Pointer] = specmodel.Edits{Replace: map[string]string{m.Pointer: `"` + specmodel.UnknownValue + `"`}}.Write(doc)
		}
	}
	for what, body := range docs {
		before := runs
		status, answer := harness.Deliver(h, l.Sandbox.Signed(t, []byte(body)))
		if status != http.StatusOK || answer != l.Sandbox.Accepted || runs > before+1 {
			t.Errorf("a notification with a new value of %s: answered %d %.60q", what, status, answer)
		}
		n++
	}
	if runs == 0 || !strings.Contains(docs["new members"], "brand_new") {
		t.Errorf("user code ran %d times", runs)
	}
	if n := loud.Records.Load(); n > 0 {
		t.Errorf("%d log records above debug", n)
	}
	t.Logf("%d new notifications accepted", n)
}
