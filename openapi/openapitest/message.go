package openapitest

import (
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// message is a message sent to the user.
type message struct{ id, requestID, fingerprint string }

// SendPush sends a push notification to the user's phone.
func (p *platform) SendPush(r *http.Request, body api.SendPushRequest) (sandbox.Response, error) {
	if err := checkFields(required("requestId", body.RequestID, idLimit), required("targetUserId", body.TargetUserID, idLimit),
		required("title", body.Title, 64), required("content", body.Content, 256), optional("url", body.URL, 2048), optional("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Response{}, err
	}
	return p.send(r, body.RequestID, body.TargetUserID, "message.pushed", p.config.Get().Subscribed)
}

// SendInbox puts a message into the user's inbox.
func (p *platform) SendInbox(r *http.Request, body api.SendInboxRequest) (sandbox.Response, error) {
	if err := checkFields(required("requestId", body.RequestID, idLimit), required("targetUserId", body.TargetUserID, idLimit),
		required("title", body.Title, 128), required("content", body.Content, 4096), optional("category", body.Category, 32),
		optional("url", body.URL, 2048), optional("imageUrl", body.ImageURL, 2048), optional("extendInfo", body.ExtendInfo, 2048)); err != nil {
		return sandbox.Response{}, err
	}
	return p.send(r, body.RequestID, body.TargetUserID, "message.kept", true)
}

func (p *platform) send(r *http.Request, requestID, to, kind string, subscribed bool) (sandbox.Response, error) {
	return p.idempotent(r, keyedRequest{"message", requestID, codeSending}, func(fingerprint string) (sandbox.Response, error) {
		sent := p.message(requestID)
		switch {
		case sent != nil && sent.fingerprint != fingerprint:
			return sandbox.Response{}, codeError(codeRepeatInconsistent)
		case to != p.customerID:
			return sandbox.Response{}, codeError(codeUserNotExist)
		case !subscribed:
			return sandbox.Response{}, codeError(codeNotSubscribed)
		case sent == nil:
			sent = &message{p.core.IDs().Digits(12), requestID, fingerprint}
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

// message finds a message by its request ID. It returns nil if there is none.
func (p *platform) message(requestID string) *message {
	for _, m := range p.messages {
		if m.requestID == requestID {
			return m
		}
	}
	return nil
}
