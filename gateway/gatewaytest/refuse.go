package gatewaytest

import (
	"errors"
	"net/http"

	"github.com/specpay/specpay/internal/sandbox"
)

// refusal is a status and the text that goes with it.
type refusal struct {
	status int
	text   string
}

func (r refusal) Error() string { return r.text }

// conflict is a key that came with another body.
func (c Config) conflict() error {
	if c.ConflictText == "short" {
		return refusal{http.StatusConflict, "idempotency conflict"}
	}
	return refusal{http.StatusConflict, "idempotency conflict \u2014 different body for same key"}
}

// refuse writes an error the way the gateway does: a line of text.
func (g *gateway) refuse(r *http.Request, err error) sandbox.Answer {
	var (
		known   refusal
		misfit  *sandbox.BindError
		problem *sandbox.Problem
	)
	switch {
	case errors.As(err, &known):
	case errors.As(err, &problem) && problem.Kind != sandbox.ProblemJSON:
		known = refusal{int(problem.Kind), http.StatusText(int(problem.Kind))}
	case isInbound(r):
		known = refusal{http.StatusBadRequest, "body read"}
	case errors.As(err, &misfit) && misfit.Field != "":
		known = refusal{http.StatusBadRequest, "invalid request body: " + misfit.Field}
	default:
		known = refusal{http.StatusBadRequest, "invalid request body"}
	}
	return g.text(known.status, known.text)
}

func (g *gateway) text(status int, text string) sandbox.Answer {
	if g.config.Get().LineEnd {
		text += "\n"
	}
	return sandbox.Answer{Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte(text)}
}
