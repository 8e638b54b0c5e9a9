package xpay_test

import (
	"testing"

	"github.com/specpay/specpay/internal/contract"
)

// The rows of the reliability bar that hold for every provider, by id.

func TestR1_RetryMatrix(t *testing.T) { contract.R1(t, suite(t)) }

func TestR7_IdempotencyKey(t *testing.T) { contract.R7(t, suite(t)) }

func TestR8_BodyIdentity(t *testing.T) { contract.R8(t, suite(t)) }

func TestR9_KeylessWrite(t *testing.T) { contract.R9(t, suite(t)) }

func TestR10_OutcomeSoundness(t *testing.T) { contract.R10(t, suite(t)) }

func TestR11_ResultStatuses(t *testing.T) {
	t.Attr("not-applicable", "answers carry no result status: the HTTP status and the code decide")
}

func TestR12_Wait(t *testing.T) {
	t.Attr("not-applicable", "there is nothing to wait with: events tell the end of a payment")
}

func TestX1_EveryCode(t *testing.T) { contract.X1(t, suite(t)) }

func TestX2_TrafficFitsTheSpec(t *testing.T) { contract.X2(t, suite(t)) }

func TestX4_ManySandboxes(t *testing.T) { contract.X4(t, suite(t)) }

func TestX6_OutcomeSoundnessOnSockets(t *testing.T) { contract.X6(t, suite(t)) }
