// Package webhookcontract holds what every provider's notification handler
// promises: only genuine notifications run the application's code, each event once,
// and every reply is the one that the provider expects. Only tests import it.
package webhookcontract

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/harness"
)

// Tests returns the promises, in the order in which they run.
func Tests() []harness.Test {
	return []harness.Test{
		{Name: "GenuineNotificationRunsHandlerOnce", Scenario: genuineNotificationRunsHandlerOnce},
		{Name: "ForgedNotificationNeverRunsHandler", Scenario: forgedNotificationNeverRunsHandler},
		{Name: "FailedNotificationIsRedelivered", Scenario: failedNotificationIsRedelivered},
		{Name: "RepeatedMembersInNotificationsAreRefused", Scenario: repeatedMembersAreRefused, Applies: isSigned},
		{Name: "UnknownValuesInNotificationsPassThrough", Scenario: unknownValuesPassThrough, Applies: isSigned},

		{Name: "TimesOutsideTheWindowAreRefused", Run: timesOutsideTheWindowAreRefused, Applies: hasWindow},
		{Name: "AlteredNotificationsAreRefused", Run: alteredNotificationsAreRefused, Applies: isSigned},
		{Name: "SecretRotation", Run: secretRotation, Applies: isSigned},
		{Name: "BodySizesAndEncodings", Run: bodySizesAndEncodings},
		{Name: "SlowBodyIsAbandoned", Run: slowBodyIsAbandoned},
		{Name: "ConcurrentDeliveriesRunHandlerOnce", Run: concurrentDeliveriesRunHandlerOnce},
		{Name: "DifferentEventsDoNotWaitForEachOther", Run: differentEventsDoNotWaitForEachOther},
		{Name: "FailureIsAnsweredAndRedelivered", Run: failureIsAnsweredAndRedelivered},
		{Name: "EventsInAnyOrderAreDelivered", Run: eventsInAnyOrderAreDelivered},
		{Name: "ConsumersOfOneStoreAreSeparate", Run: consumersOfOneStoreAreSeparate},
		{Name: "NewSecretsKeepHandledEvents", Run: newSecretsKeepHandledEvents},
		{Name: "InvalidWebhookOptionsPassNothingOn", Run: invalidWebhookOptionsPassNothingOn},
		{Name: "MixedDeliveriesRunEachEventOnce", Run: mixedDeliveriesRunEachEventOnce},
		{Name: "RepliesAreTheProviders", Run: repliesAreTheProviders},
		{Name: "PanicIsRedelivered", Run: panicIsRedelivered},
		{Name: "UnknownEventTypeIsDelivered", Run: unknownEventTypeIsDelivered, Applies: hasEventTypes},
	}
}

// Run runs the tests for one provider.
func Run(t *testing.T, s harness.Suite) { harness.RunTable(t, s, Tests()) }

func isSigned(_ *testing.T, s harness.Suite) bool { return s.Notifications.Signing != nil }

func hasWindow(_ *testing.T, s harness.Suite) bool {
	return s.Notifications.Signing != nil && s.Notifications.Signing.Window > 0
}

func hasEventTypes(_ *testing.T, s harness.Suite) bool { return s.Notifications.Unknown != nil }
