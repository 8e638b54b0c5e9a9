package clientcontract

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// badTexts cannot stand in a header or an id.
var invalidTexts = []string{"a\rb", "a\nb", "a\r\nX-Evil: 1", "a\x00b", "a\x7fb", "aé", "a\xffb"}

// S4 puts texts that do not belong there into the headers, keys and ids of every
// operation.
func invalidTextsAreRefused(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	out, attempts := faulthttp.NewTap(t), 0
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out))
	tried := 0
	ops := e.BoundOperations(t)
	for _, op := range ops {
		for _, bad := range invalidTexts {
			try := map[string]error{
				"a header's value": op.Call(t.Context(), "id", "", pay.WithHeader("X-Trace", bad)),
				"a header's name":  op.Call(t.Context(), "id", "", pay.WithHeader(bad, "1")),
				"the key":          op.Call(t.Context(), "id", "", pay.WithIdempotencyKey(bad)),
			}
			if op.PathIDs() > 0 {
				try["the id"] = op.Call(t.Context(), bad, "")
			}
			if op.KeyBody != "" {
				try["the key in the body"] = op.Call(t.Context(), "id", bad)
			}
			for where, err := range try {
				tried++
				pe := e.RequireError(t, err)
				if attempts += pe.Attempts; !errors.Is(pe, apierr.ErrInvalidRequest) || pe.Outcome() != apierr.OutcomeNotApplied || pe.Advice().Retryable() {
					t.Errorf("%s, %q as %s: %v (advice %s)", op.Id, bad, where, pe, pe.Advice())
				}
			}
		}
	}
	sent := len(out.Take())
	if sent != 0 || attempts != 0 {
		t.Errorf("%d requests left, %d attempts", sent, attempts)
	}
	t.Logf("%d bad texts in %d operations: %d requests, %d attempts", tried, len(ops), sent, attempts)
}

// S5 gives every operation that has an id in its path ids that would like to be
// more than one segment.
func idsStayInTheirSegment(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	out := faulthttp.NewTap(t)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out), pay.WithMaxAttempts(1))
	if err := e.Read(t.Context()); err != nil { // a token is there
		t.Fatal(err)
	}
	out.Take()
	sent, refused, with := 0, 0, 0
	for _, op := range e.BoundOperations(t) {
		if op.PathIDs() == 0 {
			continue
		}
		with++
		for _, id := range []string{"../x", "../../v2/x", "a/b", "/", "a?b=c", "a#b", "%2f", "%2e%2e", "..%2fx", "a b", `a\b`, "a;b=c", "a&b", "+", "..."} {
			_ = op.Call(t.Context(), id, "") // refused by the server or not: the path is what counts
			heads := out.Take()
			if sent += len(heads); len(heads) != 1 {
				t.Errorf("%s, id %q: %d requests", op.Id, id, len(heads))
				continue
			}
			checkPath(t, op, id, heads[0][0])
		}
		for _, id := range []string{"", ".", ".."} {
			pe := e.RequireError(t, op.Call(t.Context(), id, ""))
			if refused++; pe.Attempts != 0 || len(out.Take()) != 0 || !errors.Is(pe, apierr.ErrInvalidRequest) {
				t.Errorf("%s, id %q: %v, %d attempts; want a refusal before anything is sent", op.Id, id, pe, pe.Attempts)
			}
		}
	}
	t.Logf("%d operations: %d ids stayed one segment, %d were refused before a byte was sent", with, sent, refused)
}

// onePath sees that a request line holds the operation's path with the id as one
// segment of it.
func checkPath(t *testing.T, op harness.BoundOperation, id, line string) {
	t.Helper()
	target := strings.Fields(line)[1]
	before, after, _ := strings.Cut(op.Path, "{")
	_, after, _ = strings.Cut(after, "}")
	segment, found := strings.CutPrefix(target, before)
	if !found {
		t.Errorf("%s, id %q: asked for %s", op.Id, id, target)
		return
	}
	segment, found = strings.CutSuffix(segment, after)
	plain, err := url.PathUnescape(segment)
	if !found || err != nil || plain != id || strings.ContainsAny(segment, "/?#") {
		t.Errorf("%s, id %q: asked for %s", op.Id, id, target)
	}
}
