package clientcontract

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

func readAndWriteSucceed(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Errorf("read: %v", err)
	}
	before := e.LedgerSize()
	if err := e.Write(t.Context()); err != nil {
		t.Errorf("write: %v", err)
	}
	if got := e.LedgerSize() - before; e.Live == "" && got != 1 {
		t.Errorf("the write made %d ledger entries, want 1", got)
	}
}

func metaDescribesTheCall(t *testing.T, e *harness.Session) {
	var m pay.Meta
	if err := e.Read(t.Context(), pay.WithMeta(&m)); err != nil {
		t.Fatal(err)
	}
	if m.Attempts != 1 || m.StatusCode != 200 || m.Header == nil || m.Header.Get("Set-Cookie") != "" {
		t.Errorf("meta of a read: %d attempts, status %d, header %v", m.Attempts, m.StatusCode, m.Header)
	}
	err := e.Write(t.Context(), pay.WithMeta(&m), pay.WithIdempotencyKey("one-purchase"))
	if e.Keyed && (err != nil || m.IdempotencyKey != "one-purchase") {
		t.Errorf("keyed write: %v, key %q", err, m.IdempotencyKey)
	}
	if !e.Keyed && (err == nil || e.RequireError(t, err).Attempts != 0) {
		t.Errorf("a key for an operation that has none: %v, want a refusal before anything is sent", err)
	}
}

func unknownIDIsNotFound(t *testing.T, e *harness.Session) {
	pe := e.RequireError(t, e.ReadID(t.Context(), e.UnknownID))
	if !errors.Is(pe, apierr.ErrNotFound) || e.Missing != nil && !errors.Is(pe, e.Missing) {
		t.Errorf("got %v, want %v", pe, e.Missing)
	}
	if pe.Outcome() != apierr.OutcomeNotApplied || pe.Attempts != 1 || len(pe.RawBody) == 0 {
		t.Errorf("outcome %q, %d attempts, %d body bytes", pe.Outcome(), pe.Attempts, len(pe.RawBody))
	}
}

func unsafeIDsAreRefused(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "a\x00b", "a\nb", "ä", strings.Repeat("a", 600)} {
		before := e.Traffic.Seen()
		pe := e.RequireError(t, e.ReadID(t.Context(), id))
		if !errors.Is(pe, apierr.ErrInvalidRequest) || pe.Attempts != 0 || e.Traffic.Seen() != before {
			t.Errorf("id %.10q: %v, %d attempts; want a refusal before anything is sent", id, pe, pe.Attempts)
		}
	}
	for _, id := range []string{"../x", "a/b", "a?b=c", "a#b", "%2e%2e", "a b"} {
		pe := e.RequireError(t, e.ReadID(t.Context(), id)) // the traffic check fails for a path outside the spec
		if pe.StatusCode == 0 || pe.StatusCode < 400 {
			t.Errorf("id %q: %v, want the server's refusal", id, pe)
		}
	}
}

func credentialsAreNotPrinted(t *testing.T, e *harness.Session) {
	var log strings.Builder
	a := e.Connect(t, e.BaseURL(), pay.WithTransport(e.Traffic), pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	for _, err := range []error{a.Read(t.Context()), a.ReadID(t.Context(), e.UnknownID), a.ReadID(t.Context(), "..")} {
		log.WriteString(printEveryWay(err))
	}
	for _, v := range a.Print {
		log.WriteString(printEveryWay(v))
	}
	e.CheckSecrets(t, log.String())
	if log.Len() == 0 {
		t.Error("nothing was printed at all; the scenario proves nothing")
	}
}

func canceledCallStopsAtOnce(t *testing.T, e *harness.Session) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	pe := e.RequireError(t, e.Read(ctx))
	if !errors.Is(pe, context.Canceled) || errors.Is(pe, apierr.ErrOutcomeUnknown) {
		t.Errorf("got %v, want the context's error and no unknown outcome for a read", pe)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a cancelled call took %v", took)
	}
}
