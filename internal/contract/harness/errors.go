package harness

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
)

// The limits of an error.
const (
	ErrorBodyLimit = 16 << 10 // bytes of the response body that an error keeps
	ErrorTextLimit = 2048     // bytes of its text
)

// Short abbreviates a value for a failure message: a body can have megabytes.
func Short[T ~string | ~[]byte](v T) string {
	const most = 120
	if len(v) <= most {
		return strconv.Quote(string(v))
	}
	return fmt.Sprintf("%q... (%d bytes)", string(v[:most]), len(v))
}

// Subject names an operation and what it got, for a failure message.
func Subject(operation, input string) string {
	return "operation " + operation + ", input " + abbreviated(input)
}

// abbreviated cuts a text to what fits into a line.
func abbreviated(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", s[:most], len(s))
}

// Expect fails the test unless got equals want. The message starts with the
// subject.
func Expect[T comparable](t testing.TB, subject, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s: got %s, want %s", subject, what, shown(got), shown(want))
	}
}

func shown(v any) string {
	switch v := v.(type) {
	case string:
		return Short(v)
	case error:
		return abbreviated(v.Error())
	}
	return abbreviated(fmt.Sprint(v))
}

// ExpectIs fails the test unless err is target, or unless it is not when want is
// false.
func ExpectIs(t testing.TB, subject string, err, target error, want bool) {
	t.Helper()
	switch is := errors.Is(err, target); {
	case is && !want:
		t.Errorf("%s: got %s, want an error that is not %v", subject, ShortError(err), target)
	case !is && want:
		t.Errorf("%s: got %s, want an error that is %v", subject, ShortError(err), target)
	}
}

// ShortError abbreviates the text of an error for a failure message.
func ShortError(err error) string {
	if err == nil {
		return "no error"
	}
	return abbreviated(err.Error())
}

// AsError returns err as a *apierr.Error. If it is not one, AsError fails the test
// and returns nil.
func AsError(t testing.TB, subject string, err error) *apierr.Error {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %s (%T), want a *apierr.Error", subject, ShortError(err), err)
		return nil
	}
	return e
}

// CheckError checks the error of a call whose response had a status: that it names
// its call, that its text is short and clean, and that its outcome is unknown
// exactly when it has to be. It returns nil if err is not a *apierr.Error.
func (d *Driver) CheckError(t testing.TB, op *Operation, input string, err error, status int) *apierr.Error {
	t.Helper()
	subject := Subject(op.ID, input)
	e := AsError(t, subject, err)
	if e == nil {
		return nil
	}
	Expect(t, subject, "provider", e.Provider, d.Provider)
	Expect(t, subject, "operation", e.Operation, op.ID)
	Expect(t, subject, "status", e.StatusCode, status)
	if status != 0 && e.RequestID == "" {
		t.Errorf("%s: the error has no request id", subject)
	}
	if n := len(e.RawBody); n > ErrorBodyLimit {
		t.Errorf("%s: the error keeps %d bytes of the body, want at most %d", subject, n, ErrorBodyLimit)
	}
	if text := e.Error(); len(text) > ErrorTextLimit || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\ufffd' }) {
		t.Errorf("%s: text: got %s, want at most %d bytes without control characters", subject, Short(text), ErrorTextLimit)
	}
	if status < 300 || status >= 500 {
		checkOutcome(t, subject, op, e)
	}
	return e
}

// ExpectError checks the error of a call that may have reached the server: its
// outcome is unknown unless the operation is a read. It returns nil if err is not a
// *apierr.Error.
func ExpectError(t testing.TB, op *Operation, input string, err error) *apierr.Error {
	t.Helper()
	subject := Subject(op.ID, input)
	e := AsError(t, subject, err)
	if e != nil {
		checkOutcome(t, subject, op, e)
	}
	return e
}

// checkOutcome checks that a call of unknown fate says so, and that a read does not.
func checkOutcome(t testing.TB, subject string, op *Operation, e *apierr.Error) {
	t.Helper()
	Expect(t, subject+" (retry class "+op.Class+")", "outcome is unknown", errors.Is(e, apierr.ErrOutcomeUnknown), !op.Safe())
}

// ExpectNoErrors fails the test if any of the errors of concurrent calls is not nil. It
// shows the first one.
func ExpectNoErrors(t testing.TB, subject string, errs []error) {
	t.Helper()
	failed := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
	if len(failed) > 0 {
		t.Errorf("%s: %d of %d fail, the first with: %s", subject, len(failed), len(errs), ShortError(failed[0]))
	}
}
