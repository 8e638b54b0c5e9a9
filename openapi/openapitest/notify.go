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

// pauses are the waits before the attempts to deliver a notification. The
// provider says that it sends again, not when: these are a guess.
func pauses() []time.Duration {
	return []time.Duration{0, 30 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour}
}

// notify writes a notification, to be sent when the lock is free.
func (p *platform) notify(kind, id, to string, members object) {
	if to == "" {
		return
	}
	body := sandbox.JSON(http.StatusOK, members).Body
	p.letters = append(p.letters, sandbox.Message{
		ID: id, Kind: kind, Pauses: pauses(), Judge: judge,
		Build: func(ctx context.Context, _ int) (*http.Request, error) { return p.letter(ctx, to, body) },
	})
}

func (p *platform) notifyPayment(pay *payment) {
	p.notify("payment", pay.id, pay.notifyURL, p.paymentNews(pay))
}

func (p *platform) notifyRefund(d *deed) {
	p.notify("refund", d.id, d.notifyURL, p.refundNews(d))
}

func (p *platform) notifyContract(t *token, state string) {
	p.notify("contract", t.agreement.authURL, t.agreement.notifyURL, object{
		"accessToken": t.access, "contractStatus": state, "modifyTime": strconv.FormatInt(p.now().Unix(), 10),
	})
}

func (p *platform) paymentNews(pay *payment) object {
	c := p.config.Get()
	members := object{
		"paymentId": pay.id, "paymentRequestId": pay.requestID, "paymentStatus": pay.status, "paymentAmount": c.amount(pay.amount),
		"paymentTime": c.moment(pay.finished), "paymentCreatedTime": c.moment(pay.created),
	}
	if pay.failure != "" {
		members["failureReason"] = pay.failure
	}
	return members
}

func (p *platform) refundNews(d *deed) object {
	c := p.config.Get()
	return object{
		"refundId": d.id, "refundRequestId": d.requestID, "paymentId": d.payment.id, "refundStatus": d.status,
		"refundAmount": c.amount(d.amount), "refundTime": c.moment(d.done),
	}
}

// letter makes the request of one attempt, with a time and signature of its own.
func (p *platform) letter(ctx context.Context, to string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.URL.Path == "" {
		r.URL.Path = "/" // what a client of HTTP sends
	}
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	p.signNotification(r, body)
	return r, nil
}

func (p *platform) signNotification(r *http.Request, body []byte) {
	moment := p.core.Clock().Now().Format(time.RFC3339)
	r.Header.Set("Client-Id", clientID)
	r.Header.Set("Request-Time", moment)
	r.Header.Set("Signature", p.seal(r, clientID, moment, body))
}

// judge wants status 200 and a result S.
func judge(status int, reply []byte) sandbox.Verdict {
	var answer struct {
		Result struct {
			ResultStatus string `json:"resultStatus"`
		} `json:"result"`
	}
	if status == http.StatusOK && json.Unmarshal(reply, &answer) == nil && answer.Result.ResultStatus == "S" {
		return sandbox.Taken
	}
	return sandbox.Again
}

// notification makes the notification of a payment or refund by its id.
func (p *platform) notification(ctx context.Context, id, to string) (*http.Request, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pay := range p.payments {
		if pay.id == id && (pay.status == succeeded || pay.status == failed) {
			return p.letter(ctx, to, sandbox.JSON(http.StatusOK, p.paymentNews(pay)).Body)
		}
	}
	if d := p.deed(refund, id, ""); d != nil && d.status != processing {
		return p.letter(ctx, to, sandbox.JSON(http.StatusOK, p.refundNews(d)).Body)
	}
	return nil, fmt.Errorf("no payment and no refund with the id %q has reached its end", id)
}
