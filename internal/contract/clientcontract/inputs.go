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

// idsStayInTheirSegment gives every operation that has an id in its path ids with
// unusual characters, and ids that could end their path segment once a proxy or the
// server has unescaped the path.
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
		for _, id := range []string{"a&b", "+", "...", "a:b", "a=b", "a,b", "(a)", `"a"`, "<a>", "{a|b}", "a@b", "~^`$!*'"} {
			_ = op.Call(t.Context(), id, "") // only the path is tested, not whether the server has the id
			heads := out.Take()
			if harness.Expect(t, harness.Subject(op.ID, "id "+id), "requests", len(heads), 1); len(heads) == 1 {
				checkPath(t, op, id, heads[0][0])
			}
		}
		for _, id := range harness.UnsafeIDs {
			got := e.RequireError(t, op.Call(t.Context(), id, ""))
			subject := harness.Subject(op.ID, "id "+harness.Short(id))
			harness.Expect(t, subject, "attempts", got.Attempts, 0)
			harness.Expect(t, subject, "requests", len(out.Take()), 0)
			harness.ExpectIs(t, subject, got, apierr.ErrInvalidRequest, true)
		}
	}
}

// reservedHeaders are headers that change how a request is sent or what a response
// means, or that a client sets itself.
var reservedHeaders = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
	"Expect", "Early-Data", "Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Range", "Accept", "Accept-Charset", "Accept-Encoding",
	"Accept-Language", "Accept-Ranges", "Host", "Cookie", "Cookie2", "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Prefer",
	"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "Authorization", "Idempotency-Key", "X-Idempotency-Key", "User-Agent", ":path", ":authority",
}

// reservedHeadersAreRefused passes WithHeader the headers above and every header of a
// real request. Nothing is sent.
func reservedHeadersAreRefused(t *testing.T, s harness.Suite) {
	e := harness.OpenLocal(t, s)
	out := faulthttp.NewTap(t)
	e.Account = e.Connect(t, e.BaseURL(), pay.WithTransport(out), pay.WithMaxAttempts(1))
	for i, op := range e.BoundOperations(t) {
		_ = op.Call(t.Context(), "id", "")
		heads := out.Take()
		names := []string{}
		for _, line := range heads[len(heads)-1][1:] {
			name, _, _ := strings.Cut(line, ":")
			names = append(names, name)
		}
		if i == 0 {
			names = append(names, reservedHeaders...)
		}
		for _, name := range names {
			for _, name := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
				got := e.RequireError(t, op.Call(t.Context(), "id", "", pay.WithHeader(name, "1")))
				subject := harness.Subject(op.ID, "WithHeader "+name)
				harness.Expect(t, subject, "attempts", got.Attempts, 0)
				harness.ExpectIs(t, subject, got, apierr.ErrInvalidRequest, true)
				harness.Expect(t, subject, "outcome", got.Outcome(), apierr.OutcomeNotApplied)
				harness.Expect(t, subject, "requests", len(out.Take()), 0)
			}
		}
	}
	if err := e.Read(t.Context(), pay.WithHeader("X-Trace", "1"), pay.WithHeader("Traceparent", "1")); err != nil {
		t.Errorf("read with other headers: got %s, want success", harness.ShortError(err))
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
