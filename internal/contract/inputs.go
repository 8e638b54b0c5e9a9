package contract

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// badTexts cannot stand in a header or an id.
var badTexts = []string{"a\rb", "a\nb", "a\r\nX-Evil: 1", "a\x00b", "a\x7fb", "aé", "a\xffb"}

// S4 puts texts that do not belong there into the headers, keys and ids of every
// operation.
func S4(t *testing.T, s Suite) {
	e := local(t, s)
	out, attempts := newTap(t), 0
	e.Account = e.Connect(t, e.base(), pay.WithTransport(out))
	tried := 0
	ops := e.operations(t)
	for _, op := range ops {
		for _, bad := range badTexts {
			try := map[string]error{
				"a header's value": op.call(t.Context(), "id", "", pay.WithHeader("X-Trace", bad)),
				"a header's name":  op.call(t.Context(), "id", "", pay.WithHeader(bad, "1")),
				"the key":          op.call(t.Context(), "id", "", pay.WithIdempotencyKey(bad)),
			}
			if op.ids() > 0 {
				try["the id"] = op.call(t.Context(), bad, "")
			}
			if op.keyBody != "" {
				try["the key in the body"] = op.call(t.Context(), "id", bad)
			}
			for where, err := range try {
				tried++
				pe := e.typed(t, err)
				if attempts += pe.Attempts; !errors.Is(pe, apierr.ErrInvalidRequest) || pe.Outcome() != apierr.OutcomeNotApplied || pe.Advice().Retryable() {
					t.Errorf("%s, %q as %s: %v (advice %s)", op.id, bad, where, pe, pe.Advice())
				}
			}
		}
	}
	sent := len(out.take())
	if sent != 0 || attempts != 0 {
		t.Errorf("%d requests left, %d attempts", sent, attempts)
	}
	Figure(t, "%d bad texts in %d operations: %d requests, %d attempts", tried, len(ops), sent, attempts)
}

// S5 gives every operation that has an id in its path ids that would like to be
// more than one segment.
func S5(t *testing.T, s Suite) {
	e := local(t, s)
	if e.NoPathIDs != "" {
		NotApplicable(t, e.NoPathIDs)
		return
	}
	out := newTap(t)
	e.Account = e.Connect(t, e.base(), pay.WithTransport(out), pay.WithMaxAttempts(1))
	if err := e.Read(t.Context()); err != nil { // a token is there
		t.Fatal(err)
	}
	out.take()
	sent, refused, with := 0, 0, 0
	for _, op := range e.operations(t) {
		if op.ids() == 0 {
			continue
		}
		with++
		for _, id := range []string{"../x", "../../v2/x", "a/b", "/", "a?b=c", "a#b", "%2f", "%2e%2e", "..%2fx", "a b", `a\b`, "a;b=c", "a&b", "+", "..."} {
			_ = op.call(t.Context(), id, "") // refused by the server or not: the path is what counts
			heads := out.take()
			if sent += len(heads); len(heads) != 1 {
				t.Errorf("%s, id %q: %d requests", op.id, id, len(heads))
				continue
			}
			onePath(t, op, id, heads[0][0])
		}
		for _, id := range []string{"", ".", ".."} {
			pe := e.typed(t, op.call(t.Context(), id, ""))
			if refused++; pe.Attempts != 0 || len(out.take()) != 0 || !errors.Is(pe, apierr.ErrInvalidRequest) {
				t.Errorf("%s, id %q: %v, %d attempts; want a refusal before anything is sent", op.id, id, pe, pe.Attempts)
			}
		}
	}
	Figure(t, "%d operations: %d ids stayed one segment, %d were refused before a byte was sent", with, sent, refused)
}

// onePath sees that a request line holds the operation's path with the id as one
// segment of it.
func onePath(t *testing.T, op operation, id, line string) {
	t.Helper()
	target := strings.Fields(line)[1]
	before, after, _ := strings.Cut(op.path, "{")
	_, after, _ = strings.Cut(after, "}")
	segment, found := strings.CutPrefix(target, before)
	if !found {
		t.Errorf("%s, id %q: asked for %s", op.id, id, target)
		return
	}
	segment, found = strings.CutSuffix(segment, after)
	plain, err := url.PathUnescape(segment)
	if !found || err != nil || plain != id || strings.ContainsAny(segment, "/?#") {
		t.Errorf("%s, id %q: asked for %s", op.id, id, target)
	}
}
