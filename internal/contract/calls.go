package contract

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/pay"
)

// typed returns err as a *apierr.Error of this provider, or ends the scenario.
func (e *env) typed(t *testing.T, err error) *apierr.Error {
	t.Helper()
	var pe *apierr.Error
	if !errors.As(err, &pe) {
		t.Fatalf("%v (%T) is no *apierr.Error", err, err)
	}
	if pe.Provider != e.Provider || pe.Operation == "" {
		t.Errorf("error names provider %q and operation %q", pe.Provider, pe.Operation)
	}
	if text := pe.Error(); len(text) > 2048 || strings.ContainsAny(text, "\r\n") {
		t.Errorf("the error's text is not one short line: %.200q", text)
	}
	if pe.CustomerMessage("en") == "" || pe.Resolution() == "" {
		t.Error("the error has nothing to say to a payer or to a developer")
	}
	return pe
}

func happyPath(t *testing.T, e *env) {
	if err := e.Read(t.Context()); err != nil {
		t.Errorf("read: %v", err)
	}
	before := e.ledger()
	if err := e.Write(t.Context()); err != nil {
		t.Errorf("write: %v", err)
	}
	if got := e.ledger() - before; e.Live == "" && got != 1 {
		t.Errorf("the write made %d ledger entries, want 1", got)
	}
}

func (e *env) ledger() int {
	if e.sandbox.Ledger == nil {
		return 0
	}
	return e.sandbox.Ledger()
}

func meta(t *testing.T, e *env) {
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
	if !e.Keyed && (err == nil || e.typed(t, err).Attempts != 0) {
		t.Errorf("a key for an operation that has none: %v, want a refusal before anything is sent", err)
	}
}

func unknownID(t *testing.T, e *env) {
	pe := e.typed(t, e.ReadID(t.Context(), e.UnknownID))
	if !errors.Is(pe, apierr.ErrNotFound) || e.Missing != nil && !errors.Is(pe, e.Missing) {
		t.Errorf("got %v, want %v", pe, e.Missing)
	}
	if pe.Outcome() != apierr.OutcomeNotApplied || pe.Attempts != 1 || len(pe.RawBody) == 0 {
		t.Errorf("outcome %q, %d attempts, %d body bytes", pe.Outcome(), pe.Attempts, len(pe.RawBody))
	}
}

func escapingIDs(t *testing.T, e *env) {
	if e.NoPathIDs != "" {
		t.Skip(e.NoPathIDs)
	}
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "a\x00b", "a\nb", "ä", strings.Repeat("a", 600)} {
		before := e.traffic.Seen()
		pe := e.typed(t, e.ReadID(t.Context(), id))
		if !errors.Is(pe, apierr.ErrInvalidRequest) || pe.Attempts != 0 || e.traffic.Seen() != before {
			t.Errorf("id %.10q: %v, %d attempts; want a refusal before anything is sent", id, pe, pe.Attempts)
		}
	}
	for _, id := range []string{"../x", "a/b", "a?b=c", "a#b", "%2e%2e", "a b"} {
		pe := e.typed(t, e.ReadID(t.Context(), id)) // the traffic check fails for a path outside the spec
		if pe.StatusCode == 0 || pe.StatusCode < 400 {
			t.Errorf("id %q: %v, want the server's refusal", id, pe)
		}
	}
}

func nothingPrinted(t *testing.T, e *env) {
	var log strings.Builder
	a := e.Connect(t, e.base(), pay.WithTransport(e.traffic), pay.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	for _, err := range []error{a.Read(t.Context()), a.ReadID(t.Context(), e.UnknownID), a.ReadID(t.Context(), "..")} {
		log.WriteString(printed(err))
	}
	for _, v := range a.Print {
		log.WriteString(printed(v))
	}
	e.leaks(t, log.String())
	if log.Len() == 0 {
		t.Error("nothing was printed at all; the scenario proves nothing")
	}
}

func (e *env) base() string {
	if e.Live != "" {
		return e.Live
	}
	return e.sandbox.URL
}

func cancelled(t *testing.T, e *env) {
	if err := e.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	start := time.Now()
	pe := e.typed(t, e.Read(ctx))
	if !errors.Is(pe, context.Canceled) || errors.Is(pe, apierr.ErrOutcomeUnknown) {
		t.Errorf("got %v, want the context's error and no unknown outcome for a read", pe)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a cancelled call took %v", took)
	}
}
