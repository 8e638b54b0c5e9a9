package openapi_test

import (
	"testing"

	"github.com/specpay/specpay/internal/contract"
)

// The rows of the reliability bar that hold for every provider, by id, and why
// the others do not fit this one. The rows' work is in internal/contract.

func TestT1_OneTokenRequestForManyCallers(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT2_FailedTokenRequestIsShared(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT3_WaiterKeepsItsDeadline(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT4_RevokedTokenIsReplacedOnce(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT5_ExpiresIn(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT6_WrongClock(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT7_RenewalAheadOfTheEnd(t *testing.T) { contract.NotApplicable(t, noTokens) }

func TestT8_RepeatedUnderANewSignature(t *testing.T) { contract.T8(t, suite(t)) }

func TestT9_WrongClockIsCorrectedOnce(t *testing.T) {
	contract.NotApplicable(t, "ErrRequestTimeInvalid is returned: the provider documents no clock to go by")
}

func TestR1_RetryMatrix(t *testing.T) { contract.R1(t, suite(t)) }

func TestR7_IdempotencyKey(t *testing.T) { contract.R7(t, suite(t)) }

func TestR8_BodyIdentity(t *testing.T) { contract.R8(t, suite(t)) }

func TestR9_KeylessWrite(t *testing.T) { contract.R9(t, suite(t)) }

func TestR10_OutcomeSoundness(t *testing.T) { contract.R10(t, suite(t)) }

func TestH1_AnswersCutAtEveryByte(t *testing.T) { contract.H1(t, suite(t)) }

func TestH2_HugeErrors(t *testing.T) { contract.H2(t, suite(t)) }

func TestH3_HugeSuccesses(t *testing.T) { contract.H3(t, suite(t)) }

func TestH4_SlowAnswers(t *testing.T) { contract.H4(t, suite(t)) }

func TestH5_PagesAndContentTypes(t *testing.T) { contract.H5(t, suite(t)) }

func TestH6_SuccessesThatHoldNothing(t *testing.T) { contract.H6(t, suite(t)) }

func TestH7_ErrorsOfTheWrongShape(t *testing.T) { contract.H7(t, suite(t)) }

func TestH8_WhatIsNew(t *testing.T) { contract.H8(t, suite(t)) }

func TestH9_RepeatedMembers(t *testing.T) { contract.H9(t, suite(t)) }

func TestH10_OddNumbers(t *testing.T) { contract.H10(t, suite(t)) }

func TestH11_StrayBytes(t *testing.T) { contract.H11(t, suite(t)) }

func TestH12_BrokenHTTP(t *testing.T) { contract.H12(t, suite(t)) }

func TestH13_HeaderFloods(t *testing.T) { contract.H13(t, suite(t)) }

func TestS1_RedirectsAreRefused(t *testing.T) { contract.S1(t, suite(t)) }

func TestS2_PlainHTTPIsRefused(t *testing.T) { contract.S2(t, suite(t)) }

func TestS3_BadTLSIsRefused(t *testing.T) { contract.S3(t, suite(t)) }

func TestS4_BadTextsAreRefused(t *testing.T) { contract.S4(t, suite(t)) }

func TestS5_IDsStayInTheirSegment(t *testing.T) { contract.S5(t, suite(t)) }

func TestS6_NothingSecretIsPrinted(t *testing.T) { contract.S6(t, suite(t)) }

func TestS7_NothingSecretIsLogged(t *testing.T) { contract.S7(t, suite(t)) }

func TestS8_ImportAndNewArePure(t *testing.T) { contract.S8(t, suite(t)) }

func TestS9_Headers(t *testing.T) { contract.S9(t, suite(t)) }

func TestW2_Times(t *testing.T) { contract.W2(t, suite(t)) }

func TestW3_Malleability(t *testing.T) { contract.W3(t, suite(t)) }

func TestW4_RotationOfSecrets(t *testing.T) { contract.W4(t, suite(t)) }

func TestW5_Bodies(t *testing.T) { contract.W5(t, suite(t)) }

func TestW6_HundredAtOnce(t *testing.T) { contract.W6(t, suite(t)) }

func TestW7_FailureIsDeliveredAgain(t *testing.T) { contract.W7(t, suite(t)) }

func TestW8_OrderOfEvents(t *testing.T) { contract.W8(t, suite(t)) }

func TestW9_Replies(t *testing.T) { contract.W9(t, suite(t)) }

func TestW10_UnsignedCallbacks(t *testing.T) {
	contract.NotApplicable(t, "notifications are signed; nobody is asked about them")
}

func TestW11_PanicInUserCode(t *testing.T) { contract.W11(t, suite(t)) }

func TestW12_UnknownKindOfEvent(t *testing.T) { contract.W12(t, suite(t)) }

func TestC2_NoGoroutineIsLeft(t *testing.T) { contract.C2(t, suite(t)) }

func TestC3_ManyGoroutines(t *testing.T) { contract.C3(t, suite(t)) }

func TestC4_OneConnection(t *testing.T) { contract.C4(t, suite(t)) }

func TestC5_Allocations(t *testing.T) { contract.C5(t, suite(t)) }

func BenchmarkC5_Overhead(b *testing.B) { contract.Overhead(b, suite(b)) }

func TestX1_EveryCode(t *testing.T) { contract.X1(t, suite(t)) }

func TestX2_TrafficFitsTheSpec(t *testing.T) { contract.X2(t, suite(t)) }

func TestX4_ManySandboxes(t *testing.T) { contract.X4(t, suite(t)) }

func TestX5_EveryKindOfRequest(t *testing.T) { contract.X5(t, suite(t)) }

func TestX6_OutcomeSoundnessOnSockets(t *testing.T) { contract.X6(t, suite(t)) }

const noTokens = "each request is signed; the tokens of this provider are its users', bought and kept by the caller"
