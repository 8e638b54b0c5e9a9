package openapi_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
)

// TestMembersOfRelatedPlatformsAreKept: what related platforms send is in the result, also
// in a form that nobody expects, which never makes a response unreadable.
func TestMembersOfRelatedPlatformsAreKept(t *testing.T) {
	transactions := `[{"transactionId":"9","transactionAmount":{"currency":"EUR","value":"2.5"}}]`
	for _, tt := range []struct{ operation, members, path string }{
		{"cancel", `"paymentRequestId":"kept"`, "paymentRequestId"}, {"cancel", `"cancelTime":"kept"`, "cancelTime"}, {"cancel", `"cancelTime":1704889351000`, "cancelTime"},
		{"void", `"voidRequestId":"kept"`, "voidRequestId"}, {"void", `"voidRequestId":7`, "voidRequestId"},
		{"capture", `"captureRequestId":"kept"`, "captureRequestId"}, {"capture", `"captureRequestId":["x"]`, "captureRequestId"},
		{"inquiryPayment", `"transactions":` + transactions, "transactions"}, {"inquiryPayment", `"transactions":"none"`, "transactions"},
		{"inquiryPayment", `"extendInfo":"kept"`, "extendInfo"}, {"inquiryPayment", `"extendInfo":{"a":1}`, "extendInfo"},
		{"inquiryPayment", `"paymentCreateTime":"kept"`, "paymentCreateTime"}, {"inquiryPayment", `"order":{"referenceOrderId":"kept"}`, "order"},
		{"inquiryPayment", `"order":"none"`, "order"}, {"inquiryRefund", `"paymentId":"kept"`, "paymentId"}, {"inquiryRefund", `"extendInfo":"kept"`, "extendInfo"},
		{"refundApply", `"paymentId":"kept"`, "paymentId"}, {"refundApply", `"extendInfo":"kept"`, "extendInfo"}, {"pay", `"extendInfo":"kept"`, "extendInfo"},
		{"pay", `"redirectActionForm":"` + `{\"redirectionUrl\":\"kept\"}"`, "redirectActionForm"}, {"pay", `"redirectActionForm":7`, ""}, {"pay", `"redirectUrl":7`, "redirectUrl"},
	} {
		body := `{"result":{"resultStatus":"S"},"paymentId":"1",` + tt.members + `}`
		if strings.Contains(tt.members, "paymentId") {
			body = strings.Replace(body, `"paymentId":"1",`, "", 1)
		}
		body = strings.Replace(body, "}", `},"paymentStatus":"SUCCESS","refundStatus":"SUCCESS","refundId":"2"`, 1)
		got, err := ask(t, responding(t, 200, body), tt.operation)
		if err != nil {
			t.Errorf("%s with %s: %v", tt.operation, tt.members, err)
			continue
		}
		var sent, again map[string]any
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(must(json.Marshal(got)), &again); err != nil {
			t.Fatal(err)
		}
		if tt.path != "" && again[tt.path] == nil {
			t.Errorf("%s with %s: got %v, want the member", tt.operation, tt.members, again)
		}
	}
}

// ask makes a call with IDs of no matter.
func ask(t *testing.T, c *openapi.Client, operation string) (any, error) {
	switch operation {
	case "cancel":
		return c.Cancel(t.Context(), openapi.CancelRequest{PaymentID: "1"})
	case "void":
		return c.Void(t.Context(), openapi.VoidRequest{PaymentID: "1"})
	case "capture":
		return c.Capture(t.Context(), openapi.CaptureRequest{PaymentID: "1"})
	case "inquiryPayment":
		return c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: "1"})
	case "inquiryRefund":
		return c.InquiryRefund(t.Context(), openapi.InquiryRefundRequest{RefundID: "2"})
	case "refundApply":
		return c.RefundApply(t.Context(), openapi.RefundApplyRequest{PaymentID: "1"})
	}
	return c.Pay(t.Context(), openapi.PayRequest{})
}

// TestRefundNotificationWithoutPayment is handled: the refund's own ID identifies it.
func TestRefundNotificationWithoutPayment(t *testing.T) {
	srv := openapitest.NewServer(t)
	var got []openapi.Event
	h := connect(t, srv).Webhook(func(_ context.Context, ev openapi.Event) error { got = append(got, ev); return nil })
	body := `{"refundId":"3","refundRequestId":"4","refundStatus":"SUCCESS","refundAmount":{"currency":"EUR","value":"1"}}`
	if status, reply := serve(h, signed(srv, hookURL, body)); status != 200 || len(got) != 1 || got[0].Refund == nil || got[0].Refund.RefundID != "3" {
		t.Errorf("got %d %s and events %+v, want a refund", status, reply, got)
	}
}

// TestVoidAndCaptureNotifications: they have a kind of their own, and each event is handled
// once, also if two have nothing but a status.
func TestVoidAndCaptureNotifications(t *testing.T) {
	srv := openapitest.NewServer(t)
	var got []openapi.Event
	h := connect(t, srv).Webhook(func(_ context.Context, ev openapi.Event) error { got = append(got, ev); return nil })
	for _, body := range []string{
		`{"voidId":"1","voidRequestId":"2","paymentId":"3","voidStatus":"SUCCESS","voidTime":"2024-01-10T15:00:00Z"}`,
		`{"voidRequestId":"5","voidStatus":"SUCCESS"}`,
		`{"captureId":"1","captureRequestId":"2","paymentId":"3","captureStatus":"FAIL","captureAmount":{"currency":"EUR","value":"1"},"captureTime":7}`,
		`{"captureStatus":"FAIL","paymentId":"3"}`, `{"captureStatus":"FAIL","paymentId":"4"}`,
	} {
		for range 2 {
			if status, reply := serve(h, signed(srv, hookURL, body)); status != 200 {
				t.Errorf("%s: got %d %s, want 200", body, status, reply)
			}
		}
	}
	if len(got) != 5 {
		t.Fatalf("got %d events, want 5", len(got))
	}
	if v := got[0].Void; v == nil || v.VoidID != "1" || v.VoidStatus != openapi.VoidStatusSuccess {
		t.Errorf("event 0: got %+v, want a void", v)
	}
	if c := got[2].Capture; c == nil || c.CaptureID != "1" || c.CaptureStatus != openapi.CaptureStatusFail || c.CaptureTime != "7" {
		t.Errorf("event 2: got %+v, want a capture", c)
	}
}

// TestFamilyMembers lets the sandbox send what related platforms send.
func TestFamilyMembers(t *testing.T) {
	srv := openapitest.NewServer(t, openapitest.WithConfig(func(c *openapitest.Config) { c.FamilyMembers = true }))
	c := connect(t, srv)
	var voids, captures int
	shop := httptest.NewServer(c.Webhook(func(_ context.Context, ev openapi.Event) error {
		if ev.Void != nil {
			voids++
		}
		if ev.Capture != nil {
			captures++
		}
		return nil
	}))
	t.Cleanup(shop.Close)
	body := qrOrder(srv.ProductCode())
	body.PaymentNotifyURL = shop.URL
	order := func(opts ...openapitest.PayOption) string {
		id := must(c.CreateQROrder(t.Context(), body)).PaymentID
		if err := srv.Pay(id, opts...); err != nil {
			t.Fatal(err)
		}
		return id
	}
	open := must(c.CreateQROrder(t.Context(), body))
	canceled := must(c.Cancel(t.Context(), openapi.CancelRequest{PaymentID: open.PaymentID}))
	if at, err := openapi.DateTime(canceled.CancelTime).Time(); err != nil || at.IsZero() || string(canceled.PaymentRequestID) != open.PaymentRequestID {
		t.Errorf("got cancellation %+v, want the request ID and the time", canceled)
	}
	void := must(c.Void(t.Context(), openapi.VoidRequest{PaymentID: order(), VoidRequestID: "v-1"}))
	amount := openapi.NewAmount(2500, "EUR")
	capture := must(c.Capture(t.Context(), openapi.CaptureRequest{PaymentID: order(openapitest.PayAuthorized()), CaptureRequestID: "c-1", CaptureAmount: amount}))
	if void.VoidRequestID != "v-1" || capture.CaptureRequestID != "c-1" {
		t.Errorf("got void %q and capture %q, want v-1 and c-1", void.VoidRequestID, capture.CaptureRequestID)
	}
	state := must(c.InquiryPayment(t.Context(), openapi.InquiryPaymentRequest{PaymentID: order()}))
	var transactions []struct{ TransactionID, TransactionStatus string }
	if err := json.Unmarshal(state.Transactions, &transactions, json.MatchCaseInsensitiveNames(true)); err != nil || len(transactions) != 1 || transactions[0].TransactionStatus != "SUCCESS" || state.PaymentCreateTime == "" {
		t.Errorf("got %+v (%v), want one transaction and the time of creation", state, err)
	}
	if voids != 1 || captures != 1 {
		t.Errorf("got %d void and %d capture notifications, want one of each", voids, captures)
	}
}
