package openapitest

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// agreement is what prepare makes and the user signs.
type agreement struct {
	authURL, notifyURL string
	signed, ended      bool
	token              *token // the newest that stands for it
}

// token is a pair of tokens.
type token struct {
	access, refresh         string
	accessEnds, refreshEnds time.Time
	agreement               *agreement // nil after a plain login
	spent                   bool       // its refresh token has bought the next pair
}

// Prepare makes an agreement that waits for the user.
func (p *platform) Prepare(r *http.Request, body api.PrepareRequest) (sandbox.Answer, error) {
	if err := checkFields(need("referenceClientId", body.ReferenceClientID, 0), need("scopes", body.Scopes, 16),
		may("extendInfo", body.ExtendInfo, 4096)); err != nil {
		return sandbox.Answer{}, err
	}
	var extend struct {
		ContractStatusNotifyURL string `json:"contractStatusNotifyUrl"`
	}
	switch {
	case body.ExtendInfo != "" && json.Unmarshal([]byte(body.ExtendInfo), &extend) != nil:
		return sandbox.Answer{}, badMember{codeParamIllegal, "extendInfo"}
	case body.ReferenceClientID != referenceClientID:
		return sandbox.Answer{}, refusal(codeInvalidAuthClient)
	case body.Scopes != "AGREEMENT_PAY":
		return sandbox.Answer{}, refusal(codeInvalidScope)
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		a := &agreement{authURL: "https://wallet.example/sign?id=" + p.core.IDs().Token(24), notifyURL: extend.ContractStatusNotifyURL}
		p.agreements = append(p.agreements, a)
		p.core.Record("agreement.prepared", a.authURL, "", "")
		return success(object{"authUrl": a.authURL}), nil
	})
}

// ApplyToken sells a pair of tokens for a code or for a refresh token.
func (p *platform) ApplyToken(r *http.Request, body api.ApplyTokenRequest) (sandbox.Answer, error) {
	code, refresh := body.GrantType == "AUTHORIZATION_CODE", body.GrantType == "REFRESH_TOKEN"
	if err := checkFields(need("grantType", body.GrantType, 0),
		field{"authCode", body.AuthCode, tokenLimit, code}, field{"refreshToken", body.RefreshToken, tokenLimit, refresh}); err != nil {
		return sandbox.Answer{}, err
	}
	switch {
	case !code && !refresh:
		return sandbox.Answer{}, refusal(codeGrantType)
	case body.ReferenceClientID != "" && body.ReferenceClientID != referenceClientID:
		return sandbox.Answer{}, refusal(codeInvalidAuthClient)
	}
	return p.locked(r.Context(), func() (sandbox.Answer, error) {
		if code {
			return p.exchange(body.AuthCode)
		}
		return p.renew(body.RefreshToken)
	})
}

func (p *platform) exchange(code string) (sandbox.Answer, error) {
	c := p.consent(code, forLogin, forAgreement)
	switch {
	case c == nil:
		return sandbox.Answer{}, refusal(codeInvalidCode)
	case c.used:
		return sandbox.Answer{}, refusal(codeUsedCode)
	case !p.now().Before(c.ends):
		return sandbox.Answer{}, refusal(codeExpiredCode)
	}
	c.used = true
	t := p.issue(c.agreement)
	if c.agreement != nil {
		p.notifyContract(t, "VALID")
	}
	return p.tokenAnswer(t), nil
}

// renew ends the refresh token; the access token beside it lives on to its end.
func (p *platform) renew(refresh string) (sandbox.Answer, error) {
	for _, t := range p.tokens {
		if t.refresh != refresh || t.spent {
			continue
		}
		if !p.now().Before(t.refreshEnds) {
			return sandbox.Answer{}, refusal(codeExpiredRefreshToken)
		}
		if t.agreement != nil && t.agreement.ended {
			return sandbox.Answer{}, refusal(codeInvalidRefreshToken)
		}
		t.spent = true
		return p.tokenAnswer(p.issue(t.agreement)), nil
	}
	return sandbox.Answer{}, refusal(codeInvalidRefreshToken)
}

func (p *platform) issue(a *agreement) *token {
	c, ids, now := p.config.Get(), p.core.IDs(), p.now()
	t := &token{
		access: ids.Token(64), refresh: ids.Token(64), agreement: a,
		accessEnds: now.Add(span(c.AccessLife)), refreshEnds: now.Add(span(c.RefreshLife)),
	}
	if a != nil {
		a.token = t
	}
	p.tokens = append(p.tokens, t)
	p.core.Record("token.issued", p.customerID, "", "")
	return t
}

func (p *platform) tokenAnswer(t *token) sandbox.Answer {
	c := p.config.Get()
	return success(object{
		"accessToken": t.access, "accessTokenExpiryTime": c.moment(t.accessEnds),
		"refreshToken": t.refresh, "refreshTokenExpiryTime": c.moment(t.refreshEnds), "customerId": p.customerID,
	})
}

// chargeable tells whether an access token lets the merchant charge.
func (p *platform) chargeable(access string) error {
	for _, t := range p.tokens {
		switch {
		case t.access != access:
			continue
		case t.agreement == nil:
			return refusal(codeInsufficientScope)
		case t.agreement.ended:
			return refusal(codeInvalidAccessToken)
		case !p.now().Before(t.accessEnds):
			return refusal(codeExpiredAccessToken)
		}
		return nil
	}
	return refusal(codeInvalidAccessToken)
}
