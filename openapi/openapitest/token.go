package openapitest

import (
	"net/http"
	"time"

	"github.com/specpay/specpay/internal/sandbox"
	"github.com/specpay/specpay/openapi/openapitest/internal/api"
)

// token is an access token with its refresh token.
type token struct {
	access, refresh               string
	accessExpires, refreshExpires time.Time
	agreement                     *agreement // nil for a plain login
	refreshed                     bool       // whether the refresh token has been used
}

// ApplyToken exchanges an authorization code or a refresh token for a token pair.
func (p *platform) ApplyToken(r *http.Request, body api.ApplyTokenRequest) (sandbox.Response, error) {
	code, refresh := body.GrantType == "AUTHORIZATION_CODE", body.GrantType == "REFRESH_TOKEN"
	if err := checkFields(required("grantType", body.GrantType, 0),
		field{"authCode", body.AuthCode, tokenLimit, code}, field{"refreshToken", body.RefreshToken, tokenLimit, refresh}); err != nil {
		return sandbox.Response{}, err
	}
	switch {
	case !code && !refresh:
		return sandbox.Response{}, codeError(codeGrantType)
	case body.ReferenceClientID != "" && body.ReferenceClientID != referenceClientID:
		return sandbox.Response{}, codeError(codeInvalidAuthClient)
	}
	return p.locked(r.Context(), func() (sandbox.Response, error) {
		if code {
			return p.exchange(body.AuthCode)
		}
		return p.refresh(body.RefreshToken)
	})
}

func (p *platform) exchange(code string) (sandbox.Response, error) {
	c := p.findCode(code, forLogin, forAgreement)
	switch {
	case c == nil:
		return sandbox.Response{}, codeError(codeInvalidCode)
	case c.used:
		return sandbox.Response{}, codeError(codeUsedCode)
	case !p.now().Before(c.expires):
		return sandbox.Response{}, codeError(codeExpiredCode)
	}
	c.used = true
	t := p.issue(c.agreement)
	if c.agreement != nil {
		p.notifyContract(t, "VALID")
	}
	return p.tokenResponse(t), nil
}

// refresh invalidates a refresh token and issues the next pair. The old access
// token stays valid until it expires.
func (p *platform) refresh(refreshToken string) (sandbox.Response, error) {
	for _, t := range p.tokens {
		if t.refresh != refreshToken || t.refreshed {
			continue
		}
		if !p.now().Before(t.refreshExpires) {
			return sandbox.Response{}, codeError(codeExpiredRefreshToken)
		}
		if t.agreement != nil && t.agreement.ended {
			return sandbox.Response{}, codeError(codeInvalidRefreshToken)
		}
		t.refreshed = true
		return p.tokenResponse(p.issue(t.agreement)), nil
	}
	return sandbox.Response{}, codeError(codeInvalidRefreshToken)
}

func (p *platform) issue(a *agreement) *token {
	c, ids, now := p.config.Get(), p.core.IDs(), p.now()
	t := &token{
		access: ids.Token(64), refresh: ids.Token(64), agreement: a,
		accessExpires: now.Add(duration(c.AccessLife)), refreshExpires: now.Add(duration(c.RefreshLife)),
	}
	if a != nil {
		a.token = t
	}
	p.tokens = append(sandbox.Keep(p.core, "tokens", p.tokens), t)
	p.core.Record("token.issued", p.customerID, "", "")
	return t
}

func (p *platform) tokenResponse(t *token) sandbox.Response {
	c := p.config.Get()
	return success(object{
		"accessToken": t.access, "accessTokenExpiryTime": c.formatTime(t.accessExpires),
		"refreshToken": t.refresh, "refreshTokenExpiryTime": c.formatTime(t.refreshExpires), "customerId": p.customerID,
	})
}

// checkAccessToken reports why an access token does not permit a charge.
func (p *platform) checkAccessToken(access string) error {
	for _, t := range p.tokens {
		switch {
		case t.access != access:
			continue
		case t.agreement == nil:
			return codeError(codeInsufficientScope)
		case t.agreement.ended:
			return codeError(codeInvalidAccessToken)
		case !p.now().Before(t.accessExpires):
			return codeError(codeExpiredAccessToken)
		}
		return nil
	}
	return codeError(codeInvalidAccessToken)
}
