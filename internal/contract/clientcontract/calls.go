package clientcontract

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

func readAndWriteSucceed(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Errorf("read: got %s, want success", err)
	}
	before := e.LedgerSize()
	if err := e.Write(t.Context()); err != nil {
		t.Errorf("write: got %v, want success", harness.ShortError(err))
	}
	if e.Live == "" {
		harness.Expect(t, "write", "ledger entries", e.LedgerSize()-before, 1)
	}
}

func metaDescribesTheCall(t *testing.T, e *harness.Session) {
	var m pay.Meta
	if err := e.Read(t.Context(), pay.WithMeta(&m)); err != nil {
		t.Fatal(err)
	}
	harness.Expect(t, "read", "attempts", m.Attempts, 1)
	harness.Expect(t, "read", "status", m.StatusCode, 200)
	if m.Header == nil {
		t.Error("read: got no header, want that of the response")
	}
	harness.Expect(t, "read", "Set-Cookie", m.Header.Get("Set-Cookie"), "")

	const key = "one-purchase"
	err := e.Write(t.Context(), pay.WithMeta(&m), pay.WithIdempotencyKey(key))
	if !e.Keyed {
		harness.Expect(t, "keyless write with an idempotency key", "attempts", e.RequireError(t, err).Attempts, 0)
		return
	}
	if err != nil {
		t.Errorf("keyed write: got %s, want success", harness.ShortError(err))
	}
	harness.Expect(t, "keyed write", "idempotency key", m.IdempotencyKey, key)
}

func unknownIDIsNotFound(t *testing.T, e *harness.Session) {
	got := e.RequireError(t, e.ReadID(t.Context(), e.UnknownID))
	subject := harness.Subject(got.Operation, "id "+e.UnknownID)
	harness.ExpectIs(t, subject, got, apierr.ErrNotFound, true)
	if e.Missing != nil {
		harness.ExpectIs(t, subject, got, e.Missing, true)
	}
	harness.Expect(t, subject, "outcome", got.Outcome(), apierr.OutcomeNotApplied)
	harness.Expect(t, subject, "attempts", got.Attempts, 1)
	if len(got.RawBody) == 0 {
		t.Errorf("%s: the error has no body", subject)
	}
}

func unsafeIDsAreRefused(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Concat(harness.UnsafeIDs, []string{"a\x00b", "a\nb", "ä", strings.Repeat("a", 600)}) {
		before := e.Traffic.Seen()
		got := e.RequireError(t, e.ReadID(t.Context(), id))
		subject := harness.Subject(got.Operation, "id "+harness.Short(id))
		harness.ExpectIs(t, subject, got, apierr.ErrInvalidRequest, true)
		harness.Expect(t, subject, "attempts", got.Attempts, 0)
		harness.Expect(t, subject, "requests", e.Traffic.Seen()-before, 0)
	}
	for _, id := range []string{"...", "a:b", "a&b=c", "a+b", `"a"`} {
		got := e.RequireError(t, e.ReadID(t.Context(), id)) // Traffic fails the test for a path outside the spec
		if got.StatusCode < 400 {
			t.Errorf("%s: got status %d, want a refusal by the server", harness.Subject(got.Operation, "id "+id), got.StatusCode)
		}
	}
}

func credentialsAreNotPrinted(t *testing.T, e *harness.Session) {
	var log strings.Builder
	a := e.Connect(t, e.BaseURL(), pay.WithTransport(e.Traffic), pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	for _, err := range []error{a.Read(t.Context()), a.ReadID(t.Context(), e.UnknownID), a.ReadID(t.Context(), "..")} {
		if err != nil {
			log.WriteString(printEveryWay(err))
		}
	}
	for _, v := range a.Print {
		log.WriteString(printEveryWay(v))
	}
	e.CheckSecrets(t, log.String())
	if log.Len() == 0 {
		t.Error("nothing was printed, so nothing was tested")
	}
}

func canceledCallStopsAtOnce(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	got := e.RequireError(t, e.Read(ctx))
	took := time.Since(start)
	harness.ExpectIs(t, "canceled read", got, context.Canceled, true)
	harness.Expect(t, "canceled read", "outcome is unknown", errors.Is(got, apierr.ErrOutcomeUnknown), false)
	if took > 5*time.Second {
		t.Errorf("canceled read: returned after %v, want at once", took)
	}
}
