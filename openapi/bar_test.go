package openapi_test

import (
	"testing"

	"github.com/specpay/specpay/internal/contract"
)

// The rows of the reliability bar that hold for every provider, by id.

func TestR1_RetryMatrix(t *testing.T) { contract.R1(t, suite(t)) }

func TestR10_OutcomeSoundness(t *testing.T) { contract.R10(t, suite(t)) }

func TestX6_OutcomeSoundnessOnSockets(t *testing.T) { contract.X6(t, suite(t)) }
