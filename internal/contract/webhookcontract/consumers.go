package webhookcontract

import (
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/internal/webhook"
	"github.com/specpay/specpay/pay"
)

// consumersOfOneStoreAreSeparate delivers one event to two handlers of one client, and
// to a client of another account, which all share an event store.
func consumersOfOneStoreAreSeparate(t *testing.T, s harness.Suite) {
	n, body := s.Notifications, s.Notifications.Body("1")
	store := pay.WithEventStore(&webhook.Memory{Now: time.Now})
	client, other := n.NewClient(t, store), n.OtherAccount(t, store)
	request := func(body []byte) *http.Request { return n.NewRequest(t, body) }
	var runs [3]atomic.Int32
	for range 2 {
		for i, to := range []struct {
			name    string
			handler http.Handler
			request func([]byte) *http.Request
		}{
			{"a handler", client(countRuns(&runs[0])), request},
			{"another handler", client(countRuns(&runs[1]), pay.WithHandlerName("mail")), request},
			{"another account", other.Webhook(countRuns(&runs[2])), other.Request},
		} {
			harness.Expect(t, to.name, "reply", harness.ReplyOf(to.handler, to.request(body)), n.Accepted)
			harness.Expect(t, to.name, "runs", runs[i].Load(), 1)
		}
	}
}

// newSecretsKeepHandledEvents replaces all keys and secrets of an account after it has
// handled an event.
func newSecretsKeepHandledEvents(t *testing.T, s harness.Suite) {
	n, body := s.Notifications, s.Notifications.Body("1")
	store, runs := pay.WithEventStore(&webhook.Memory{Now: time.Now}), new(atomic.Int32)
	harness.Expect(t, "first delivery", "reply", harness.ReplyOf(n.NewHandler(t, countRuns(runs), store), n.NewRequest(t, body)), n.Accepted)
	next := n.NewSecrets(t, store)
	harness.Expect(t, "delivery after the secrets were replaced", "reply", harness.ReplyOf(next.Webhook(countRuns(runs)), next.Request(body)), n.Accepted)
	harness.Expect(t, "two deliveries", "runs of the handler", runs.Load(), 1)
}

// invalidWebhookOptionsPassNothingOn makes handlers with invalid options. The provider
// is asked to deliver again, so that nothing is lost until the mistake is corrected.
func invalidWebhookOptionsPassNothingOn(t *testing.T, s harness.Suite) {
	n := s.Notifications
	for name, option := range map[string]pay.WebhookOption{
		"nil": nil, "empty name": pay.WithHandlerName(""), "name with a space": pay.WithHandlerName("my handler"),
		"long name": pay.WithHandlerName(strings.Repeat("n", 65)), "name in Cyrillic": pay.WithHandlerName("имя"),
	} {
		var log strings.Builder
		runs := new(atomic.Int32)
		h := n.NewClient(t, pay.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))(countRuns(runs), option)
		logged := strings.Count(log.String(), "an option of Webhook is invalid")
		harness.Expect(t, name, "log records when the handler is made", logged, 1)
		harness.Expect(t, name, "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), n.Failed)
		harness.Expect(t, name, "runs of the handler", runs.Load(), 0)
	}
	h := n.NewClient(t)(countRuns(new(atomic.Int32)), pay.WithHandlerName(strings.Repeat("!~", 32)))
	harness.Expect(t, "name of 64 bytes", "reply", harness.ReplyOf(h, n.NewRequest(t, n.Body("1"))), n.Accepted)
}
