package webhookcontract

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/contract/specmodel"
	"github.com/specpay/specpay/pay"
)

// repeatedMembersAreRefused repeats each member of a signed notification, once under
// its own name and once under the same name in another case.
func repeatedMembersAreRefused(t *testing.T, e *harness.Session) {
	runs := 0
	h := e.Connect(t, e.Sandbox.URL).Webhook(func(context.Context) error { runs++; return nil })
	body := genuineBody(t, e)
	doc := specmodel.Decode(body)
	for _, m := range specmodel.Members(doc) {
		for _, name := range []string{m.Name, specmodel.OtherCase(m.Name)} {
			if name != m.Name && strings.Contains(strings.ToLower(m.Object), "metadata") {
				continue // the names of metadata are free
			}
			insert := string(specmodel.Encode(name)) + ":" + string(specmodel.Encode(m.Value)) + ","
			repeated := specmodel.Edits{Insert: map[string]string{m.Object: insert}}.Write(doc)
			_, reply := harness.Deliver(h, e.Sandbox.Signed(t, []byte(repeated)))
			subject := fmt.Sprintf("notification with %s and %s", m.Pointer, name)
			harness.Expect(t, subject, "accepted", reply == e.Sandbox.Accepted, false)
			harness.Expect(t, subject, "runs of the handler", runs, 0)
			runs = 0
		}
	}
	expectAccepted(t, e, "notification without a repeated member", h, e.Sandbox.Signed(t, body))
	harness.Expect(t, "notification without a repeated member", "runs of the handler", runs, 1)
}

func genuineBody(t testing.TB, e *harness.Session) []byte {
	t.Helper()
	body, err := io.ReadAll(e.Sandbox.Notification(t)().Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// enumValue matches what an enum value looks like.
var enumValue = regexp.MustCompile(`^[A-Za-z]+([._][A-Za-z]+)*$`)

// unknownValuesPassThrough puts enum values and members that the spec does not have
// into a signed notification.
func unknownValuesPassThrough(t *testing.T, e *harness.Session) {
	counter, runs := &harness.LogCounter{}, 0
	h := e.Connect(t, e.Sandbox.URL, pay.WithLogger(slog.New(counter))).Webhook(func(context.Context) error { runs++; return nil })
	doc := specmodel.Decode(genuineBody(t, e))
	more := specmodel.Edits{Insert: map[string]string{}}
	specmodel.Walk("", doc, func(at string, _ map[string]any) { more.Insert[at] = specmodel.NewMember })
	if len(more.Insert) == 0 {
		t.Fatal("the notification has no object")
	}
	docs := map[string]string{"unknown members": more.Write(doc)}
	for _, m := range specmodel.Members(doc) {
		if text, _ := m.Value.(string); enumValue.MatchString(text) {
			docs["an unknown value of "+m.Pointer] = specmodel.Edits{Replace: map[string]string{m.Pointer: `"` + specmodel.UnknownValue + `"`}}.Write(doc)
		}
	}
	for input, body := range docs {
		before, subject := runs, "notification with "+input
		expectAccepted(t, e, subject, h, e.Sandbox.Signed(t, []byte(body)))
		if n := runs - before; n > 1 {
			t.Errorf("%s: the handler ran %d times, want at most once", subject, n)
		}
	}
	if runs == 0 {
		t.Error("the handler never ran")
	}
	harness.Expect(t, "notifications with unknown values", "log records above debug level", counter.Records.Load(), 0)
}
