package gatewaytest

import (
	"errors"
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
)

// textError is an error response: a status and a text.
type textError struct {
	status int
	text   string
}

func (e textError) Error() string { return e.text }

// conflict is the error of an idempotency key that was used with another body.
func (c Config) conflict() error {
	if c.ConflictText == "short" {
		return textError{http.StatusConflict, "idempotency conflict"}
	}
	return textError{http.StatusConflict, "idempotency conflict \u2014 different body for same key"}
}

// errorResponse converts an error to a response in the gateway's format, a line of
// text.
func (g *gateway) errorResponse(r *http.Request, err error) sandbox.Response {
	var (
		textErr textError
		bindErr *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &textErr):
	case errors.As(err, &problem) && problem.Kind != sandbox.ProblemJSON:
		textErr = textError{int(problem.Kind), http.StatusText(int(problem.Kind))}
	case isInbound(r):
		textErr = textError{http.StatusBadRequest, "body read"}
	case errors.As(err, &bindErr) && bindErr.Field != "":
		textErr = textError{http.StatusBadRequest, "invalid request body: " + bindErr.Field}
	default:
		textErr = textError{http.StatusBadRequest, "invalid request body"}
	}
	return g.textResponse(textErr.status, textErr.text)
}

func (g *gateway) textResponse(status int, text string) sandbox.Response {
	if g.config.Get().LineEnd {
		text += "\n"
	}
	return sandbox.Response{Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(text)}
}
