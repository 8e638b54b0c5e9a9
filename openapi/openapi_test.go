package openapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// responding returns a client whose responses have this status and body and are
// signed by the provider.
func responding(t *testing.T, status int, body string) *openapi.Client {
	t.Helper()
	srv := openapitest.NewServer(t)
	h := http.Header{"Content-Type": {"application/json"}}
	return connect(t, srv, pay.WithMaxAttempts(1), pay.WithTransport(tripper(func(r *http.Request) (*http.Response, error) {
		header := h.Clone()
		srv.SignResponse(r, header, []byte(body))
		return &http.Response{StatusCode: status, Header: header, Body: noClose{strings.NewReader(body)}}, nil
	})))
}

type noClose struct{ *strings.Reader }

func (noClose) Close() error { return nil }

// TestResultStatuses checks the outcome of a call that moves money for each result
// status.
func TestResultStatuses(t *testing.T) {
	result := func(status, code string) string {
		return `"result":{"resultStatus":"` + status + `","resultCode":"` + code + `","resultMessage":"m"}`
	}
	const paid = `,"paymentId":"1","paymentRequestId":"RETAIL-0001","paymentAmount":{"currency":"EUR","value":"2500"}`
	for _, tt := range []struct {
		name, body string
		status     int
		want       apierr.Outcome // "" is a result
		code       error
	}{
		{"S", "{" + result("S", "SUCCESS") + paid + "}", 200, "", nil},
		{"S without a code", `{"result":{"resultStatus":"S"}` + paid + "}", 200, "", nil},
		{"A", "{" + result("A", "ACCEPT") + paid + "}", 200, "", nil},
		{"A without the members of S", "{" + result("A", "ACCEPT") + "}", 200, "", nil},
		{"A with another code", "{" + result("A", "SOMETHING_NEW") + "}", 200, "", nil},
		{"U SENDING", "{" + result("U", "SENDING") + "}", 200, "", nil},
		{"F", "{" + result("F", "INSUFFICIENT_BALANCE") + "}", 200, apierr.OutcomeNotApplied, openapi.ErrInsufficientBalance},
		{"F with the members of S", "{" + result("F", "RISK_REJECT") + paid + "}", 200, apierr.OutcomeNotApplied, openapi.ErrRiskReject},
		{"F of another payment", "{" + result("F", "INSUFFICIENT_BALANCE") + `,"paymentRequestId":"OTHER"}`, 200, apierr.OutcomeUnknown, nil},
		{"S of another amount", "{" + result("S", "SUCCESS") + strings.Replace(paid, "2500", "2501", 1) + "}", 200, apierr.OutcomeUnknown, nil},
		{"S, the amount as a number", "{" + result("S", "SUCCESS") + strings.Replace(paid, `"2500"`, "2500", 1) + "}", 200, "", nil},
		{"F, unknown code", "{" + result("F", "SOMETHING_NEW") + "}", 200, apierr.OutcomeNotApplied, nil},
		{"F with 500", "{" + result("F", "PROCESS_FAIL") + "}", 500, apierr.OutcomeNotApplied, openapi.ErrProcessFail},
		{"U", "{" + result("U", "PAYMENT_IN_PROCESS") + "}", 200, apierr.OutcomeUnknown, openapi.ErrPaymentInProcess},
		{"U, unknown code", "{" + result("U", "SOMETHING_NEW") + "}", 200, apierr.OutcomeUnknown, nil},
		{"U, unknown code, with 400", "{" + result("U", "SOMETHING_NEW") + "}", 400, apierr.OutcomeUnknown, nil},
		{"U with 429", "{" + result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT") + "}", 429, apierr.OutcomeUnknown, openapi.ErrRequestTrafficExceedLimit},
		{"U with a code of F", "{" + result("U", "PROCESS_FAIL") + "}", 200, apierr.OutcomeUnknown, openapi.ErrProcessFail},
		{"U with a code that declines", "{" + result("U", "INSUFFICIENT_BALANCE") + "}", 200, apierr.OutcomeUnknown, openapi.ErrInsufficientBalance},
		{"a fifth status", "{" + result("X", "SOMETHING_NEW") + paid + "}", 200, apierr.OutcomeUnknown, nil},
		{"S without an ID", "{" + result("S", "SUCCESS") + "}", 200, "", nil},
		{"S with half a cent", "{" + result("S", "SUCCESS") + strings.Replace(paid, "2500", "2500.5", 1) + "}", 200, apierr.OutcomeUnknown, nil},
		{"no status", `{"result":{"resultCode":"SUCCESS"}` + paid + "}", 200, apierr.OutcomeUnknown, nil},
		{"no result", `{"paymentId":"1"}`, 200, apierr.OutcomeUnknown, nil},
	} {
		_, err := responding(t, tt.status, tt.body).RetailPay(t.Context(), retail())
		var e *apierr.Error
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v, want a result", tt.name, err)
		case tt.want == "":
		case !errors.As(err, &e):
			t.Errorf("%s: %v, want an error", tt.name, err)
		case e.Outcome() != tt.want || errors.Is(err, apierr.ErrOutcomeUnknown) != (tt.want == apierr.OutcomeUnknown) || tt.code != nil && !errors.Is(err, tt.code):
			t.Errorf("%s: %v is %s, want %s and %v", tt.name, err, e.Outcome(), tt.want, tt.code)
		case e.IdempotencyKey != "RETAIL-0001":
			t.Errorf("%s: the idempotency key of the error is %q", tt.name, e.IdempotencyKey)
		case tt.want == apierr.OutcomeUnknown && errors.Is(err, apierr.ErrDeclined):
			t.Errorf("%s: %v is declined, although the money may have moved", tt.name, err)
		case e.Advice() == apierr.AdviceInquire && !strings.Contains(e.Resolution(), "nquiryPayment"):
			t.Errorf("%s: %q does not name the inquiry", tt.name, e.Resolution())
		case tt.want == apierr.OutcomeNotApplied && e.Advice().Retryable():
			t.Errorf("%s: advice %s, want a new idempotency key: the result is final", tt.name, e.Advice())
		}
	}
}

// TestSuccessNeedsOnlyItsResult: no page says that a member of a response other than
// result is required, so a success without the others is not an unknown outcome.
func TestSuccessNeedsOnlyItsResult(t *testing.T) {
	c := responding(t, 200, `{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}`)
	ctx, amount := t.Context(), openapi.NewAmount(100, "EUR")
	call := map[string]func() error{
		"prepare":       func() error { _, err := c.Prepare(ctx, openapi.PrepareRequest{ReferenceClientID: "1"}); return err },
		"applyToken":    func() error { _, err := c.ApplyToken(ctx, openapi.ApplyTokenRequest{AuthCode: "1"}); return err },
		"pay":           func() error { _, err := c.Pay(ctx, openapi.PayRequest{PaymentAmount: amount}); return err },
		"retailPay":     func() error { _, err := c.RetailPay(ctx, retail()); return err },
		"createQrOrder": func() error { _, err := c.CreateQROrder(ctx, qrOrder("1")); return err },
		"linkPayCreate": func() error {
			_, err := c.LinkPayCreate(ctx, openapi.LinkPayCreateRequest{PaymentAmount: amount})
			return err
		},
		"inquiryPayment": func() error {
			_, err := c.InquiryPayment(ctx, openapi.InquiryPaymentRequest{PaymentID: "1"})
			return err
		},
		"cancel": func() error { _, err := c.Cancel(ctx, openapi.CancelRequest{PaymentID: "1"}); return err },
		"refundApply": func() error {
			_, err := c.RefundApply(ctx, openapi.RefundApplyRequest{PaymentID: "1", RefundAmount: amount})
			return err
		},
		"inquiryRefund": func() error { _, err := c.InquiryRefund(ctx, openapi.InquiryRefundRequest{RefundID: "1"}); return err },
		"void":          func() error { _, err := c.Void(ctx, openapi.VoidRequest{PaymentID: "1"}); return err },
		"inquiryVoid":   func() error { _, err := c.InquiryVoid(ctx, openapi.InquiryVoidRequest{VoidID: "1"}); return err },
		"capture":       func() error { _, err := c.Capture(ctx, openapi.CaptureRequest{PaymentID: "1"}); return err },
		"inquiryCapture": func() error {
			_, err := c.InquiryCapture(ctx, openapi.InquiryCaptureRequest{CaptureID: "1"})
			return err
		},
		"sendPush":  func() error { _, err := c.SendPush(ctx, openapi.SendPushRequest{TargetUserID: "1"}); return err },
		"sendInbox": func() error { _, err := c.SendInbox(ctx, openapi.SendInboxRequest{TargetUserID: "1"}); return err },
	}
	for name, call := range call {
		if err := call(); err != nil {
			t.Errorf("%s: %v, want a result", name, err)
		}
	}
}

func TestResultWait(t *testing.T) {
	for body, want := range map[string]openapi.Waiting{
		`{"result":{"resultStatus":"S","resultCode":"SUCCESS"},"messageId":"1"}`: openapi.WaitingForNothing,
		`{"result":{"resultStatus":"U","resultCode":"SENDING"}}`:                 openapi.WaitingForDelivery,
		`{"result":{"resultStatus":"A","resultCode":"ACCEPT"}}`:                  openapi.WaitingForUser,
		`{"result":{"resultStatus":"A"}}`:                                        openapi.WaitingForUser,
	} {
		m, err := responding(t, 200, body).SendPush(t.Context(), openapi.SendPushRequest{TargetUserID: "1", Title: "t", Content: "c"})
		if err != nil || m.Result.Wait() != want {
			t.Errorf("%s: %+v, %v; want to wait for %q", body, m, err, want)
		}
	}
}

// TestRequestIDs: the request ID is generated if it is empty, kept otherwise, and
// returned with the result and the error.
func TestRequestIDs(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	var meta pay.Meta
	order, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()), pay.WithMeta(&meta))
	if err != nil {
		t.Fatal(err)
	}
	if meta.IdempotencyKey == "" {
		t.Error("generated: IdempotencyKey is empty")
	}
	if order.PaymentRequestID != meta.IdempotencyKey {
		t.Errorf("generated: PaymentRequestID: got %q, want the idempotency key %q", order.PaymentRequestID, meta.IdempotencyKey)
	}
	if n := len(meta.IdempotencyKey); n > 64 {
		t.Errorf("generated: IdempotencyKey: got %d bytes, want at most 64", n)
	}
	body := qrOrder(srv.ProductCode())
	body.PaymentRequestID = "order-1"
	first, err := c.CreateQROrder(t.Context(), body, pay.WithMeta(&meta))
	if err != nil {
		t.Fatal(err)
	}
	if first.PaymentRequestID != "order-1" {
		t.Errorf("given: PaymentRequestID: got %q, want %q", first.PaymentRequestID, "order-1")
	}
	if meta.IdempotencyKey != "order-1" {
		t.Errorf("given: IdempotencyKey: got %q, want %q", meta.IdempotencyKey, "order-1")
	}
	again, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()), pay.WithIdempotencyKey("order-1"))
	if err != nil {
		t.Fatal(err)
	}
	if again.PaymentID != first.PaymentID {
		t.Errorf("the same idempotency key: PaymentID: got %s, want %s", again.PaymentID, first.PaymentID)
	}
	if again.QRCode != first.QRCode {
		t.Errorf("the same idempotency key: QRCode: got %s, want %s", again.QRCode, first.QRCode)
	}
	body.PaymentAmount.Value++
	_, err = c.CreateQROrder(t.Context(), body)
	var e *apierr.Error
	if !errors.Is(err, openapi.ErrRepeatReqInconsistent) {
		t.Errorf("changed: got error %v, want one that is %v", err, openapi.ErrRepeatReqInconsistent)
	}
	if !errors.As(err, &e) {
		t.Fatalf("changed: got error %v, want an *apierr.Error", err)
	}
	if e.IdempotencyKey != "order-1" {
		t.Errorf("changed: IdempotencyKey: got %q, want %q", e.IdempotencyKey, "order-1")
	}
	if e.Advice() != apierr.AdviceChange {
		t.Errorf("changed: Advice: got %s, want %s", e.Advice(), apierr.AdviceChange)
	}
}

// TestUnknownResultIsRetried: the retry has the same bytes, and the provider acts
// once.
func TestUnknownResultIsRetried(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	if err := srv.FailNext("UNKNOWN_EXCEPTION"); err != nil {
		t.Fatal(err)
	}
	var meta pay.Meta
	if _, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()), pay.WithMeta(&meta)); err != nil || meta.Attempts != 2 || len(srv.Ledger()) != 1 {
		t.Errorf("%v after %d attempts, %d ledger entries", err, meta.Attempts, len(srv.Ledger()))
	}
	sent := srv.Requests()
	if len(sent) != 2 {
		t.Fatalf("requests: got %d, want 2", len(sent))
	}
	if sent[0].Body != sent[1].Body {
		t.Error("the bodies of the two attempts differ, want the same body")
	}
	if !strings.Contains(sent[0].Body, meta.IdempotencyKey) {
		t.Error("the body does not contain the idempotency key")
	}
}

// TestScannedPaymentInProcess: a payment at a point of sale has the result U. After
// the user has agreed, the same call succeeds.
func TestScannedPaymentInProcess(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	code, err := srv.PaymentCode("PAYMENT_IN_PROCESS")
	if err != nil {
		t.Fatal(err)
	}
	body := retail()
	body.PaymentAuthCode = code
	_, err = c.RetailPay(t.Context(), body)
	var e *apierr.Error
	for _, target := range []error{openapi.ErrPaymentInProcess, apierr.ErrOutcomeUnknown} {
		if !errors.Is(err, target) {
			t.Errorf("in process: got error %v, want one that is %v", err, target)
		}
	}
	if !errors.As(err, &e) {
		t.Fatalf("in process: got error %v, want an *apierr.Error", err)
	}
	if e.Advice() != apierr.AdviceInquire {
		t.Errorf("in process: Advice: got %s, want %s", e.Advice(), apierr.AdviceInquire)
	}
	if e.Attempts != 1 {
		t.Errorf("in process: Attempts: got %d, want 1", e.Attempts)
	}
	if err := srv.Pay(e.IdempotencyKey); err != nil {
		t.Fatal(err)
	}
	done, err := c.RetailPay(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	if got := done.PaymentAmount.Value; got != 2500 {
		t.Errorf("same call again: PaymentAmount: got %d, want 2500", got)
	}
	state, err := c.WaitPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentRequestID: e.IdempotencyKey})
	if err != nil {
		t.Fatal(err)
	}
	if state.PaymentStatus != openapi.PaymentStatusSuccess {
		t.Errorf("inquiry: PaymentStatus: got %s, want %s", state.PaymentStatus, openapi.PaymentStatusSuccess)
	}
	if state.PaymentID != done.PaymentID {
		t.Errorf("inquiry: PaymentID: got %s, want %s", state.PaymentID, done.PaymentID)
	}
}

func TestAccessTokens(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	if _, err := c.Prepare(t.Context(), openapi.PrepareRequest{ReferenceClientID: srv.ReferenceClientID(), Scopes: openapi.AgreementScopeAgreementPay}); err != nil {
		t.Fatal(err)
	}
	code, err := srv.Contract("VALID")
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.ApplyToken(t.Context(), openapi.ApplyTokenRequest{GrantType: openapi.GrantTypeAuthorizationCode, AuthCode: code})
	if err != nil {
		t.Fatal(err)
	}
	if token.CustomerID != srv.CustomerID() {
		t.Errorf("CustomerID: got %s, want %s", token.CustomerID, srv.CustomerID())
	}
	ends, err := token.AccessTokenExpiryTime.Time()
	if err != nil || ends.Sub(srv.Now()).Round(time.Minute) != time.Hour {
		t.Errorf("ends %v, %v", ends, err)
	}
	charge := func(access openapi.Secret) error {
		_, err := c.Pay(t.Context(), openapi.PayRequest{ProductCode: srv.ProductCode(), AccessToken: access, PaymentAmount: openapi.Amount{Currency: "EUR", Value: 990}})
		return err
	}
	if err := charge(token.AccessToken); err != nil {
		t.Error(err)
	}
	if err := srv.Advance(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := charge(token.AccessToken); !errors.Is(err, openapi.ErrExpiredAccessToken) || !errors.Is(err, apierr.ErrAuth) {
		t.Errorf("an old token: %v", err)
	}
	next, err := c.ApplyToken(t.Context(), openapi.ApplyTokenRequest{GrantType: openapi.GrantTypeRefreshToken, RefreshToken: token.RefreshToken})
	if err != nil {
		t.Fatal(err)
	}
	if err := charge(next.AccessToken); err != nil {
		t.Errorf("after the refresh: %v", err)
	}
	_, err = c.ApplyToken(t.Context(), openapi.ApplyTokenRequest{GrantType: openapi.GrantTypeRefreshToken, RefreshToken: token.RefreshToken})
	if !errors.Is(err, openapi.ErrInvalidRefreshToken) {
		t.Errorf("the old refresh token: %v", err)
	}
	if _, err := srv.Contract("INVALID"); err != nil {
		t.Fatal(err)
	}
	if err := charge(next.AccessToken); !errors.Is(err, openapi.ErrInvalidAccessToken) {
		t.Errorf("after the end of the agreement: %v", err)
	}
}

// TestWait runs in fake time.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := bubble(t, func(c *openapitest.Config) { c.Processing = "60s" })
		order, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		go func() {
			time.Sleep(12 * time.Second)
			_ = srv.Pay(order.PaymentID)
		}()
		state, err := c.WaitPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: order.PaymentID})
		if err != nil || state.PaymentStatus != openapi.PaymentStatusSuccess || time.Since(start) != 15*time.Second {
			t.Errorf("%+v, %v after %v; want the third inquiry after 15 s", state, err, time.Since(start))
		}
		_, err = c.RefundApply(t.Context(), openapi.RefundApplyRequest{PaymentID: order.PaymentID, RefundRequestID: "r", RefundAmount: openapi.Amount{Currency: "EUR", Value: 1}})
		if !errors.Is(err, openapi.ErrRefundInProcess) || !errors.Is(err, apierr.ErrOutcomeUnknown) {
			t.Fatalf("a slow refund: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		got, err := c.WaitRefund(ctx, openapi.InquiryRefundRequest{RefundRequestID: "r"})
		var late *pay.WaitError
		if !errors.As(err, &late) {
			t.Fatalf("deadline: got error %v, want a *pay.WaitError", err)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline: got error %v, want one that is %v", err, context.DeadlineExceeded)
		}
		if got.RefundStatus != openapi.RefundStatusProcessing {
			t.Errorf("deadline: RefundStatus: got %s, want %s", got.RefundStatus, openapi.RefundStatusProcessing)
		}
		if late.Last != any(got) {
			t.Error("deadline: Last of the error is not the refund that WaitRefund returned")
		}
		got, err = c.WaitRefund(t.Context(), openapi.InquiryRefundRequest{RefundRequestID: "r"})
		if err != nil {
			t.Fatal(err)
		}
		if got.RefundStatus != openapi.RefundStatusSuccess {
			t.Errorf("final: RefundStatus: got %s, want %s", got.RefundStatus, openapi.RefundStatusSuccess)
		}
		if amount := got.RefundAmount.Value; amount != 1 {
			t.Errorf("final: RefundAmount: got %d, want 1", amount)
		}
	})
}

// TestWaitContinues: an inquiry with an unknown result and an unknown state do not
// end a wait; a refusal does.
func TestWaitContinues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := bubble(t, func(*openapitest.Config) {})
		order, err := c.CreateQROrder(t.Context(), qrOrder(srv.ProductCode()))
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.FailNext("UNKNOWN_EXCEPTION", openapitest.Times(4)); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(30 * time.Second)
			_ = srv.Pay(order.PaymentID, openapitest.PayRejected())
		}()
		state, err := c.WaitPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: order.PaymentID})
		if err != nil || state.PaymentStatus != openapi.PaymentStatusFail || state.FailureReason != "USER_REJECTED" {
			t.Errorf("%+v, %v", state, err)
		}
		if err := srv.FailNext("INVALID_SIGNATURE"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.WaitPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: order.PaymentID}); !errors.Is(err, openapi.ErrInvalidSignature) {
			t.Errorf("a refusal: %v", err)
		}
	})
	for _, s := range []openapi.PaymentStatus{"", "PROCESSING", "SETTLING"} {
		if s.Final() {
			t.Errorf("%q is final, want not", s)
		}
	}
	if !openapi.PaymentStatusAuthSuccess.Final() || openapi.RefundStatus("X").Final() || openapi.CaptureStatus("").Final() {
		t.Error("AuthSuccess is not final, or an unknown status is")
	}
}

func TestCaptureAndVoid(t *testing.T) {
	srv := openapitest.NewServer(t)
	c := connect(t, srv)
	held := newOrder(t, srv)
	if err := srv.Pay(held.PaymentID, openapitest.PayAuthorized()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Capture(t.Context(), openapi.CaptureRequest{PaymentID: held.PaymentID, CaptureAmount: openapi.Amount{Currency: "EUR", Value: 2501}}); !errors.Is(err, openapi.ErrCaptureAmountExceed) {
		t.Errorf("too much: %v", err)
	}
	taken, err := c.Capture(t.Context(), openapi.CaptureRequest{PaymentID: held.PaymentID, CaptureAmount: openapi.Amount{Currency: "EUR", Value: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	state, err := c.WaitCapture(t.Context(), openapi.InquiryCaptureRequest{CaptureID: taken.CaptureID})
	if err != nil || state.CaptureAmount.Value != 2000 {
		t.Errorf("%+v, %v", state, err)
	}
	paid := newOrder(t, srv)
	if err := srv.Pay(paid.QRCode); err != nil {
		t.Fatal(err)
	}
	done, err := c.Void(t.Context(), openapi.VoidRequest{PaymentID: paid.PaymentID})
	if err != nil {
		t.Fatal(err)
	}
	voids, err := c.InquiryVoid(t.Context(), openapi.InquiryVoidRequest{VoidID: done.VoidID})
	if err != nil || len(voids.VoidDetails) != 1 || !strings.Contains(string(voids.VoidDetails[0]), done.VoidID) {
		t.Errorf("%+v, %v", voids, err)
	}
	if _, err := c.Cancel(t.Context(), openapi.CancelRequest{PaymentID: paid.PaymentID}); !errors.Is(err, openapi.ErrOrderIsClosed) || !errors.Is(err, apierr.ErrConflict) {
		t.Errorf("cancel: %v", err)
	}
}

// bubble connects a client to a sandbox without a socket. Both use the clock of the
// synctest bubble.
func bubble(t *testing.T, edit func(*openapitest.Config)) (*openapitest.Server, *openapi.Client) {
	t.Helper()
	srv, err := openapitest.Start("127.0.0.1:0", openapitest.WithConfig(edit))
	if err != nil {
		t.Fatal(err)
	}
	srv.Close() // its handler continues to work
	c, err := openapi.New(srv.Credentials(), pay.WithBaseURL("http://127.0.0.1"), pay.WithTransport(faulthttp.Pipe(t, srv.Handler())))
	if err != nil {
		t.Fatal(err)
	}
	return srv, c
}
