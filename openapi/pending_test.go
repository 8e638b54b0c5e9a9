package openapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/paytest"
)

// ledger is a pending store and what a reconciler makes of its records.
type ledger struct {
	*paytest.MemoryPendingStore
	passed time.Duration
}

func newLedger() *ledger {
	l := &ledger{}
	l.MemoryPendingStore = paytest.NewPendingStore(func() time.Time { return time.Now().Add(l.passed) })
	return l
}

// settle runs a reconciler after an hour and returns what its callbacks got.
func (l *ledger) settle(t *testing.T, client pay.Inquirer) string {
	t.Helper()
	got := []string{}
	r := pay.Reconciler{
		Store: l, Clients: []pay.Inquirer{client},
		Settled: func(_ context.Context, call pay.PendingCall, outcome apierr.Outcome) error {
			got = append(got, fmt.Sprintf("%s %s", call.Operation, outcome))
			return nil
		},
		Unsettled: func(_ context.Context, call pay.PendingCall, reason error) error {
			got = append(got, fmt.Sprintf("%s %v", call.Operation, reason))
			return nil
		},
	}
	l.passed += time.Hour
	if err := r.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, ", ")
}

// TestUnfinishedPaymentStaysPending lets the wallet ask the user: the result is U, and
// the record is settled when the user has agreed or refused.
func TestUnfinishedPaymentStaysPending(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  []openapitest.PayOption
		want string
	}{
		{"paid", nil, "retailPay ok"},
		{"rejected", []openapitest.PayOption{openapitest.PayRejected()}, "retailPay failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, store := openapitest.NewServer(t), newLedger()
			c := connect(t, srv, pay.WithPendingStore(store))
			code, err := srv.PaymentCode("PAYMENT_IN_PROCESS")
			if err != nil {
				t.Fatal(err)
			}
			body := retail()
			body.PaymentAuthCode = code
			if _, err := c.RetailPay(t.Context(), body); !errors.Is(err, apierr.ErrOutcomeUnknown) {
				t.Fatalf("got %v, want an unknown outcome", err)
			}
			if got := store.settle(t, c); got != "" || len(store.Calls()) != 1 {
				t.Fatalf("callbacks %q and %d records while the payment is in process, want none and 1", got, len(store.Calls()))
			}
			state, err := c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentRequestID: body.PaymentRequestID})
			if err != nil {
				t.Fatal(err)
			}
			if err := srv.Pay(state.PaymentID, tt.end...); err != nil {
				t.Fatal(err)
			}
			if got := store.settle(t, c); got != tt.want {
				t.Errorf("callbacks %s, want %s", got, tt.want)
			}
		})
	}
}

// TestAcceptedCallStaysPending: the result A is returned as a success, but the call is
// not finished.
func TestAcceptedCallStaysPending(t *testing.T) {
	srv, store := openapitest.NewServer(t), newLedger()
	c := connect(t, srv, pay.WithPendingStore(store))
	if err := srv.FailNext("ACCEPT"); err != nil {
		t.Fatal(err)
	}
	paid, err := c.RetailPay(t.Context(), retail())
	if err != nil || paid.Result.Wait() != openapi.WaitingForUser {
		t.Fatalf("got %+v, %v; want an accepted payment", paid, err)
	}
	if left := store.Calls(); len(left) != 1 {
		t.Errorf("%d records are left, want 1", len(left))
	}
}

// TestInquiryThatDoesNotFit asks about records that a client must not settle.
func TestInquiryThatDoesNotFit(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	code, err := srv.PaymentCode("")
	if err != nil {
		t.Fatal(err)
	}
	body := retail()
	body.PaymentAuthCode = code
	if _, err := c.RetailPay(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	made := func(change func(*pay.PendingCall)) pay.PendingCall {
		call := pay.PendingCall{
			Provider: "openapi", Account: srv.Credentials().ClientID, Operation: "retailPay", IdempotencyKey: body.PaymentRequestID,
			Request: map[string]string{"/paymentRequestId": body.PaymentRequestID, "/paymentAmount/value": "2500", "/paymentAmount/currency": "EUR"},
		}
		change(&call)
		return call
	}
	if outcome, err := c.Inquire(t.Context(), made(func(*pay.PendingCall) {})); outcome != apierr.OutcomeApplied || err != nil {
		t.Fatalf("the record of the payment: %q, %v", outcome, err)
	}
	for _, tt := range []struct {
		name   string
		change func(*pay.PendingCall)
		want   error
	}{
		{"another amount", func(c *pay.PendingCall) { c.Request["/paymentAmount/value"] = "9900" }, pay.ErrNotInquirable},
		{"another currency", func(c *pay.PendingCall) { c.Request["/paymentAmount/currency"] = "USD" }, pay.ErrNotInquirable},
		{"another ID", func(c *pay.PendingCall) { c.Request["/paymentRequestId"] = "none" }, openapi.ErrOrderNotExist},
		{"another operation", func(c *pay.PendingCall) { c.Operation = "createQrOrder" }, pay.ErrNotInquirable},
		{"another account", func(c *pay.PendingCall) { c.Account = "TEST_5X00000000000002" }, pay.ErrOtherAccount},
		{"another provider", func(c *pay.PendingCall) { c.Provider = "qpay" }, pay.ErrOtherAccount},
	} {
		before := len(srv.Requests())
		outcome, err := c.Inquire(t.Context(), made(tt.change))
		if outcome != apierr.OutcomeUnknown || !errors.Is(err, tt.want) {
			t.Errorf("%s: got %q, %v; want an unknown outcome and %v", tt.name, outcome, err, tt.want)
		}
		if sent := len(srv.Requests()) > before; sent && errors.Is(err, pay.ErrOtherAccount) {
			t.Errorf("%s: a request was sent", tt.name)
		}
	}
}

// watchedStore runs functions of a test before its methods.
type watchedStore struct {
	*paytest.MemoryPendingStore
	begin func(pay.PendingCall, time.Duration)
}

func (s *watchedStore) Begin(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	if err := s.MemoryPendingStore.Begin(ctx, call, wait); err != nil {
		return err
	}
	s.begin(call, wait)
	return ctx.Err()
}

// TestCallIsRecordedBeforeItIsSent makes a refund with two attempts.
func TestCallIsRecordedBeforeItIsSent(t *testing.T) {
	srv := openapitest.NewServer(t)
	order := newOrder(t, srv)
	if err := srv.Pay(order.PaymentID); err != nil {
		t.Fatal(err)
	}
	before, begun := len(srv.Requests()), 0
	store := &watchedStore{MemoryPendingStore: paytest.NewPendingStore(nil)}
	store.begin = func(call pay.PendingCall, wait time.Duration) {
		begun++
		if len(srv.Requests()) != before {
			t.Error("a request was sent before the call was recorded")
		}
		if call.Operation != "refundApply" || call.IdempotencyKey == "" || call.Request["/refundRequestId"] != call.IdempotencyKey || call.Request["/refundAmount/value"] != "500" {
			t.Errorf("the record is %+v", call)
		}
		if wait < 40*time.Second {
			t.Errorf("a reconciler may take the record after %v, want after the call's timeout of 40 s", wait)
		}
	}
	c := connect(t, srv, pay.WithPendingStore(store), pay.WithTotalTimeout(40*time.Second))
	if err := srv.Fault("reset-before-commit"); err != nil {
		t.Fatal(err)
	}
	var meta pay.Meta
	refund := openapi.RefundApplyRequest{PaymentID: order.PaymentID, RefundAmount: openapi.Amount{Currency: "EUR", Value: 500}}
	if _, err := c.RefundApply(t.Context(), refund, pay.WithMeta(&meta)); err != nil || meta.Attempts != 2 {
		t.Fatalf("got %v after %d attempts, want success after 2", err, meta.Attempts)
	}
	if begun != 1 || len(store.Calls()) != 0 {
		t.Errorf("the call was recorded %d times and leaves %d records, want 1 and none", begun, len(store.Calls()))
	}
}

// TestContextEndsWhileTheCallIsRecorded: nothing was sent, and nothing is left.
func TestContextEndsWhileTheCallIsRecorded(t *testing.T) {
	srv := openapitest.NewServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	store := &watchedStore{MemoryPendingStore: paytest.NewPendingStore(nil), begin: func(pay.PendingCall, time.Duration) { cancel() }}
	c := connect(t, srv, pay.WithPendingStore(store))
	_, err := c.RetailPay(ctx, retail())
	var e *apierr.Error
	if !errors.As(err, &e) || e.Outcome() != apierr.OutcomeNotApplied || e.Attempts != 0 {
		t.Errorf("got %v, want not applied without an attempt", err)
	}
	if len(srv.Requests()) != 0 || len(store.Calls()) != 0 {
		t.Errorf("%d requests and %d records, want none", len(srv.Requests()), len(store.Calls()))
	}
}

// TestFailedClearLeavesTheRecord: the call keeps its result, and a reconciler finds
// the same.
func TestFailedClearLeavesTheRecord(t *testing.T) {
	srv := openapitest.NewServer(t)
	var log bytes.Buffer
	memory := newLedger()
	c := connect(t, srv, pay.WithPendingStore(&unclearedStore{memory}), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	code, err := srv.PaymentCode("")
	if err != nil {
		t.Fatal(err)
	}
	body := retail()
	body.PaymentAuthCode = code
	if _, err := c.RetailPay(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "the database is down") {
		t.Errorf("the log is %q, want the error of the store", log.String())
	}
	if got := memory.settle(t, c); got != "retailPay ok" {
		t.Errorf("callbacks %s, want that the payment took effect", got)
	}
}

type unclearedStore struct{ *ledger }

func (*unclearedStore) Clear(context.Context, string) error {
	return errors.New("the database is down")
}

// contextStore is a store whose methods fail if the context has ended, like those of a
// database.
type contextStore struct{ *paytest.MemoryPendingStore }

func (s contextStore) Postpone(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.MemoryPendingStore.Postpone(ctx, call, wait)
}

// losingTransport loses the response to every request, and ends the context.
type losingTransport struct {
	base   http.RoundTripper
	cancel context.CancelFunc
}

func (l losingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.base.RoundTrip(r)
	if err == nil {
		err = resp.Body.Close()
	}
	l.cancel()
	return nil, errors.Join(context.Canceled, err)
}

// TestCanceledCallIsDueAtOnce: the context ends after the payment was made. A
// reconciler does not have to wait for the timeout of the call.
func TestCanceledCallIsDueAtOnce(t *testing.T) {
	srv, store := openapitest.NewServer(t), paytest.NewPendingStore(nil)
	ctx, cancel := context.WithCancel(t.Context())
	c := connect(t, srv, pay.WithPendingStore(contextStore{store}), pay.WithTransport(losingTransport{transport(t), cancel}))
	if _, err := c.RetailPay(ctx, retail()); !errors.Is(err, apierr.ErrOutcomeUnknown) {
		t.Fatalf("got %v, want an unknown outcome", err)
	}
	if call, due, err := store.Take(t.Context(), time.Minute); !due || err != nil || call.Operation != "retailPay" {
		t.Errorf("took %+v, %t, %v; want the call", call, due, err)
	}
}

// panickingPending is a pending store that panics in one method.
type panickingPending struct {
	*paytest.MemoryPendingStore
	in string
}

func (s panickingPending) panicIn(method string) {
	if s.in == method {
		panic("canary")
	}
}

func (s panickingPending) Begin(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	s.panicIn("Begin")
	return s.MemoryPendingStore.Begin(ctx, call, wait)
}

func (s panickingPending) Clear(ctx context.Context, id string) error {
	s.panicIn("Clear")
	return s.MemoryPendingStore.Clear(ctx, id)
}

func (s panickingPending) Postpone(ctx context.Context, call pay.PendingCall, wait time.Duration) error {
	s.panicIn("Postpone")
	return s.MemoryPendingStore.Postpone(ctx, call, wait)
}

// TestPendingStorePanics: a panic is like an error of the store. It does not replace the
// outcome of a payment.
func TestPendingStorePanics(t *testing.T) {
	for _, tt := range []struct {
		method, fault string
		outcome       apierr.Outcome // "" without an error
		left          int
	}{
		{"Begin", "", apierr.OutcomeNotApplied, 0},
		{"Clear", "", "", 1},
		{"Postpone", "reset-after-commit", apierr.OutcomeUnknown, 1},
	} {
		srv := openapitest.NewServer(t)
		var log bytes.Buffer
		store := panickingPending{paytest.NewPendingStore(nil), tt.method}
		c := connect(t, srv, pay.WithPendingStore(store), pay.WithMaxAttempts(1), pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		body := retail()
		body.PaymentAuthCode = must(srv.PaymentCode(""))
		if tt.fault != "" {
			if err := srv.Fault(tt.fault); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.RetailPay(t.Context(), body)
		got := apierr.Outcome("")
		if e, failed := errors.AsType[*apierr.Error](err); failed {
			got = e.Outcome()
		}
		if got != tt.outcome || len(store.Calls()) != tt.left || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s panics: got %v and %d records, want the outcome %q and %d", tt.method, err, len(store.Calls()), tt.outcome, tt.left)
		}
		if strings.Contains(log.String(), "the pending store panicked") != (tt.method != "Begin") || strings.Contains(log.String(), "canary") {
			t.Errorf("%s panics: the log is %q", tt.method, log.String())
		}
	}
}

// TestInquiryOfAnEscapedID: a response may escape more characters of a JSON string than
// the request does, such as the slash. The ID is the same.
func TestInquiryOfAnEscapedID(t *testing.T) {
	srv := openapitest.NewServer(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := httptest.NewRecorder()
		srv.Handler().ServeHTTP(got, r)
		body := bytes.ReplaceAll(got.Body.Bytes(), []byte("/"), []byte(`\/`))
		maps.Copy(w.Header(), got.Header())
		w.Header().Del("Content-Length")
		srv.SignResponse(r, w.Header(), body)
		w.WriteHeader(got.Code)
		_, _ = w.Write(body)
	}))
	defer proxy.Close()
	store := newLedger()
	c := connect(t, srv, pay.WithPendingStore(store), pay.WithMaxAttempts(1), pay.WithBaseURL(proxy.URL))
	body := retail()
	body.PaymentRequestID, body.PaymentAuthCode = "2026/11/21-7", must(srv.PaymentCode(""))
	if err := srv.Fault("reset-after-commit"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.RetailPay(t.Context(), body); !errors.Is(err, apierr.ErrOutcomeUnknown) {
		t.Fatalf("got %v, want an unknown outcome", err)
	}
	if got := store.settle(t, c); got != "retailPay ok" {
		t.Errorf("callbacks %q, want that the payment took effect", got)
	}
}

// TestNoTimeoutKeepsTheRecord: a call without a practical limit is not due while it is
// in flight.
func TestNoTimeoutKeepsTheRecord(t *testing.T) {
	srv := openapitest.NewServer(t)
	const forever = time.Duration(math.MaxInt64)
	store := &watchedStore{MemoryPendingStore: paytest.NewPendingStore(nil)}
	store.begin = func(call pay.PendingCall, wait time.Duration) {
		if _, due, _ := store.Take(t.Context(), time.Minute); due || wait <= 0 {
			t.Errorf("%s is due after %v, while it is in flight", call.Operation, wait)
		}
	}
	c := connect(t, srv, pay.WithPendingStore(store), pay.WithTotalTimeout(forever), pay.WithAttemptTimeout(forever))
	body := retail()
	body.PaymentAuthCode = must(srv.PaymentCode(""))
	if _, err := c.RetailPay(t.Context(), body); err != nil {
		t.Fatal(err)
	}
}
