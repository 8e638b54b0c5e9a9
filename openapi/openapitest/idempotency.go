package openapitest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/specpay/specpay/internal/sandbox"
)

// keyedRequest is a request with an idempotency key: the merchant's request ID.
type keyedRequest struct {
	space string // separates the request IDs of different operations
	id    string
	busy  codeError // the response while the first request is in progress
}

// idempotent runs a request once for its request ID. Final responses, with result
// status S or F, are replayed. A response with U is not: the function do then has
// to find what the earlier request created.
func (p *platform) idempotent(r *http.Request, req keyedRequest, do func(fingerprint string) (sandbox.Response, error)) (sandbox.Response, error) {
	fingerprint := fingerprintOf(r)
	resp, _, err := p.idempotency.Do(r.Context(), req.space+" "+req.id, fingerprint, func() sandbox.Response {
		resp, err := p.locked(r.Context(), func() (sandbox.Response, error) { return do(fingerprint) })
		if err != nil {
			return p.errorResponse(r, err)
		}
		return resp
	})
	switch {
	case errors.Is(err, sandbox.ErrIdempotencyKeyReused):
		return resp, codeError(codeRepeatInconsistent)
	case errors.Is(err, sandbox.ErrIdempotencyKeyInUse):
		return resp, req.busy
	}
	return resp, err
}

// isFinal reports whether a response is replayed, which is so if its result status
// is S or F. REPEAT_REQ_INCONSISTENT is not stored: it says nothing about the
// request itself.
func isFinal(resp sandbox.Response) bool {
	var body struct {
		Result struct {
			ResultStatus string `json:"resultStatus"`
			ResultCode   string `json:"resultCode"`
		} `json:"result"`
	}
	if json.Unmarshal(resp.Body, &body) != nil || body.Result.ResultCode == codeRepeatInconsistent {
		return false
	}
	return body.Result.ResultStatus == "S" || body.Result.ResultStatus == "F"
}

// fingerprintOf returns the same text for requests to one operation whose bodies
// have equal members, regardless of order and white space.
func fingerprintOf(r *http.Request) string {
	canonical := jsontext.Value(sandbox.Body(r)).Clone()
	_ = canonical.Canonicalize() // the body is known to be valid JSON
	sum := sha256.Sum256(append([]byte(r.URL.Path+"\n"), canonical...))
	return hex.EncodeToString(sum[:])
}
