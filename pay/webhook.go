package pay

import (
	"fmt"

	"github.com/specpay/specpay/internal/settings"
)

// WebhookOption configures one handler that a client's Webhook method returns.
// The With functions of this package that set something of a handler return
// webhook options; an application cannot define others. If an option is invalid or
// nil, the handler passes nothing on: it logs the error, at once and for each
// notification, and asks the provider to deliver the notification again. Without
// WithLogger, nothing is logged.
type WebhookOption func(*webhookSettings) error

type webhookSettings = settings.Webhook

// WithHandlerName names a handler in the event store, so that two handlers for the
// notifications of one account each receive every event. name is 1 to 64 bytes of
// visible ASCII without spaces; the default is "default". Handlers of one account
// with the same name and the same event store are one consumer: an event that one
// of them has handled is not passed to the others. Do not change the name of a
// handler in use: events that were handled under the old name would be handled
// again if they are delivered again.
func WithHandlerName(name string) WebhookOption {
	return func(s *webhookSettings) error {
		if name == "" || len(name) > 64 || !visible(name, false) {
			return fmt.Errorf("WithHandlerName: the name has %d bytes or contains other characters than visible ASCII; want 1 to 64 bytes of visible ASCII without spaces", len(name))
		}
		s.HandlerName = name
		return nil
	}
}
