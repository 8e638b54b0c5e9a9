package openapitest

import (
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
)

// The identifiers assigned to the sandbox's only merchant.
const (
	clientID          = "TEST_5X00000000000001"
	productCode       = "5105010010000100040"
	referenceClientID = "2022091495540562874"
)

// authenticate checks the client ID, the time and the signature of a request. It
// runs before the body is decoded.
func (p *platform) authenticate(r *http.Request, _ sandbox.Operation) error {
	p.runDue()
	if r.Header.Get("Client-Id") != clientID {
		return codeError(codeInvalidClient)
	}
	requestTime := r.Header.Get("Request-Time")
	at, err := time.Parse(time.RFC3339, requestTime)
	if err != nil || p.core.Clock().Now().Sub(at).Abs() > timeWindow {
		return codeError(codeRequestTime)
	}
	message := content(r.Method, r.URL, clientID, requestTime, sandbox.Body(r))
	if headers := r.Header.Values("Signature"); len(headers) != 1 || !verify(p.keys.accepted, headers[0], message) {
		return codeError(codeInvalidSignature)
	}
	return nil
}

// signResponse adds the headers Client-Id, Response-Time and Signature to a
// response of any kind, including failures. Client-Id repeats the value of the
// request, since one client of the family reads it from the response.
func (p *platform) signResponse(r *http.Request, resp sandbox.Response) sandbox.Response {
	responseTime, id := p.config.Get().formatTime(p.core.Clock().Now()), r.Header.Get("Client-Id")
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	resp.Header.Set("Client-Id", id)
	resp.Header.Set("Response-Time", responseTime)
	resp.Header.Set("Signature", p.signature(r, id, responseTime, resp.Body))
	return resp
}
