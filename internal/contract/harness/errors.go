package harness

import (
	"errors"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
)

// typed is a failed call as a *apierr.Error whose facts are right; nil, with the
// test failed, when it is not that.
func (st *Driver) CheckError(t *testing.T, what string, c *Operation, err error, status int) *apierr.Error {
	t.Helper()
	var pe *apierr.Error
	if !errors.As(err, &pe) {
		t.Errorf("%s, %s: %v (%T) is no *apierr.Error", c.Id, what, err, err)
		return nil
	}
	text := pe.Error()
	switch {
	case pe.Provider != st.Provider || pe.Operation != c.Id || pe.StatusCode != status || status != 0 && pe.RequestID == "":
		t.Errorf("%s, %s: of %s %s, status %d, request %q", c.Id, what, pe.Provider, pe.Operation, pe.StatusCode, pe.RequestID)
	case len(text) > 2048 || len(pe.RawBody) > 64<<10 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\ufffd' }):
		t.Errorf("%s, %s: %d bytes of body, text %.300q", c.Id, what, len(pe.RawBody), text)
	case errors.Is(pe, apierr.ErrOutcomeUnknown) == c.Safe() && (status < 300 || status >= 500):
		t.Errorf("%s, %s, %s: unknown outcome is %v: %v", c.Id, what, c.Class, !c.Safe(), pe)
	}
	return pe
}

// mustFail wants a *apierr.Error, whatever its status, and of a call that may have
// arrived an unknown outcome; c nil does not look at that.
func ExpectError(t *testing.T, what string, c *Operation, err error) *apierr.Error {
	t.Helper()
	var pe *apierr.Error
	if !errors.As(err, &pe) {
		t.Errorf("%s: %v (%T) is no *apierr.Error", what, err, err)
		return nil
	}
	if c != nil && errors.Is(pe, apierr.ErrOutcomeUnknown) == c.Safe() {
		t.Errorf("%s, %s: unknown outcome is %v: %v", what, c.Class, !c.Safe(), pe)
	}
	return pe
}
