package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// message is what the user was sent.
type message struct{ id, requestID, print string }

// SendPush sends a notification to the user's phone.
func (p *platform) SendPush(r *http.Request, body api.SendPushRequest) (sandbox.Answer, error) {
	if err := checkFields(need("requestId", body.RequestID, idLimit), need("targetUserId", body.TargetUserID, idLimit),
		need("title", body.Title, 64), need("content", body.Content, 256), may("url", body.URL, 2048), may("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Answer{}, err
	}
	return p.send(r, body.RequestID, body.TargetUserID, "message.pushed", p.config.Get().Subscribed)
}

// SendInbox puts a message into the user's inbox.
func (p *platform) SendInbox(r *http.Request, body api.SendInboxRequest) (sandbox.Answer, error) {
	if err := checkFields(need("requestId", body.RequestID, idLimit), need("targetUserId", body.TargetUserID, idLimit),
		need("title", body.Title, 128), need("content", body.Content, 4096), may("category", body.Category, 32),
		may("url", body.URL, 2048), may("imageUrl", body.ImageURL, 2048), may("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Answer{}, err
	}
	return p.send(r, body.RequestID, body.TargetUserID, "message.kept", true)
}

func (p *platform) send(r *http.Request, requestID, to, kind string, welcome bool) (sandbox.Answer, error) {
	return p.keyed(r, ask{"message", requestID, codeSending}, func(print string) (sandbox.Answer, error) {
		sent := p.sent(requestID)
		switch {
		case sent != nil && sent.print != print:
			return sandbox.Answer{}, refusal(codeRepeatInconsistent)
		case to != p.customerID:
			return sandbox.Answer{}, refusal(codeUserNotExist)
		case !welcome:
			return sandbox.Answer{}, refusal(codeNotSubscribed)
		case sent == nil:
			sent = &message{p.core.IDs().Digits(12), requestID, print}
			p.messages = append(p.messages, sent)
			p.core.Record(kind, sent.id, requestID, "")
		}
		if p.config.Get().Messages == "queued" {
			return sandbox.JSON(http.StatusOK, object{"messageId": sent.id, "result": object{
				"resultCode": codeSending, "resultStatus": "U", "resultMessage": titleOf(codeSending),
			}}), nil
		}
		return success(object{"messageId": sent.id}), nil
	})
}

// sent finds the message of an earlier request; nil when there is none.
func (p *platform) sent(requestID string) *message {
	for _, m := range p.messages {
		if m.requestID == requestID {
			return m
		}
	}
	return nil
}
