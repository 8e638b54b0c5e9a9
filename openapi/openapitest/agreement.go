package openapitest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// agreement is created by prepare and signed by the user.
type agreement struct {
	authURL, notifyURL string
	signed, ended      bool
	token              *token // the latest token issued for it
}

// Prepare creates an agreement for the user to sign.
func (p *platform) Prepare(r *http.Request, body api.PrepareRequest) (sandbox.Response, error) {
	if err := checkFields(required("referenceClientId", body.ReferenceClientID, 0), required("scopes", body.Scopes, 16),
		optional("extendInfo", body.ExtendInfo, 4096)); err != nil {
		return sandbox.Response{}, err
	}
	var extend struct {
		ContractStatusNotifyURL string `json:"contractStatusNotifyUrl"`
	}
	switch {
	case body.ExtendInfo != "" && json.Unmarshal([]byte(body.ExtendInfo), &extend) != nil:
		return sandbox.Response{}, memberError{codeParamIllegal, "extendInfo"}
	case body.ReferenceClientID != referenceClientID:
		return sandbox.Response{}, codeError(codeInvalidAuthClient)
	case body.Scopes != "AGREEMENT_PAY":
		return sandbox.Response{}, codeError(codeInvalidScope)
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		a := &agreement{authURL: "https://wallet.example/sign?id=" + p.core.IDs().Token(24), notifyURL: extend.ContractStatusNotifyURL}
		p.agreements = append(p.agreements, a)
		p.core.Record("agreement.prepared", a.authURL, "", "")
		return success(object{"authUrl": a.authURL}), nil
	})
}

// Contract signs or ends the latest agreement as the user. With the state VALID the
// user signs it, and Contract returns the authorization code that the wallet passes to
// the merchant's app, for applyToken. With the state INVALID the user ends it, the
// merchant is notified, and authCode is empty.
//
// Any other state is an error. It is also an error if no agreement has been prepared, if
// the latest one has ended, and if an agreement without a token is to be ended.
func (s *Server) Contract(state string) (authCode string, err error) {
	authCode, err = s.platform.contract(context.Background(), state)
	return authCode, s.handle.Report(err)
}

func (p *platform) contract(ctx context.Context, state string) (code string, err error) {
	_, err = p.locked(ctx, func() (sandbox.Response, error) {
		if len(p.agreements) == 0 {
			return sandbox.Response{}, errors.New("no agreement has been prepared; call prepare first")
		}
		a := p.agreements[len(p.agreements)-1]
		switch {
		case state != "VALID" && state != "INVALID":
			return sandbox.Response{}, &sandbox.InputError{Detail: fmt.Sprintf("unknown state %q", state), Known: []string{"INVALID", "VALID"}}
		case a.ended:
			return sandbox.Response{}, errors.New("the latest agreement has ended; prepare another one")
		case state == "INVALID" && a.token == nil:
			return sandbox.Response{}, errors.New("the latest agreement has no token yet; sign it and exchange the code first")
		case state == "INVALID":
			a.ended = true
			p.core.Record("agreement.ended", a.authURL, "", "")
			p.notifyContract(a.token, "INVALID")
		default:
			a.signed = true
			p.core.Record("agreement.signed", a.authURL, "", "")
			code = p.newCode(&authCode{purpose: forAgreement, agreement: a})
		}
		return sandbox.Response{}, nil
	})
	return code, err
}

// controlContract serves the control route contract.
func (p *platform) controlContract(r *http.Request, raw []byte) (any, error) {
	in, err := sandbox.Decode[struct {
		State string `json:"state"`
	}](raw, `{"state": "VALID" or "INVALID"}`)
	if err != nil {
		return nil, err
	}
	code, err := p.contract(r.Context(), in.State)
	if err != nil {
		return nil, err
	}
	return object{"state": in.State, "authCode": code}, nil
}
