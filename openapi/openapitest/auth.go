package openapitest

import (
	"fmt"
	"net/http"
	"strings"
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
	if err := p.checkTime(requestTime); err != nil {
		return err
	}
	message := content(r.Method, r.URL, clientID+".", requestTime, sandbox.Body(r))
	if headers := r.Header.Values("Signature"); len(headers) != 1 || !verify(p.keys.accepted, headers[0], message) {
		return codeError(codeInvalidSignature)
	}
	return nil
}

// checkTime checks a Request-Time. The error says what is wrong with it.
func (p *platform) checkTime(requestTime string) error {
	if requestTime == "" {
		return memberError{codeRequestTime, "the header Request-Time is missing"}
	}
	at, err := time.Parse(time.RFC3339, requestTime)
	if err != nil {
		return memberError{codeRequestTime, fmt.Sprintf("Request-Time %.40q is not ISO 8601 with seconds and an offset or Z, such as 2024-01-10T12:22:30Z", requestTime)}
	}
	if now := p.core.Clock().Now(); now.Sub(at).Abs() > timeWindow {
		return memberError{codeRequestTime, fmt.Sprintf("Request-Time %s and the clock, %s, differ by more than %v", requestTime, now.UTC().Format(time.RFC3339), timeWindow)}
	}
	return nil
}

// modifyResponse sets the status that Config.Statuses selects and signs the response.
func (p *platform) modifyResponse(r *http.Request, resp sandbox.Response) sandbox.Response {
	if p.config.Get().Statuses == "200" {
		resp.Status = http.StatusOK
	}
	return p.signResponse(r, resp)
}

// signResponse adds a client ID, a time and a signature to the headers of a response of
// any kind, including failures. Client-Id repeats the value of the request, since one
// client of the family reads it from the response.
func (p *platform) signResponse(r *http.Request, resp sandbox.Response) sandbox.Response {
	c := p.config.Get()
	at, id := c.headerTime(p.core.Clock().Now()), r.Header.Get("Client-Id")
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	for name, value := range map[string]string{"Client-Id": id, c.TimeHeader: at, "Signature": p.signature(r, id+".", at, resp.Body)} {
		if c.HeaderNames == "lower" {
			name = strings.ToLower(name)
		}
		resp.Header[name] = []string{value}
	}
	return resp
}
