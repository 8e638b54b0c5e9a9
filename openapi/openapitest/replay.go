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

// ask is a request under an idempotency key, after its form was checked.
type ask struct {
	space string // keys of one space do not meet those of another
	key   string
	busy  refusal // while the first request under the key is under way
}

// keyed runs a request once for its key. Final answers, S and F, are given again;
// U is not: do has to find what it began before.
func (p *platform) keyed(r *http.Request, a ask, do func(print string) (sandbox.Answer, error)) (sandbox.Answer, error) {
	print := fingerprint(r)
	answer, _, err := p.once.Do(r.Context(), a.space+" "+a.key, print, func() sandbox.Answer {
		answer, err := p.locked(r.Context(), func() (sandbox.Answer, error) { return do(print) })
		if err != nil {
			return p.refuse(r, err)
		}
		return answer
	})
	switch {
	case errors.Is(err, sandbox.ErrKeyReused):
		return answer, refusal(codeRepeatInconsistent)
	case errors.Is(err, sandbox.ErrKeyBusy):
		return answer, a.busy
	}
	return answer, err
}

// final tells the answers that are kept: those whose result status is S or F.
// A request that only met the wrong key keeps nothing of its own.
func final(a sandbox.Answer) bool {
	var body struct {
		Result struct {
			ResultStatus string `json:"resultStatus"`
			ResultCode   string `json:"resultCode"`
		} `json:"result"`
	}
	if json.Unmarshal(a.Body, &body) != nil || body.Result.ResultCode == codeRepeatInconsistent {
		return false
	}
	return body.Result.ResultStatus == "S" || body.Result.ResultStatus == "F"
}

// fingerprint is the same for requests of one operation with equal members,
// whatever their order and spacing.
func fingerprint(r *http.Request) string {
	canonical := jsontext.Value(sandbox.Body(r)).Clone()
	_ = canonical.Canonicalize() // the body was found to be JSON before
	sum := sha256.Sum256(append([]byte(r.URL.Path+"\n"), canonical...))
	return hex.EncodeToString(sum[:])
}
