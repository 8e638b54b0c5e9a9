package openapitest

import (
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// What the sandbox's only merchant was given.
const (
	clientID          = "TEST_5X00000000000001"
	productCode       = "5105010010000100040"
	referenceClientID = "2022091495540562874"
)

// before looks at a request before its body is read as JSON: who sends it, when
// it was made, and whether the signature holds.
func (p *platform) before(r *http.Request, _ sandbox.Operation) error {
	p.moved()
	if r.Header.Get("Client-Id") != clientID {
		return refusal(codeInvalidClient)
	}
	moment := r.Header.Get("Request-Time")
	made, err := time.Parse(time.RFC3339, moment)
	if err != nil || p.core.Clock().Now().Sub(made).Abs() > window {
		return refusal(codeRequestTime)
	}
	message := content(r.Method, r.URL, clientID, moment, sandbox.Body(r))
	if headers := r.Header.Values("Signature"); len(headers) != 1 || !verify(p.keys.accepted, headers[0], message) {
		return refusal(codeInvalidSignature)
	}
	return nil
}

// sealed signs an answer of any kind, refusals included, and names the caller
// again: one client of the family reads Client-Id from the answer.
func (p *platform) sealed(r *http.Request, a sandbox.Answer) sandbox.Answer {
	moment, id := p.config.Get().moment(p.core.Clock().Now()), r.Header.Get("Client-Id")
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set("Client-Id", id)
	a.Header.Set("Response-Time", moment)
	a.Header.Set("Signature", p.seal(r, id, moment, a.Body))
	return a
}
