package openapitest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/sandbox"
)

// retryDelays returns the delays before the delivery attempts. The provider documents
// that it retries, but not when; these delays are a guess.
func retryDelays() []time.Duration {
	return []time.Duration{0, 30 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour}
}

// notify queues a notification. It is sent after the lock is released.
func (p *platform) notify(kind, id, to string, members object) {
	if to == "" {
		return
	}
	body := sandbox.JSON(http.StatusOK, members).Body
	var first http.Header // of the first attempt
	p.notifications = append(p.notifications, sandbox.Message{
		ID: id, Kind: kind, Delays: retryDelays(), Classify: classifyReply,
		Build: func(ctx context.Context, _ int) (*http.Request, error) {
			r, err := p.notificationRequest(ctx, to, body)
			switch {
			case err != nil:
				return nil, err
			case first == nil:
				first = r.Header.Clone()
			case p.config.Get().Redelivery == "repeated":
				r.Header = first.Clone()
			}
			return r, nil
		},
	})
}

func (p *platform) notifyPayment(pay *payment) {
	p.notify("payment", pay.id, pay.notifyURL, p.paymentNotification(pay))
}

func (p *platform) notifyOperation(o *operation) {
	c := p.config.Get()
	switch {
	case o.kind == refund:
		p.notify(refund, o.id, o.notifyURL, p.refundNotification(o))
	case o.kind == void && c.FamilyMembers:
		p.notify(void, o.id, o.payment.notifyURL, object{
			"voidId": o.id, "voidRequestId": o.requestID, "paymentId": o.payment.id, "voidStatus": o.status, "voidTime": c.formatTime(o.done),
		})
	case o.kind == capture && c.FamilyMembers:
		p.notify(capture, o.id, o.payment.notifyURL, object{
			"captureId": o.id, "captureRequestId": o.requestID, "paymentId": o.payment.id, "captureStatus": o.status,
			"captureAmount": c.amount(o.amount), "captureTime": c.formatTime(o.done),
		})
	}
}

func (p *platform) notifyContract(t *token, state string) {
	p.notify("contract", t.agreement.authURL, t.agreement.notifyURL, object{
		"accessToken": t.access, "contractStatus": state, "modifyTime": strconv.FormatInt(p.now().Unix(), 10),
	})
}

func (p *platform) paymentNotification(pay *payment) object {
	c := p.config.Get()
	members := object{
		"paymentId": pay.id, "paymentRequestId": pay.requestID, "paymentStatus": pay.status, "paymentAmount": c.amount(pay.amount),
		"paymentTime": c.formatTime(pay.finished), "paymentCreatedTime": c.formatTime(pay.created),
	}
	if pay.failure != "" {
		members["failureReason"] = pay.failure
	}
	return members
}

func (p *platform) refundNotification(o *operation) object {
	c := p.config.Get()
	return object{
		"refundId": o.id, "refundRequestId": o.requestID, "paymentId": o.payment.id, "refundStatus": o.status,
		"refundAmount": c.amount(o.amount), "refundTime": c.formatTime(o.done),
	}
}

// notificationRequest returns the request of one attempt, with a fresh time and
// signature.
func (p *platform) notificationRequest(ctx context.Context, to string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.URL.Path == "" {
		r.URL.Path = "/" // an HTTP client sends "/", so that is what the signature must cover
	}
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	c := p.config.Get()
	requestTime, prefix := c.headerTime(p.core.Clock().Now()), ""
	switch c.NotificationContent {
	case "client-id":
		r.Header.Set("Client-Id", clientID)
		prefix = clientID + "."
	case "empty-client-id":
		prefix = "."
	}
	signature := p.signature(r, prefix, requestTime, body)
	r.Header.Set("Request-Time", requestTime)
	r.Header.Set("Signature", signature)
	return r, nil
}

// classifyReply accepts a reply with status 200 and result status S.
func classifyReply(status int, body []byte) sandbox.DeliveryResult {
	var reply struct {
		Result struct {
			ResultStatus string `json:"resultStatus"`
		} `json:"result"`
	}
	if status == http.StatusOK && json.Unmarshal(body, &reply) == nil && reply.Result.ResultStatus == "S" {
		return sandbox.DeliverySucceeded
	}
	return sandbox.DeliveryRetry
}

// callback returns the notification of a completed payment or refund.
func (p *platform) callback(ctx context.Context, id, to string) (*http.Request, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pay := range p.payments {
		if pay.id == id && (pay.status == succeeded || pay.status == failed) {
			return p.notificationRequest(ctx, to, sandbox.JSON(http.StatusOK, p.paymentNotification(pay)).Body)
		}
	}
	if o := p.operation(refund, id, ""); o != nil && o.status != processing {
		return p.notificationRequest(ctx, to, sandbox.JSON(http.StatusOK, p.refundNotification(o)).Body)
	}
	return nil, fmt.Errorf("no completed payment or refund has the ID %q", id)
}
