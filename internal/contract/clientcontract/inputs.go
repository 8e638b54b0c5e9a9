package clientcontract

import (
	"net/url"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// invalidTexts cannot be part of a header or an id.
var invalidTexts = []string{"a\rb", "a\nb", "a\r\nX-Evil: 1", "a\x00b", "a\x7fb", "aé", "a\xffb"}

// invalidTextsAreRefused puts control characters and the like into the headers,
// idempotency keys and ids of every operation. The client refuses them before it
// sends anything.
func invalidTextsAreRefused(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	out := faulthttp.NewTap(t)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out))
	for _, op := range e.BoundOperations(t) {
		for _, text := range invalidTexts {
			try := map[string]error{
				"header value":    op.Call(t.Context(), "id", "", pay.WithHeader("X-Trace", text)),
				"header name":     op.Call(t.Context(), "id", "", pay.WithHeader(text, "1")),
				"idempotency key": op.Call(t.Context(), "id", "", pay.WithIdempotencyKey(text)),
			}
			if op.PathIDs() > 0 {
				try["id"] = op.Call(t.Context(), text, "")
			}
			if op.KeyBody != "" {
				try["idempotency key in the body"] = op.Call(t.Context(), "id", text)
			}
			for where, err := range try {
				got := e.RequireError(t, err)
				subject := harness.Subject(op.ID, where+" "+harness.Short(text))
				harness.Expect(t, subject, "attempts", got.Attempts, 0)
				harness.ExpectIs(t, subject, got, apierr.ErrInvalidRequest, true)
				harness.Expect(t, subject, "outcome", got.Outcome(), apierr.OutcomeNotApplied)
				harness.Expect(t, subject, "advice is retryable", got.Advice().Retryable(), false)
			}
		}
	}
	harness.Expect(t, "invalid texts", "requests", len(out.Take()), 0)
}

// idsStayInTheirSegment gives every operation that has an id in its path ids that
// could end their path segment.
func idsStayInTheirSegment(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	out := faulthttp.NewTap(t)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out), pay.WithMaxAttempts(1))
	if err := e.Read(t.Context()); err != nil { // fetches a token
		t.Fatal(err)
	}
	out.Take()
	for _, op := range e.BoundOperations(t) {
		if op.PathIDs() == 0 {
			continue
		}
		for _, id := range []string{"../x", "../../v2/x", "a/b", "/", "a?b=c", "a#b", "%2f", "%2e%2e", "..%2fx", "a b", `a\b`, "a;b=c", "a&b", "+", "..."} {
			_ = op.Call(t.Context(), id, "") // only the path is tested, not whether the server has the id
			heads := out.Take()
			if harness.Expect(t, harness.Subject(op.ID, "id "+id), "requests", len(heads), 1); len(heads) == 1 {
				checkPath(t, op, id, heads[0][0])
			}
		}
		for _, id := range []string{"", ".", ".."} {
			got := e.RequireError(t, op.Call(t.Context(), id, ""))
			subject := harness.Subject(op.ID, "id "+harness.Short(id))
			harness.Expect(t, subject, "attempts", got.Attempts, 0)
			harness.Expect(t, subject, "requests", len(out.Take()), 0)
			harness.ExpectIs(t, subject, got, apierr.ErrInvalidRequest, true)
		}
	}
}

// checkPath checks that a request line has the path of the operation with the id as
// one segment.
func checkPath(t *testing.T, op harness.BoundOperation, id, line string) {
	t.Helper()
	target := strings.Fields(line)[1]
	before, after, _ := strings.Cut(op.Path, "{")
	_, after, _ = strings.Cut(after, "}")
	segment, hasPrefix := strings.CutPrefix(target, before)
	segment, hasSuffix := strings.CutSuffix(segment, after)
	plain, err := url.PathUnescape(segment)
	subject := harness.Subject(op.ID, "id "+id)
	harness.Expect(t, subject, "path "+target+" has the prefix "+before, hasPrefix, true)
	harness.Expect(t, subject, "path "+target+" has the suffix "+after, hasSuffix, true)
	if strings.ContainsAny(segment, "/?#") {
		t.Errorf("%s: got the id as %q, want one path segment", subject, segment)
	}
	if err != nil {
		t.Errorf("%s: got the segment %q, want one that can be unescaped: %v", subject, segment, err)
		return
	}
	harness.Expect(t, subject, "unescaped segment", plain, id)
}
