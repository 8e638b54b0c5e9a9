package clientcontract

import (
	"testing"

	"github.com/specpay/specpay/internal/contract/faulthttp"
	"github.com/specpay/specpay/internal/contract/harness"
	"github.com/specpay/specpay/pay"
)

// nothingSecretIsLogged makes calls whose responses contain personal data. The table of
// tests checks the log of every other scenario too.
func nothingSecretIsLogged(t *testing.T, s harness.Suite) {
	e, log := harness.OpenLogged(t, s)
	e.Traffic.Broken(true)
	personalDataInAResponse(t, e)
	if calls := log.Check(t, e, personal...); calls < 13 {
		t.Errorf("got %d calls in the log, want at least 13", calls)
	}
}

// personalDataInAResponse sends errors that contain card numbers and other personal
// data in their texts and headers.
func personalDataInAResponse(t *testing.T, e *harness.Session) {
	once := e.ConnectAgain(t, pay.WithMaxAttempts(1))
	if err := once.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{200, 400, 422, 500} {
		e.Substitute(faulthttp.Respond(status, "application/json", `{"message":"card 4242 4242 4242 4242 or 5555555555554444","error":{"message":"card 378282246310005","param":"number"},"result":{"resultMessage":"card 4242424242424242"}}`))
		_ = e.RequireError(t, once.Read(t.Context()))
		for _, contentType := range []string{"application/json", "text/plain"} {
			e.Substitute(canaries(status, contentType))
			_ = e.RequireError(t, once.Read(t.Context()))
		}
	}
}
